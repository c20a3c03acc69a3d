// SPDX-License-Identifier: Apache-2.0
// `sysb info IMAGE`: what `lsmksysb -l` prints, in its order and words, then what else tells
// about the image.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/info_text.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"

namespace sysb::cli {

namespace {

class info_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
  }
  void judge() override { image_.judge(0, 0, ""); }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    auto image = image_.open_by_index(s, false);
    s.counters().phase = "survey";
    s.counters().total = image.source->size().value_or(0);
    wpar::request request;
    request.image_name = image_.base_name();
    auto facts = wpar::survey(*image.reader,
                              {.bounds = s.bounds(),
                               .counters = &s.counters(),
                               .wanted = &request,
                               .on_member = {},
                               .threads = usual_threads()},
                              s.findings());
    // The survey does not see what the reader reported, of the volume header for one.
    facts.structure_errors = std::max(facts.structure_errors, s.findings().counts().errors_of(fault_class::damage));
    image.source->check_unchanged();
    s.summary().entries = facts.members;
    s.summary().bytes = facts.content_bytes;
    // Readiness is told, not judged: only damage that was met is a reason for the exit code.
    auto const result = wpar::assess(facts, request);
    if (s.json().wanted()) {
      print_image_object(s.json(), facts, result);
    } else {
      s.out().write(info_text(facts, result));
    }
  }

 private:
  image_arguments image_;
};

}  // namespace

command_entry const info_entry{
    "info", "IMAGE", "what lsmksysb -l prints, and whether the image can become a WPAR",
    "Volume header, source level, host name, dates, volume group, logical volumes, file systems with "
    "sizes, and whether the image can become a system copy WPAR. Only headers and the few members that "
    "tell this are read.",
    [] { return std::unique_ptr<command>{new info_command}; }};

}  // namespace sysb::cli
