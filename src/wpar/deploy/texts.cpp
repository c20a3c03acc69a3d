// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/texts.hpp"

#include <cstddef>

#include "base/text.hpp"

namespace sysb::wpar::deploy {

namespace {

bool is_word_byte(char c) noexcept { return (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

std::string fill(std::string_view text, values const& v) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto const begin = text.find('@', at);
    out += text.substr(at, begin - at);
    if (begin == std::string_view::npos) { break; }
    auto end = begin + 1;
    while (end < text.size() && is_word_byte(text[end])) { ++end; }
    auto const value = v.find(text.substr(begin + 1, end - begin - 1));
    if (end == text.size() || text[end] != '@' || value == v.end()) {
      out.push_back('@');
      at = begin + 1;
      continue;
    }
    out += value->second;
    at = end + 1;
    auto const alone = (begin == 0 || text[begin - 1] == '\n') && at < text.size() && text[at] == '\n';
    if (alone && (value->second.empty() || value->second.back() == '\n')) { ++at; }
  }
  return out;
}

std::string remark(std::string_view text, std::size_t most) {
  auto out = printable(text);
  if (out.size() > most) {
    out.resize(most);
    while (!out.empty() && !is_utf8(out)) { out.pop_back(); }
    out += "...";
  }
  return out;
}

}  // namespace sysb::wpar::deploy
