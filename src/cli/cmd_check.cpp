// SPDX-License-Identifier: Apache-2.0
// `sysb check IMAGE`: reads every byte, decodes every packed member; with --for wpar also holds
// the image against the rules of deployment.
#include <algorithm>
#include <memory>
#include <optional>

#include "base/text.hpp"
#include "catalog/comparison.hpp"
#include "catalog/diagnostics.hpp"
#include "cli/command.hpp"
#include "cli/copy_run.hpp"
#include "cli/index_input.hpp"
#include "cli/input.hpp"
#include "cli/inventory_check.hpp"
#include "cli/rule_arguments.hpp"
#include "cli/rule_table.hpp"
#include "cli/session.hpp"
#include "core/entry_json.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"
#include "pipeline/pipeline.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"

namespace sysb::cli {

namespace {

class check_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    options.flag("--digests", digests_, "print the XXH3-128 digest of every file");
    options.flag("--inventory", inventory_, "hold contents against the software inventory that the image carries");
    options.text("--index", index_, "FILE", "compare the content of every member with this index of IMAGE");
    options.choice("--for", purpose_, "PURPOSE", {"wpar"}, "wpar: also the rules of a system copy WPAR");
    threads_.define(options);
    rules_.define(options);
  }
  void judge() override {
    image_.judge(0, 0, "");
    rules_.judge();
    if (purpose_.empty() && rules_.any_given()) {
      throw fatal_error{fatal_error::kind::usage, concat(rules_.first_given(), " needs --for wpar")};
    }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    auto const for_wpar = !purpose_.empty();
    if (!index_.empty()) { open_kept(s); }
    auto image = image_.open(s, for_wpar);
    if (!for_wpar) {
      if (inventory_) { verified_ = std::make_unique<inventory_check>(s); }
      // Lines and differences that went out cannot be taken back.
      run_again_if_asked(s, image, !digests_ && !kept_, [&] {
        if (verified_) { verified_ = std::make_unique<inventory_check>(s); }
        read_everything(s, image);
      });
      image.source->check_unchanged();
      print_verdict(s, {});
      return;
    }
    auto request = rules_.make(s.findings());
    request.image_name = image_.base_name();
    s.rules_for_exit().forced = request.force;
    s.printer().set_rules_as_text(false);
    wpar::survey_options how{.bounds = s.bounds(),
                             .counters = &s.counters(),
                             .wanted = &request,
                             .on_member = {},
                             .threads = threads_.value()};
    std::optional<std::uint64_t> first;
    how.on_member = [&](entry const& e) {
      if (!first) { first = e.offset; }
    };
    s.counters().phase = "survey";
    auto facts = wpar::survey(*image.reader, how, s.findings());
    verified_ = std::make_unique<inventory_check>(s);
    facts.structure_errors = std::max(facts.structure_errors, s.findings().counts().errors_of(fault_class::damage));
    if (first) {
      auto const before = s.findings().counts().errors_of(fault_class::damage);
      image.reader->seek_record(*first);
      read_everything(s, image);
      facts.content_errors += s.findings().counts().errors_of(fault_class::damage) - before;
      facts.inventory = verified_->result();
      facts.content_errors -= std::min(facts.content_errors, facts.inventory->errors);
    }
    image.source->check_unchanged();
    auto const result = wpar::assess(facts, request);
    print_rule_table(s, result);
    apply_assessment(s, result, request);
    print_verdict(s, to_text(result.outcome));
  }

 private:
  void open_kept(session& s) {
    auto const refuse = [&](std::string_view why) {
      throw fatal_error{fatal_error::kind::io, concat("cannot compare with index ", quoted(index_), ": ", why),
                        std::nullopt, index_};
    };
    kept_ = open_index_file(index_, s.findings());
    if (!kept_) { refuse("it is of no use"); }
    if (!kept_->has_digests()) { refuse("it was made with --quick and has no digests"); }
  }

