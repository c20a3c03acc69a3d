// SPDX-License-Identifier: Apache-2.0
// Finds the tape's file that is the image, and gives its blocks as one stream. A mksysb tape holds
// four: the boot image, the image of mkinsttape (by name as well), a dummy table of contents, and
// the backup, which is what stands after that dummy.
#include "formats/tape/tape.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/tape/blocks.hpp"
#include "formats/tape/diagnostics.hpp"
#include "formats/tape/stream.hpp"
#include "formats/tape/unpack.hpp"
#include "io/io.hpp"

namespace sysb::tape {

namespace {

using content = carrier_format::request::content;
constexpr std::size_t most_files = 4096;
constexpr std::size_t head_bytes = 4096;

struct tape_file {
  std::size_t number = 1;
  std::uint64_t begin = 0;
  std::vector<std::byte> head;
  [[nodiscard]] bool is_dummy_toc() const {
    return as_text(std::span{head}.first(std::min<std::size_t>(head.size(), 512))).find("DUMMY TAPE TOC") !=
           std::string_view::npos;
  }
};

struct tape_list {
  std::vector<tape_file> files;  // that are not empty
  std::string problem;
};

[[nodiscard]] tape_list walk(byte_source& s, step_function step, progress const* counters) {
  tape_list out;
  tape_file now;
  for (std::uint64_t at = 0;;) {
    if (counters != nullptr) { counters->stop_if_asked(); }
    auto c = step(s, at);
    if (c.what == chunk::kind::data && c.method != packing::none && now.head.size() < head_bytes) {
      auto const block = unpack_block(s, step, c);
      auto const n = std::min(block.bytes.size(), head_bytes - now.head.size());
      now.head.insert(now.head.end(), block.bytes.begin(), block.bytes.begin() + static_cast<std::ptrdiff_t>(n));
      c.next = block.next;
      if (!block.problem.empty() && c.next != ~std::uint64_t{0}) {
        c.what = chunk::kind::broken;
        c.problem = block.problem;
      }
    } else if (c.what == chunk::kind::data && now.head.size() < head_bytes) {
      auto const n = std::min<std::size_t>(c.size, head_bytes - now.head.size());
      auto const had = now.head.size();
      now.head.resize(had + n);
      now.head.resize(had + s.probe(c.data_at, std::span{now.head}.subspan(had)));
    }
    bool const cut = c.what == chunk::kind::data && c.next == ~std::uint64_t{0};
    if (c.what != chunk::kind::data || cut) {
      auto const number = now.number;
      if (!now.head.empty()) { out.files.push_back(std::move(now)); }
      now = {.number = number + 1, .begin = c.next, .head = {}};
    }
    if (c.what == chunk::kind::broken) { out.problem = c.problem; }
    if (cut) { out.problem = "the tape file ends inside a block"; }
    bool const ends = c.what == chunk::kind::end || c.what == chunk::kind::broken || cut;
    if (ends || out.files.size() >= most_files) { return out; }
    at = c.next;
  }
}

class file_producer final : public io::byte_producer {
 public:
  file_producer(std::unique_ptr<byte_source> source, step_function step, std::uint64_t begin, diagnostic_sink& findings)
      : source_{std::move(source)}, step_{step}, begin_{begin}, at_{begin}, findings_{findings} {}

  std::size_t produce(std::span<std::byte> out) override {
    while (left_ == 0 && plain_at_ == plain_.bytes.size() && !ended_) { next_chunk(); }
    if (plain_at_ < plain_.bytes.size()) { return give_plain(out); }
    if (ended_) { return 0; }
    auto const want = std::min<std::size_t>(out.size(), left_);
    auto const seen = source_->peek(std::min<std::size_t>(want, byte_source::max_peek));
    auto const n = std::min(seen.size(), want);
    if (n == 0) { damage("the tape file ends inside a block"); }
    std::memcpy(out.data(), seen.data(), n);
    source_->consume(n);
    left_ -= static_cast<std::uint32_t>(n);
    made_ += n;
    return n;
  }
  std::uint64_t medium_position() const noexcept override { return source_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return source_->medium_size(); }
  void check_unchanged() const override { source_->check_unchanged(); }
  bool restartable() const noexcept override { return true; }
  void restart() override {
    source_->seek(begin_);
    at_ = begin_;
    left_ = 0;
    plain_ = {};
    plain_at_ = 0;
    made_ = 0;
    ended_ = false;
  }

 private:
  [[nodiscard]] std::size_t give_plain(std::span<std::byte> out) {
    auto const n = std::min(out.size(), plain_.bytes.size() - plain_at_);
    if (n != 0) { std::memcpy(out.data(), plain_.bytes.data() + plain_at_, n); }
    plain_at_ += n;
    made_ += n;
    return n;
  }

