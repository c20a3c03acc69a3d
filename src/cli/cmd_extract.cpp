// SPDX-License-Identifier: Apache-2.0
// `sysb extract IMAGE [PATTERN...] -C DIR`: members to a directory, as they are.
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/output_arguments.hpp"
#include "cli/session.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class extract_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    options.text("-C,--directory", directory_, "DIR", "where to; made where it is missing, else it must be empty");
    select_.define(options);
    image_.define_salvage(options, true);
    output_.define_sparse(options);
    output_.define_on_loss(options);
    output_.define_overwrite(options, "replace an existing DIR.mtree");
    threads_.define(options);
  }
  void judge() override {
    image_.judge(0, any_number, "");
    output_.judge_tree(directory_);
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    job_events told{s};
    auto const to = output_.request(-1);
    auto const done = jobs::extract(
        {.image = image_.request(s), .to = to, .select = select_.make(image_.rest()), .threads = threads_.value()},
        told);
    s.finish(done);
    image_.say_damage(s, done, select_.excludes());
    say_copied(s, to, done);
  }

 private:
  image_arguments image_;
  select_arguments select_;
  output_arguments output_;
  thread_argument threads_;
  std::string directory_;
};

}  // namespace

command_entry const extract_entry{
    "extract", "IMAGE [PATTERN...] -C DIR", "members to a directory, as they are",
    "DIR appears whole or not at all: it must be absent or empty. What the file system or the user's "
    "rights cannot hold (owners and devices without root, access control lists) is written to "
    "DIR.mtree.",
    [] { return std::unique_ptr<command>{new extract_command}; }};

}  // namespace sysb::cli
