// SPDX-License-Identifier: Apache-2.0
// `sysb convert IMAGE -o OUT`: the image in another archive format, member for member.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/copy_run.hpp"
#include "cli/input.hpp"
#include "cli/open_output.hpp"
#include "cli/session.hpp"

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
    refuse_existing(output_);
    auto const chosen = select_.make({});
    auto image = image_.open(s, !chosen.everything());
    run_again_if_asked(s, image, !output_.choice().to_stdout, [&] { write(s, image, chosen); });
  }

 private:
  void write(session& s, registry::opened_image& image, pipeline::selection const& chosen) const {
    opened_output out{output_, *image.reader, threads_.value(), s.descriptors().out, s.findings()};
    keep_all plan;
    copy_run work{s, image, plan, out.sink()};
    work.options.select = chosen.everything() ? nullptr : &chosen;
    work.options.target = output_.choice().kind;
    work.options.stop_on_loss = output_.stop_on_loss();
    work.options.threads = out.copy_threads(threads_.value());
    work.options.tmpdir = image_.tmpdir();
    work.options.before_writing = [&](std::uint64_t bytes, std::uint64_t n) {
      require_output_space(output_.choice(), bytes, n);
    };
    work.salvage(image_);
    work.run("write");
    if (!work.may_commit()) { return; }
    out.commit();
    s.summary().output_written = !output_.choice().nothing();
  }

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
