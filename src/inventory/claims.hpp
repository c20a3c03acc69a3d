// SPDX-License-Identifier: Apache-2.0
// What inventories say of files: one claim a row and name, small enough for the rows of a whole system.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/paged_memory.hpp"
#include "formats/swvpd/inventory_row.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "inventory/name_store.hpp"
#include "inventory/room.hpp"

namespace sysb::inventory {

[[nodiscard]] std::uint64_t path_key(std::string_view normal_path) noexcept;

// Where a claim comes from; a later one is newer.
enum class claim_source : std::uint8_t { archive, update_archive, database };

enum class outcome : std::uint8_t {
  equal,         // what the inventory tells of the content is so
  differs,       // edited or damaged
  damaged,       // nothing but damage explains it
  without_sums,  // VOLATILE or empty: nothing to compare
  absent,
  updated,  // an update or another fileset brought the file that is there
  config,   // a configuration file, expected to differ
};
inline constexpr std::size_t outcome_count = 7;
[[nodiscard]] std::string_view to_text(outcome o) noexcept;

struct claim {
  std::uint64_t path = 0;  // path_key() of the member's name
  std::uint64_t size = 0;
  std::uint32_t name = 0;     // in the name store
  std::uint32_t fileset = 0;  // in the table's filesets
  std::uint32_t target = 0;   // of a symbolic link, hashed
  std::uint32_t origin = 0;   // in the table's origins
  std::uint16_t owner = 0;    // in the table's account names; 0: not told
  std::uint16_t group = 0;
  std::uint16_t sum = 0;
  std::uint16_t mode = 0;
  swvpd::inventory_type type = swvpd::inventory_type::unknown;
  claim_source source = claim_source::archive;
  outcome result = outcome::without_sums;  // set by the judge, on the first claim of a fileset on a path
  bool has_size : 1 = false;
  bool has_sum : 1 = false;
  bool has_mode : 1 = false;
  bool broken : 1 = false;   // the row denies itself
  bool listed : 1 = false;   // the apply list has it, or there is none
  bool link : 1 = false;     // a further name of the file
  bool shipped : 1 = false;  // the copy of a root part below inst_root
  bool counted : 1 = false;  // set by the judge: `result` stands for this fileset and path

  [[nodiscard]] bool comparable() const noexcept { return has_size || has_sum; }
};

struct origin {
  std::string member;                // path in the image
  std::optional<swvpd::vrmf> level;  // of the package, where the archive tells it
};

struct known_fileset {
  std::string name;
  std::optional<swvpd::vrmf> level;  // installed, or of the package
  std::string level_text;
  std::string state;       // of the software database
  bool installed = false;  // the software database has it
  bool updated = false;    // by an update, the database says
  bool cut = false;        // rows were left out: it cannot be called sound
};

// Accounts by name, with the ids that the image gives them.
class account_names {
 public:
  [[nodiscard]] std::uint16_t number(std::string_view name, room& in);  // 0 where there are too many
  [[nodiscard]] std::string const& name(std::uint16_t number) const { return names_.at(number); }
  // "name:…:id:…", passwd(5) and group(5).
  void learn(std::string_view text, room& in);
  [[nodiscard]] std::optional<std::uint32_t> id(std::uint16_t number) const;

 private:
  std::vector<std::string> names_{std::string{}};
  std::unordered_map<std::string, std::uint16_t> numbers_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::uint16_t last_ = 0;  // rows of one owner stand together
};

struct claim_table {
  paged_list<claim> claims;
  name_store names;
  room held;  // refused: something was left out
  std::vector<known_fileset> filesets;
  std::vector<origin> origins;
  account_names owners, groups;

  // Nothing where there is no room for it.
  [[nodiscard]] std::optional<std::uint32_t> fileset(std::string_view name);
  // `key`: path_key() of the name. Where there is no room, the fileset is marked.
  void add(claim c, std::string_view normal_path, std::uint64_t key);
  // By path, then fileset, the newest first.
  void sort();

 private:
  std::unordered_map<std::string, std::uint32_t> by_name_;
};

}  // namespace sysb::inventory
