// SPDX-License-Identifier: Apache-2.0
// What libudfread says while it reads, as findings. The library has no call to take its messages or to
// switch them off: its errors go to the C library's `stderr`, whatever it is at that moment.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"

namespace sysb::udf {

// While one lives, messages that the library writes on this thread are kept. What others write to `stderr`
// goes where it went before. With a C library whose `stderr` cannot be set, nothing is kept.
class library_messages {
 public:
  library_messages();
  ~library_messages();
  library_messages(library_messages const&) = delete;
  library_messages& operator=(library_messages const&) = delete;

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
