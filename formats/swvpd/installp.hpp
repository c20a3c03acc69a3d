// SPDX-License-Identifier: Apache-2.0
// installp metadata as text: lpp_name, .toc, and the .inventory and .al members of liblpp.a.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/swvpd/diagnostics.hpp"
#include "formats/swvpd/swvpd.hpp"

namespace sysb::swvpd {

struct package_fileset {
  std::string name;
  std::string level_text;
  std::optional<vrmf> level;
  std::string volume;
  std::string bosboot;
  std::string content;  // U usr, B usr and root, H share
  std::string language;
  std::string description;
  std::vector<std::vector<std::string>> sections;  // lines between the '%' of its brackets
  bool is_private = false;                         // PRIVATE as a word after the sizes, fix abstracts apart
};

struct package {
  std::string format;
  std::string platform;
  std::string type;  // I, S, SR, ML
  std::string name;
  std::vector<package_fileset> filesets;
};

struct toc_entry {
  std::string file;
  package what;
};

[[nodiscard]] std::optional<package> parse_lpp_name(std::string_view text, std::vector<fault>& faults);
[[nodiscard]] std::vector<toc_entry> parse_toc(std::string_view text, std::vector<fault>& faults);

struct inventory_file {
  std::string path;
  std::string owner;
  std::string group;
  std::string mode;
  std::string type;  // FILE, DIRECTORY, SYMLINK, …
  std::string target;
  std::string classes;
  std::string size;                // number, VOLATILE or ""
  std::string checksum;            // number, VOLATILE or ""
  std::vector<std::string> links;  // further names
};

// Calls `each` for every stanza, in order; memory does not grow with the text.
void parse_inventory(std::string_view text, std::vector<fault>& faults,
                     std::function<void(inventory_file const&)> const& each);
// "./path" lines as absolute paths.
[[nodiscard]] std::vector<std::string> parse_apply_list(std::string_view text);

}  // namespace sysb::swvpd
