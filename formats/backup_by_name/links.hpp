// SPDX-License-Identifier: Apache-2.0
// Which (device, inode) was seen with several links, and what its first name said. 48 bytes a
// file whatever the length of its names: an image may have 200,000 of them.
#pragma once
#include <cstdint>
#include <string>

#include "base/partitioned_table.hpp"
#include "formats/backup_by_name/decode.hpp"

namespace sysb::backup_by_name {

struct link_group {
  std::uint64_t key = 0;       // hash of device and inode; 0: free slot
  std::uint64_t first_at = 0;  // record of the first name
  std::uint64_t size = 0;      // of the plain content, as far as a name with data told it
  // What must agree.
  std::uint32_t mode = 0, uid = 0, gid = 0, mtime = 0;
  bool has_data = false;
  [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
  [[nodiscard]] bool occupied() const noexcept { return key != 0; }
};

static_assert(sizeof(link_group) == 48);

class link_table {
 public:
  link_table();

  void clear() { groups_ = {}; }
  [[nodiscard]] link_group* find(member_head const& m) noexcept;
  // `m`, whose record is at `at`, is the first name of its group.
  void begin_group(member_head const& m, std::uint64_t at, std::uint64_t size, bool has_data);
  [[nodiscard]] static bool same_metadata(link_group const& g, member_head const& m) noexcept;
  // Which of the fields differ, and by how much: "mtime 12 s later, mode 100644 to 100600"; empty: none.
  [[nodiscard]] static std::string differences(link_group const& g, member_head const& m);

 private:
  [[nodiscard]] std::uint64_t key_of(member_head const& m) const noexcept;

  std::uint64_t seed_;
  partitioned_table<link_group> groups_;
};

}  // namespace sysb::backup_by_name
