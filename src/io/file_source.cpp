// SPDX-License-Identifier: Apache-2.0
// A file that can seek, read with pread(2) into one buffer. Reads are small after a jump and grow
// while the reading goes on in order, so that a walk over headers costs one small read a record
// and a whole pass runs in large ones.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "io/forerun.hpp"
#include "io/sources.hpp"

namespace sysb::io {

std::span<std::byte> window_buffer::room(std::size_t n) {
  if (capacity_ - end_ >= n) { return {store_.data() + end_, n}; }
  auto const kept = size();
  if (capacity_ - kept >= n) {
    std::memmove(store_.data(), store_.data() + begin_, kept);
  } else {
    auto const wanted = std::max(kept + n, std::min<std::size_t>(2 * capacity_, 1u << 20));
    byte_block larger{wanted};
    if (kept != 0) { std::memcpy(larger.data(), store_.data() + begin_, kept); }
    store_ = std::move(larger);
    capacity_ = wanted;
  }
  begin_ = 0;
  end_ = kept;
  return {store_.data() + end_, n};
}

namespace {

// After a jump a look at one record and little more: copying cold bytes that nobody uses is most of
// what a read of 4 KiB costs.
constexpr std::size_t smallest_read = 1u << 10;
constexpr std::size_t page = 4u << 10;
constexpr std::size_t largest_read = 1u << 20;  // measured: larger reads are slower

[[nodiscard]] std::size_t next_read_size(std::size_t last) noexcept {
  if (last < page) { return page; }
  if (last < (64u << 10)) { return last * 4; }
  return last < (256u << 10) ? std::size_t{256u << 10} : largest_read;
}

class file_source final : public byte_source {
 public:
  file_source(unique_fd fd, file_facts facts, progress const* counters)
      : fd_{std::move(fd)}, facts_{std::move(facts)}, counters_{counters} {
    if (facts_.compare && ::fstat(fd_.get(), &at_open_) != 0) {
      throw fatal_error{fatal_error::kind::io, concat("fstat failed: ", os_text(errno)), std::nullopt, facts_.name};
    }
  }

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    if (window_.size() < want) { fill(want); }
    if (want != 0 && window_.size() == 0 && facts_.damage) { std::rethrow_exception(facts_.damage); }
    return window_.bytes();
  }

  void consume(std::size_t n) override {
    if (n > window_.size()) { throw fatal_error{fatal_error::kind::internal, "more bytes consumed than were peeked"}; }
    window_.drop(n);
    position_ += n;
  }

