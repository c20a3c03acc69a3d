// SPDX-License-Identifier: Apache-2.0
// Reads an image once, as check() does, and writes the side file that gives random access to it.
#include <optional>
#include <span>
#include <vector>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "catalog/builder.hpp"
#include "jobs/frame.hpp"
#include "jobs/output.hpp"
#include "output/output.hpp"
#include "pipeline/content_job.hpp"

namespace sysb::jobs {

namespace {

// The builder writes small pieces.
class buffered_file {
 public:
  explicit buffered_file(int fd) noexcept : fd_{fd} {}
  void write(std::span<std::byte const> bytes) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    if (buffer_.size() >= enough) { flush(); }
  }
  void flush() {
    if (auto const error = write_fully(fd_, buffer_); error != 0) {
      throw fatal_error{fatal_error::kind::io, concat("write failed: ", os_text(error))};
    }
    buffer_.clear();
  }

 private:
  static constexpr std::size_t enough = 64u << 10;
  int fd_;
  std::vector<std::byte> buffer_;
};

class indexing {
 public:
  indexing(index_request const& r, events& e, outcome& out) : r_{r}, e_{e}, out_{out} {}

  void run() {
    output::staged_file file{r_.path, r_.overwrite};
    tell_leftovers(r_.path, e_.findings);
    auto image = open_image(r_.image, false, e_);
    auto& source = *image.source;
    if (!source.cheap_seek() || !source.size()) {
      throw fatal_error{fatal_error::kind::unsupported,
                        "an index needs an image that can be read from any place: a compressed image or a pipe "
                        "must be unpacked to a file first"};
    }
    auto const identity = index::identify(source, changed_time(r_.image.volumes.front()));
    image.reader->rewind();
    buffered_file to{file.fd()};
    index::builder index{[&](std::span<std::byte const> b) { to.write(b); }, identity};
    {
      // What the walk finds is kept in the index too: not what was found while the image was opened,
      // since that is found again.
      ledger::listener const kept{e_.findings, [&](diagnostic const& d) {
                                    if (d.effective() != severity::error) { index.note(d); }
                                    return true;
                                  }};
      walk(image, index);
    }
    source.check_unchanged();
    out_.content_verified = !r_.quick;
    out_.held_back = !image.reader->complete() || damaged();
    if (out_.held_back) { return; }
    index.finish(image.reader->end_offset(), !r_.quick);
    to.flush();
    file.commit();
    out_.committed = true;
    out_.index_members = index.members();
    out_.index_bytes = index.bytes();
  }

 private:
  [[nodiscard]] bool damaged() const { return e_.findings.counts().of(severity::error) != 0; }

  void walk(registry::opened_image& image, index::builder& index) {
    auto& counters = e_.counters;
    counters.phase = "index";
    counters.total = image.source->medium_size().value_or(0);
    pipeline::content_tools tools;
    tools.decoder = image.reader->make_decoder();
    std::vector<std::byte> head;
    entry e;
    while (image.reader->next(e)) {
      counters.stop_if_asked();
      counters.bytes = image.source->medium_position();
      counters.entries = ++out_.members.entries;
      out_.members.bytes += e.size;
      // Damage was reported; the rest is read to find more of it.
      if (e.damaged || damaged()) {
        if (!r_.quick) { (void)content_digest(image, e, tools); }
        continue;
      }
      head.resize(index::head_bytes(e));
      if (image.source->probe(e.offset, head) != head.size()) { continue; }  // cut: the reader says so
      auto const digest = r_.quick ? std::nullopt : content_digest(image, e, tools);
      if (e.content != content_state::refused) { index.add(e, head, digest ? &*digest : nullptr); }
    }
  }

  // Of the plain content, where the record has some and it is sound.
  [[nodiscard]] std::optional<digest128> content_digest(registry::opened_image& image, entry const& e,
                                                        pipeline::content_tools& tools) {
    if (e.content != content_state::here) { return std::nullopt; }
    auto const result = pipeline::run_content(
        {e.stored, e.size, e.packed, true}, tools,
        [&] {
          e_.counters.stop_if_asked();
          return image.reader->read_stored();
        },
        [](std::span<std::byte const>) {});
    if (result.fault != nullptr) {
      e_.findings.report(
          {.code = result.fault, .offset = e.offset, .path = e.path, .detail = result.fault_text, .level = {}});
      return std::nullopt;
    }
    return result.result.bytes == e.size ? result.result.digest : std::nullopt;
  }

  index_request const& r_;
  events& e_;
  outcome& out_;
};

}  // namespace

outcome index(index_request const& r, events& e) {
  return run_job(e, {}, [&](outcome& out) { indexing{r, e, out}.run(); });
}

}  // namespace sysb::jobs
