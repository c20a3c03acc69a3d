// SPDX-License-Identifier: Apache-2.0
// Records laid down byte by byte for these tests, independent of the project's writer, and
// sources that behave like a file or like a pipe.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "core/byte_source.hpp"
#include "core/fatal_error.hpp"
#include "core/image_reader.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"

namespace by_name_test {

using namespace std::literals;
using bytes = std::vector<std::byte>;

inline bytes operator+(bytes a, bytes const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
inline bytes of(std::string_view s) {
  auto const v = sysb::as_bytes(s);
  return {v.begin(), v.end()};
}
inline bytes zeros(std::size_t n) { return bytes(n); }
inline bytes pad8(bytes b, std::byte fill = std::byte{0}) {
  b.resize((b.size() + 7) / 8 * 8, fill);
  return b;
}
inline void put(bytes& b, std::size_t at, std::uint64_t v, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) { b[at + i] = static_cast<std::byte>(v >> (8 * i)); }
}
inline bytes u32(std::uint32_t v) {
  bytes b(4);
  put(b, 0, v, 4);
  return b;
}
inline void seal(bytes& b, std::size_t at = 0) {
  std::uint32_t sum = 0;
  auto const length = std::to_integer<std::size_t>(b[at]) * 8;
  for (std::size_t i = 0; i < length; ++i) {
    if (i == 4 || i == 5) { continue; }
    auto const v = std::to_integer<std::uint32_t>(b[at + i]);
    sum += v << (v & 7);
  }
  put(b, at + 4, sum & 0xffff, 2);
}

struct rec {
  std::string name = "./file";
  std::uint32_t mode = 0100644;
  std::uint32_t size = 0;
  std::uint32_t dsize = 0xffffffff;  // as size, unless given
  std::uint32_t nlink = 1, ino = 0;
  std::uint32_t uid = 200, gid = 1;
  std::uint32_t mtime = 1'600'000'000;
  std::uint32_t pad = 0;
  std::uint32_t rdevmaj = 0, rdevmin = 0;
  std::uint16_t magic = 0xea6b;
  std::uint8_t type = 11;
};

inline bytes header(rec const& r) {
  auto b = zeros(64) + pad8(of(r.name) + zeros(1));
  b[0] = static_cast<std::byte>(b.size() / 8);
  b[1] = static_cast<std::byte>(r.type);
  put(b, 2, r.magic, 2);
  put(b, 6, r.nlink, 2);
  put(b, 8, r.ino, 4);
  put(b, 12, r.mode, 4);
  put(b, 16, r.uid, 4);
  put(b, 20, r.gid, 4);
  put(b, 24, r.size, 4);
  put(b, 28, 1'600'000'002, 4);
  put(b, 32, r.mtime, 4);
  put(b, 36, 1'600'000'001, 4);
  put(b, 40, 10, 4);
  put(b, 44, 7, 4);
  put(b, 48, r.rdevmaj, 4);
  put(b, 52, r.rdevmin, 4);
  put(b, 56, r.dsize == 0xffffffff ? r.size : r.dsize, 4);
  put(b, 60, r.pad, 4);
  seal(b);
  return b;
}

inline bytes security(std::uint32_t mode) {
  bytes b = u32(2) + u32(2) + u32(16) + zeros(12) + u32(16) + u32(mode) + zeros(8);
  put(b, 8 + 10, (mode >> 6) & 7, 2);
  put(b, 8 + 12, (mode >> 3) & 7, 2);
  put(b, 8 + 14, mode & 7, 2);
  return b;
}

inline bytes volume(std::uint16_t number = 1, std::uint16_t magic = 0xea6b, std::string disk = "by name") {
  auto b = zeros(72);
  b[0] = std::byte{9};
  put(b, 2, magic, 2);
  put(b, 6, number, 2);
  put(b, 8, 1'600'000'000, 4);
  put(b, 12, 1'600'000'000, 4);
  put(b, 16, 0x7fffffff, 4);
  std::memcpy(b.data() + 20, disk.data(), disk.size());
  std::memcpy(b.data() + 36, "by name", 7);
  std::memcpy(b.data() + 52, "root", 4);
  put(b, 68, 100, 2);
  seal(b);
  return b;
}

inline bytes end_record() {
  auto b = of("\x01\x07\x6b\xea\x84\x0a\x01\x00"sv);
  return b;
}

inline bytes file(std::string name, std::string_view content, rec r = {}) {
  r.name = std::move(name);
  r.size = static_cast<std::uint32_t>(content.size());
  return header(r) + security(r.mode) + pad8(of(content), std::byte{0x5a});
}
inline bytes directory(std::string name) {
  rec const r{.name = std::move(name), .mode = 0240755, .dsize = 256, .nlink = 2, .ino = 0xffffffff};
  return header(r) + security(r.mode);
}
inline bytes link_to(std::string name, std::string_view target) {
  rec const r{.name = std::move(name), .mode = 0120777, .size = static_cast<std::uint32_t>(target.size())};
  return header(r) + pad8(of(target));
}

inline bytes image(bytes const& members) { return volume() + members + end_record() + zeros(512); }

// Bytes at places, zeros between; every peek is a fresh allocation, so that a span used too
// long is seen by the address sanitizer.
class test_source final : public sysb::byte_source {
 public:
  enum class like : std::uint8_t { file, pipe, unpacked };  // unpacked: of a compressed file

  explicit test_source(bytes whole, like how = like::file) : how_{how}, size_{whole.size()} {
    parts_.emplace_back(0, std::move(whole));
  }
  test_source(std::vector<std::pair<std::uint64_t, bytes>> parts, std::uint64_t size, like how)
      : how_{how}, size_{size}, parts_{std::move(parts)} {}

  std::span<std::byte const> peek(std::size_t want) override {
    seen_ = bytes(static_cast<std::size_t>(std::min<std::uint64_t>(want, size_ - at_)));
    copy(at_, seen_);
    return seen_;
  }
  void consume(std::size_t n) override { at_ += n; }
  std::uint64_t skip(std::uint64_t n) override {
    auto const now = std::min(n, size_ - at_);
    at_ += now;
    return now;
  }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    seen_.clear();
    seen_.shrink_to_fit();
    probed += out.size();
    farthest = std::max(farthest, offset - at_);
    if (how_ == like::pipe && offset + out.size() > at_ + window && size_ > at_ + window) {
      throw sysb::fatal_error{sysb::fatal_error::kind::io, "cannot look ahead in a pipe: give --tmpdir"};
    }
    auto const n = offset >= size_ ? 0 : std::min<std::uint64_t>(out.size(), size_ - offset);
    copy(offset, out.first(static_cast<std::size_t>(n)));
    return static_cast<std::size_t>(n);
  }
  std::uint64_t position() const noexcept override { return at_; }
  std::optional<std::uint64_t> size() const noexcept override {
    return how_ == like::file ? std::optional{size_} : std::nullopt;
  }
  bool seekable() const noexcept override { return how_ != like::pipe; }
  bool cheap_seek() const noexcept override { return how_ == like::file; }
  void seek(std::uint64_t offset) override { at_ = offset; }

  std::uint64_t window = 4u << 20;
  std::uint64_t probed = 0;
  std::uint64_t farthest = 0;

 private:
  void copy(std::uint64_t from, std::span<std::byte> out) const {
    std::fill(out.begin(), out.end(), std::byte{0});
    for (auto const& [start, part] : parts_) {
      auto const lo = std::max(from, start);
      auto const hi = std::min(from + out.size(), start + part.size());
      if (lo < hi) { std::memcpy(out.data() + (lo - from), part.data() + (lo - start), hi - lo); }
    }
  }
  like how_;
  std::uint64_t size_;
  std::vector<std::pair<std::uint64_t, bytes>> parts_;
  std::uint64_t at_ = 0;
  bytes seen_;
};

struct finding {
  std::string id;
  std::uint64_t offset = 0;
  std::string path;
  std::string text;
  sysb::severity level{};
  bool operator==(finding const& o) const {
    return id == o.id && offset == o.offset && path == o.path && level == o.level;
  }
};

class collector final : public sysb::diagnostic_sink {
 public:
  void report(sysb::diagnostic const& d) override {
    all.push_back({std::string{d.code->id}, d.offset.value_or(0), d.path, d.text(), d.effective()});
  }
  std::vector<finding> all;
};

enum class mode : std::uint8_t { read, skip, raw };

struct seen_member {
  sysb::entry about;
  bytes content;  // as stored, or the whole record
  std::uint64_t left_at = 0;
};

struct walk_result {
  std::vector<seen_member> members;
  std::vector<finding> findings;
  bool complete = false;
  std::uint64_t end = 0;
  std::string fatal;

  [[nodiscard]] bool has(std::string_view id) const {
    for (auto const& f : findings) {
      if (f.id == id) { return true; }
    }
    return false;
  }
  [[nodiscard]] std::size_t errors() const {
    std::size_t n = fatal.empty() ? 0 : 1;
    for (auto const& f : findings) { n += f.level == sysb::severity::error ? 1 : 0; }
    return n;
  }
  [[nodiscard]] std::vector<std::string> ids() const {
    std::vector<std::string> out;
    for (auto const& f : findings) {
      if (f.level != sysb::severity::note) { out.push_back(f.id); }
    }
    return out;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (auto const& m : members) { out.push_back(m.about.path); }
    return out;
  }
  [[nodiscard]] std::string content(std::string_view path) const {
    for (auto const& m : members) {
      if (m.about.path == path) { return std::string{sysb::as_text(m.content)}; }
    }
    return "no such member";
  }
  [[nodiscard]] sysb::entry const& member(std::string_view path) const {
    for (auto const& m : members) {
      if (m.about.path == path) { return m.about; }
    }
    static sysb::entry const none;
    return none;
  }
};

inline walk_result walk(test_source& source, mode how = mode::read, sysb::limits const& l = {}) {
  walk_result out;
  collector findings;
  try {
    auto const reader = sysb::backup_by_name::format().open(source, l, findings);
    sysb::entry e;
    while (reader->next(e)) {
      seen_member m{.about = e, .content = {}};
      auto const take = [&](std::span<std::byte const> p) { m.content.insert(m.content.end(), p.begin(), p.end()); };
      switch (how) {
        case mode::read:
          for (auto p = reader->read_stored(); !p.empty(); p = reader->read_stored()) { take(p); }
          break;
        case mode::raw:
          for (auto p = reader->read_raw(); !p.empty(); p = reader->read_raw()) { take(p); }
          break;
        case mode::skip:
          reader->skip();
          m.left_at = source.position();
          break;
      }
      out.members.push_back(std::move(m));
    }
    out.complete = reader->complete();
    out.end = reader->end_offset();
  } catch (sysb::fatal_error const& e) { out.fatal = e.what(); }
  out.findings = std::move(findings.all);
  return out;
}

inline walk_result walk(bytes image, mode how = mode::read, test_source::like as = test_source::like::file) {
  test_source source{std::move(image), as};
  return walk(source, how);
}

// Empty when the samples are not here.
inline bytes sample(std::string const& name) {
  auto const* const dir = std::getenv("SYSB_SAMPLES_DIR");
  if (dir == nullptr) { return {}; }
  std::ifstream in{std::string{dir} + "/" + name, std::ios::binary};
  std::vector<char> const text{std::istreambuf_iterator<char>{in}, {}};
  bytes out(text.size());
  if (!text.empty()) { std::memcpy(out.data(), text.data(), text.size()); }
  return out;
}

}  // namespace by_name_test