  std::uint64_t skip(std::uint64_t n) override {
    auto const left = facts_.size - position_;
    if (n != 0 && left == 0 && facts_.damage) { std::rethrow_exception(facts_.damage); }
    n = std::min(n, left);
    move_to(position_ + n);
    return n;
  }

  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position_) { throw fatal_error{fatal_error::kind::internal, "probe before the position of a source"}; }
    if (offset >= facts_.size) { return 0; }
    auto const wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), facts_.size - offset));
    out = out.first(wanted);
    if (offset - position_ < window_.size() && window_.size() - (offset - position_) >= wanted) {
      copy(window_.bytes().subspan(static_cast<std::size_t>(offset - position_), wanted), out);
      return wanted;
    }
    if (wanted > ahead_.size()) {
      read_exactly(offset, out);
      return wanted;
    }
    // The bytes after a probe are those that a skip leads to: kept, so that a walk over headers
    // reads each of them once.
    if (offset < ahead_at_ || offset + wanted > ahead_at_ + ahead_size_) {
      auto const n = static_cast<std::size_t>(
          std::min<std::uint64_t>(size_after_jump(ahead_at_, offset, wanted), facts_.size - offset));
      ahead_size_ = 0;
      read_exactly(offset, std::span{ahead_}.first(n));
      ahead_at_ = offset;
      ahead_size_ = n;
    }
    copy(std::span<std::byte const>{ahead_}.subspan(static_cast<std::size_t>(offset - ahead_at_), wanted), out);
    return wanted;
  }

  std::uint64_t position() const noexcept override { return position_; }
  std::optional<std::uint64_t> size() const noexcept override { return facts_.size; }
  bool seekable() const noexcept override { return true; }

  void seek(std::uint64_t offset) override {
    if (offset > facts_.size) {
      throw fatal_error{fatal_error::kind::internal, "seek past the end of a file", offset, facts_.name};
    }
    move_to(offset);
  }

  std::optional<file_run> file() const noexcept override { return file_run{fd_.get(), facts_.base}; }

  void check_unchanged() const override {
    if (!facts_.compare) { return; }
    struct stat now {};
    if (::fstat(fd_.get(), &now) != 0) {
      throw fatal_error{fatal_error::kind::io, concat("fstat failed: ", os_text(errno)), std::nullopt, facts_.name};
    }
    if (now.st_size != at_open_.st_size || now.st_mtim.tv_sec != at_open_.st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != at_open_.st_mtim.tv_nsec) {
      throw fatal_error{fatal_error::kind::io, "the file changed while it was read (size or time differ)", std::nullopt,
                        facts_.name};
    }
  }

  bool broken() const noexcept override { return facts_.damage != nullptr; }

  std::unique_ptr<byte_source> make_forerunner() override {
    unique_fd fd{::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0)};
    if (fd.get() < 0) { return nullptr; }
    auto facts = facts_;
    facts.compare = false;
    auto out = std::make_unique<file_source>(std::move(fd), std::move(facts), nullptr);
    out->ahead_of_ = std::make_shared<forerun>();
    // Files of a file system in memory know no RWF_NOWAIT.
    struct statfs where {};
    out->in_memory_ = ::fstatfs(fd_.get(), &where) == 0 && (where.f_type == TMPFS_MAGIC || where.f_type == RAMFS_MAGIC);
    behind_ = out->ahead_of_;
    return out;
  }

 private:
  static void copy(std::span<std::byte const> from, std::span<std::byte> to) noexcept {
    if (!from.empty()) { std::memcpy(to.data(), from.data(), from.size()); }
  }

  // Records that lie close together are read together.
  [[nodiscard]] static std::size_t size_after_jump(std::uint64_t from, std::uint64_t to, std::size_t wanted) noexcept {
    return std::max(to >= from && to - from < page ? page : smallest_read, wanted);
  }

  void move_to(std::uint64_t offset) noexcept {
    if (offset >= position_ && offset - position_ <= window_.size()) {
      window_.drop(static_cast<std::size_t>(offset - position_));
    } else {
      read_size_ = size_after_jump(position_, offset, 0);
      window_.clear();
    }
    position_ = offset;
  }

  void fill(std::size_t want) {
    if (counters_ != nullptr) { counters_->stop_if_asked(); }
    if (window_.size() == 0) { take_ahead(); }
    while (window_.size() < want) {
      auto const at = position_ + window_.size();
      if (at == facts_.size) { return; }
      auto const n = static_cast<std::size_t>(
          std::min<std::uint64_t>(std::max(want - window_.size(), read_size_), facts_.size - at));
      auto const room = window_.room(n);
      if (auto const got = behind_ ? behind_->take(at, room, want - window_.size()) : 0; got != 0) {
        window_.added(got);
        continue;
      }
      auto const got = read_once(at, room);
      if (ahead_of_) { ahead_of_->put(at, room.first(got)); }
      window_.added(got);
      grow();
    }
  }

  void take_ahead() {
    if (position_ < ahead_at_ || position_ >= ahead_at_ + ahead_size_) { return; }
    auto const from = static_cast<std::size_t>(position_ - ahead_at_);
    copy(std::span<std::byte const>{ahead_}.subspan(from, ahead_size_ - from), window_.room(ahead_size_ - from));
    window_.added(ahead_size_ - from);
    read_size_ = next_read_size(from == 0 && ahead_size_ < page ? 0 : page);
    ahead_size_ = 0;
  }

  void grow() noexcept {
    auto const next = next_read_size(read_size_);
    if (next == largest_read && read_size_ != largest_read && !advised_) {
      // The kernel reads further ahead; failure costs nothing but speed.
      (void)::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
      advised_ = true;
    }
    read_size_ = next;
  }

  [[nodiscard]] std::size_t read_once(std::uint64_t at, std::span<std::byte> out) const {
    auto const n = ahead_of_ && !in_memory_ ? read_without_waiting(at, out)
                                            : read_some_at(fd_.get(), out, facts_.base + at, counters_);
    if (n < 0) { throw fatal_error{fatal_error::kind::io, concat("read failed: ", os_text(errno)), at, facts_.name}; }
    if (n == 0) {
      throw fatal_error{fatal_error::kind::io,
                        concat("the file became shorter while it was read (", facts_.size, " bytes when opened)"), at,
                        facts_.name};
    }
    return static_cast<std::size_t>(n);
  }

  [[nodiscard]] std::int64_t read_without_waiting(std::uint64_t at, std::span<std::byte> out) const {
    iovec const to{out.data(), out.size()};
    return ::preadv2(fd_.get(), &to, 1, static_cast<off_t>(facts_.base + at), RWF_NOWAIT);
  }

  void read_exactly(std::uint64_t at, std::span<std::byte> out) const {
    while (!out.empty()) {
      auto const n = read_once(at, out);
      out = out.subspan(n);
      at += n;
    }
  }

  unique_fd fd_;
  file_facts facts_;
  progress const* counters_;
  struct stat at_open_ {};
  window_buffer window_;  // starts at position_
  std::uint64_t position_ = 0;
  std::size_t read_size_ = smallest_read;
  bool advised_ = false;
  std::array<std::byte, page> ahead_{};
  std::uint64_t ahead_at_ = 0;
  std::size_t ahead_size_ = 0;
  std::shared_ptr<forerun> ahead_of_;  // this one is the forerunner
  std::shared_ptr<forerun> behind_;    // this one has, or had, a forerunner
  bool in_memory_ = false;
};

}  // namespace

std::unique_ptr<byte_source> make_file_source(unique_fd fd, file_facts facts, progress const* counters) {
  return std::make_unique<file_source>(std::move(fd), std::move(facts), counters);
}

}  // namespace sysb::io
