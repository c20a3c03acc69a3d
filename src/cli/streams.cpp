// SPDX-License-Identifier: Apache-2.0
#include "cli/streams.hpp"

#include <poll.h>
#include <unistd.h>
#include <cerrno>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {
constexpr std::size_t buffer_bytes = 64u << 10;
}

bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    auto const n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) { continue; }
    if (errno == EAGAIN) {
      // A shell may hand down a descriptor that somebody made non-blocking.
      pollfd wait{fd, POLLOUT, 0};
      if (::poll(&wait, 1, -1) >= 0 || errno == EINTR) { continue; }
    }
    return false;
  }
  return true;
}

void fd_writer::write(std::string_view text) {
  if (error_ != 0) { fail(); }
  buffer_.append(text);
  if (buffer_.size() >= buffer_bytes) { flush(); }
}

void fd_writer::flush() {
  if (error_ != 0) { fail(); }
  if (buffer_.empty()) { return; }
  if (!write_all(fd_, buffer_)) {
    error_ = errno;
    fail();
  }
  buffer_.clear();
}

void fd_writer::fail() const {
  if (error_ == EPIPE) { throw fatal_error{fatal_error::kind::closed_pipe, "nobody reads the output"}; }
  throw fatal_error{fatal_error::kind::io, concat("write failed: ", os_text(error_))};
}

}  // namespace sysb::cli
