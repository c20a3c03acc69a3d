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

// A file set by name, over all images.
struct fileset_count {
  std::string name;
  std::uint64_t images = 0;
  std::map<std::string, std::uint64_t> levels;  // level -> images
};

// An image whose file sets are not like those of the others.
struct fileset_outlier {
  std::size_t image = 0;
  std::vector<std::string> own, lacking, other_level;  // the first of each
  std::uint64_t own_count = 0, lacking_count = 0, other_level_count = 0;
  [[nodiscard]] std::uint64_t all() const noexcept { return own_count + lacking_count + other_level_count; }
};

// What members with equal content take, over the images whose index tells digests.
struct equal_members {
  std::uint64_t images = 0, bytes = 0;
  std::uint64_t saved = 0;  // by keeping each content once
  bool exact = true;        // else an estimate from samples
};

struct image {
  std::uint64_t number = 0;  // from 1, in plan order; names its page
  plan_row row;              // names hidden where that was asked for
  row_class standing = row_class::unclear;
  job_state state = job_state::pending;
  std::optional<job_result> result;
};
// It failed, and what is whole of it was written.
[[nodiscard]] inline bool is_incomplete(image const& i) noexcept {
  return i.state == job_state::failed && i.result && i.result->output;
}

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
  std::vector<fileset_count> filesets;            // by name
  std::uint64_t with_filesets = 0;                // images
  std::vector<fileset_outlier> fileset_outliers;  // the oddest first
  equal_members equal;
  std::uint64_t bytes = 0, image_bytes = 0, filesets_least = 0, filesets_most = 0, filesets_median = 0;
  std::vector<std::size_t> fileset_numbers;  // images far from the median
  double seconds = 0;                        // of all finished jobs
  std::uint64_t incomplete = 0;              // jobs that failed and wrote what is whole
  std::uint64_t bytes_read = 0, bytes_written = 0, attempts = 0, peak_memory = 0, finished = 0;
};

[[nodiscard]] estate count(batch_folder const& batch, options const& o);
void count_details(estate& e, batch_folder const& batch, std::vector<std::string> const& keys);  // file sets, contents
[[nodiscard]] std::string_view to_text(row_class c) noexcept;  // "fit" "fit with decisions" ...

// The files of a report, by name below its folder.
using put_file = std::function<void(std::string const& name, std::string const& text)>;
void put_pages(estate const& e, options const& o, put_file const& put);
void put_tables(estate const& e, options const& o, put_file const& put);  // CSV and JSON
void put_figures(estate const& e, put_file const& put);                   // Prometheus

}  // namespace sysb::batch::report
