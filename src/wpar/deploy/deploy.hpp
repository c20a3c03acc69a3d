// SPDX-License-Identifier: Apache-2.0
// What stands beside the output for the administrator on AIX: plan of file systems, reduced image.data,
// specification, scripts, and the report in two forms. Everything comes from one plan.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wpar/deploy/fs_plan.hpp"
#include "wpar/deploy/missing.hpp"
#include "wpar/deploy/tally.hpp"
#include "wpar/facts.hpp"
#include "wpar/plan.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar::deploy {

struct side_file {
  std::string name;  // "image.data" "wpar.spec" "deploy.sh" "report.json" "report.txt"
  std::string content;
  std::uint32_t mode = 0644;
  bool operator==(side_file const&) const = default;
};

// What the run has written.
struct result {
  plan_totals totals;
  tally members;
  std::string command_line;
  std::uint64_t output_size = 0;
  std::optional<std::uint32_t> output_cksum;  // as cksum prints it; absent for trees and pipes
  std::uint64_t image_size = 0;
  std::string image_digest;  // of samples; empty: not known
  struct loss {
    std::string id, text;
    std::uint64_t times = 1;
  };
  std::vector<loss> losses;
  missing_members missing;  // --salvage
  // --accept-changed: members that were taken as they were stored.
  struct taken {
    std::string path, what;
  };
  std::vector<taken> changed;  // the first of them
  std::uint64_t changed_all = 0;
  static constexpr std::size_t most_changed = 1000;
  bool content_verified = true;
  bool privileged = true;  // a tree with owners and devices
};

// All names that files beside OUT can have.
inline constexpr std::array<std::string_view, 11> side_file_names{
    "fs.plan",     "image.data", "wpar.spec",   "deploy.sh",     "restore-metadata.sh", "collect-host.sh",
    "report.json", "report.txt", "dropped.txt", "metadata.list", "missing.txt"};

// Beside these stand two lists that are written member by member: dropped.txt, and metadata.list where
// wants_metadata().
// One after the other: each can be as long as the texts of the image that rules keep.
void make_side_files(facts const& f, request const& r, assessment const& a, result const& done,
                     std::function<void(side_file const&)> const& take);

[[nodiscard]] bool wants_metadata(request const& r) noexcept;

// The stanzas of image.data with the pairs of the plan (mkwpar -L image_data=, and ./image.data of a .bff).
// Verbatim but for what is left out, for sizes that the plan has raised, and for what is made anew, which a
// comment at the end names. Empty where none can be made.
[[nodiscard]] std::string reduced_image_data(facts const& f, assessment const& a, fs_plan const& plan);

[[nodiscard]] std::string wpar_spec(request const& r, fs_plan const& plan);

// Why deploy.sh would not be safe; empty: it can be made.
[[nodiscard]] std::vector<std::string> script_obstacles(request const& r, assessment const& a, fs_plan const& plan);
[[nodiscard]] std::string deploy_script(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                                        result const& done);

[[nodiscard]] std::string report_text(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                                      result const& done);
[[nodiscard]] std::string report_json(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                                      result const& done);

// What was proven where the output was made: one sentence, for every page that AIX sees.
[[nodiscard]] std::string proven_text(facts const& f, request const& r, result const& done);
inline constexpr std::string_view not_tried = "It has not been tried on AIX.";

}  // namespace sysb::wpar::deploy
