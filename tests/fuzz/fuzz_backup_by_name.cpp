// SPDX-License-Identifier: Apache-2.0
// Any bytes: only fatal_error may leave, and reading, copying, skipping, file and pipe must agree; members are found
// again by their offsets; salvage finds at least what a plain walk finds. The mutator keeps checksums of headers true, so that what
// lies after them is reached, and puts the same bytes into many records, as an archive with a grammar of its own has them.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "fuzz.hpp"

namespace {

class memory final : public sysb::byte_source {
 public:
  memory(std::span<std::byte const> all, bool file) : all_{all}, file_{file} {}
  std::span<std::byte const> peek(std::size_t want) override {
    return all_.subspan(at_, std::min(want, all_.size() - at_));
  }
  void consume(std::size_t n) override { at_ += n; }
  std::uint64_t skip(std::uint64_t n) override {
    auto const now = std::min<std::uint64_t>(n, all_.size() - at_);
    at_ += static_cast<std::size_t>(now);
    return now;
  }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < at_) { __builtin_trap(); }
    if (offset >= all_.size() || out.empty()) { return 0; }
    auto const n = std::min<std::size_t>(out.size(), all_.size() - static_cast<std::size_t>(offset));
    std::memcpy(out.data(), all_.data() + offset, n);
    sysb::fuzz::heap_work += n;
    return n;
  }
  std::uint64_t position() const noexcept override { return at_; }
  std::optional<std::uint64_t> size() const noexcept override {
    return file_ ? std::optional<std::uint64_t>{all_.size()} : std::nullopt;
  }
  bool seekable() const noexcept override { return file_; }
  void seek(std::uint64_t offset) override { at_ = static_cast<std::size_t>(offset); }

 private:
  std::span<std::byte const> all_;
  bool file_;
  std::size_t at_ = 0;
};

struct story final : sysb::diagnostic_sink {
  void report(sysb::diagnostic const& d) override {
    sysb::fuzz::require_printable(d.path);
    // The text may name --tmpdir for a pipe.
    told += std::string{d.code->id} + '@' + std::to_string(d.offset.value_or(0)) + d.path + '\n';
  }
  std::string told;
};

enum class how : std::uint8_t { read, skip, raw };

std::string walk(std::span<std::byte const> image, how h, bool file) {
  story s;
  std::string members;
  memory source{image, file};
  try {
    auto const r = sysb::backup_by_name::format().open(source, {}, s);
    sysb::entry e;
    while (r->next(e)) {
      if (e.path.empty() || e.record_bytes % 8 != 0) { __builtin_trap(); }
      if (!e.acl_text.empty()) { sysb::fuzz::require_printable(e.acl_text); }
      std::uint64_t bytes = 0;
      switch (h) {
        case how::read:
          for (auto p = r->read_stored(); !p.empty(); p = r->read_stored()) { bytes += p.size(); }
          if (bytes > e.stored) { __builtin_trap(); }
          break;
        case how::raw:
          for (auto p = r->read_raw(); !p.empty(); p = r->read_raw()) { bytes += p.size(); }
          if (bytes > e.record_bytes) { __builtin_trap(); }
          break;
        case how::skip: r->skip(); break;
      }
      // A cut is found when its bytes are passed, which skipping does before this line and reading
      // perhaps after it: members and findings are two stories.
      members += e.path + ' ' + std::to_string(e.offset) + ' ' + std::to_string(e.record_bytes) + ' ' +
                 std::to_string(static_cast<int>(e.content)) + ' ' + e.target + '\n';
    }
    s.told += std::to_string(r->end_offset()) + (r->complete() ? " complete" : " broken");
    if (!r->complete() && s.told.find("BBN-") == std::string::npos) { __builtin_trap(); }
  } catch (sysb::fatal_error const& e) { s.told += e.what(); }
  return members + s.told;
}

// Every member again by its offset, the last first: the same member.
void by_offset(std::span<std::byte const> image) {
  story s;
  memory source{image, true};
  try {
    auto const r = sysb::backup_by_name::format().open(source, {}, s);
    std::vector<sysb::entry> all;
    sysb::entry e;
    while (r->next(e)) { all.push_back(e); }
    auto const told = s.told;
    // Each may be judged by the records after it: a few are enough.
    auto const step = all.size() / 16 + 1;
    for (std::size_t i = all.size(); i >= step; i -= step) {
      r->seek_record(all[i - 1].offset);
      auto const here = r->next(e);
      sysb::fuzz::require(here && e.path == all[i - 1].path && e.record_bytes == all[i - 1].record_bytes &&
                              e.content == all[i - 1].content,
                          "a member that was read is found again");
    }
    sysb::fuzz::require(s.told == told, "nothing is told twice");
  } catch (sysb::fatal_error const&) { return; }
}

