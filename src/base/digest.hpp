// SPDX-License-Identifier: Apache-2.0
// XXH3-128 of content, streamed. Canonical byte order, so the text is the same on any host.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace sysb {

using digest128 = std::array<std::byte, 16>;

class digester {
 public:
  digester();
  ~digester();
  digester(digester&&) noexcept;
  digester& operator=(digester&&) noexcept;

  void reset() noexcept;
  void update(std::span<std::byte const> bytes) noexcept;
  [[nodiscard]] digest128 value() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

// Of one whole span; faster than the stream for short content.
[[nodiscard]] digest128 digest_of(std::span<std::byte const> bytes) noexcept;
// A 64-bit hash (XXH3) for tables and short checksums; the same on any host. The seed keeps a hostile
// image from choosing collisions.
[[nodiscard]] std::uint64_t table_hash(std::span<std::byte const> bytes, std::uint64_t seed) noexcept;

[[nodiscard]] std::string to_text(digest128 const& d);  // 32 hexadecimal digits

}  // namespace sysb
