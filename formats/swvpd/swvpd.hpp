// SPDX-License-Identifier: Apache-2.0
// Software vital product data of one repository (usr, root or share part): filesets with level,
// state and visibility, who owns which file, and what a flag bit may mean.
#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/swvpd/diagnostics.hpp"

namespace sysb::swvpd {

enum class part : std::uint8_t { usr, root, share };
[[nodiscard]] std::string_view to_text(part p) noexcept;  // "usr" "root" "share"
// "usr/lib/objrepos", "etc/objrepos", "usr/share/lib/objrepos"
[[nodiscard]] std::string_view repository_of(part p) noexcept;
// usr/lpp/PACKAGE/liblpp.a and deeper, usr/share/lpp/PACKAGE/liblpp.a: a package's control files.
[[nodiscard]] bool is_liblpp(std::string_view normal_path) noexcept;

struct vrmf {
  std::int64_t version = 0;
  std::int64_t release = 0;
  std::int64_t modification = 0;
  std::int64_t fix = 0;
  auto operator<=>(vrmf const&) const = default;
};
inline constexpr vrmf first_with_wpars{6, 1, 0, 0};
[[nodiscard]] std::string to_text(vrmf const& v);  // "7.1.2.0"
// Exactly four numbers with dots, leading zeros allowed.
[[nodiscard]] std::optional<vrmf> parse_vrmf(std::string_view text) noexcept;

enum class visibility : std::uint8_t { unknown, visible, hidden };
[[nodiscard]] std::string_view to_text(visibility v) noexcept;  // "unknown" "visible" "private"

struct fileset {
  std::string name;
  vrmf level;
  std::optional<std::int64_t> state;  // as in the class
  std::string state_text;             // "committed" for 5, else the number; "" where unknown
  part where = part::usr;
  std::string description;
  std::optional<std::uint32_t> cp_flag;
  std::optional<std::int64_t> lpp_id;  // local to its repository
  visibility seen = visibility::unknown;
  std::string evidence;  // why `seen` is what it is
  bool suspect = false;  // the record may be deleted
};

// The class files of one repository; empty spans for what the image does not have.
struct repository {
  part where = part::usr;
  std::span<std::byte const> lpp;
  std::span<std::byte const> product;
  std::span<std::byte const> inventory;
  std::span<std::byte const> inventory_vc;
  std::span<std::byte const> history;
};

struct owned_file {
  std::string path;         // as in the class: absolute
  std::size_t fileset = 0;  // position in database::filesets
};

// One record of the inventory class, while it is read. What its fields mean beyond the path is inferred.
struct inventory_record {
  std::string_view path;  // absolute
  std::size_t fileset = 0;
  std::optional<std::int64_t> size;
  std::optional<std::int64_t> checksum;
};

struct flag_row {  // product.cp_flag, for the learning procedure
  std::string name;
  std::uint32_t cp_flag = 0;
};

struct database {
  part where = part::usr;
  std::vector<fileset> filesets;  // in the order of lpp
  std::vector<flag_row> product_flags;
  bool ownership_known = false;      // the inventory was calibrated
  std::vector<owned_file> files;     // only then
  std::vector<std::string> updated;  // filesets of which product has a record of an update
  bool suspect = false;              // a class has records that may be deleted
};

// Copies what it needs: the spans may go afterwards. Nothing where there is no usable lpp class.
[[nodiscard]] std::optional<database> read(repository const& r, std::vector<fault>& faults);

// The same without `files`: every record of the inventory is shown once, in order, and none is kept.
[[nodiscard]] std::optional<database> read(repository const& r, std::vector<fault>& faults,
                                           std::function<void(database const&, inventory_record const&)> const& each);

// The highest level of bos.rte among records that are not suspect.
[[nodiscard]] std::optional<vrmf> bos_rte_level(database const& d) noexcept;

// Nothing is recorded before AIX 6.1: the evidence says so.
void mark_before_wpars(database& d);
// One fileset a line; blank lines and lines with '#' or '*' first are skipped.
[[nodiscard]] std::vector<std::string> parse_fileset_list(std::string_view text);

struct bit_use {
  std::string class_name;  // "lpp" or "product"
  std::uint32_t mask = 0;
  std::vector<std::string> filesets;  // that have it
  bool root_part_candidate = false;   // equals "the name occurs in the root part too"
  bool private_candidate = false;     // set on drivers, clear on what every WPAR needs
  std::vector<std::string> reasons;   // tests that passed and failed, in words
};
struct flag_report {
  std::vector<bit_use> bits;
  bool wpar_level = false;  // at least 6.1: the mark can be there at all
};
// A report only: no candidate may remove anything without a confirmation from outside.
[[nodiscard]] flag_report learn_flags(database const& usr, database const* root);

}  // namespace sysb::swvpd
