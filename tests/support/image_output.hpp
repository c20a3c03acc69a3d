// SPDX-License-Identifier: Apache-2.0
// Where a built image goes: memory, or a regular file that keeps its holes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "support/image_record.hpp"

namespace sysb::test {

class image_output {
 public:
  virtual ~image_output() = default;
  virtual void put(std::span<std::byte const> b) = 0;
  virtual void zeros(std::uint64_t n) = 0;
  // Bytes written before, for the stale tail of a cluster.
  [[nodiscard]] virtual bytes written(std::uint64_t offset, std::size_t n) const = 0;
  [[nodiscard]] virtual std::uint64_t position() const noexcept = 0;
  [[nodiscard]] virtual bytes const* memory() const noexcept { return nullptr; }
};

[[nodiscard]] std::unique_ptr<image_output> memory_output();
[[nodiscard]] std::unique_ptr<image_output> descriptor_output(int fd);

}  // namespace sysb::test
