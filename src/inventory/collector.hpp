// SPDX-License-Identifier: Apache-2.0
// Finds the inventories of an image among its members and makes claims of them.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "formats/swvpd/installp.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "inventory/claims.hpp"

namespace sysb::inventory {

class collector {
 public:
  explicit collector(std::uint64_t largest_member) : largest_{largest_member} {}

  // True for members whose whole content take() needs. One that is larger than any of its kind is reported.
  [[nodiscard]] bool wants(entry const& e);
  void take(entry const& e, std::span<std::byte const> content);
  // After the last member: the software database, whose classes refer to each other.
  void finish();

  claim_table table;
  std::optional<swvpd::package> package;  // ./lpp_name: the image is an installp package
  bool database = false;                  // a class lpp could be read
  bool database_paths = false;            // the class inventory could be
  std::uint64_t archives = 0;             // liblpp.a that could be read
  std::vector<swvpd::fileset> installed;  // records of the database, as they are

  [[nodiscard]] bool is_config(std::uint64_t key) const noexcept { return config_.count(key) != 0; }
  // What was wrong; an error in a package, a warning elsewhere.
  void report(diagnostic_sink& d) const;

 private:
  struct class_files {
    std::string path;  // of lpp
    std::vector<std::byte> lpp, product, inventory, inventory_vc;
  };
  struct archive_place;
  struct apply_list;
  [[nodiscard]] bool fits(entry const& e, std::uint64_t bound);
  void take_archive(entry const& e, std::string const& path, std::span<std::byte const> content);
  void take_config(std::string_view text);
  [[nodiscard]] apply_list take_apply_list(archive_place const& where, std::string_view fileset, std::string_view text);
  void compare_lists(archive_place const& where, std::string_view fileset, apply_list const& applied);
  void take_inventory(archive_place const& where, std::string_view fileset, std::string_view text, apply_list* applied);
  void add_row(archive_place const& where, std::uint32_t fileset, swvpd::inventory_file const& f, apply_list* applied);
  void add_name(archive_place const& where, claim c, std::string_view name, apply_list* applied);
  void read_part(swvpd::part where, class_files& files);
  void complain_of_list(archive_place const& where, std::string_view fileset, std::string_view list,
                        swvpd::fault const& f);
  void complain(diag_code const& code, std::string path, std::string detail);

  std::uint64_t largest_;
  std::string room_;  // for a name that is not normal
  std::uint64_t kept_bytes_ = 0;
  std::size_t compare_left_ = 1'000'000;  // names that are tried, of lists that do not agree
  bool archive_cut_ = false;              // lists that it should have may be lost
  std::array<class_files, 3> parts_;
  std::unordered_set<std::uint64_t> config_;
  std::vector<diagnostic> faults_;  // level: as on an installed system
};

}  // namespace sysb::inventory
