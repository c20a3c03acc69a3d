// SPDX-License-Identifier: Apache-2.0
// `sysb extract IMAGE [PATTERN...] -C DIR`: members to a directory, as they are.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/copy_run.hpp"
#include "cli/input.hpp"
#include "cli/open_output.hpp"
#include "cli/session.hpp"

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
    auto const chosen = select_.make(image_.rest());
    // Where everything is read anyway, an index only stands in the way.
    auto image = chosen.everything() ? image_.open(s, false) : image_.open_by_index(s, true);
    run_again_if_asked(s, image, true, [&] { write(s, image, chosen); });
  }

 private:
  void write(session& s, registry::opened_image& image, pipeline::selection const& chosen) const {
    opened_output out{output_, *image.reader, threads_.value(), s.descriptors().out, s.findings()};
    keep_all plan;
    copy_run work{s, image, plan, out.sink()};
    work.options.select = chosen.everything() ? nullptr : &chosen;
    work.options.target = output_.choice().kind;
    work.options.stop_on_loss = output_.stop_on_loss();
    work.options.last_name_wins = false;
    work.options.threads = threads_.value();
    work.options.tmpdir = image_.tmpdir();
    work.options.before_writing = [&](std::uint64_t bytes, std::uint64_t n) {
      require_output_space(output_.choice(), bytes, n);
    };
    verify_by_index(image, work.options, s.findings());
    work.salvage(image_);
    work.run("extract");
    if (report_unmatched(chosen, s.findings()) || !work.may_commit()) { return; }
    out.commit();
    s.summary().output_written = true;
  }

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
