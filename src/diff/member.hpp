// SPDX-License-Identifier: Apache-2.0
// One member as a comparison sees it, whatever it stands in: what is known of it, and what is not.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "core/entry.hpp"

namespace sysb::diff {

// Properties that a side can tell of its members. What one side cannot tell is not compared, and that is said.
namespace property {
inline constexpr std::uint32_t owner = 1u << 0;
inline constexpr std::uint32_t mtime = 1u << 1;
inline constexpr std::uint32_t atime = 1u << 2;
inline constexpr std::uint32_t ctime = 1u << 3;
inline constexpr std::uint32_t high_mode = 1u << 4;  // the upper 16 bits of AIX's mode
inline constexpr std::uint32_t acl = 1u << 5;
inline constexpr std::uint32_t inode = 1u << 6;        // inode number and link count as recorded
inline constexpr std::uint32_t permissions = 1u << 7;  // Linux has none of symbolic links
inline constexpr std::uint32_t all = (1u << 8) - 1;
}  // namespace property

enum class proof : std::uint8_t {
  none,      // the kind has no content, or there are no bytes in it
  known,     // `digest`
  readable,  // the bytes are there and were not read
  unproven,  // damaged, not found, not readable, or not recorded
};

// Names of one file have the same group; no group: a file of its own.
struct group_key {
  std::uint64_t first = 0, second = 0;
  bool operator==(group_key const&) const = default;
  [[nodiscard]] bool any() const noexcept { return first != 0 || second != 0; }
};

struct member {
  std::string path;  // normal: "etc/motd"; "" is the root
  entry_kind kind = entry_kind::file;
  std::uint32_t has = property::all;
  std::uint32_t mode = 0, uid = 0, gid = 0;
  std::uint64_t size = 0;
  std::int64_t mtime = 0, atime = 0, ctime = 0;
  std::uint32_t nlink = 0, ino = 0;
  device_number rdev;
  std::string target;
  std::string acl, acl_text;  // raw and as text, only where it says more than the mode
  std::string pcl;            // raw, only where it says more than the mode

  proof content = proof::none;
  digest128 digest{};
  bool own_data = true;  // false: the bytes stand under another name of the group, if anywhere
  group_key group;

  // Where the bytes are: for the side alone.
  std::uint64_t order = 0;  // of the record
  std::uint64_t content_offset = 0, stored = 0;
  bool packed = false;

  [[nodiscard]] std::uint32_t permissions() const noexcept { return mode & 07777; }
  void clear();
};

// All but the path, which is the key under which members are sorted.
void encode(member const& m, std::string& out);
// Of what encode() wrote in this run.
void decode(std::string_view path, std::string_view bytes, member& out);

// What an entry says; content is `readable` where its bytes are here. Buffers are used again.
void from_entry(entry const& e, member& out);

}  // namespace sysb::diff
