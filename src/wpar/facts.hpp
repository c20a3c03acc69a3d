// SPDX-License-Identifier: Apache-2.0
// What one pass over an image tells the rules and the plan, each fact with the place it comes
// from. Plain data: the size depends on what rules read, never on the number of members.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/entry.hpp"
#include "core/image_reader.hpp"
#include "inventory/verifier.hpp"

namespace sysb::wpar {

// Where a fact stands: member and record.
struct evidence {
  std::string path;  // as in the image
  std::optional<std::uint64_t> offset;
};

// A member whose content a rule needed.
enum class read_state : std::uint8_t { absent, ok, too_large, undecodable, malformed };
struct text_member {
  read_state state = read_state::absent;
  evidence from;
  std::string text;
  [[nodiscard]] bool present() const noexcept { return state != read_state::absent; }
  [[nodiscard]] bool readable() const noexcept { return state == read_state::ok; }
};

struct logical_volume {  // one lv_data stanza
  std::string name, type, mount_point, label, state;
  std::optional<std::uint64_t> lps, pps, pp_size_mb;  // absent: not told, or not understood
  std::uint64_t disks = 0;                            // names in LV_SOURCE_DISK_LIST
  std::size_t stanza = 0;                             // its position in image.data
};

// One fs_data stanza; sizes in bytes.
struct file_system {
  std::string mount;                     // normal path: "" is the root, "usr/local"
  std::string lv;                        // without "/dev/"
  std::uint64_t size = 0, min_size = 0;  // 0: not told, or not understood
  std::size_t stanza = 0;                // its position in image.data
  bool jfs2 = false;
  std::map<std::string, std::string> attributes;  // FS_* as written
};

struct image_data_facts {
  text_member raw;
  bool parsed = false;                  // at least one stanza was understood
  std::vector<std::string> complaints;  // of the stanza parser
  std::vector<std::string> bad_fields;  // what stands there and what was expected
  std::string image_type, date_time, uname_info, product_tape, platform, oslevel, oslevel_r, cpu_id, lpar_id,
      uservg_list;
  std::vector<std::string> volume_groups;  // VGNAME of every vg_data
  std::vector<logical_volume> logical_volumes;
  std::vector<file_system> file_systems;
};

// Everything else from `raw`.
void parse_image_data(image_data_facts& f);

struct bosinst_facts {
  text_member raw;
  std::vector<std::string> encrypted;  // lv_encryption fields that say yes
  std::string encryptlv;               // control_flow ENCRYPTLV
};

struct mount_stanza {  // one stanza of /etc/filesystems
  std::string mount;   // normal path
  std::string dev, vfs, log, nodename, type, options, vg;
  std::string mount_at_boot;  // `mount =`
};

struct wpar_definition {
  std::string name;
  std::string base;  // normal path of the base directory
  evidence from;
  std::string_view basis;  // which evidence: ".cf", "/etc/filesystems", "image.data"
  bool usable = true;      // false: base is no directory of its own (application WPAR, hostile)
  std::string why_not;
};

// Everything strictly below one directory.
struct subtree_count {
  std::uint64_t members = 0;
  std::uint64_t bytes = 0;   // plain content
  std::uint64_t single = 0;  // the same, each file with several names once
  std::uint64_t space = 0;   // what it takes in a file system: blocks of 4 KiB, and an inode each
};

enum class fileset_part : std::uint8_t { usr, root, share };
[[nodiscard]] std::string_view to_text(fileset_part p) noexcept;

struct installed_fileset {
  std::string name;
  fileset_part part = fileset_part::usr;
  std::string level;  // "7.1.3.0"
  std::string state;  // "committed", or the number that stands in the class
  std::uint32_t cp_flag = 0;
  bool broken = false;  // concluded (formats/swvpd/README.md): neither committed nor applied
};

// A service pack by the class `fix`: its keyword, and the filesets that belong to it.
struct service_pack {
  std::string keyword;         // "72-05-032148_SP"
  std::string level;           // "7200-05-03-2148"
  std::uint64_t filesets = 0;  // of it that are installed, all at its level or later
};

struct swvpd_facts {
  std::array<read_state, 3> lpp{};  // by part
  std::array<evidence, 3> from{};
  std::vector<installed_fileset> filesets;  // highest live row a fileset and part
  std::vector<std::string> complaints;      // what the ODM and SWVPD readers said
  std::vector<service_pack> service_packs;  // that are installed as a whole, oldest first
  evidence fix_from;                        // where they were read
  [[nodiscard]] installed_fileset const* find(std::string_view name, fileset_part part) const noexcept;
  [[nodiscard]] bool any() const noexcept { return !filesets.empty(); }
  // Filesets by name, each once whatever parts it has; and how people read it: "11 (17 parts)".
  [[nodiscard]] std::uint64_t count() const;
  [[nodiscard]] std::string count_text() const;
};

// One customized device class of /etc/objrepos.
struct device_class {
  std::string name;
  evidence from;
  bool sound = false;   // the self-check passed
  std::string why_not;  // where it did not
  std::uint64_t objects = 0;
  bool pristine = false;  // `emptied` is the copy found in the image, else made from the live file
  std::vector<std::byte> emptied;
};

struct found_member {
  evidence at;
  std::uint64_t size = 0;
};

// AIX refuses a path of more bytes, and a component of more. A WPAR's own stand below /wpars/NAME.
inline constexpr std::size_t longest_path = 1023;
inline constexpr std::size_t longest_component = 255;
inline constexpr std::size_t longest_base = 33;  // "/wpars/", 25 bytes of name, "/"

// Names that a rule lists: all are counted, the first of them kept.
struct noted_names {
  std::uint64_t count = 0;
  std::vector<std::string> names;  // normal paths
};

struct kind_counts {
  std::uint64_t devices = 0, fifos = 0, sockets = 0;
};

// Files of filesets that are to go, and why some cannot.
enum class visibility_basis : std::uint8_t { none, list, media, flag_bit };
[[nodiscard]] std::string_view to_text(visibility_basis b) noexcept;
struct private_fileset {
  std::string name;
  visibility_basis basis = visibility_basis::none;
  bool installed = false;
  std::uint64_t files = 0;            // proven and owned by it alone
  std::uint64_t shared_files = 0;     // owned by another fileset too: they stay
  std::uint64_t undecided_files = 0;  // another owner is not ruled out: they stay
  std::string inventory;              // where the list came from; empty: not proven, nothing goes
  std::array<bool, 3> parts{};        // of which parts files go
};
struct private_facts {
  bool evidence_given = false;  // somebody named a list, media or a bit
  std::vector<private_fileset> filesets;
  std::unordered_map<std::string, std::uint32_t> owned;  // normal path -> index into filesets
  std::vector<std::string> undecided;                    // why, one sentence each
  std::string ownership_from;                            // what the owners were read from
  // Section 3.3: bits of lpp.cp_flag that would fit the mark. Never acted on.
  std::vector<std::string> candidates;
};

struct facts {
  // The stream.
  image_description description;
  bool complete = false;  // the end record was reached and verified
  std::uint64_t end_offset = 0;
  std::optional<std::uint64_t> last_good_offset;  // of the last member that was read
  std::uint64_t structure_errors = 0;             // findings of severity error that mean damage
  std::uint64_t content_errors = 0;               // packed members that did not decode; a caller that checks
                                                  // content adds its own
  std::vector<found_member> broken_members;       // the first of them

