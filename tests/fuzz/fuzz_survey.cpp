// SPDX-License-Identifier: Apache-2.0
// The whole survey over an image whose members hold any bytes, and everything that is made from it: rules, plan, side
// files. Input: pieces, each the number of a member and what it holds; a last byte says what is asked for.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "formats/stanza/stanza.hpp"
#include "fuzz.hpp"
#include "survey_paths.hpp"
#include "unit/wpar/fake_image.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/profile.hpp"
#include "wpar/survey.hpp"

namespace {

using namespace sysb;
using fuzz::require;

wpar::request asked(std::uint8_t how) {
  wpar::request r;
  r.target = (how & 1) != 0 ? wpar::target_kind::bff : wpar::target_kind::archive;
  r.format = (how & 1) != 0 ? "bff" : "pax";
  r.compression = "none";
  r.output_name = "out";
  r.image_name = "image";
  r.name = "web";
  if ((how & 2) != 0) { r.kind = (how & 4) != 0 ? wpar::wpar_kind::shared : wpar::wpar_kind::private_usr; }
  if ((how & 8) != 0) { r.keep = {"/opt/app", "/bos_inst"}; }
  if ((how & 16) != 0) {
    r.private_filesets = {"bos.rte"};
    r.private_list_given = true;
  }
  r.quiesce = (how & 32) != 0;
  r.salvage = (how & 64) != 0;
  return r;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) { return 0; }
  auto const r = asked(data[0]);
  auto image = fake::rootvg();
  for (fuzz::pieces input{std::as_bytes(std::span{data + 1, size - 1})}; !input.empty();) {
    auto const n = input.byte();
    auto const content = n >= 128 ? input.rest() : input.next();  // a text without lengths is easier to mutate
    image.file(fuzz::survey_paths[n % fuzz::survey_paths.size()], as_text(content));
  }
  fuzz::bounded_work const bound{size, 64u << 20, 65536};
  fuzz::quiet d;
  auto reader = image.open();
  auto const f = wpar::gather_facts(reader, {.bounds = {}, .wanted = &r}, d);
  auto const a = wpar::assess(f, r);
  for (auto const& one : a.results) { require(fuzz::is_clean(one.text), "a result has no controls"); }
  auto const plan = wpar::make_plan(f, r, a, d);
  wpar::deploy::result done;
  for (auto const& m : image.members()) {
    auto const what = plan->decide(m.about);
    done.totals.add(m.about, what);
    require(fuzz::is_clean(what.reason), "a reason has no controls");
    if (what.action != plan_action::replace) { continue; }
    auto const made = plan->replace(m.about, as_bytes(m.content));
    require(made.about.kind != entry_kind::file || made.about.size == made.content.size(), "what is made has its size");
  }
  for (auto const& added : plan->additions()) { require(!added.about.path.empty(), "what is added has a name"); }
  wpar::deploy::make_side_files(f, r, a, done, [&](wpar::deploy::side_file const& file) {
    if (file.name == "report.json") {
      require(fuzz::is_clean(file.content, "\n"), "the report is valid UTF-8 without controls");
      require(nlohmann::json::accept(file.content), "the report is valid JSON");
    } else if (file.name == "report.txt" || file.name == "deploy.sh") {
      require(fuzz::is_clean(file.content, "\n\t"), "what people read has no controls");
    } else if (file.name == "wpar.spec") {
      std::vector<stanza::fault> faults;
      auto const spec = stanza::document::parse(file.content, faults);
      require(faults.empty(), "the specification is one");
      for (auto const& one : spec.stanzas()) {
        require(one.name == "general" || one.name == "network" || one.name == "mount" || one.name == "copy_controls",
                "no value of the image makes a stanza");
      }
    }
  });
  return 0;
}
