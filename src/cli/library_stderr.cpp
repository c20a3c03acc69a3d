// SPDX-License-Identifier: Apache-2.0
// glibc documents that `stderr` is a variable that may be set.
#include "cli/library_stderr.hpp"

#include <cstdio>

#include "formats/udf/library_messages.hpp"

namespace sysb::cli {

#if defined(__GLIBC__)

namespace {

::ssize_t take(void* usual, char const* bytes, std::size_t n) noexcept {
  if (udf::library_messages::offer({bytes, n})) { return static_cast<::ssize_t>(n); }
  return static_cast<::ssize_t>(std::fwrite(bytes, 1, n, static_cast<std::FILE*>(usual)));
}

}  // namespace

void keep_library_messages() noexcept {
  ::cookie_io_functions_t const how{.read = nullptr, .write = take, .seek = nullptr, .close = nullptr};
  auto* const own = ::fopencookie(stderr, "w", how);
  if (own == nullptr) { return; }
  std::setvbuf(own, nullptr, _IONBF, 0);
  stderr = own;
}

#else

void keep_library_messages() noexcept {}

#endif

}  // namespace sysb::cli
