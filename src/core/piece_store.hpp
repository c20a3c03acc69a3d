// SPDX-License-Identifier: Apache-2.0
// Names (or other pieces) that are needed again later, append only. The last megabyte, or less, stays in memory, what was
// before it goes to an unlinked file, so that memory does not grow with the image.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/descriptor.hpp"

namespace sysb {

class piece_store {
 public:
  static constexpr std::size_t usual_memory = 1u << 20;
  explicit piece_store(std::string tmpdir, std::size_t in_memory = usual_memory);

  struct ref {
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
  };
  [[nodiscard]] ref add(std::string_view name);                    // throws fatal_error{io}
  [[nodiscard]] std::string get(ref r) const;                      // throws fatal_error{io}; from one thread
  void get(std::uint64_t offset, std::span<std::byte> out) const;  // likewise

 private:
  void spill();
  void read_back(std::uint64_t at, std::span<std::byte> to) const;
  std::string tmpdir_;
  std::size_t in_memory_;
  std::string memory_;
  std::uint64_t spilled_ = 0;  // bytes in the file, before those in memory_
  unique_fd fd_;

  // Who asks for one mostly asks for its neighbours: pages of the file that were read last.
  static constexpr std::size_t page_bytes = 4096;
  static constexpr std::size_t pages = 16;
  struct page {
    std::uint64_t number = ~std::uint64_t{0};
    std::vector<std::byte> bytes;
  };
  mutable std::array<page, pages> cache_;
};

}  // namespace sysb
