// SPDX-License-Identifier: Apache-2.0
// Two contents of one path, so that a person sees what changed: text by lines, ODM classes by rows, stanza files by
// stanza.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::diff {

enum class content_form : unsigned char { text, odm, stanza, binary };
[[nodiscard]] std::string_view to_text(content_form f) noexcept;

struct content_line {
  char mark = ' ';   // '@' a heading, ' ' context, '-' only before, '+' only after
  std::string text;  // bytes as they are, without the newline
};

struct content_change {
  content_form form = content_form::text;
  bool same = false;
  std::vector<content_line> lines;
};

// `path` tells the name that an ODM class must have.
[[nodiscard]] content_change compare_contents(std::string_view path, std::span<std::byte const> before,
                                              std::span<std::byte const> after);

}  // namespace sysb::diff
