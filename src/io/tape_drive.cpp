// SPDX-License-Identifier: Apache-2.0
// A tape drive gives at most one block a read, and none to a buffer that is smaller than it; with fixed
// blocks it takes only multiples of their length. A read of nothing is a file mark, and the next one
// goes on after it.
#include "io/tape_drive.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mtio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "io/sources.hpp"

namespace sysb::io {

struct tape_drive::state {
  std::unique_ptr<device> drive;
  std::string name;
  bool mark_passed = false;
};

namespace {

class system_device final : public device {
 public:
  system_device(unique_fd fd, progress const* counters) : fd_{std::move(fd)}, counters_{counters} {}
  std::int64_t read(std::span<std::byte> out) override { return read_some(fd_.get(), out, counters_); }
  std::optional<tape_state> tape() override {
    mtget s{};
    if (::ioctl(fd_.get(), MTIOCGET, &s) != 0) { return std::nullopt; }
    return tape_state{
        s.mt_blkno,
        static_cast<std::size_t>((static_cast<unsigned long>(s.mt_dsreg) & MT_ST_BLKSIZE_MASK) >> MT_ST_BLKSIZE_SHIFT)};
  }
  bool back_blocks(int n) override { return operate(MTBSR, n); }
  bool forward_file() override { return operate(MTFSF, 1); }

 private:
  bool operate(short what, int n) {
    mtop request{what, n};
    return ::ioctl(fd_.get(), MTIOCTOP, &request) == 0;
  }
  unique_fd fd_;
  progress const* counters_;
};

// Blocks of any length; ends at the first read of nothing.
class block_reader {
 public:
  std::size_t take(device& drive, std::string const& name, std::span<std::byte> out) {
    if (begin_ == end_ && !ended_) { read_block(drive, name); }
    auto const n = std::min(out.size(), end_ - begin_);
    if (n != 0) { std::memcpy(out.data(), room_.data() + begin_, n); }
    begin_ += n;
    seen_ += n;
    return n;
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] std::uint64_t seen() const noexcept { return seen_; }

 private:
  static constexpr std::size_t usual_room = 1u << 20;
  static constexpr std::size_t largest_room = 16u << 20;

  void resize(device& drive, std::size_t wanted) {
    if (auto const t = drive.tape(); t && t->fixed != 0) { wanted = (wanted + t->fixed - 1) / t->fixed * t->fixed; }
    room_.resize(wanted);
  }

  void read_block(device& drive, std::string const& name) {
    if (room_.empty()) { resize(drive, usual_room); }
    for (;;) {
      auto const before = drive.tape();
      auto const n = drive.read(room_);
      if (n >= 0) {
        begin_ = 0;
        end_ = static_cast<std::size_t>(n);
        ended_ = n == 0;
        return;
      }
      auto const cause = errno;
      if ((cause != ENOMEM && cause != EINVAL) || room_.size() >= largest_room) {
        throw fatal_error{fatal_error::kind::io, concat("read failed: ", os_text(cause)), seen_, name};
      }
      // A drive may have moved past the block that did not fit.
      auto const after = drive.tape();
      if (before && after && after->block > before->block &&
          !drive.back_blocks(static_cast<int>(after->block - before->block))) {
        throw fatal_error{fatal_error::kind::io, concat("cannot step back on the tape: ", os_text(errno)), std::nullopt,
                          name};
      }
      resize(drive, 2 * room_.size());
    }
  }

  std::vector<std::byte> room_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t seen_ = 0;
  bool ended_ = false;
};

template <typename State>
class device_producer final : public byte_producer {
 public:
  explicit device_producer(std::shared_ptr<State> s) : state_{std::move(s)} {}
  std::size_t produce(std::span<std::byte> out) override {
    auto const n = blocks_.take(*state_->drive, state_->name, out);
    if (blocks_.ended()) { state_->mark_passed = true; }
    return n;
  }
  std::uint64_t medium_position() const noexcept override { return blocks_.seen(); }

 private:
  std::shared_ptr<State> state_;
  block_reader blocks_;
};

}  // namespace

tape_drive::tape_drive(std::unique_ptr<device> d, std::string name, source_options o)
    : state_{std::make_shared<state>()}, options_{std::move(o)} {
  state_->drive = std::move(d);
  state_->name = std::move(name);
}

tape_drive::~tape_drive() = default;

std::unique_ptr<byte_source> tape_drive::file() {
  return from_producer(std::make_unique<device_producer<state>>(state_), options_);
}

bool tape_drive::next_file() {
  if (std::exchange(state_->mark_passed, false)) { return true; }
  if (state_->drive->forward_file()) { return true; }
  if (errno == EIO || errno == ENOSPC) { return false; }  // the end of what was written
  throw fatal_error{fatal_error::kind::io, concat("cannot go to the next file of the tape: ", os_text(errno)),
                    std::nullopt, state_->name};
}

std::unique_ptr<tape_drive> open_tape_drive(std::string const& path, source_options const& o) {
  struct stat about {};
  if (path == "-" || ::stat(path.c_str(), &about) != 0 || !S_ISCHR(about.st_mode)) { return nullptr; }
  unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
  if (fd.get() < 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot open: ", os_text(errno)), std::nullopt, path};
  }
  auto d = std::make_unique<system_device>(std::move(fd), o.counters);
  if (!d->tape()) { return nullptr; }
  return std::make_unique<tape_drive>(std::move(d), path, o);
}

std::unique_ptr<byte_source> make_device_source(unique_fd fd, std::string const& name, source_options const& o) {
  return tape_drive{std::make_unique<system_device>(std::move(fd), o.counters), name, o}.file();
}

}  // namespace sysb::io
