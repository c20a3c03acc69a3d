// SPDX-License-Identifier: Apache-2.0
// A system image from a system image: records that did not change pass as they are.
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {
namespace {

using kind = fatal_error::kind;

constexpr std::size_t buffer_bytes = 1u << 20;

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

  void begin_entry(entry const& e) override {
    if (!e.link_to.empty()) {
      // How AIX writes the further names of a file is not known well enough to write them.
      throw fatal_error{kind::unsupported,
                        concat("a new backup record cannot be a hard link to ", quoted(e.link_to)),
                        std::nullopt, e.path};
    }
    auto about = e;
    about.path = concat("./", e.path);
    writer_.begin_member(about, e.kind == entry_kind::file ? e.size : 0, false);
  }
  void write_data(std::span<std::byte const> piece) override {
    if (in_raw_) {
      writer_.raw(piece);
    } else {
      writer_.data(piece);
    }
  }
  void end_entry(content_result const& /*r*/) override { writer_.end_member(); }

  bool wants_raw() const noexcept override { return true; }
  void begin_raw(entry const& e) override {
    in_raw_ = true;
    raw_end_ = writer_.position() + e.record_bytes;
  }
  void end_raw() override {
    if (writer_.position() != raw_end_) {
      throw fatal_error{kind::internal, "a record was copied in part", writer_.position()};
    }
    in_raw_ = false;
  }

  void finish() override {
    writer_.finish();
    flush();
    // A pipe or a device has nothing to sync.
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != ENOTSUP && errno != EROFS) {
      throw fatal_error{kind::io, concat("sync failed: ", os_text(errno))};
    }
  }

 private:
  void buffer(std::span<std::byte const> bytes) {
    if (pending_.size() + bytes.size() > buffer_bytes) { flush(); }
    if (bytes.size() >= buffer_bytes) {
      write_all(bytes);
    } else {
      pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    }
  }
  void flush() {
    write_all(pending_);
    pending_.clear();
  }
  void write_all(std::span<std::byte const> bytes) {
    while (!bytes.empty()) {
      auto const n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) { continue; }
      if (n < 0) {
        throw fatal_error{errno == EPIPE ? kind::closed_pipe : kind::io,
                          concat("write failed: ", os_text(errno))};
      }
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  int fd_;
  std::vector<std::byte> pending_;
  writer writer_;
  bool in_raw_ = false;
  std::uint64_t raw_end_ = 0;
};

}  // namespace

std::unique_ptr<entry_sink> make_bff_sink(int fd, std::span<std::byte const> volume_header,
                                          diagnostic_sink& /*findings*/) {
  return std::make_unique<bff_sink>(fd, volume_header);
}

}  // namespace sysb::backup_by_name
