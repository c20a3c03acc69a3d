// SPDX-License-Identifier: Apache-2.0
// `sysb cat IMAGE PATH`: the content of one member. A hard link without data gives the data of
// the name that has it; of a name that comes twice, the later one counts, as on AIX.
#include <unistd.h>
#include <optional>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "jobs/diagnostics.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::cli {

namespace {

class only_member final : public member_plan {
 public:
  explicit only_member(std::string wanted) : wanted_{std::move(wanted)} {}
  [[nodiscard]] decision decide(entry const& e) override {
    if (normal_path(e.path) == wanted_) { return {}; }
    return {plan_action::drop, "selection", "not asked for"};
  }
  [[nodiscard]] generated_member replace(entry const& e, std::span<std::byte const>) override {
    return {e, {}, {}, {}};
  }
  [[nodiscard]] std::vector<generated_member> additions() override { return {}; }

 private:
  std::string wanted_;
};

class stdout_sink final : public entry_sink {
 public:
  explicit stdout_sink(text_writer& out) : out_{out} {}
  [[nodiscard]] std::unique_ptr<slot> place(entry const& /*e*/) override { return std::make_unique<content>(out_); }
  void finish() override { out_.flush(); }

 private:
  class content final : public slot {
   public:
    explicit content(text_writer& out) : out_{out} {}
    [[nodiscard]] order when() const noexcept override { return order::in_turn; }
    void fill(content_feed& from) override {
      (void)from.stream([this](std::span<std::byte const> p) { out_.write(as_text(p)); });
    }
    void close(content_result const& /*r*/) override {}

   private:
    text_writer& out_;
  };
  text_writer& out_;
};

class cat_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
  }
  void judge() override { image_.judge(1, 1, "PATH"); }
  [[nodiscard]] bool content_to_stdout() const override { return true; }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    auto const& wanted = image_.rest().front();
    auto image = image_.open_by_index(s, true);
    auto* const indexed = jobs::by_index(image);
    auto const direct = indexed != nullptr && indexed->only(normal_path(wanted));
    only_member plan{normal_path(wanted)};
    stdout_sink sink{s.out()};
    pipeline::copy_options how;
    how.last_name_wins = true;
    how.tmpdir = image_.tmpdir();
    how.counters = &s.counters();
    s.counters().phase = "read";
    s.counters().total = image.source->size().value_or(0);
    std::optional<entry_kind> kind;
    how.on_member = [&](pipeline::member_event const& m) {
      if (m.what.action == plan_action::keep) { kind = m.member.kind; }
    };
    jobs::verify_by_index(image, how, s.findings());
    auto const seen = pipeline::copy_members(*image.reader, plan, sink, how, s.findings());
    image.source->check_unchanged();
    s.summary().entries = direct ? indexed->members() : seen.entries;
    s.summary().bytes = seen.bytes;
    s.summary().kept = seen.kept;
    s.summary().output_written = seen.kept != 0;
    if (!kind) {
      s.findings().report({.code = &jobs::no_match, .offset = {}, .path = {}, .detail = quoted(wanted), .level = {}});
    } else if (*kind != entry_kind::file) {
      s.findings().report(
          {.code = &jobs::no_content, .offset = {}, .path = wanted, .detail = to_text(*kind), .level = {}});
    }
  }

 private:
  image_arguments image_;
};

}  // namespace

command_entry const cat_entry{
    "cat", "IMAGE PATH", "the content of one member to standard output",
    "PATH is a name, not a pattern; ./etc/motd, etc/motd and /etc/motd name the same member. Symbolic "
    "links are not followed.",
    [] { return std::unique_ptr<command>{new cat_command}; }};

}  // namespace sysb::cli
