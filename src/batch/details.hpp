// SPDX-License-Identifier: Apache-2.0
// What a look at an image tells beyond its row, for the report alone: its file sets by name, and a sample of its
// contents. In jobs/KEY/details.json; the next plan that looks at the image makes it anew.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.hpp"
#include "batch/state.hpp"

namespace sysb::batch {

struct fileset_of_image {
  std::string name;
  std::string level;  // the highest of its parts
};

// Which contents an image has, in bounded memory: what several images have in common can be estimated from it. Whether
// a content is in the sample depends on itself alone, so that equal contents are in all samples or in none.
struct content_sample {
  struct content {
    std::uint64_t key = 0;  // of its digest
    std::uint64_t size = 0;
    std::uint64_t copies = 0;  // in this image
  };
  std::uint64_t step = 0;         // smaller contents are there in proportion to their size; 0: everything is there
  std::uint64_t bytes = 0;        // of all contents
  std::vector<content> contents;  // by key
  [[nodiscard]] bool known() const noexcept { return bytes != 0; }
};
// Content of this key and size is in every sample of this step.
[[nodiscard]] bool in_sample(std::uint64_t key, std::uint64_t size, std::uint64_t step) noexcept;

class content_sampler {
 public:
  explicit content_sampler(std::size_t most = 512) : most_{most} {}
  void add(digest128 const& digest, std::uint64_t size);
  [[nodiscard]] content_sample take() const;

 private:
  struct kept {
    double priority = 0;
    std::uint64_t key = 0;
  };
  std::size_t most_;
  double floor_ = 0;  // the highest priority that was left out
  std::uint64_t bytes_ = 0;
  std::vector<kept> heap_;  // the least first
  std::unordered_map<std::uint64_t, content_sample::content> contents_;
};

struct details {
  std::vector<fileset_of_image> filesets;  // by name, each once
  content_sample contents;
  [[nodiscard]] bool empty() const noexcept { return filesets.empty() && !contents.known(); }
};

// An empty one removes what an earlier plan left. Throws fatal_error{io}.
void put_details(batch_folder const& batch, std::string_view key, details const& d);
// Nothing where there are none, or broken ones.
[[nodiscard]] details read_details(batch_folder const& batch, std::string_view key);

}  // namespace sysb::batch
