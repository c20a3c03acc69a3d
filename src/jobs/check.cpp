// SPDX-License-Identifier: Apache-2.0
// Reads every byte, decodes every packed member, and asks the rules.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "catalog/comparison.hpp"
#include "catalog/diagnostics.hpp"
#include "core/member_plan.hpp"
#include "jobs/copy_run.hpp"
#include "jobs/frame.hpp"
#include "jobs/inventory_run.hpp"
#include "jobs/judged.hpp"
#include "output/output.hpp"

namespace sysb::jobs {

namespace {

class checking {
 public:
  checking(check_request const& r, events& e, outcome& out) : r_{r}, e_{e}, out_{out} {}

  void run() {
    if (!r_.index.empty()) { open_kept(); }
    auto const looks = r_.rules || r_.look;
    auto image = open_image(r_.image, looks, e_);
    if (!looks) {
      // Lines and differences that went out cannot be taken back.
      run_again_if_asked(image, !r_.digests && !kept_, e_, [&] { static_cast<void>(read_everything(image)); });
      image.source->check_unchanged();
      return;
    }
    wpar::request const none;
    auto const& asked = r_.rules ? *r_.rules : none;
    auto facts = survey_image(image, asked, r_.image.bounds, r_.threads, e_);
    auto const before = e_.findings.counts().errors_of(fault_class::damage);
    if (facts.members != 0) {
      image.reader->rewind();
      facts.inventory = read_everything(image);
      facts.content_errors += e_.findings.counts().errors_of(fault_class::damage) - before;
      if (facts.inventory) { facts.content_errors -= std::min(facts.content_errors, facts.inventory->errors); }
    } else if (r_.inventory) {
      e_.inventoried({});
    }
    image.source->check_unchanged();
    if (r_.rules) {
      hold_rules(facts, asked, e_, out_);
    } else {
      e_.assessed(facts, wpar::assess(facts, asked));
    }
  }

 private:
  void open_kept() {
    auto const refuse = [&](std::string_view why) {
      throw fatal_error{fatal_error::kind::io, concat("cannot compare with index ", quoted(r_.index), ": ", why),
                        std::nullopt, r_.index};
    };
    kept_ = open_index_file(r_.index, e_.findings);
    if (!kept_) { refuse("it is of no use"); }
    if (!kept_->has_digests()) { refuse("it was made with --quick and has no digests"); }
  }

  // Nothing is skipped because of the index: it only adds what should be.
  [[nodiscard]] std::optional<index::index_comparison> compare_with(byte_source const& source) {
    if (!kept_) { return std::nullopt; }
    auto const bytes = source.size();
    if (bytes && *bytes != kept_->image().stream_bytes) {
      e_.findings.report({.code = &index::length_differs,
                          .offset = {},
                          .path = {},
                          .detail = concat("expected ", kept_->image().stream_bytes, " bytes, found ", *bytes),
                          .level = {}});
      return std::nullopt;
    }
    return std::optional<index::index_comparison>{std::in_place, *kept_, e_.findings};
  }

  std::optional<inventory::report> read_everything(registry::opened_image& image) {
    auto const sink = output::make_null_sink();
    keep_all plan;
    auto against = compare_with(*image.source);
    std::optional<inventory_run> verified;
    if (r_.inventory || r_.rules) { verified.emplace(r_.image.bounds, r_.image.tmpdir); }
    copy_run work{e_, image, plan, *sink, out_};
    work.options.digests = r_.digests || against.has_value();
    work.options.keep_going = true;
    work.options.tmpdir = r_.image.tmpdir;
    work.options.threads = r_.threads;
    if (verified) { verified->attach(work.options); }
    work.options.on_member = [&](pipeline::member_event const& m) {
      e_.member(m);
      if (verified) { verified->member(m); }
      auto const read = m.content != nullptr && m.content->digest && m.member.content == content_state::here;
      if (against && read) { against->member(m.member, *m.content->digest); }
    };
    work.read("check");
    tell_learned(*image.reader, e_);
    out_.members.dropped = 0;  // nothing is written that could be left out
    if (against) { against->finish(); }
    if (!verified) { return std::nullopt; }
    auto const& shown = verified->finish(r_.inventory, e_.findings);
    if (r_.inventory) { e_.inventoried(shown); }
    return shown;
  }

  check_request const& r_;
  events& e_;
  outcome& out_;
  std::unique_ptr<index::index_file> kept_;
};

}  // namespace

outcome check(check_request const& r, events& e) {
  return run_job(e, {.forced = r.rules && r.rules->force}, [&](outcome& out) { checking{r, e, out}.run(); });
}

}  // namespace sysb::jobs
