// SPDX-License-Identifier: Apache-2.0
// From manifests and folders to a plan: a look at the headers of every image, and everything that can be told before
// any work.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/details.hpp"
#include "batch/manifest.hpp"
#include "batch/state.hpp"
#include "core/diagnostic.hpp"
#include "core/progress.hpp"

namespace sysb::batch {

// An option of `sysb wpar` as a manifest may name it: by its long name, without dashes.
struct known_option {
  enum class form : std::uint8_t { flag, value, list };
  std::string name;
  form takes = form::value;
  bool path = false;  // its value names a file or a folder: kept as an absolute path
};

struct look_result {
  image_survey seen;
  details more;
};

// What a file of a folder is, by its content. `image`: one, or what one travels in, and what cannot be read or has suffered
// on the way as well: its row says what is wrong, so that no system is missed. `empty`: no byte, or zeros only.
enum class file_content : std::uint8_t { image, empty, other };

struct plan_request {
  std::vector<std::string> sources;  // manifests and folders
  option_values common;              // for every row; a row's own win
  std::string out;     // -o: "DIR/", or a pattern with {key}; empty: checks, where the manifest names none
  std::string suffix;  // of outputs in "DIR/": ".tar.zst", "/" for trees
  std::vector<known_option> known;
  unsigned threads = 1;
  progress* counters = nullptr;
  // The whole of a row's options are judged; throws fatal_error{usage}.
  std::function<void(plan_row const&)> judge;
  std::function<file_content(std::string const& path)> content_of;
  // One look at the headers, by the same rules as `wpar`; from any thread. Throws fatal_error.
  std::function<look_result(plan_row const&)> look;
  // When the index beside the image was written: one made since the last look is looked at.
  std::function<std::int64_t(plan_row const&)> index_time;
};

struct batch_totals {
  std::uint64_t rows = 0, looked_at = 0, kept = 0;  // kept: unchanged since the last plan, not looked at again
  std::uint64_t fit = 0, decide = 0, unfit = 0, undecided = 0, damaged = 0, unknown = 0;
};

// Writes the plan and copies of the manifests. Throws fatal_error{usage} for what makes the batch's definition wrong: an
// unknown column, a key or an output named twice, an output inside another or in an image's place. `each` is told of
// every row in plan order.
batch_totals plan_batch(batch_folder const& batch, plan_request const& r, diagnostic_sink& findings,
                        std::function<void(plan_row const&)> const& each);

// The four classes of the report: fit, fit with decisions, unfit, undecided or damaged.
enum class row_class : std::uint8_t { fit, decide, unfit, unclear };
[[nodiscard]] row_class class_of(image_survey const& s) noexcept;

}  // namespace sysb::batch
