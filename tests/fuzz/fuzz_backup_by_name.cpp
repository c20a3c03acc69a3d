// SPDX-License-Identifier: Apache-2.0
// Any bytes: only fatal_error may leave, and reading, copying, skipping, file and pipe must agree.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"

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
    if (offset >= all_.size()) { return 0; }
    auto const n = std::min<std::size_t>(out.size(), all_.size() - static_cast<std::size_t>(offset));
    std::memcpy(out.data(), all_.data() + offset, n);
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
      // perhaps behind it: members and findings are two stories.
      members += e.path + ' ' + std::to_string(e.offset) + ' ' + std::to_string(e.record_bytes) + ' ' +
                 std::to_string(static_cast<int>(e.content)) + ' ' + e.target + '\n';
    }
    s.told += std::to_string(r->end_offset()) + (r->complete() ? " complete" : " broken");
    if (!r->complete() && s.told.find("BBN-") == std::string::npos) { __builtin_trap(); }
  } catch (sysb::fatal_error const& e) { s.told += e.what(); }
  return members + s.told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const input = std::as_bytes(std::span{data, size});
  auto const read = walk(input, how::read, true);
  if (walk(input, how::skip, true) != read) { __builtin_trap(); }
  if (walk(input, how::raw, true) != read) { __builtin_trap(); }
  if (walk(input, how::read, false) != read) { __builtin_trap(); }
  return 0;
}
