// SPDX-License-Identifier: Apache-2.0
// One row of a batch's plan: an image, what is to be made of it, and what its headers told.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/systems.hpp"

namespace sysb::batch {

// Options of `sysb wpar` by their long names ("host-level"), each with its values in order; a flag has none.
// The map keeps them sorted, so that equal requests are equal text.
using option_values = std::map<std::string, std::vector<std::string>>;

// What tells that an image is still the one that was planned: of all its volumes together.
struct identity {
  std::uint64_t size = 0;  // bytes
  std::int64_t mtime = 0;  // nanoseconds since 1970, the latest of the volumes
  std::string samples;     // XXH3-128 of blocks from the first to the last, 32 hexadecimal digits
  bool operator==(identity const&) const = default;
};

struct reason {
  std::string id;  // "V04", "BBN-003"; empty where no finding has it
  std::string text;
};

// What one look at the headers tells. Everything is a plain value: it is written to the plan and read again.
struct image_survey {
  std::string verdict;      // "fit" "unfit" "damaged" "undecided"; "unknown": it could not be read
  std::string format;       // "backup_by_name", empty where unknown
  std::string what;         // "rootvg" "user_vg" "package" "savewpar" "unknown"
  std::string kind;         // "shared" "private"
  std::string level;        // of the source
  std::string host_action;  // "none" "syncwpar" "migwpar" "too_new" "unknown"
  std::string hostname;
  wpar::system_identity system;    // what tells one system from another
  std::vector<reason> blocks;      // errors: nothing is made of this image until they are answered
  std::vector<reason> decide;      // what a person has to decide before the WPAR is made
  std::vector<std::string> rules;  // ids of every rule of severity error or warning, sorted, each once
  std::uint64_t members = 0;
  std::uint64_t bytes = 0;      // plain content, an estimate of the output
  std::uint64_t filesets = 0;   // installed, 0: none or not told
  std::int64_t index_time = 0;  // of the index beside the image, nanoseconds since 1970; 0: there was none
};

struct plan_row {
  std::string key;                   // names the job; unique in a batch
  std::vector<std::string> volumes;  // one image: absolute paths, in order
  std::string out;                   // absolute; empty: a check
  std::string wave, owner;           // the manifest's own words; may be empty
  option_values options;
  identity image;
  image_survey seen;
  double seconds = 0;  // estimate

  [[nodiscard]] std::string const& image_path() const noexcept { return volumes.front(); }
};

// The version of result.json: what a later sysb writes differently has another one.
inline constexpr unsigned result_version = 1;

// The three parts that make a job: what it reads, what it was asked for, what writes the result.
struct job_id {
  std::string input, options;  // 16 hexadecimal digits each
  unsigned version = result_version;
  [[nodiscard]] std::string text() const;  // "INPUT.OPTIONS.VERSION"
};
[[nodiscard]] job_id job_of(plan_row const& row);

// A line of plan.jsonl, with its line feed; and back. Throws fatal_error{io} that names `where`.
[[nodiscard]] std::string to_line(plan_row const& row);
[[nodiscard]] plan_row parse_row(std::string_view line, std::string const& where);

// A name for a folder from any key: what is not a letter, a digit, or one of ._-@+ becomes %XX; names that would
// be too long or hidden end in a hash. Different keys have different folders.
[[nodiscard]] std::string folder_name(std::string_view key);

}  // namespace sysb::batch
