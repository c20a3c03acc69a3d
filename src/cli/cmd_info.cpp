// SPDX-License-Identifier: Apache-2.0
// `sysb info IMAGE`: what `lsmksysb -l` prints, in its order and words, then what else tells
// about the image.
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/grammar_json.hpp"
#include "cli/info_text.hpp"
#include "cli/input.hpp"
#include "cli/many_images.hpp"
#include "cli/session.hpp"
#include "cli/verdict_text.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class info_events final : public job_events {
 public:
  info_events(session& s, std::vector<wpar::known_system>& systems) : job_events{s}, systems_{systems} {}
  void learned(grammar_table const& t) override { print_learned_grammar(session_.json(), t); }
  void assessed(wpar::facts const& facts, wpar::assessment const& a) override {
    if (auto& line = session_.line()) {
      introduce(*line, facts, a);
      line->told = a.outcome;
      line->reason = first_reason(&a, {});
      systems_.push_back(known_as(line->image, facts));
    }
    if (session_.json().wanted()) {
      print_image_object(session_.json(), facts, a);
    } else if (!session_.line()) {
      print_info(session_.out(), facts, a);
    }
  }

 private:
  std::vector<wpar::known_system>& systems_;
};

class info_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
  }
  void judge() override { image_.judge_several(); }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }
  [[nodiscard]] std::size_t images() const override { return image_.count(); }
  [[nodiscard]] std::string image_name(std::size_t i) const override { return image_.name(i); }
  void choose(std::size_t i) override { image_.choose(i); }
  [[nodiscard]] std::vector<wpar::known_system> const* systems() const override { return systems_.get(); }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    info_events told{s, *systems_};
    jobs::survey_request r{.image = image_.request(s), .rules = {}, .threads = jobs::usual_threads()};
    r.rules.image_name = r.image.base_name();
    if (image_.several()) { r.rules.others = systems_; }
    s.finish(jobs::survey(r, told));
  }

 private:
  image_arguments image_;
  std::shared_ptr<std::vector<wpar::known_system>> systems_ = std::make_shared<std::vector<wpar::known_system>>();
};

}  // namespace

command_entry const info_entry{
    "info", "IMAGE...", "what lsmksysb -l prints, and whether the image can become a WPAR",
    "Volume header, source level, host name, dates, volume group, logical volumes, file systems with "
    "sizes, and whether the image can become a system copy WPAR. Only headers and the few members that "
    "tell this are read.\n"
    "Several images give a table, a line an image, and name those of one system; the exit code is the worst of theirs.",
    [] { return std::unique_ptr<command>{new info_command}; }};

}  // namespace sysb::cli
