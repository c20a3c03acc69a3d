// SPDX-License-Identifier: Apache-2.0
#include "base/os/descriptor.hpp"

#include <unistd.h>

#include <cerrno>

namespace sysb {

void unique_fd::reset(int fd) noexcept {
  if (fd_ >= 0) {
    auto const error = errno;
    ::close(fd_);
    errno = error;
  }
  fd_ = fd;
}

}  // namespace sysb
