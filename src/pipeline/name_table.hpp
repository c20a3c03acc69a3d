// SPDX-License-Identifier: Apache-2.0
// Every name of an image in 16 bytes: a seeded 82-bit hash, the record that the name stands for,
// and what it is. A million names take about 19 MiB; paths are never kept.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/partitioned_table.hpp"
#include "core/entry.hpp"

namespace sysb::pipeline {

class name_table {
 public:
  name_table();

  enum class outcome : std::uint8_t {
    fresh,              // a new name, or one known only as the parent of another
    again,              // replaces an earlier member of this name
    refused_directory,  // would replace a directory that has members: not recorded
  };
  // Records the member of normal path `path` at record `offset`, and its parents as directories
  // where they are not members themselves.
  outcome record(std::string_view path, entry_kind kind, std::uint64_t offset);

  // The record of the regular file that `path` stands for so far.
  [[nodiscard]] std::optional<std::uint64_t> file_at(std::string_view path) const;
  // The record that `path` stands for in the end. Only for recorded members.
  [[nodiscard]] bool is_final(std::string_view path, std::uint64_t offset) const;
  // Whether the record that won comes later (then this one was replaced), else it was refused.
  [[nodiscard]] bool replaced_later(std::string_view path, std::uint64_t offset) const;
  // The first component above `path` that is recorded and not a directory; empty when all are.
  [[nodiscard]] std::string_view blocking_parent(std::string_view path) const;

  [[nodiscard]] std::uint64_t size() const noexcept { return table_.size(); }

 private:
  // Offset in 8-byte units (40 bits), kind (3), flags (3), 18 more hash bits.
  struct slot {
    std::uint64_t name_hash = 0;
    std::uint64_t info = 0;
    [[nodiscard]] std::uint64_t hash() const noexcept { return name_hash; }
    [[nodiscard]] bool occupied() const noexcept { return info != 0; }
  };
  struct key {
    std::uint64_t hash;
    std::uint64_t extra;
  };

  [[nodiscard]] key key_of(std::string_view path) const noexcept;
  [[nodiscard]] slot const* find(key k) const noexcept;
  [[nodiscard]] slot& find_or_add(key k, bool& added);

  partitioned_table<slot> table_;
  std::uint64_t seed_;
};

}  // namespace sysb::pipeline
