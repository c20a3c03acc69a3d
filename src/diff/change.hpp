// SPDX-License-Identifier: Apache-2.0
// What differs about one path.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"

namespace sysb::diff {

enum class change_kind : std::uint8_t {
  added,
  removed,
  type,
  content,
  metadata,
  suspect,  // content differs though all else is the same
  unknown,  // one side does not prove what stands there
};
[[nodiscard]] std::string_view to_text(change_kind k) noexcept;  // "added" "removed" ...
[[nodiscard]] char mark_of(change_kind k) noexcept;              // '+' '-' 'T' 'M' 'U' '?' '!'

struct value {
  enum class type : std::uint8_t { none, number, text };
  type is = type::none;
  std::string text;  // of a number in decimal
};
[[nodiscard]] value number_value(std::uint64_t v);
[[nodiscard]] value number_value(std::int64_t v);
[[nodiscard]] value text_value(std::string v);

struct changed_field {
  std::string name;  // as `entry` objects have it
  value before, after;
};

struct change {
  std::string path;  // normal
  change_kind what = change_kind::metadata;
  entry_kind kind = entry_kind::file;
  std::uint64_t size_before = 0, size_after = 0;
  std::vector<changed_field> fields;
  std::string why;    // of what is unknown
  std::string other;  // the name that an added one had before, or that a removed one has now; normal
};

void encode(change const& c, std::string& out);
[[nodiscard]] change decode_change(std::string_view path, std::string_view bytes);

}  // namespace sysb::diff
