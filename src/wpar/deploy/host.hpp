// SPDX-License-Identifier: Apache-2.0
// What collect-host.sh brought from the hosting system, and what it says about an image.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/level.hpp"

namespace sysb::wpar::deploy {

struct host_group {  // a volume group
  std::string name;
  std::uint64_t partition_mb = 0, free_partitions = 0;
};

struct host_facts {
  level running;                                       // oslevel -s
  std::map<std::string, level, std::less<>> filesets;  // lslpp: installed
  std::vector<host_group> groups;
  std::set<std::string, std::less<>> wpars;
  std::map<std::string, std::string, std::less<>> tools;  // name -> path
  std::string mkwpar_usage;
  std::optional<bool> pax_ok;                 // the test with a small archive
  std::set<std::string, std::less<>> failed;  // commands: what they list is not known, which is not that there is none
  [[nodiscard]] bool tells(std::string_view command) const noexcept { return failed.count(command) == 0; }
  [[nodiscard]] host_group const* find_group(std::string_view name) const noexcept;
};

struct host_parse {
  std::optional<host_facts> host;
  std::string error;  // why there is none, with the line
};
// Lines "WORD REST"; the first is "sysb-host 1", the last "end". Unknown words are ignored.
[[nodiscard]] host_parse parse_host(std::string_view text);

// What syncwpar would have to do, fileset by fileset: root parts of the image beside the host's.
struct fileset_comparison {
  std::uint64_t same = 0;
  std::vector<std::string> to_update;  // "NAME image host"
  std::vector<std::string> newer;      // in the image
  std::vector<std::string> not_on_host;
};
[[nodiscard]] fileset_comparison compare_with_host(facts const& f, host_facts const& h);

}  // namespace sysb::wpar::deploy