std::vector<std::string> salvaged(std::span<std::byte const> image, sysb::on_damage how) {
  std::vector<std::string> out;
  story s;
  memory source{image, true};
  try {
    auto const r = sysb::backup_by_name::format().open(source, {}, s, how);
    sysb::entry e;
    std::uint64_t end = 0;
    while (r->next(e)) {
      sysb::fuzz::require(e.offset >= end || out.empty(), "records follow each other");
      end = e.offset + e.record_bytes;
      std::uint64_t bytes = 0;
      for (auto p = r->read_stored(); !p.empty(); p = r->read_stored()) { bytes += p.size(); }
      sysb::fuzz::require(how != sysb::on_damage::salvage || e.content != sysb::content_state::here ||
                              bytes == e.stored || e.incomplete,
                          "content that is short is said to be");
      out.push_back(e.path);
    }
  } catch (sysb::fatal_error const&) { out.emplace_back("fatal"); }
  return out;
}

// Where something stands that has the shape of a header.
std::vector<std::size_t> headers_of(std::span<std::byte const> image) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at + 8 <= image.size(); at += 8) {
    auto const length = std::to_integer<std::size_t>(image[at]) * 8;
    auto const type = std::to_integer<unsigned>(image[at + 1]);
    if (image[at + 3] == std::byte{0xea} && type < 16 && length != 0 && length <= image.size() - at) {
      out.push_back(at);
      at += length - 8;
    }
  }
  return out;
}

void seal(std::span<std::byte> image) {
  for (auto const at : headers_of(image)) {
    auto const header = image.subspan(at, std::to_integer<std::size_t>(image[at]) * 8);
    auto const sum = sysb::backup_by_name::header_checksum(header);
    header[4] = static_cast<std::byte>(sum & 0xff);
    header[5] = static_cast<std::byte>(sum >> 8);
  }
}

// The same block after every header, or after every second one.
std::vector<std::byte> with_blocks(std::span<std::byte const> image, std::mt19937& random) {
  auto const places = headers_of(image);
  std::vector<std::byte> block(8 * (1 + random() % 8));
  for (auto& b : block) { b = static_cast<std::byte>(random() % 4 == 0 ? random() : 0); }
  if (random() % 2 == 0) { block[random() % 4] = static_cast<std::byte>(block.size()); }
  auto const every = 1 + random() % 2;
  auto const behind_security = random() % 2 == 0 ? std::size_t{0} : std::size_t{56};
  std::vector<std::byte> out;
  std::size_t from = 0;
  for (std::size_t i = 1; i < places.size(); i += every) {
    auto const to =
        std::min(places[i] + std::to_integer<std::size_t>(image[places[i]]) * 8 + behind_security, image.size());
    if (to <= from) { continue; }
    out.insert(out.end(), image.begin() + static_cast<std::ptrdiff_t>(from),
               image.begin() + static_cast<std::ptrdiff_t>(to));
    out.insert(out.end(), block.begin(), block.end());
    from = to;
  }
  out.insert(out.end(), image.begin() + static_cast<std::ptrdiff_t>(from), image.end());
  return out;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937 random{seed};
  if (random() % 8 == 0) {
    auto const changed = with_blocks(std::as_bytes(std::span{data, size}), random);
    if (changed.size() <= most) {
      std::memcpy(data, changed.data(), changed.size());
      size = changed.size();
    }
  } else {
    size = LLVMFuzzerMutate(data, size, most);
  }
  if (random() % 4 != 0) { seal(std::as_writable_bytes(std::span{data, size})); }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const input = std::as_bytes(std::span{data, size});
  sysb::fuzz::bounded_work const bound{size, 256u << 20, 65536};
  auto const read = walk(input, how::read, true);
  if (walk(input, how::skip, true) != read) { __builtin_trap(); }
  if (walk(input, how::raw, true) != read) { __builtin_trap(); }
  if (walk(input, how::read, false) != read) { __builtin_trap(); }
  by_offset(input);
  auto const plain = salvaged(input, sysb::on_damage::stop);
  auto const more = salvaged(input, sysb::on_damage::salvage);
  sysb::fuzz::require(plain.empty() || plain.back() == "fatal" || more.size() >= plain.size(),
                      "salvage finds no less than a walk");
  return 0;
}
