// SPDX-License-Identifier: Apache-2.0
// The table of formats, carriers and outputs; and open_image(), which unwraps carriers until
// an image is found.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "core/image_format.hpp"
#include "core/limits.hpp"
#include "core/output_kind.hpp"
#include "core/progress.hpp"

namespace sysb::index {
class indexed_reader;
class recorder;
}  // namespace sysb::index

namespace sysb::registry {

using format_table = std::span<image_format const* const>;
[[nodiscard]] format_table image_formats() noexcept;
using carrier_table = std::span<carrier_format const* const>;
[[nodiscard]] carrier_table carriers() noexcept;
[[nodiscard]] std::span<output_kind const> outputs();  // output::kinds() and "bff"
// What an image can be given as beside one file or pipe; a directory stands in `container` as well.
struct input_form {
  std::string_view id;
  std::string_view title;
};
[[nodiscard]] std::span<input_form const> input_forms() noexcept;
// Every finding anybody can report, sorted by id.
[[nodiscard]] std::span<diag_code const* const> all_codes();

struct image_spec {
  std::vector<std::string> volumes;  // one file or "-", or the volumes of a set in order
  std::string member;                // --member
  std::string tmpdir;                // where spools go; empty: none allowed
  bool need_seekable = false;        // two passes: a pipe is spooled once
  // Salvage: the reader looks for what is left after damage. Needs a source that can seek.
  on_damage how = on_damage::stop;
  progress* counters = nullptr;
  format_table formats;      // that are looked for; empty: image_formats()
  carrier_table carried_by;  // likewise; empty: carriers()
};

struct opened_image {
  std::unique_ptr<byte_source> source;       // of the by-name stream, after unwrapping
  std::unique_ptr<image_reader> reader;      // reads from *source; destroyed first
  index::indexed_reader* indexed = nullptr;  // the same one, where an index gives the members
  image_format const* format = nullptr;
  std::vector<std::string> container;  // ids of the carriers, outermost first; also in description()
};

// Throws fatal_error{unsupported} when nothing known is found (its text names what was found
// instead where that is known), fatal_error{io} otherwise.
[[nodiscard]] opened_image open_image(image_spec const& spec, limits const& l, diagnostic_sink& findings);
// After a walk that `members` recorded: from here on image.reader gives the members without reading a
// header again. Nothing happens where there is no catalog.
void go_by_catalog(opened_image& image, index::recorder& members);
// A second reader over the same source from its start; only where it can seek.
[[nodiscard]] std::unique_ptr<image_reader> reopen(opened_image& image, limits const& l, diagnostic_sink& findings);

}  // namespace sysb::registry
