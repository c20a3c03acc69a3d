// SPDX-License-Identifier: Apache-2.0
// Plausible content of AIX system images for tests: an invented host with invented users, in the
// shapes that public documents and published samples show. Nothing here comes from a real system.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/image_builder.hpp"

namespace sysb::test {

// Four numbers with dots, "7.1.5.0".
struct level_fields {
  unsigned version = 7;
  unsigned release = 1;
  unsigned modification = 5;
  unsigned fix = 0;
};
[[nodiscard]] level_fields parse_level(std::string_view text);
[[nodiscard]] unsigned technology_level(level_fields const& l);

struct source_wpar {
  std::string name;
  std::string directory;  // empty: /wpars/NAME
  bool content = true;    // its file systems are in the image, as without mksysb -G
};

struct system_options {
  std::string level = "7.1.5.0";
  std::optional<std::string> oslevel;  // of image.data; "" leaves the line out. Default: level,
                                       // from AIX 5.2 on
  std::string host = "aixhost1";
  std::uint32_t date = 1468314000;  // 2016-07-12 09:00:00 UTC
  bool usr = true;                  // members below /usr; off as with mksysb -x
  bool opt = true;
  bool list_excluded = false;  // image.data names /usr and /opt even where they are left out
  bool image_data = true;
  bool bosinst_data = true;
  bool swvpd = true;
  bool device_nodes = true;
  bool customized_devices = true;  // /etc/objrepos/Cu*
  bool nim_client = true;
  bool cluster_identity = true;  // ct_node_id and /var/ct
  bool convert_scripts = true;   // wparconvert.d, from AIX 7.1 on
  bool odd_members = true;       // names, ACLs, devices and sockets outside /dev
  bool multibos = false;
  bool vios = false;
  bool volume_groups = true;  // user volume groups are named
  std::vector<source_wpar> wpars;
  std::vector<std::string> other_file_systems;  // jfs2 below /usr or /opt, with a file in each
};

// Everything from volume header to end record.
void add_system(image_builder& out, system_options const& o);
// savevg of a user volume group.
void add_user_volume_group(image_builder& out, std::string_view name, std::uint32_t date);
// An installp package with a usr and a root part.
void add_installp_package(image_builder& out, std::uint32_t date);

// The texts by themselves.
[[nodiscard]] std::string image_data_text(system_options const& o);
[[nodiscard]] std::string bosinst_data_text(system_options const& o);
[[nodiscard]] std::string filesystems_text(system_options const& o);
[[nodiscard]] std::string wpar_configuration_text(source_wpar const& w);
[[nodiscard]] std::string wpar_directory(source_wpar const& w);

struct class_file {
  std::string path;  // as a member name
  bytes content;
};
struct fileset_row {
  std::string name;
  std::string description;
  bool root_part = false;
  bool share_part = false;
  bool hidden = false;  // carries the invented "not visible in a WPAR" bit, from 6.1 on
  std::vector<std::string> usr_files;
  std::vector<std::string> root_files;
};
[[nodiscard]] std::vector<fileset_row> filesets_of(system_options const& o);
// The invented bit: nobody has published the real one.
inline constexpr std::int32_t invented_private_bit = 0x200000;
[[nodiscard]] std::vector<class_file> swvpd_classes(system_options const& o);
[[nodiscard]] std::vector<class_file> customized_device_classes(system_options const& o);

}  // namespace sysb::test
