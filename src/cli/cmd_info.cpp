// SPDX-License-Identifier: Apache-2.0
// `sysb info IMAGE`: what `lsmksysb -l` prints, in its order and words, then what else tells
// about the image.
#include <string>

#include "cli/command.hpp"
#include "cli/grammar_json.hpp"
#include "cli/info_text.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class info_events final : public job_events {
 public:
  using job_events::job_events;
  void learned(grammar_table const& t) override { print_learned_grammar(session_.json(), t); }
  void assessed(wpar::facts const& facts, wpar::assessment const& a) override {
    if (session_.json().wanted()) {
      print_image_object(session_.json(), facts, a);
    } else {
      session_.out().write(info_text(facts, a));
    }
  }
};

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
    info_events told{s};
    jobs::survey_request r{.image = image_.request(s), .rules = {}, .threads = jobs::usual_threads()};
    r.rules.image_name = r.image.base_name();
    s.finish(jobs::survey(r, told));
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
