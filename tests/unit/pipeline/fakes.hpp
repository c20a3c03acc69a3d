// SPDX-License-Identifier: Apache-2.0
// An image in memory, and a sink that writes down what it is told.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/entry_sink.hpp"
#include "core/image_reader.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::test {

struct collected : diagnostic_sink {
  std::vector<std::string> ids;
  std::vector<std::string> texts;
  std::function<void()> before;
  bool in_barrier = false;
  void set_barrier(std::function<void()> f) override { before = std::move(f); }
  void report(diagnostic const& d) override {
    if (before && !in_barrier) {
      in_barrier = true;
      before();
      in_barrier = false;
    }
    ids.emplace_back(d.code->id);
    texts.push_back(concat(d.path, ": ", d.text()));
  }
};

struct fake_member {
  entry about;
  std::vector<std::byte> stored;
};

// Records stand 1000 bytes apart, the first behind a volume header of 72.
class fake_reader final : public image_reader {
 public:
  std::vector<fake_member> members;
  bool can_seek = true;
  bool ends_well = true;

  fake_member& add(entry_kind kind, std::string path, std::string content = {}, bool pack = false) {
    fake_member m;
    m.about.kind = kind;
    m.about.path = std::move(path);
    m.about.mode = kind == entry_kind::directory ? 040755 : 0100644;
    m.about.offset = 72 + 1000 * members.size();
    if (kind == entry_kind::file && !content.empty()) {
      m.about.size = content.size();
      m.about.content = content_state::here;
      auto const plain = as_bytes(content);
      m.stored.assign(plain.begin(), plain.end());
      if (pack) {
        m.stored = packed::pack(plain).value();
        m.about.packed = true;
      }
      m.about.stored = m.stored.size();
    }
    members.push_back(std::move(m));
    return members.back();
  }

  [[nodiscard]] image_description const& description() const noexcept override { return description_; }
  [[nodiscard]] bool next(entry& out) override {
    given_ = false;
    if (at_ == members.size()) { return false; }
    out = members[at_++].about;
    return true;
  }
  [[nodiscard]] std::span<std::byte const> read_stored() override {
    if (given_) { return {}; }
    given_ = true;
    return members[at_ - 1].stored;
  }
  [[nodiscard]] std::span<std::byte const> read_raw() override { return read_stored(); }
  void skip() override { given_ = true; }
  [[nodiscard]] bool complete() const noexcept override { return ends_well && at_ == members.size(); }
  [[nodiscard]] std::uint64_t end_offset() const noexcept override { return 72 + 1000 * members.size(); }
  [[nodiscard]] std::span<std::byte const> volume_header() const noexcept override { return header_; }
  [[nodiscard]] bool seekable() const noexcept override { return can_seek; }
  void seek_record(std::uint64_t offset) override { at_ = (offset - 72) / 1000; }
  [[nodiscard]] std::unique_ptr<content_decoder> make_decoder() const override { return packed::make_decoder(); }

  // From now on the members' content stands in a file as well.
  void put_into_file() {
    fd_ = ::memfd_create("image", MFD_CLOEXEC);
    std::uint64_t at = file_base;
    for (auto& m : members) {
      m.about.content_offset = at - file_base;
      auto const n = ::pwrite(fd_, m.stored.data(), m.stored.size(), static_cast<off_t>(at));
      if (n != static_cast<ssize_t>(m.stored.size())) { throw std::runtime_error{"pwrite"}; }
      at += m.stored.size() + 3;
    }
  }
  [[nodiscard]] std::optional<byte_source::file_run> file() const noexcept override {
    if (fd_ < 0) { return std::nullopt; }
    return byte_source::file_run{fd_, file_base};
  }
  ~fake_reader() override {
    if (fd_ >= 0) { ::close(fd_); }
  }

 private:
  static constexpr std::uint64_t file_base = 17;
  int fd_ = -1;
  image_description description_;
  std::array<std::byte, 72> header_{};
  std::size_t at_ = 0;
  bool given_ = true;
};

// One line an entry: kind path [-> link] size:content
class recording_sink final : public entry_sink {
 public:
  explicit recording_sink(bool concurrent = false, bool digests = false) : concurrent_{concurrent}, digests_{digests} {}
  std::vector<std::string> lines;
  std::map<std::string, std::string> content;
  bool finished = false;

