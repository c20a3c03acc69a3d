// SPDX-License-Identifier: Apache-2.0
// What the pages and tables show, counted once.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "batch/planner.hpp"
#include "batch/report/report.hpp"
#include "batch/state.hpp"

namespace sysb::batch::report {

struct image {
  std::uint64_t number = 0;  // from 1, in plan order; names its page
  plan_row row;              // names hidden where that was asked for
  row_class standing = row_class::unclear;
  job_state state = job_state::pending;
  std::optional<job_result> result;
};

struct rule_count {
  std::string id;
  std::uint64_t blocked = 0, decide = 0;  // images
  std::string example;                    // a sentence
};

struct wave {
  std::uint64_t images = 0, left = 0, bytes = 0;
  double seconds = 0;  // of one job after the other, of what is left
};

struct estate {
  std::vector<image> images;
  std::array<std::uint64_t, 4> classes{};  // by row_class
  std::array<std::uint64_t, job_states> states{};
  std::vector<rule_count> rules;                                       // the most frequent first
  std::map<std::string, std::map<std::string, std::uint64_t>> levels;  // level -> host action -> images
  std::map<std::string, std::uint64_t> kinds;                          // "shared" "private"
  std::map<std::string, wave> waves;
  std::vector<std::vector<std::size_t>> same_system;  // indexes into images
  std::vector<std::vector<std::size_t>> same_image;
  std::vector<std::size_t> slowest, largest;
  std::uint64_t bytes = 0, image_bytes = 0, filesets_least = 0, filesets_most = 0, filesets_median = 0;
  std::vector<std::size_t> fileset_outliers;  // far from the median
  double seconds = 0;                         // of all finished jobs
  std::uint64_t bytes_read = 0, bytes_written = 0, attempts = 0, peak_memory = 0, finished = 0;
};

[[nodiscard]] estate count(batch_folder const& batch, options const& o);
[[nodiscard]] std::string_view to_text(row_class c) noexcept;  // "fit" "fit with decisions" ...

// The files of a report, by name below its folder.
using put_file = std::function<void(std::string const& name, std::string const& text)>;
void put_pages(estate const& e, options const& o, put_file const& put);
void put_tables(estate const& e, options const& o, put_file const& put);  // CSV and JSON
void put_figures(estate const& e, put_file const& put);                   // Prometheus

}  // namespace sysb::batch::report
