// SPDX-License-Identifier: Apache-2.0
// What the survey is made of; for this folder only.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/limits.hpp"
#include "formats/odm/odm.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "wpar/facts.hpp"
#include "wpar/request.hpp"

namespace sysb::wpar {

// The plain content of the member the reader stands on; nothing, with the reason, where it is
// larger than `limit`, stands elsewhere or does not decode. Tells content that is damaged apart
// from content that is only not wanted.
struct member_content {
  read_state state = read_state::ok;
  std::vector<std::byte> bytes;
  std::string why;
  bool damaged = false;
};
[[nodiscard]] member_content read_member(image_reader& reader, entry const& e, std::uint64_t limit);

void parse_bosinst(bosinst_facts& f);
void parse_filesystems(facts& f);
void parse_excludes(facts& f);
// The definition a .cf file gives; `name` is the file's name without ".cf".
[[nodiscard]] wpar_definition parse_wpar_cf(std::string_view name, std::string_view text, evidence from);
// Adds what /etc/filesystems and image.data know of WPARs, and judges every base directory.
void complete_wpars(facts& f);
// True where leaving out the directory would take a part of the system itself.
[[nodiscard]] bool is_system_directory(std::string_view normal) noexcept;

// What the classes of devices tell: the customized ones of the image, their emptied forms, and the attributes that rules
// ask for.
class device_classes {
 public:
  explicit device_classes(facts& out) noexcept : out_{out} {}
  [[nodiscard]] static bool names_one(std::string_view name) noexcept;  // "CuDv" and the like

  void take(std::string_view name, evidence const& from, member_content got);
  void take_predefined(evidence const& from, member_content const& got);  // PdAt
  void take_pristine(std::string_view name, member_content got);          // as it was installed, without objects
  void finish();                                                          // when all have been seen

 private:
  void read_attributes(odm::class_view const& c, evidence const& from);
  void set_tcb(std::string_view value, evidence const& from);
  facts& out_;
  std::vector<std::pair<std::string, std::vector<std::byte>>> pristine_;
};

// Where a member stands, to come back for its content.
struct later {
  entry about;
};
struct repository_members {
  std::vector<std::byte> lpp, product, history;
  std::optional<later> inventory, inventory_vc;
  bool seen = false;
};
struct archive_members {  // the liblpp.a of the image
  std::vector<later> list;
  bool incomplete = false;  // there are more
};
using repositories = std::array<repository_members, 3>;

// Reads the filesets of the three repositories into f.swvpd; gives the databases for what follows.
[[nodiscard]] std::array<std::optional<swvpd::database>, 3> read_filesets(facts& f, repositories const& r);

// Which service packs are installed as a whole, by the class `fix` and its side file.
void find_service_packs(swvpd_facts& f, std::span<std::byte const> fix, std::span<std::byte const> texts);

// Which filesets are private, and which files are theirs alone.
void find_private_files(facts& f, image_reader& reader, request const& wanted, limits const& bounds,
                        std::array<std::optional<swvpd::database>, 3> const& databases, repositories const& parts,
                        archive_members const& archives, diagnostic_sink& d);
// Bits that would fit the mark, for the report.
void learn_private_bit(facts& f, std::array<std::optional<swvpd::database>, 3> const& databases);

}  // namespace sysb::wpar
