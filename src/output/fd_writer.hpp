// SPDX-License-Identifier: Apache-2.0
// Bytes on their way to a descriptor, in few large writes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/text.hpp"

namespace sysb::output {

// A stage of an output stream: a descriptor, or a compressor before one.
class byte_writer {
 public:
  virtual ~byte_writer() = default;
  byte_writer() = default;
  byte_writer(byte_writer const&) = delete;
  byte_writer& operator=(byte_writer const&) = delete;
  virtual void write(std::span<std::byte const> piece) = 0;
  // Leaves room for `bytes` that others will write, and tells where it is in the file; nothing where
  // that cannot be.
  [[nodiscard]] virtual std::optional<std::uint64_t> reserve(std::uint64_t /*bytes*/) { return std::nullopt; }
  [[nodiscard]] virtual bool can_reserve() const noexcept { return false; }
  // Everything that is held back goes down; nothing may be written afterwards.
  virtual void finish() = 0;
};

// Gathers small pieces; a large one goes out together with what was gathered, uncopied.
class fd_writer final : public byte_writer {
 public:
  explicit fd_writer(int fd, std::size_t capacity = 1u << 20);
  void write(std::span<std::byte const> piece) override;
  // Where the descriptor is a regular file that is not opened for appending.
  [[nodiscard]] std::optional<std::uint64_t> reserve(std::uint64_t bytes) override;
  [[nodiscard]] bool can_reserve() const noexcept override { return regular_; }
  void write_text(std::string_view text) { write(as_bytes(text)); }
  void finish() override;
  void flush();

 private:
  void send(std::span<std::byte const> piece);
  int fd_;
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::unique_ptr<std::byte[]> buffer_;
  bool regular_ = false;
  std::optional<std::uint64_t> at_;  // in the file, once room was reserved: then the position is ours
};

}  // namespace sysb::output
