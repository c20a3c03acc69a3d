// SPDX-License-Identifier: Apache-2.0
// A writer begins each volume of a set with a header; a file that was cut to fit a medium has none. The
// volumes themselves tell which it is.
#include "registry/volumes.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "registry/bid.hpp"

namespace sysb::registry {

namespace {

[[nodiscard]] std::optional<volume_mark> mark_of(image_format const& format, byte_source& s) {
  auto const head = s.peek(first_look);
  auto mark = format.volume_of(head.first(std::min(head.size(), first_look)));
  return mark && mark->proven ? mark : std::nullopt;
}

[[noreturn]] void refuse(volume const& v, std::string text) {
  throw fatal_error{fatal_error::kind::damaged, std::move(text), 0, v.name};
}

void hold_against(volume_mark const& first, volume_mark const& here, std::size_t place, volume const& v) {
  auto const expected = first.number + static_cast<std::uint32_t>(place);
  if (here.date != first.date) {
    refuse(v, concat("this volume is of another backup (made ", utc_time(here.date), ", the first volume ",
                     utc_time(first.date), ")"));
  }
  if (here.number == expected) { return; }
  auto const numbers = concat("expected volume ", expected, ", found volume ", here.number);
  if (here.number < expected) { refuse(v, concat("a volume is repeated or out of order (", numbers, ")")); }
  refuse(v, concat("a volume is missing or out of order (", numbers, ")"));
}

}  // namespace

std::unique_ptr<byte_source> join_volumes(std::vector<volume> volumes, format_table formats) {
  std::vector<std::unique_ptr<byte_source>> parts;
  auto const* const format = best_bid(formats, volumes.front().source->peek(first_look));
  auto const marked = format != nullptr ? mark_of(*format, *volumes.front().source) : std::nullopt;
  auto const first = marked.value_or(volume_mark{});
  if (marked && first.number != 1) {
    refuse(volumes.front(),
           concat("the first volume given is number ", first.number, " of its set: volume 1 is missing"));
  }
  std::optional<bool> headed;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    auto& v = volumes[i];
    auto const header = marked && i != 0 ? mark_of(*format, *v.source) : std::nullopt;
    if (i != 0) {
      if (headed && *headed != header.has_value()) {
        refuse(v, header ? "this volume has a header, and the one before it has none"
                         : "this volume has no header, and the one before it has one");
      }
      headed = header.has_value();
    }
    if (header) {
      hold_against(first, *header, i, v);
      parts.push_back(io::slice(std::move(v.source), header->header_bytes, ~std::uint64_t{0}));
    } else {
      parts.push_back(std::move(v.source));
    }
  }
  return io::concatenate(std::move(parts));
}

bool is_next_volume(image_format const& format, byte_source& first, byte_source& second) {
  auto const one = mark_of(format, first);
  auto const two = mark_of(format, second);
  return one && two && one->number == 1 && two->number == 2 && one->date == two->date;
}

}  // namespace sysb::registry
