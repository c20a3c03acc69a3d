// SPDX-License-Identifier: Apache-2.0
// An image in memory, and a sink that writes down what it is told.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/entry_sink.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::test {

struct collected : ledger {
  std::vector<std::string> ids;
  std::vector<std::string> texts;
  collected()
      : ledger{[this](diagnostic const& d) {
          ids.emplace_back(d.code->id);
          texts.push_back(concat(d.path, ": ", d.text()));
        }} {}
};

struct fake_member {
  entry about;
  std::vector<std::byte> stored;
};

// Records stand 1000 bytes apart, the first after a volume header of 72.
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
  void rewind() override { at_ = 0; }
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

// One line an entry: kind path [-> link] size:content. Of a sink that is filled by workers only what came.
class recording_sink final : public entry_sink {
 public:
  explicit recording_sink(bool concurrent = false, bool digests = false) : concurrent_{concurrent}, digests_{digests} {}
  std::vector<std::string> lines;
  std::map<std::string, std::string> content;
  bool finished = false;

  [[nodiscard]] wants needs() const noexcept override { return {.digest = digests_}; }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    bool const apart = concurrent_ && e.kind == entry_kind::file && e.link_to.empty() && e.size != 0;
    if (concurrent_) { lines.push_back(head(e)); }
    return std::make_unique<taken>(*this, e, apart ? slot::order::any : slot::order::in_turn);
  }
  void finish() override { finished = true; }

 private:
  class taken final : public slot {
   public:
    taken(recording_sink& to, entry const& e, order when) : to_{to}, member_{e}, when_{when} {}
    [[nodiscard]] order when() const noexcept override { return when_; }
    void fill(content_feed& from) override {
      if (!to_.concurrent_) { to_.lines.push_back(head(member_)); }
      begun_ = true;
      if (from.stream([this](std::span<std::byte const> p) { data_ += as_text(p); })) { return; }
      std::lock_guard const lock{to_.mutex_};
      if (to_.concurrent_) { to_.lines.push_back(concat("DAMAGED ", member_.path)); }
    }
    void close(content_result const& r) override {
      if (!begun_ && !to_.concurrent_) { to_.lines.push_back(head(member_)); }
      auto const expected = member_.link_to.empty() && member_.kind == entry_kind::file ? member_.size : 0;
      if (data_.size() != expected) { to_.lines.push_back(concat("SHORT ", member_.path)); }
      if (to_.digests_ && expected != 0 && r.digest != digest_of(as_bytes(data_))) {
        to_.lines.push_back("WRONG DIGEST");
      }
      to_.content[member_.path] = data_;
    }

   private:
    recording_sink& to_;
    entry const& member_;
    order when_;
    bool begun_ = false;
    std::string data_;
  };
  static std::string head(entry const& e) {
    return concat(to_text(e.kind), ' ', e.path, e.link_to.empty() ? "" : " -> ", e.link_to);
  }
  bool concurrent_, digests_;
  std::mutex mutex_;
};

// Takes content out of turn: room for each file in a file of its own, one after the other; small ones at once.
class placed_sink final : public entry_sink {
 public:
  std::vector<std::string> lines;
  std::atomic<std::uint64_t> at_once = 0, placed = 0, copied = 0;
  static constexpr std::uint64_t small = 4096;

  placed_sink() : fd_{::memfd_create("room", MFD_CLOEXEC)} {}
  ~placed_sink() override { ::close(fd_); }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    lines.push_back(concat(to_text(e.kind), ' ', e.path, e.link_to.empty() ? "" : " -> ", e.link_to));
    auto const size = e.link_to.empty() && e.kind == entry_kind::file ? e.size : 0;
    places_[e.path] = {end_, size};
    end_ += size;
    if (size == 0) { return nullptr; }
    return std::make_unique<room>(*this, e, places_[e.path].first,
                                  size < small && !e.packed ? slot::order::at_once : slot::order::any);
  }
  void finish() override {}
  [[nodiscard]] std::map<std::string, std::string> content() const {
    std::map<std::string, std::string> out;
    for (auto const& [path, at] : places_) {
      std::string text(at.second, '\0');
      if (::pread(fd_, text.data(), text.size(), static_cast<off_t>(at.first)) != static_cast<ssize_t>(text.size())) {
        text = "unreadable";
      }
      out[path] = text;
    }
    return out;
  }

 private:
  class room final : public slot {
   public:
    room(placed_sink& to, entry const& e, std::uint64_t at, order when) : to_{to}, member_{e}, at_{at}, when_{when} {}
    [[nodiscard]] order when() const noexcept override { return when_; }
    void fill(content_feed& from) override {
      ++(when_ == order::at_once ? to_.at_once : to_.placed);
      if (when_ == order::any && from.copy_to(to_.fd_, at_)) {
        ++to_.copied;
        return;
      }
      auto at = at_;
      (void)from.stream([&](std::span<std::byte const> p) {
        if (::pwrite(to_.fd_, p.data(), p.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(p.size())) {
          throw std::runtime_error{"pwrite"};
        }
        at += p.size();
      });
    }
    void close(content_result const& r) override {
      if (r.bytes != member_.size) { to_.lines.push_back(concat("SHORT ", member_.path)); }
    }

   private:
    placed_sink& to_;
    entry const& member_;
    std::uint64_t at_;
    order when_;
  };
  int fd_;
  std::uint64_t end_ = 0;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> places_;
};

}  // namespace sysb::test
