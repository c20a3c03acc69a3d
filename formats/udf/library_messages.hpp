// SPDX-License-Identifier: Apache-2.0
// What libudfread says while it reads, as findings. The library has no call to take its messages or to
// switch them off: its errors go to the C library's `stderr`. That stream is the process's: only whoever
// owns the process may look at what goes there, and then hands the messages over (as our command does).
// In a program that does not, they stay on its stderr, and the damage is found all the same.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::udf {

// While one lives, messages that are offered on its thread are kept.
class library_messages {
 public:
  library_messages();
  ~library_messages();
  library_messages(library_messages const&) = delete;
  library_messages& operator=(library_messages const&) = delete;

  // `text` is what one call wrote to stderr. True: it is a message of the library and somebody keeps it.
  // (libudfread makes one call for a message, so that a text is one or is not.)
  [[nodiscard]] static bool offer(std::string_view text) noexcept;

  // Every error once, as far as they are kept; then none is kept any more.
  void report(diagnostic_sink& findings);

  void add(std::string_view line);  // throws bad_alloc only
  static constexpr std::size_t most_kept = 16;

 private:
  std::vector<std::string> errors_;
  std::uint64_t more_ = 0;
  library_messages* before_ = nullptr;
};

}  // namespace sysb::udf
