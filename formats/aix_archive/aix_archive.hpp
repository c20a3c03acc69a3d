// SPDX-License-Identifier: Apache-2.0
// Members of AIX ar archives, small <aiaff> and big <bigaf> format.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/aix_archive/diagnostics.hpp"

namespace sysb::aix_archive {

struct member {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t date = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint32_t mode = 0;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
};

struct archive {
  bool big = false;
  std::vector<member> members;  // in the order of the chain
  bool complete = false;        // the chain was followed to the last member
};

// True where the bytes begin with one of the two magics.
[[nodiscard]] bool is_archive(std::span<std::byte const> bytes) noexcept;

// Nothing only where the file header itself cannot be used.
[[nodiscard]] std::optional<archive> parse(std::span<std::byte const> bytes, std::vector<fault>& faults);

// Of a member that parse() gave for the same bytes.
[[nodiscard]] std::span<std::byte const> data_of(std::span<std::byte const> bytes, member const& m) noexcept;

// For tests and generated samples.
struct new_member {
  std::string name;
  std::string content;
  std::int64_t date = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t mode = 0644;
};
[[nodiscard]] std::vector<std::byte> build(std::vector<new_member> const& members, bool big);

}  // namespace sysb::aix_archive
