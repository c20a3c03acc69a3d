// SPDX-License-Identifier: Apache-2.0
#include "base/os/temporary_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>

#include "base/os/random.hpp"

namespace sysb {

namespace {

constexpr mode_t owner_only = 0600;
constexpr int attempts = 16;  // a name that exists already is a chance of one in 2^64

}  // namespace

unique_fd make_temporary_file(int dirfd, std::string const& folder) noexcept {
  unique_fd fd{::openat(dirfd, folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, owner_only)};
  if (fd.ok()) { return fd; }
  // Not every file system knows files without a name.
  unique_fd const in{::openat(dirfd, folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!in.ok()) { return {}; }
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto const number = random_number();
    if (!number) { return {}; }
    std::array<char, 40> name{};
    (void)std::snprintf(name.data(), name.size(), ".sysb-%016llx.spool", static_cast<unsigned long long>(*number));
    fd.reset(::openat(in.get(), name.data(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, owner_only));
    if (fd.ok()) {
      if (::unlinkat(in.get(), name.data(), 0) != 0) { return {}; }
      return fd;
    }
    if (errno != EEXIST) { break; }
  }
  return {};
}

unique_fd make_temporary_file(std::string const& folder) noexcept { return make_temporary_file(AT_FDCWD, folder); }

}  // namespace sysb