  // Counts.
  std::uint64_t members = 0, content_bytes = 0, packed = 0, acl_extended = 0, with_acl = 0, opaque = 0, files_2gib = 0,
                link_names = 0;
  // long_names: too long below the longest base directory of a WPAR, or with a component of more than 255 bytes.
  noted_names long_names, non_ascii_names, unsafe_names, device_nodes, socket_names;
  std::uint64_t largest_file = 0;
  kind_counts in_dev, elsewhere;
  std::unordered_map<std::string, subtree_count> below;  // normal path -> what is below it
  bool below_complete = true;                            // false: the table was full, deep directories were not counted

  // Files that rules read.
  image_data_facts image_data;
  bosinst_facts bosinst;
  text_member filesystems_file;
  std::vector<mount_stanza> mounts;
  std::vector<wpar_definition> wpars;
  bool wpar_database = false;  // something strictly below /etc/wpars or /etc/corrals
  text_member exclude_rootvg;
  std::vector<std::string> exclude_patterns;  // a line each, empty ones too
  text_member devexports;
  swvpd_facts swvpd;
  std::vector<device_class> device_classes;
  std::vector<std::string> wparconvert;  // normal paths of scripts, C order
  bool wparconvert_dir = false;
  std::optional<bool> tcb_enabled;  // PdAt, attribute TCB_STATE
  evidence tcb_from;
  std::string inet_hostname;           // CuAt, inet0
  text_member ct_node_id;              // of RSCT
  std::vector<std::string> addresses;  // CuAt: "en0 192.0.2.1", the first of them
  private_facts hidden;
  std::optional<inventory::report> inventory;  // where contents were held against it

  // Members that rules ask for by name, as they were found (normal path -> place and size).
  std::map<std::string, found_member> found;
  std::vector<std::string> ssh_host_keys;  // normal paths
  // What starts by itself: texts by normal path, and members that tell by their names.
  std::map<std::string, text_member> startup_texts;
  std::vector<std::string> startup_members;
  std::optional<std::string> package_name;  // ./lpp_name is here: an installp package
  std::vector<std::string> vgdata;          // ./tmp/vgdata/NAME/NAME.data: NAMEs
  bool savewpar = false;                    // ./.savewpar_dir
  bool file_overlay = false;                // versioned WPAR

  // Present means: a member strictly below it.
  [[nodiscard]] bool present(std::string_view normal_path) const;
  [[nodiscard]] bool has(std::string_view normal_path) const;  // the member itself
  [[nodiscard]] subtree_count count_below(std::string_view normal_path) const;
  [[nodiscard]] file_system const* find_file_system(std::string_view mount) const noexcept;
  // File systems (image.data, local stanzas of /etc/filesystems) strictly below a directory.
  [[nodiscard]] std::vector<std::string> mounts_below(std::string_view directory) const;
};

}  // namespace sysb::wpar
