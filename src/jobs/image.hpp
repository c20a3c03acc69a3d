// SPDX-License-Identifier: Apache-2.0
// The image of a job: opened, by its index where there is one, and read again where that is needed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/index_file.hpp"
#include "catalog/indexed_reader.hpp"
#include "core/limits.hpp"
#include "jobs/events.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::jobs {

enum class index_use : std::uint8_t {
  none,
  beside,  // IMAGE.sysbidx, where it stands
  named,
};

struct image_request {
  std::vector<std::string> volumes;  // one file or "-", or the volumes of a set in order
  std::string member;                // which image, where a carrier holds several
  std::string tmpdir;                // of spools and long tables
  limits bounds;
  bool salvage = false;
  bool keep_partial = false;    // with salvage: what is left of a file that is not whole
  bool accept_changed = false;  // files that changed while they were saved, as they were stored
  index_use by = index_use::none;
  std::string index;

  [[nodiscard]] std::string base_name() const;  // without its folders; "image" for a pipe
  // Members are looked through before anything is written.
  [[nodiscard]] bool reviews() const noexcept { return salvage || accept_changed; }
  // Of the files as they were given, compressed or not: their length, and a digest of samples (the whole of a long
  // image is not read for it). 0 and empty for a pipe.
  [[nodiscard]] std::uint64_t file_bytes() const;
  [[nodiscard]] std::string file_samples() const;
};

// Threads that a job may well use: the machine's, at most 8.
[[nodiscard]] unsigned usual_threads() noexcept;

// `two_passes`: a pipe is spooled.
[[nodiscard]] registry::opened_image open_image(image_request const& r, bool two_passes, events& e);
// By the index that the request asks for, where it belongs to the image; else a finding says why not.
[[nodiscard]] registry::opened_image open_by_index(image_request const& r, bool two_passes, events& e);

// IMAGE.sysbidx; empty for standard input.
[[nodiscard]] std::string index_name(std::string const& image);
// Time of change of the file that is called so, in nanoseconds; 0 where there is none.
[[nodiscard]] std::int64_t changed_time(std::string const& image);
// Throws fatal_error{io} when there is no such file; null, with a finding, when it is no sound index.
[[nodiscard]] std::unique_ptr<index::index_file> open_index_file(std::string const& path, diagnostic_sink& d);
// From here on the reader of `image` is an indexed one, where the index belongs to it; else a finding says why not.
// `findings` is what the reader of the image reports to, `name` the file of the image.
void use_index(registry::opened_image& image, std::unique_ptr<index::index_file> file, std::string const& name,
               ledger& findings);
// The indexed reader of `image`, while it uses its index; else null.
[[nodiscard]] index::indexed_reader* by_index(registry::opened_image const& image);
// What is read through an index is held against the digests in it.
void verify_by_index(registry::opened_image const& image, pipeline::copy_options& how, diagnostic_sink& d);

// After begin_again: passes over all members, so that the reader knows what they are, and leaves it
// before the first one.
void pass_over(registry::opened_image& image, events& e);

// One pass over the members that starts again where the reader asks for it; `possible`: what the
// first start wrote is gone by then.
template <typename Work>
void run_again_if_asked(registry::opened_image& image, bool possible, events& e, Work const& work) {
  // Findings of the first start are not said a second time.
  if (possible && !image.source->cheap_seek()) { e.findings.remember(); }
  try {
    work();
    return;
  } catch (begin_again const&) {
    if (!possible) { throw; }
  }
  e.findings.repeat();
  pass_over(image, e);
  work();
}

}  // namespace sysb::jobs
