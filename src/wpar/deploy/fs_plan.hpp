// SPDX-License-Identifier: Apache-2.0
// The file systems of the WPAR: one plan, from which the reduced image.data, the specification, the script
// and the report come.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/request.hpp"

namespace sysb::wpar::deploy {

enum class fs_basis : std::uint8_t {
  image_data,        // fs_data and lv_data
  filesystems_file,  // a local stanza of /etc/filesystems with members below it
  content,           // the root of an image that describes none
};
[[nodiscard]] std::string_view to_text(fs_basis b) noexcept;

// An attribute of the source's file system, as crfs -a names it.
struct fs_attribute {
  std::string name, value;
  bool kept = false;
  std::string why;  // where it is not
};

struct planned_file_system {
  std::string mount;  // normal path
  std::string lv;     // of the source; empty: none known
  fs_basis basis = fs_basis::image_data;
  std::uint64_t source_size = 0, source_minimum = 0;  // bytes; 0: not told
  std::uint64_t members = 0;
  std::uint64_t content = 0;  // plain bytes
  std::uint64_t needed = 0;   // in blocks of 4 KiB, with inodes and maps, without margin
  std::uint64_t planned = 0;  // bytes, whole partitions
  std::vector<fs_attribute> attributes;
  std::string why;                                  // why the planned size is this one
  std::optional<std::size_t> fs_stanza, lv_stanza;  // where they stand in image.data
  [[nodiscard]] std::uint64_t blocks() const noexcept { return planned / 512; }
};

struct left_out_file_system {
  std::string mount;  // normal path; may hold any byte
  std::string why;
};

struct fs_plan {
  std::vector<planned_file_system> rows;  // by mount point; the root is first
  std::vector<left_out_file_system> left_out;
  bool rebuilt = false;         // image.data describes no file system
  std::uint64_t partition = 0;  // bytes
  std::string partition_from;
  std::uint64_t margin = 10;                // percent
  std::vector<std::string> too_small;       // errors: content over size, each with the proposal
  std::vector<std::string> contradictions;  // warnings
  std::vector<std::string> unpaired;        // mount points whose logical volume image.data does not tell
  std::vector<std::string> no_script;       // why no script can be made that is safe
  [[nodiscard]] std::uint64_t total() const noexcept;
  [[nodiscard]] planned_file_system const* find(std::string_view mount) const noexcept;
};

[[nodiscard]] fs_plan plan_file_systems(facts const& f, request const& r, wpar_kind kind);

// The plan as a table for people, with reasons: OUT.d/fs.plan.
[[nodiscard]] std::string to_text(fs_plan const& p, target_kind target);

// A mount point that scripts and stanza files may hold: no blanks, quotes, expansions or control characters.
[[nodiscard]] bool is_plain_mount(std::string_view normal) noexcept;
// A name of a logical volume that they and AIX may hold: at most 15 bytes.
[[nodiscard]] bool is_plain_name(std::string_view name) noexcept;

}  // namespace sysb::wpar::deploy