  void next_chunk() {
    if (!plain_.problem.empty()) { damage(std::string{plain_.problem}); }
    if (at_ == ~std::uint64_t{0}) { damage("the tape file ends inside a block"); }
    // Probes look ahead of the position, which never passes the next step.
    auto const c = step_(*source_, at_);
    at_ = c.next;
    switch (c.what) {
      case chunk::kind::data:
        source_->seek(c.data_at);
        if (c.method == packing::none) {
          left_ = c.size;
          return;
        }
        plain_ = unpack_block(*source_, step_, c);
        plain_at_ = 0;
        at_ = plain_.next;
        return;
      case chunk::kind::mark:
      case chunk::kind::end: ended_ = true; return;
      case chunk::kind::broken: damage(c.problem);
    }
  }
  [[noreturn]] void damage(std::string const& text) {
    ended_ = true;
    diagnostic const d{.code = &damaged, .offset = made_, .path = {}, .detail = text, .level = {}};
    if (!told_) { findings_.report(d); }
    told_ = true;
    throw fatal_error{fatal_error::kind::damaged, d.text(), made_};
  }

  std::unique_ptr<byte_source> source_;
  step_function step_;
  std::uint64_t begin_;
  std::uint64_t at_;
  diagnostic_sink& findings_;
  std::uint32_t left_ = 0;  // of the chunk under the source's position
  plain_block plain_;       // of a compressed one
  std::size_t plain_at_ = 0;
  std::uint64_t made_ = 0;
  bool ended_ = false;
  bool told_ = false;  // a file that is read twice is damaged twice
};

[[nodiscard]] std::string numbers(std::vector<tape_file const*> const& files) {
  std::string out;
  for (auto const* f : files) { out += concat(out.empty() ? "" : ", ", f->number); }
  return out;
}

[[nodiscard]] tape_file const& named(tape_list const& tape, std::string_view word) {
  std::size_t number = 0;
  auto digits = word;
  while (!digits.empty() && (digits.front() < '0' || digits.front() > '9')) { digits.remove_prefix(1); }
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
  for (auto const& f : tape.files) {
    if (f.number == number) { return f; }
  }
  throw fatal_error{fatal_error::kind::usage,
                    concat("no file ", quoted(word), " on the tape (--member takes its number, from 1)")};
}

[[nodiscard]] tape_file const& choose(tape_list const& tape, carrier_format::request const& r) {
  if (!r.member.empty()) { return named(tape, r.member); }
  auto const judge = [&](tape_file const& f) { return r.judge ? r.judge(f.head) : content::unknown; };
  std::vector<tape_file const*> images;
  std::vector<tape_file const*> carriers;
  for (std::size_t i = 0; i < tape.files.size(); ++i) {
    auto const& f = tape.files[i];
    auto const what = judge(f);
    if (what == content::image && i != 0 && tape.files[i - 1].is_dummy_toc()) { return f; }
    if (what == content::image) { images.push_back(&f); }
    if (what == content::carrier) { carriers.push_back(&f); }
  }
  auto const& found = images.empty() ? carriers : images;
  if (found.size() == 1) { return *found.front(); }
  if (found.size() > 1) {
    throw fatal_error{fatal_error::kind::usage, concat("the tape holds ", found.size(),
                                                       " images; choose one with --member: files ", numbers(found))};
  }
  auto const cut = !tape.problem.empty();
  throw fatal_error{cut ? fatal_error::kind::damaged : fatal_error::kind::unsupported,
                    concat("a tape of ", tape.files.size(), tape.files.size() == 1 ? " file" : " files",
                           " without an image", cut ? concat(" (", tape.problem, ")") : std::string{})};
}

class tape_carrier final : public carrier_format {
 public:
  constexpr tape_carrier(std::string_view id, std::string_view title, step_function step,
                         unsigned (*judge)(std::span<std::byte const>) noexcept) noexcept
      : id_{id}, title_{title}, step_{step}, bid_{judge} {}
  std::string_view id() const noexcept override { return id_; }
  std::string_view title() const noexcept override { return title_; }
  bool holds_members() const noexcept override { return true; }
  unsigned bid(std::span<std::byte const> head) const noexcept override { return bid_(head); }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink& findings) const override {
    io::source_options const o{.tmpdir = r.tmpdir, .counters = r.counters, .window_bytes = l.window_bytes};
    source = io::make_seekable(std::move(source), o);
    auto const tape = walk(*source, step_, r.counters);
    auto const& chosen = choose(tape, r);
    if (!tape.problem.empty() && &chosen != &tape.files.back()) {
      findings.report({.code = &damaged_elsewhere, .offset = {}, .path = {}, .detail = tape.problem, .level = {}});
    }
    auto producer = std::make_unique<file_producer>(std::move(source), step_, chosen.begin, findings);
    return io::from_producer(std::move(producer), o);
  }
  std::span<diag_code const* const> codes() const noexcept override { return tape::codes(); }

 private:
  std::string_view id_;
  std::string_view title_;
  step_function step_;
  unsigned (*bid_)(std::span<std::byte const>) noexcept;
};

}  // namespace

std::span<carrier_format const* const> carriers() noexcept {
  static tape_carrier const simh{"simh", "SIMH tape file (.tap)", step_simh, bid_simh};
  static tape_carrier const aws{"aws", "AWS or HET tape file", step_aws, bid_aws};
  static std::array<carrier_format const*, 3> const all{&simh, &aws, &stream_carrier()};
  return all;
}

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 2> all{&damaged, &damaged_elsewhere};
  return all;
}

}  // namespace sysb::tape
