// SPDX-License-Identifier: Apache-2.0
// What one side says of itself as a system: level, filesets, file systems, accounts, host. Read from a few members.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"
#include "core/limits.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "inventory/collector.hpp"

namespace sysb::diff {

struct account {
  std::uint64_t id = 0;
  std::string rest;  // a user's group, home and shell; a group's members
};

struct fileset_level {
  swvpd::vrmf level;
  std::string state;
  bool operator==(fileset_level const&) const = default;
};
using fileset_parts = std::array<std::optional<fileset_level>, 3>;  // usr, root, share

struct mounted {
  std::uint64_t size = 0;
  std::string lv;
  bool operator==(mounted const&) const = default;
};

struct system_facts {
  bool any = false;                         // at least one member was there that tells something
  std::map<std::string, std::string> host;  // by what it is: "hostname", "machine", "address en0"
  std::string level, level_from;            // "7.1.3.0", "oslevel"; empty: not told
  std::map<std::string, fileset_parts> filesets;
  std::map<std::string, mounted> file_systems;  // by normal mount point
  std::map<std::string, account> users, groups;
};

// Which fileset a path belongs to: 16 bytes a row of the inventories.
class ownership {
 public:
  // Empty where no inventory names it.
  [[nodiscard]] std::string_view fileset_of(std::string_view normal) const noexcept;
  [[nodiscard]] bool any() const noexcept { return !rows_.empty(); }

 private:
  friend class system_reader;
  struct row {
    std::uint64_t path = 0;
    std::uint32_t fileset = 0;
  };
  std::vector<row> rows_;  // sorted by path
  std::vector<std::string> names_;
};

// Is given those members as they come by.
class system_reader {
 public:
  explicit system_reader(limits const& bounds);
  [[nodiscard]] bool wants(entry const& e);
  void take(entry const& e, std::span<std::byte const> content);
  void finish(system_facts& facts, ownership& owners);

 private:
  void read_image_data(system_facts& f, std::span<swvpd::fileset const> installed) const;
  void read_mounts(system_facts& f) const;
  void read_devices(system_facts& f) const;

  std::uint64_t most_;
  inventory::collector inventories_;
  std::map<std::string, std::vector<std::byte>, std::less<>> kept_;  // by normal path
};

}  // namespace sysb::diff
