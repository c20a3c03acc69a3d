// SPDX-License-Identifier: Apache-2.0
// glibc documents that `stderr` is a variable that may be set. While somebody listens it is a stream of our
// own that looks at each text: libudfread makes one call for a message, so that a text is one or is not.
#include "formats/udf/library_messages.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>

#include "base/text.hpp"
#include "formats/udf/diagnostics.hpp"

namespace sysb::udf {

namespace {

constexpr std::string_view mark = "udfread ";
constexpr std::string_view error_mark = "udfread ERROR: ";

#if defined(__GLIBC__)
thread_local library_messages* listener = nullptr;
std::atomic<std::FILE*> usual{nullptr};  // what stderr was before

::ssize_t take(void*, char const* bytes, std::size_t n) noexcept {
  std::string_view const text{bytes, n};
  if (listener == nullptr || text.substr(0, mark.size()) != mark) {
    return static_cast<::ssize_t>(std::fwrite(bytes, 1, n, usual.load()));
  }
  try {
    listener->add(text);
  } catch (std::bad_alloc const&) {
    // Without a place for it the message is lost; the walk finds the damage as well.
  }
  return static_cast<::ssize_t>(n);
}

// Never closed: another thread may still hold it when nobody listens any more.
std::FILE* own_stream() {
  static std::FILE* const stream = [] {
    ::cookie_io_functions_t const how{.read = nullptr, .write = take, .seek = nullptr, .close = nullptr};
    auto* const f = ::fopencookie(nullptr, "w", how);
    if (f != nullptr) { std::setvbuf(f, nullptr, _IONBF, 0); }
    return f;
  }();
  return stream;
}

std::mutex switching;
unsigned listeners = 0;
#endif

}  // namespace

library_messages::library_messages() {
#if defined(__GLIBC__)
  before_ = listener;
  listener = this;
  std::lock_guard const hold{switching};
  auto* const own = own_stream();
  if (listeners++ != 0 || own == nullptr) { return; }
  usual = stderr;
  stderr = own;
#endif
}

library_messages::~library_messages() {
#if defined(__GLIBC__)
  listener = before_;
  std::lock_guard const hold{switching};
  if (--listeners == 0 && stderr == own_stream() && own_stream() != nullptr) { stderr = usual; }
#endif
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