  // Nothing is skipped because of the index: it only adds what should be.
  [[nodiscard]] std::optional<index::comparison> compare_with(session& s, byte_source const& source) {
    if (!kept_) { return std::nullopt; }
    auto const bytes = source.size();
    if (bytes && *bytes != kept_->image().stream_bytes) {
      s.findings().report({.code = &index::length_differs,
                           .offset = {},
                           .path = {},
                           .detail = concat("expected ", kept_->image().stream_bytes, " bytes, found ", *bytes),
                           .level = {}});
      return std::nullopt;
    }
    return std::optional<index::comparison>{std::in_place, *kept_, s.findings()};
  }

  void read_everything(session& s, registry::opened_image& image) {
    auto const sink = output::make_null_sink();
    keep_all plan;
    std::string line;
    auto against = compare_with(s, *image.source);
    pipeline::copy_options how;
    how.digests = digests_ || against.has_value();
    how.keep_going = true;
    how.tmpdir = image_.tmpdir();
    how.threads = threads_.value();
    how.counters = &s.counters();
    s.counters().phase = "check";
    s.counters().total = image.source->size().value_or(0);
    if (verified_) { verified_->attach(how); }
    how.on_member = [&](pipeline::member_event const& m) {
      if (digests_) { print_digest(s, m, line); }
      if (verified_) { verified_->member(m); }
      auto const read = m.content != nullptr && m.content->digest && m.member.content == content_state::here;
      if (against && read) { against->member(m.member, *m.content->digest); }
    };
    auto const seen = pipeline::copy_members(*image.reader, plan, *sink, how, s.findings());
    if (against) { against->finish(); }
    if (verified_) { verified_->finish(inventory_); }
    s.summary().entries = seen.entries;
    s.summary().bytes = seen.bytes;
    s.summary().kept = seen.kept;
    s.summary().refused = seen.refused;
    s.summary().content_verified = seen.content_verified;
  }

  static void print_digest(session& s, pipeline::member_event const& m, std::string& line) {
    auto const* const digest = m.content != nullptr && m.content->digest ? &*m.content->digest : nullptr;
    if (s.json().wanted()) {
      s.json().object("entry", [&](json_writer& w) { write_entry_fields(w, m.member, digest); });
      return;
    }
    if (digest == nullptr) { return; }
    line = concat(to_text(*digest), "  ", printable(m.member.path), '\n');
    s.out().write(line);
  }

  static void print_verdict(session& s, std::string_view verdict) {
    if (s.json().wanted()) { return; }
    auto const seen = s.findings().counts();
    auto const damaged = s.current() == exit_code::damaged;
    auto const word = !verdict.empty() && !damaged ? verdict : damaged ? "damaged" : "ok";
    s.out().write(concat(s.printer().subject(), ": ", word, ": ", s.summary().entries, " members, ", s.summary().bytes,
                         " bytes of content; ", seen.of(severity::error), " errors, ", seen.of(severity::warning),
                         " warnings, ", seen.of(severity::note), " notes\n"));
  }

  image_arguments image_;
  thread_argument threads_;
  rule_arguments rules_;
  std::string purpose_, index_;
  std::unique_ptr<index::index_file> kept_;
  std::unique_ptr<inventory_check> verified_;
  bool digests_ = false;
  bool inventory_ = false;
};

}  // namespace

command_entry const check_entry{
    "check", "IMAGE", "validate structure, checksums and every packed member",
    "Every byte of the image is read and every packed member decoded; nothing is written. Exit code 0: "
    "sound, 3: damaged or incomplete.\n"
    "With --inventory the content of every file is held against the sums that AIX keeps of it: in liblpp.a "
    "of every package, and in the software database. A sum of 16 bits finds 99.998 percent of all damage; the "
    "length is compared too. Every fileset is sound, changed, incomplete or damaged; a file is damaged only "
    "where neither an update nor an edit explains it.\n"
    "With --for wpar, which looks at the inventory too, the rules V01 to V35 are held against it; exit code 6: not "
    "fit. The options of "
    "the rules are those of `sysb wpar`.",
    [] { return std::unique_ptr<command>{new check_command}; }};

}  // namespace sysb::cli
