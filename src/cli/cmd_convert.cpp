// SPDX-License-Identifier: Apache-2.0
// `sysb convert IMAGE -o OUT`: the image in another archive format, member for member.
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/output_arguments.hpp"
#include "cli/session.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class convert_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_salvage(options, true);
    output_.define(options);
    select_.define(options);
    threads_.define(options);
  }
  void judge() override {
    image_.judge(0, 0, "");
    output_.judge();
  }
  [[nodiscard]] bool content_to_stdout() const override { return output_.given() == "-"; }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    job_events told{s};
    auto const to = output_.request(s.descriptors().out);
    auto const done = jobs::convert(
        {.image = image_.request(s), .to = to, .select = select_.make({}), .threads = threads_.value()}, told);
    s.finish(done);
    image_.say_damage(s, done, select_.excludes());
    say_copied(s, to, done);
  }

 private:
  image_arguments image_;
  output_arguments output_;
  select_arguments select_;
  thread_argument threads_;
};

}  // namespace

command_entry const convert_entry{
    "convert", "IMAGE -o OUT", "the image as another archive, member for member",
    "Every member of every kind is kept. OUT appears whole or not at all: it is written beside its "
    "final name and renamed. What the format cannot hold is reported (see --on-loss).",
    [] { return std::unique_ptr<command>{new convert_command}; }};

}  // namespace sysb::cli
