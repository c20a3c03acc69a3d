// SPDX-License-Identifier: Apache-2.0
#include "formats/udf/library_messages.hpp"

#include <algorithm>
#include <new>

#include "base/text.hpp"
#include "formats/udf/diagnostics.hpp"

namespace sysb::udf {

namespace {

constexpr std::string_view mark = "udfread ";
constexpr std::string_view error_mark = "udfread ERROR: ";

thread_local library_messages* listener = nullptr;

}  // namespace

library_messages::library_messages() : before_{listener} { listener = this; }

library_messages::~library_messages() { listener = before_; }

bool library_messages::offer(std::string_view text) noexcept {
  if (listener == nullptr || text.substr(0, mark.size()) != mark) { return false; }
  try {
    listener->add(text);
  } catch (std::bad_alloc const&) {
    // Without a place for it the message is lost; the walk finds the damage as well.
  }
  return true;
}

void library_messages::add(std::string_view line) {
  // Its remarks and traces, which its environment variables switch on, are for those who write it.
  if (line.substr(0, error_mark.size()) != error_mark) { return; }
  line.remove_prefix(error_mark.size());
  while (!line.empty() && line.back() == '\n') { line.remove_suffix(1); }
  if (std::find(errors_.begin(), errors_.end(), line) != errors_.end()) { return; }
  if (errors_.size() == most_kept) {
    ++more_;
    return;
  }
  errors_.emplace_back(line);
}

void library_messages::report(diagnostic_sink& findings) {
  auto const say = [&](std::string text) {
    findings.report({.code = &library_error, .offset = {}, .path = {}, .detail = std::move(text), .level = {}});
  };
  for (auto& e : errors_) { say(printable(e)); }
  if (more_ != 0) { say(concat(more_, " more")); }
  errors_.clear();
  more_ = 0;
}

}  // namespace sysb::udf
