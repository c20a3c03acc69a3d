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

// Views of the text.
struct inventory_file {
  std::string_view path;
  std::string_view owner;
  std::string_view group;
  std::string_view mode;
  std::string_view type;  // FILE, DIRECTORY, SYMLINK, …
  std::string_view target;
  std::string_view classes;
  std::string_view size;                // number, VOLATILE or ""
  std::string_view checksum;            // number, VOLATILE or ""
  std::vector<std::string_view> links;  // further names
};

// Calls `each` for every stanza, in order; memory does not grow with the text.
void parse_inventory(std::string_view text, std::vector<fault>& faults,
                     std::function<void(inventory_file const&)> const& each);
// Calls `each` for every "./path" line, as an absolute path. False: not all of them, for no list is so long.
[[nodiscard]] bool parse_apply_list(std::string_view text, std::vector<fault>& faults,
                                    std::function<void(std::string_view)> const& each);

}  // namespace sysb::swvpd
