// SPDX-License-Identifier: Apache-2.0
// Counts the content of one member: libarchive pads short data with zeros and says nothing, so
// every sink of ours holds the bytes against the size that was announced.
#pragma once
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"

namespace sysb::output {

// Content that a slot is to be filled with.
[[nodiscard]] inline std::uint64_t expected_content(entry const& e) noexcept {
  return e.kind == entry_kind::file && e.link_to.empty() ? e.size : 0;
}

class size_guard {
 public:
  void begin(entry const& e) {
    path_ = e.path;
    want_ = expected_content(e);
    have_ = 0;
  }
  void add(std::uint64_t bytes) {
    if (bytes > want_ - have_) { fail(have_ + bytes, "at least "); }
    have_ += bytes;
  }
  void end() const {
    if (have_ != want_) { fail(have_, ""); }
  }
  [[nodiscard]] std::uint64_t have() const noexcept { return have_; }
  [[nodiscard]] std::uint64_t expected() const noexcept { return want_; }

 private:
  [[noreturn]] void fail(std::uint64_t found, char const* how) const {
    throw fatal_error{fatal_error::kind::internal,
                      concat("truncated data: expected ", want_, " bytes, found ", std::string_view{how}, found),
                      std::nullopt, path_};
  }
  std::string path_;
  std::uint64_t want_ = 0;
  std::uint64_t have_ = 0;
};

// For those who see only how many bytes there were.
inline void require_size(entry const& e, std::uint64_t bytes) {
  size_guard guard;
  guard.begin(e);
  guard.add(bytes);
  guard.end();
}

}  // namespace sysb::output
