// SPDX-License-Identifier: Apache-2.0
// What a person asked for: the command line, and what a WPAR specification file adds to it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "wpar/level.hpp"

namespace sysb::wpar::deploy {
struct host_facts;
}

namespace sysb::wpar {

struct profile;
struct known_system;
enum class wpar_kind : std::uint8_t { shared, private_usr };
[[nodiscard]] std::string_view to_text(wpar_kind k) noexcept;  // "shared" "private"

enum class target_kind : std::uint8_t {
  none,  // check --for wpar: nothing is written
  tree,
  archive,  // pax, ustar, gnutar, newc and the manifests
  bff,
};

struct media_text {
  std::string name;  // of the file, for the report
  std::string text;  // .toc or lpp_name
};

struct request {
  std::optional<wpar_kind> kind;  // --shared, --private
  std::string name;               // -n
  bool name_given = false;        // so that an empty one is told from none
  std::string hostname;           // --hostname
  std::optional<level> host_level;
  std::optional<level> assume_level;
  std::optional<bool> preserve_private;  // -T
  std::optional<bool> preserve_wpars;
  std::vector<std::string> keep;  // --keep, as given
  bool force = false;
  bool salvage = false;  // damage is no reason to write nothing; the rules decide on what is left
  bool empty_devices = false;

  // For the plan of file systems, the specification and the script.
  std::string vg = "rootvg";       // --vg
  std::uint64_t margin = 10;       // --margin, percent
  std::uint64_t partition_mb = 0;  // of that volume group on the host; 0: not known
  std::string address, netmask, prefixlen, interface;
  bool quiesce = false;                            // --quiesce
  std::shared_ptr<deploy::host_facts const> host;  // --host

  // Evidence for filesets that are not visible in a WPAR.
  std::vector<std::string> private_filesets;
  bool private_list_given = false;
  std::optional<std::uint32_t> private_flag;  // a mask, not a bit number
  std::vector<media_text> media;
  bool media_given = false;

  // For side files: what the output is and how it is called on AIX.
  target_kind target = target_kind::none;
  std::string format;       // "pax" "newc" "tree" "bff" ...
  std::string compression;  // "none" "gzip" "xz" "zstd"
  std::string output_name;  // base name of OUT
  std::string image_name;   // base name of IMAGE

  std::shared_ptr<profile const> known;  // --profile

  // Rule V34: the images that were looked at before in the same call; null: this one is alone.
  std::shared_ptr<std::vector<known_system> const> others;

  // Where name, hostname, kind and preserve_* came from, when it was the specification file.
  std::string spec_name;
  bool kind_from_spec = false;

  [[nodiscard]] bool preserves_private() const noexcept { return preserve_private.value_or(false); }
  [[nodiscard]] bool has_private_evidence() const noexcept {
    return private_list_given || private_flag.has_value() || media_given;
  }
};

// Reads the `general` and `copy_controls` stanzas of a specification file into `r`; what the
// command line has set wins. Findings WPR-001 and WPR-002 tell of what was not understood.
void apply_spec(request& r, std::string_view spec_name, std::string_view text, diagnostic_sink& d);

// "yes" or "no" of a -T value.
[[nodiscard]] std::optional<bool> parse_yes_no(std::string_view v) noexcept;
// One -T ATTRIBUTE=VALUE; false when it is not preserve_private or preserve_wpars with yes or no.
[[nodiscard]] bool apply_copy_control(request& r, std::string_view assignment);
// A bit for --private-flag: 0x400, 1024. Exactly one bit.
[[nodiscard]] std::optional<std::uint32_t> parse_flag_bit(std::string_view v) noexcept;
// Names, one a line; '#' starts a comment; blank lines do not count.
[[nodiscard]] std::vector<std::string> parse_name_list(std::string_view text);

}  // namespace sysb::wpar
