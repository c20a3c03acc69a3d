// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sysb::output {

// Content of one file, from its start. With `sparse`, 4 KiB blocks of zeros are not written.
class content_writer {
 public:
  content_writer() = default;
  content_writer(int fd, bool sparse) noexcept : fd_{fd}, sparse_{sparse} {}
  // 0 or errno.
  [[nodiscard]] int write(std::span<std::byte const> piece) noexcept;
  [[nodiscard]] int end() noexcept;  // makes the length right where the end is a hole

 private:
  [[nodiscard]] int put(std::span<std::byte const> bytes, std::uint64_t at) noexcept;
  int fd_ = -1;
  bool sparse_ = false;
  std::uint64_t at_ = 0;
  std::uint64_t length_ = 0;  // what the file has
};

}  // namespace sysb::output
