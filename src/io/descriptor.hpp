// SPDX-License-Identifier: Apache-2.0
// System calls that survive signals, and the spool file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "base/os/descriptor.hpp"
#include "core/progress.hpp"

namespace sysb::io {

// Bytes read (0 at the end), or -1 with errno; repeats after a signal unless a stop was asked for,
// which throws fatal_error{interrupted}.
[[nodiscard]] std::int64_t read_some(int fd, std::span<std::byte> out, progress const* counters);
[[nodiscard]] std::int64_t read_some_at(int fd, std::span<std::byte> out, std::uint64_t offset,
                                        progress const* counters);

// A nameless scratch file that keeps stream bytes for later: 0600, gone with the descriptor.
class spool_file {
 public:
  // Throws fatal_error{io}: no folder (the text names --tmpdir), or it cannot be written.
  explicit spool_file(std::string folder);
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] unique_fd release() noexcept { return std::move(fd_); }
  void write_at(std::uint64_t offset, std::span<std::byte const> bytes);
  void read_at(std::uint64_t offset, std::span<std::byte> out) const;
  void clear();  // gives the disk space back

 private:
  std::string folder_;
  unique_fd fd_;
};

}  // namespace sysb::io
