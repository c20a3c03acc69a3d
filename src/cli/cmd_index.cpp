// SPDX-License-Identifier: Apache-2.0
// `sysb index IMAGE`: reads the image once, as `check` does, and writes the side file that gives
// random access to it.
#include <string>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"
#include "jobs/jobs.hpp"

namespace sysb::cli {

namespace {

class index_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    options.text("-o,--output", out_, "FILE", "the index; default IMAGE.sysbidx");
    options.flag("--overwrite", overwrite_, "replace an existing index");
    options.flag("--quick", quick_, "headers only: no digests, and damage in contents is not found");
  }
  void judge() override {
    image_.judge(0, 0, "");
    path_ = out_.empty() ? jobs::index_name(image_.volumes().front()) : out_;
    if (path_.empty()) { usage("standard input has no name that an index could stand beside: -o FILE"); }
    if (path_ == "-") { usage("an index cannot go to standard output"); }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    job_events told{s};
    auto const done =
        jobs::index({.image = image_.request(s), .path = path_, .overwrite = overwrite_, .quick = quick_}, told);
    s.finish(done);
    if (done.held_back) { s.say("no index is written: the image is damaged"); }
    if (done.committed) {
      s.say(concat(quoted(path_), ": ", human_size(done.index_bytes), " in ", duration_text(s.seconds()), "; ",
                   counted(done.index_members, "member", "members")));
    }
  }

 private:
  image_arguments image_;
  std::string out_, path_;
  bool overwrite_ = false, quick_ = false;
};

}  // namespace

command_entry const index_entry{
    "index", "IMAGE", "a side file with which one member is read without a walk",
    "Reads the image once, as `check` does, and writes IMAGE.sysbidx: every member with its place and the "
    "digest of its content, and what tells the image from others. `ls`, `cat`, `extract` of some members, "
    "`info`, `filesets` and the survey of `wpar` use it where it belongs to the image, and say so where it "
    "does not. `sysb check --index FILE` compares an image with it, content by content.\n"
    "Of a damaged image no index is written (exit code 3), of a compressed one neither (5).",
    [] { return std::unique_ptr<command>{new index_command}; }};

}  // namespace sysb::cli
