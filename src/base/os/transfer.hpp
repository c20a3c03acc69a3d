// SPDX-License-Identifier: Apache-2.0
// Reads and writes that are complete, or say why they are not: repeated after signals, and patient
// with descriptors that somebody made non-blocking.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sysb {

// 0, or the errno of the write that failed.
[[nodiscard]] int write_fully(int fd, std::span<std::byte const> bytes) noexcept;
[[nodiscard]] int write_fully_at(int fd, std::span<std::byte const> bytes, std::uint64_t offset) noexcept;
// Both pieces, one after the other, in one call where the kernel takes it; at the descriptor's
// position, or at `at`, which moves.
[[nodiscard]] int write_fully(int fd, std::span<std::byte const> first, std::span<std::byte const> second,
                              std::optional<std::uint64_t>& at) noexcept;

struct read_bytes {
  std::size_t bytes = 0;  // fewer than asked for: the file ends there, or `error`
  int error = 0;          // errno of the read that failed
};
[[nodiscard]] read_bytes read_fully(int fd, std::span<std::byte> out) noexcept;
[[nodiscard]] read_bytes read_fully_at(int fd, std::span<std::byte> out, std::uint64_t offset) noexcept;

}  // namespace sysb
