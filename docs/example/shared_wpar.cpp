// SPDX-License-Identifier: Apache-2.0
// shared_wpar IMAGE OUT.tar: a shared system copy WPAR from a mksysb image, as a pax archive. It is what
// `sysb wpar --shared IMAGE -o OUT.tar` does, without the files beside the output.
#include <algorithm>
#include <exception>
#include <iostream>

#include <sysb/sysb.hpp>

static_assert(SYSB_VERSION_NUMBER >= 100, "needs sysb 0.1.0");

namespace {

void show(sysb::diagnostic const& d) {
  std::cerr << sysb::to_text(d.effective()) << ": " << d.text() << " [" << d.code->id << "]\n";
}

std::uint64_t damage(sysb::ledger const& findings) { return findings.counts().errors_of(sysb::fault_class::damage); }

int make(std::string const& image_path, std::string const& out_path) {
  namespace wpar = sysb::wpar;
  sysb::ledger findings{show};
  sysb::registry::image_spec what;
  what.volumes = {image_path};
  what.need_seekable = true;  // it is read twice: for the rules, and for the output
  what.tmpdir = "/var/tmp";   // where a pipe is kept meanwhile
  auto const image = sysb::registry::open_image(what, {}, findings);
  auto& reader = *image.reader;

  wpar::request wanted;
  wanted.kind = wpar::wpar_kind::shared;
  wanted.target = wpar::target_kind::archive;
  wanted.format = "pax";
  wanted.compression = "none";
  wpar::survey_options how_to_look;
  how_to_look.wanted = &wanted;
  auto facts = wpar::gather_facts(reader, how_to_look, findings);
  facts.structure_errors = std::max(facts.structure_errors, damage(findings));

  auto const verdict = wpar::assess(facts, wanted);
  wpar::report(verdict, findings);
  if (!verdict.may_write(wanted) || damage(findings) != 0) { return wpar::rules_exit_code(verdict, wanted); }

  auto const plan = wpar::make_plan(facts, wanted, verdict, findings);
  auto const kinds = sysb::output::kinds();
  auto const pax = std::find_if(kinds.begin(), kinds.end(), [](auto const& k) { return k.id == "pax"; });
  sysb::output::staged_file out{out_path, false};
  auto const sink = sysb::output::make_archive_sink(out.fd(), {.format = "pax"}, findings);
  sysb::pipeline::copy_options how;
  how.target = &*pax;
  how.last_name_wins = true;
  how.threads = 2;
  reader.seek_record(reader.volume_header().size());  // the first member again
  auto const done = sysb::pipeline::copy_members(reader, *plan, *sink, how, findings);
  if (!done.complete || damage(findings) != 0) { return 3; }  // and there is no output
  sink->finish();
  out.commit();
  std::cerr << done.kept << " members kept, " << done.dropped << " dropped\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: shared_wpar IMAGE OUT.tar\n";
    return 2;
  }
  return make(argv[1], argv[2]);
} catch (std::exception const& e) {
  std::cerr << "shared_wpar: " << e.what() << '\n';
  return 1;
}
