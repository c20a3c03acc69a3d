// SPDX-License-Identifier: Apache-2.0
// A system image from a system image: records that did not change pass as they are.
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/file_copy.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {
namespace {

using kind = fatal_error::kind;

constexpr std::size_t buffer_bytes = 1u << 20;
constexpr std::uint64_t copied_at_once = 8u << 20;

class bff_sink final : public entry_sink {
 public:
  bff_sink(int fd, std::span<std::byte const> volume_header)
      : fd_{fd}, writer_{[this](std::span<std::byte const> b) { buffer(b); }} {
    pending_.reserve(buffer_bytes);
    if (volume_header.empty()) {
      writer_.volume({.user = "root"});
    } else {
      writer_.volume_raw(volume_header);
    }
  }

  [[nodiscard]] wants needs() const noexcept override { return {.records = true}; }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    if (!e.link_to.empty()) {
      // How AIX writes the further names of a file is not known well enough to write them.
      throw fatal_error{kind::unsupported, concat("a new backup record cannot be a hard link to ", quoted(e.link_to)),
                        std::nullopt, e.path};
    }
    return std::make_unique<next_record>(*this, e);
  }

  void finish() override {
    writer_.finish();
    flush();
    if (copied_bytes_ != 0) { copy_pending(); }
    if (cut_) { throw fatal_error{kind::io, "the image became shorter while it was read"}; }
    // A pipe or a device has nothing to sync.
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS) {
      throw fatal_error{kind::io, concat("sync failed: ", os_text(errno))};
    }
  }

 private:
  class next_record final : public slot {
   public:
    next_record(bff_sink& to, entry const& e) : to_{to}, member_{e} {}
    [[nodiscard]] order when() const noexcept override { return order::at_once; }
    void fill(content_feed& from) override {
      filled_ = true;
      if (auto* const record = from.whole_record()) {
        to_.copy(*record, member_.record_bytes);
        return;
      }
      to_.begin(member_);
      (void)from.stream([this](std::span<std::byte const> p) { to_.writer_.data(p); });
      new_ = true;
    }
    void close(content_result const& /*r*/) override {
      if (!filled_) { to_.begin(member_); }
      if (!filled_ || new_) { to_.writer_.end_member(); }
    }

   private:
    bff_sink& to_;
    entry const& member_;
    bool filled_ = false;
    bool new_ = false;  // no record of the image
  };

  void begin(entry const& e) {
    auto about = e;
    about.path = concat("./", e.path);
    writer_.begin_member(about, e.kind == entry_kind::file ? e.size : 0, false);
  }

  void copy(content_feed::record& from, std::uint64_t bytes) {
    auto const end = writer_.position() + bytes;
    if (auto const run = from.in_file()) {
      copy_later(run->file, run->offset, bytes);
    } else if (!from.stream([this](std::span<std::byte const> p) { writer_.raw(p); })) {
      return;  // the image is cut: nothing of this output is kept
    }
    if (writer_.position() != end) {
      throw fatal_error{kind::internal, "a record was copied in part", writer_.position()};
    }
    // Only a record whose padding was cut off ends elsewhere.
    static constexpr std::array<std::byte, 8> zeros{};
    if (auto const over = writer_.position() % zeros.size(); over != 0) {
      writer_.raw(std::span{zeros}.first(zeros.size() - over));
    }
  }

  void copy_later(byte_source::file_run from, std::uint64_t offset, std::uint64_t bytes) {
    auto const at = from.base + offset;
    if (copied_bytes_ != 0 && (from.fd != copied_from_ || at != copied_at_ + copied_bytes_)) { copy_pending(); }
    if (copied_bytes_ == 0) {
      flush();  // what was written before stands before
      copied_from_ = from.fd;
      copied_at_ = at;
    }
    copied_bytes_ += bytes;
    writer_.raw_elsewhere(bytes);
    if (copied_bytes_ >= copied_at_once) { copy_pending(); }
  }

  void buffer(std::span<std::byte const> bytes) {
    if (copied_bytes_ != 0) { copy_pending(); }
    if (pending_.size() + bytes.size() > buffer_bytes) { flush(); }
    if (bytes.size() >= buffer_bytes) {
      write_all(bytes);
    } else {
      pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    }
  }
  // Records that follow each other in the image are copied together.
  void copy_pending() {
    auto const bytes = std::exchange(copied_bytes_, 0);
    auto const done = copy_file_bytes(copied_from_, copied_at_, fd_, std::nullopt, bytes);
    cut_ = cut_ || (done.error == 0 && done.bytes != bytes);
    if (done.error != 0) {
      throw fatal_error{done.error == EPIPE ? kind::closed_pipe : kind::io,
                        concat("copying to the output failed: ", os_text(done.error))};
    }
  }
  void flush() {
    write_all(pending_);
    pending_.clear();
  }
  void write_all(std::span<std::byte const> bytes) {
    if (auto const error = write_fully(fd_, bytes); error != 0) {
      if (error != EPIPE) { throw write_error{os_text(error)}; }
      throw fatal_error{kind::closed_pipe, concat("write failed: ", os_text(error))};
    }
  }

  int fd_;
  std::vector<std::byte> pending_;
  writer writer_;
  // A run of the image that is yet to be copied.
  int copied_from_ = -1;
  std::uint64_t copied_at_ = 0;
  std::uint64_t copied_bytes_ = 0;
  bool cut_ = false;  // fewer bytes were there: the walk over them says where
};

}  // namespace

std::unique_ptr<entry_sink> make_bff_sink(int fd, std::span<std::byte const> volume_header,
                                          diagnostic_sink& /*findings*/) {
  return std::make_unique<bff_sink>(fd, volume_header);
}

}  // namespace sysb::backup_by_name
