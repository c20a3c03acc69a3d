// SPDX-License-Identifier: Apache-2.0
// A system copy WPAR: survey, rules, plan, output, side files.
#include <unistd.h>
#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/cksum.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "catalog/recorder.hpp"
#include "jobs/copy_run.hpp"
#include "jobs/decided.hpp"
#include "jobs/first_look.hpp"
#include "jobs/frame.hpp"
#include "jobs/judged.hpp"
#include "jobs/output.hpp"
#include "jobs/verify.hpp"
#include "output/output.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/plan.hpp"

namespace sysb::jobs {

namespace {

std::string_view word_of(output::compression c) noexcept {
  switch (c) {
    case output::compression::none: return "none";
    case output::compression::gzip: return "gzip";
    case output::compression::xz: return "xz";
    case output::compression::zstd: return "zstd";
  }
  return "none";
}

// The lists of side files that are written member by member.
class side_lists {
 public:
  side_lists(side_directory& into, bool metadata, bool salvage)
      : into_{into}, dropped_{into.begin("dropped.txt", 0644)} {
    into_.append(dropped_, "# rule, name (\\0ooo: a byte in octal), reason\n");
    if (salvage) {
      missing_ = into.begin("missing.txt", 0644);
      into_.append(*missing_, wpar::deploy::missing_head);
    }
    if (metadata) {
      metadata_ = into.begin("metadata.list", 0644);
      into_.append(*metadata_, wpar::deploy::metadata_head);
    }
  }
  void add(entry const& e, decision const& what) {
    line_.clear();
    wpar::deploy::append_dropped_line(line_, e, what);
    if (!line_.empty()) { into_.append(dropped_, line_); }
    if (!metadata_) { return; }
    line_.clear();
    wpar::deploy::append_metadata_line(line_, e, what);
    into_.append(*metadata_, line_);
  }

  // A list that was cut on its way to AIX must not pass for a whole one.
  void end() {
    if (metadata_) { into_.append(*metadata_, wpar::deploy::metadata_end); }
  }

  void add_missing(wpar::deploy::missing_member const& m) {
    if (!missing_) { return; }
    line_.clear();
    wpar::deploy::append_missing_line(line_, m);
    into_.append(*missing_, line_);
  }

 private:
  side_directory& into_;
  std::size_t dropped_;
  std::optional<std::size_t> metadata_, missing_;
  std::string line_;
};

void count_loss(std::vector<wpar::deploy::result::loss>& losses, diagnostic const& d) {
  if (d.code->fault != fault_class::loss) { return; }
  auto const old = std::find_if(losses.begin(), losses.end(), [&](auto const& x) { return x.id == d.code->id; });
  if (old != losses.end()) {
    ++old->times;
  } else {
    losses.push_back({std::string{d.code->id}, printable(d.text()), 1});
  }
}

// Size and checksum of a finished archive, for the script that looks at it on AIX.
void measure(opened_output const& to, wpar::deploy::result& done) {
  if (to.file() < 0) { return; }
  cksum sum;
  std::vector<std::byte> piece(64u << 10);
  for (;;) {
    auto const got = read_fully_at(to.file(), piece, sum.size());
    if (got.error != 0) {
      throw fatal_error{fatal_error::kind::io, concat("cannot read the output again: ", os_text(got.error))};
    }
    sum.add(std::span{piece}.first(got.bytes));
    if (got.bytes < piece.size()) { break; }
  }
  done.output_cksum = sum.value();
  done.output_size = sum.size();
}

class making {
 public:
  making(wpar_request const& r, events& e, outcome& out) : r_{r}, e_{e}, out_{out}, rules_{r.rules} {
    rules_.target = r.to.tree()              ? wpar::target_kind::tree
                    : r.to.kind->id == "bff" ? wpar::target_kind::bff
                                             : wpar::target_kind::archive;
    rules_.format = std::string{r.to.kind->id};
    rules_.compression = std::string{word_of(r.to.compress)};
    rules_.salvage = r.image.salvage;
    rules_.output_name = r.to.to_stream() ? std::string{"-"} : r.to.base_name();
  }

  void run() {
    refuse_existing(r_.to);
    if (auto const folder = side_folder()) { require_parent(*folder); }
    if (!r_.dry_run) { settle_killed_run(r_.to, side_folder().value_or(std::string{}), e_.findings); }
    decided_findings const decided{e_.findings, r_.image, r_.select};
    auto image = open_by_index(r_.image, true, e_);
    if (r_.image.reviews()) {
      look_.emplace(image, r_.image, r_.threads, e_);
      out_.to_the_end = image.reader->complete();
    }
    auto* const indexed = by_index(image);
    index::recorder members{r_.image.tmpdir};
    std::function<void(entry const&)> record;
    if (indexed == nullptr && !look_) {
      record = [&](entry const& e) { members.add(e); };
    }
    facts_ = survey_image(image, rules_, r_.image.bounds, r_.threads, e_, record,
                          [&](entry& m) { return !r_.select.excludes(m.path) && (!look_ || look_->prepare(m)); });
    // Only the survey goes by the index: what is written comes from a walk, which finds damage.
    // Without one the survey was that walk.
    if (indexed != nullptr) {
      indexed->use_walk();
    } else if (!look_) {
      registry::go_by_catalog(image, members);
    }
    hold_rules(facts_, rules_, e_, out_);
    if (!out_.rules->may_write(rules_) || (damaged() && !r_.image.salvage)) {
      // Damage is a stronger reason than a rule, and all of it is named: the contents are looked at, too.
      if (!look_ && !r_.quick) { look_for_damage(image); }
      out_.held_back = true;
      return;
    }
    auto const plan = wpar::make_plan(facts_, rules_, *out_.rules, e_.findings);
    image.reader->rewind();
    e_.writing();
    if (r_.dry_run) {
      try_out(image, *plan);
    } else {
      write(image, *plan);
    }
  }

