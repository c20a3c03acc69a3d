// SPDX-License-Identifier: Apache-2.0
// Records of an archive whose grammar is not known yet, chained by what every grammar leaves as it is:
// the headers, and marks that a security record has wherever it stands.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/backup_by_name/lookahead.hpp"

namespace sysb::backup_by_name {

// Samples that must agree before anything is concluded from them.
inline constexpr std::size_t enough = 8;
inline constexpr std::size_t enough_lengths = 3;  // different ones that say something of a block

struct sample {
  std::uint64_t at = 0;
  std::uint64_t body = 0;    // after the header
  std::uint64_t stored = 0;  // bytes of content, as the header says
  std::uint64_t size = 0;    // of the plain content
  std::uint64_t end = 0;     // the next record
  std::uint32_t mode = 0;
  entry_kind kind = entry_kind::file;
  bool packed = false;
  bool repeated = false;  // (device, inode) came before
  std::string path;
  std::array<std::byte, 128> head{};            // of the body
  std::array<std::byte, 64> before_acl{};       // the last bytes before the access list
  std::optional<std::uint64_t> acl_at, pcl_at;  // from the body, by their own marks
  std::uint32_t acl_len = 0;
  std::uint64_t security = 0;  // bytes of the security record, as far as it is proven

  [[nodiscard]] std::uint64_t around() const noexcept { return end - body - align8(stored); }
  [[nodiscard]] std::uint64_t slack() const noexcept { return around() - security; }
};

// From the record at `at` on, as long as records follow. What the rules of `ahead` place is where they say,
// unless these are the documented ones. Where looking ahead is dear, not beyond the window
// while that tells enough.
[[nodiscard]] std::vector<sample> take_samples(lookahead& ahead, std::uint64_t at);

}  // namespace sysb::backup_by_name
