// SPDX-License-Identifier: Apache-2.0
// `sysb index IMAGE`: reads the image once, as `check` does, and writes the side file that gives
// random access to it.
#include <cerrno>
#include <optional>

#include "base/text.hpp"
#include "catalog/builder.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"
#include "pipeline/content_job.hpp"

namespace sysb::cli {

namespace {

[[noreturn]] void usage(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }

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
    path_ = out_.empty() ? index_name(image_.volumes().front()) : out_;
    if (path_.empty()) { usage("standard input has no name that an index could stand beside: -o FILE"); }
    if (path_ == "-") { usage("an index cannot go to standard output"); }
  }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    output::staged_file file{path_, overwrite_};
    auto image = image_.open(s, false);
    auto& source = *image.source;
    if (!source.cheap_seek() || !source.size()) {
      throw fatal_error{fatal_error::kind::unsupported,
                        "an index needs an image that can be read from any place: a compressed image or a pipe "
                        "must be unpacked to a file first"};
    }
    auto const identity = index::identify(source, changed_time(image_.volumes().front()));
    image.reader->rewind();
    fd_writer out{file.fd()};
    index::builder index{[&](std::span<std::byte const> b) { out.write(as_text(b)); }, identity};
    {
      // What the walk finds is kept in the index too: not what was found while the image was opened,
      // since that is found again.
      ledger::listener const kept{s.findings(), [&](diagnostic const& d) {
                                    if (d.effective() != severity::error) { index.note(d); }
                                    return true;
                                  }};
      walk(s, image, index);
    }
    source.check_unchanged();
    s.summary().content_verified = !quick_;
    if (!image.reader->complete() || s.findings().counts().of(severity::error) != 0) {
      s.say("no index is written: the image is damaged");
      return;
    }
    index.finish(image.reader->end_offset(), !quick_);
    out.flush();
    file.commit();
    s.summary().output_written = true;
    s.say(concat(quoted(path_), ": ", index.members(), " members in ", index.bytes(), " bytes"));
  }

 private:
  void walk(session& s, registry::opened_image& image, index::builder& index) const {
    auto& counters = s.counters();
    counters.phase = "index";
    counters.total = image.source->medium_size().value_or(0);
    pipeline::content_tools tools;
    tools.decoder = image.reader->make_decoder();
    std::vector<std::byte> head;
    entry e;
    while (image.reader->next(e)) {
      counters.stop_if_asked();
      counters.bytes = image.source->medium_position();
      counters.entries = ++s.summary().entries;
      s.summary().bytes += e.size;
      // Damage was reported; the rest is read to find more of it.
      if (e.damaged || s.findings().counts().of(severity::error) != 0) {
        if (!quick_) { (void)content_digest(s, image, e, tools); }
        continue;
      }
      head.resize(index::head_bytes(e));
      if (image.source->probe(e.offset, head) != head.size()) { continue; }  // cut: the reader says so
      auto const digest = quick_ ? std::nullopt : content_digest(s, image, e, tools);
      if (e.content != content_state::refused) { index.add(e, head, digest ? &*digest : nullptr); }
    }
  }

  // Of the plain content, where the record has some and it is sound.
  [[nodiscard]] static std::optional<digest128> content_digest(session& s, registry::opened_image& image,
                                                               entry const& e, pipeline::content_tools& tools) {
    if (e.content != content_state::here) { return std::nullopt; }
    auto const outcome = pipeline::run_content(
        {e.stored, e.size, e.packed, true}, tools,
        [&] {
          s.counters().stop_if_asked();
          return image.reader->read_stored();
        },
        [](std::span<std::byte const>) {});
    if (outcome.fault != nullptr) {
      s.findings().report(
          {.code = outcome.fault, .offset = e.offset, .path = e.path, .detail = outcome.fault_text, .level = {}});
      return std::nullopt;
    }
    return outcome.result.bytes == e.size ? outcome.result.digest : std::nullopt;
  }

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