 private:
  [[nodiscard]] bool damaged() const { return e_.findings.counts().errors_of(fault_class::damage) != 0; }

  void set_options(copy_run& work, unsigned threads) const {
    work.options.select = r_.select.everything() ? nullptr : &r_.select;
    if (look_) { work.use(look_->seen, r_.image); }
    work.options.last_name_wins = true;
    work.options.threads = threads;
    work.options.tmpdir = r_.image.tmpdir;
  }

  void look_for_damage(registry::opened_image& image) {
    auto const sink = output::make_null_sink();
    keep_all everything;
    copy_run work{e_, image, everything, *sink, out_};
    set_options(work, r_.threads);
    work.options.keep_going = true;
    image.reader->rewind();
    work.run("check");
  }

  void observe(copy_run& work, wpar::deploy::result& done, side_lists* lists, loss_teller* teller) {
    work.options.on_member = [&, lists, teller](pipeline::member_event const& m) {
      done.totals.add(m.member, m.what);
      done.members.add(m.member, m.what);
      if (lists != nullptr) { lists->add(m.member, m.what); }
      if (teller != nullptr) { teller->add(m); }
      e_.member(m);
    };
  }

  void try_out(registry::opened_image& image, member_plan& plan) {
    try_target(r_.to);
    wpar::deploy::result done;
    auto const sink = r_.to.tree() ? open_forecast(r_.to, r_.image.tmpdir, e_.findings) : output::make_null_sink();
    copy_run work{e_, image, plan, *sink, out_};
    set_options(work, r_.threads);
    work.write_to(r_.to);
    work.options.read_content = !r_.quick;
    observe(work, done, nullptr, nullptr);
    work.options.read_on = true;
    work.run("write");
    out_.planned = done.totals;
    out_.plan_groups = done.members.groups();
    auto const folder = side_folder();
    if (!folder || !work.may_commit()) { return; }
    try_side_files(*folder);
  }

  // Also one that this run has none of may not stand there: it would tell of another OUT.
  void try_side_files(std::string const& folder) const {
    for (auto const name : wpar::deploy::side_file_names) { try_side_file(folder, name, r_.to.overwrite); }
  }

  void write(registry::opened_image& image, member_plan& plan) {
    auto const folder = side_folder();
    if (folder) { try_side_files(*folder); }
    opened_output to{r_.to, *image.reader, r_.threads, e_.findings};
    std::optional<written_record> record;
    if (r_.verify) {
      record.emplace(r_.image.tmpdir);
      to.wrap([&](auto inner) { return make_recording_sink(std::move(inner), *record, e_.findings); });
    }
    std::optional<side_directory> side;
    std::optional<side_lists> lists;
    if (folder) {
      side.emplace(*folder, r_.to.overwrite);
      lists.emplace(*side, wpar::deploy::wants_metadata(rules_), rules_.salvage);
    }
    wpar::deploy::result done;
    done.command_line = r_.command_line;
    done.image_size = r_.image.file_bytes();
    done.image_digest = r_.image.file_samples();
    done.privileged = ::geteuid() == 0;
    ledger::listener const losses{e_.findings,
                                  [&](diagnostic const& d) {
                                    count_loss(done.losses, d);
                                    return true;
                                  },
                                  ledger::listener::moment::said};
    copy_run work{e_, image, plan, to.sink(), out_};
    set_options(work, to.copy_threads(r_.threads));
    work.write_to(r_.to);
    std::optional<loss_teller> teller;
    if (look_) {
      teller.emplace(*look_, facts_, done, [&](wpar::deploy::missing_member const& m) {
        if (lists) { lists->add_missing(m); }
      });
    }
    observe(work, done, lists ? &*lists : nullptr, teller ? &*teller : nullptr);
    work.options.read_on = !r_.to.to_stream();
    work.run("write");
    if (!work.may_commit()) { return; }
    if (rules_.salvage) {
      teller->add_unread([&](std::string const& path) { return !r_.select.excludes(path); });
      if (out_.damage.places() != 0) { teller->add_absent(); }
    }
    if (r_.verify) {
      auto const same = verify_output(e_, to, r_, *record, out_);
      if (!same || !work.may_commit()) { return; }
    }
    if (side) {
      measure(to, done);
      done.content_verified = r_.verify || out_.content_verified.value_or(true);
      lists->end();
      wpar::deploy::make_side_files(facts_, rules_, *out_.rules, done,
                                    [&](wpar::deploy::side_file const& f) { side->add(f.name, f.content, f.mode); });
      side->outdate(wpar::deploy::side_file_names);
    }
    to.commit(side ? &*side : nullptr);
    out_.finished = true;
    out_.committed = !r_.to.nothing();
    out_.side_files = folder;
  }

  // Standard output and null have no name that a folder could be called after.
  [[nodiscard]] std::optional<std::string> side_folder() const {
    if (!r_.side_files.empty()) { return r_.side_files; }
    if (r_.to.to_stream() || r_.to.nothing()) { return std::nullopt; }
    return concat(r_.to.path, ".d");
  }

  wpar_request const& r_;
  events& e_;
  outcome& out_;
  wpar::request rules_;
  wpar::facts facts_;
  std::optional<first_look> look_;
};

}  // namespace

outcome wpar(wpar_request const& r, events& e) {
  return run_job(e, {.forced = r.rules.force, .loss_counts = r.to.stop_on_loss}, [&](outcome& out) {
    making{r, e, out}.run();
  });
}

}  // namespace sysb::jobs
