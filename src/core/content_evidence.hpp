// SPDX-License-Identifier: Apache-2.0
// What an image knows of its own contents (its software inventory): a witness for a reader that must
// find out where a content begins.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace sysb {

class content_evidence {
 public:
  virtual ~content_evidence() = default;
  content_evidence() = default;
  content_evidence(content_evidence const&) = delete;
  content_evidence& operator=(content_evidence const&) = delete;

  enum class verdict : std::uint8_t {
    unknown,  // nothing is recorded of it, or it was not looked at
    equal,    // a checksum of the whole content agrees
    differs,
  };
  // `read(offset, out)` copies bytes of the supposed content and returns how many there are.
  using reading = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> out)>;
  [[nodiscard]] virtual verdict judge(std::string_view path, std::uint64_t size, reading const& read) const = 0;
};

}  // namespace sysb