  void begin_entry(entry const& e) override {
    current_ = e.path;
    expected_ = e.link_to.empty() && e.kind == entry_kind::file ? e.size : 0;
    data_.clear();
    lines.push_back(concat(to_text(e.kind), ' ', e.path, e.link_to.empty() ? "" : " -> ", e.link_to));
  }
  void write_data(std::span<std::byte const> p) override { data_ += as_text(p); }
  void end_entry(content_result const& r) override {
    if (data_.size() != expected_) { lines.push_back(concat("SHORT ", current_)); }
    if (digests_ && expected_ != 0 && r.digest != digest_of(as_bytes(data_))) { lines.push_back("WRONG DIGEST"); }
    std::lock_guard const lock{mutex_};  // put_file() may run beside it
    content[current_] = data_;
  }
  void finish() override { finished = true; }
  [[nodiscard]] bool wants_digest() const noexcept override { return digests_; }
  [[nodiscard]] bool concurrent() const noexcept override { return concurrent_; }
  void put_file(entry const& e, content_source const& source) override {
    std::string bytes;
    auto const r = source([&](std::span<std::byte const> p) { bytes += as_text(p); });
    std::lock_guard const lock{mutex_};
    if (!r) {
      lines.push_back(concat("DAMAGED ", e.path));
      return;
    }
    if (bytes.size() != e.size || r->bytes != e.size) { lines.push_back(concat("SHORT ", e.path)); }
    content[e.path] = bytes;
  }

 private:
  bool concurrent_, digests_;
  std::string current_, data_;
  std::uint64_t expected_ = 0;
  std::mutex mutex_;
};

// Takes content out of turn: room for each file, one behind the other.
class placed_sink final : public entry_sink {
 public:
  std::vector<std::string> lines;
  std::vector<std::byte> room;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> places;  // start, length
  std::uint64_t in_turn = 0, placed = 0, copied = 0;

  void begin_entry(entry const& e) override {
    current_ = e.path;
    start_ = room.size();
    lines.push_back(concat(to_text(e.kind), ' ', e.path, e.link_to.empty() ? "" : " -> ", e.link_to));
    size_ = e.link_to.empty() && e.kind == entry_kind::file ? e.size : 0;
  }
  void write_data(std::span<std::byte const> p) override {
    std::lock_guard const lock{mutex_};  // the room may move
    room.insert(room.end(), p.begin(), p.end());
    ++in_turn;
  }
  void end_entry(content_result const&) override {
    if (room.size() - start_ != size_) { lines.push_back(concat("SHORT ", current_)); }
    places[current_] = {start_, size_};
  }
  void finish() override {}
  [[nodiscard]] bool out_of_turn() const noexcept override { return true; }
  [[nodiscard]] std::optional<std::uint64_t> reserve() override {
    std::lock_guard const lock{mutex_};
    room.resize(room.size() + size_);
    return start_;
  }
  void write_at(std::uint64_t place, std::span<std::byte const> p) override {
    std::lock_guard const lock{mutex_};
    std::copy(p.begin(), p.end(), room.begin() + static_cast<std::ptrdiff_t>(place));
    ++placed;
  }
  [[nodiscard]] std::uint64_t copy_at(std::uint64_t place, byte_source::file_run from, std::uint64_t offset,
                                      std::uint64_t bytes) override {
    std::vector<std::byte> piece(bytes);
    auto const n = ::pread(from.fd, piece.data(), bytes, static_cast<off_t>(from.base + offset));
    write_at(place, std::span{piece}.first(n < 0 ? 0 : static_cast<std::size_t>(n)));
    ++copied;
    return n < 0 ? 0 : static_cast<std::uint64_t>(n);
  }
  [[nodiscard]] std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> out;
    for (auto const& [path, at] : places) {
      out[path] = std::string{as_text(std::span{room}.subspan(at.first, at.second))};
    }
    return out;
  }

 private:
  std::string current_;
  std::uint64_t start_ = 0, size_ = 0;
  std::mutex mutex_;
};

}  // namespace sysb::test
