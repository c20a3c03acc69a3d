// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/random.h>

#include <cerrno>
#include <cstdint>
#include <optional>

namespace sysb {

// A number that nobody can foretell, for names of files and seeds of tables. Nothing where the system gives none; errno
// says why.
[[nodiscard]] inline std::optional<std::uint64_t> random_number() noexcept {
  std::uint64_t v = 0;
  for (;;) {
    auto const got = ::getrandom(&v, sizeof v, 0);
    if (got == static_cast<ssize_t>(sizeof v)) { return v; }
    if (got >= 0) {
      errno = EIO;
      return std::nullopt;
    }
    if (errno != EINTR) { return std::nullopt; }
  }
}

}  // namespace sysb
