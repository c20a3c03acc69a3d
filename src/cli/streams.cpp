// SPDX-License-Identifier: Apache-2.0
#include "cli/streams.hpp"

#include <cerrno>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {
constexpr std::size_t buffer_bytes = 64u << 10;
}

bool write_all(int fd, std::string_view text) noexcept { return write_fully(fd, as_bytes(text)) == 0; }

void text_writer::write(std::string_view text) {
  if (error_ != 0) { fail(); }
  buffer_.append(text);
  if (buffer_.size() >= buffer_bytes) { flush(); }
}

void text_writer::flush() {
  if (error_ != 0) { fail(); }
  if (buffer_.empty()) { return; }
  error_ = write_fully(fd_, as_bytes(buffer_));
  if (error_ != 0) { fail(); }
  buffer_.clear();
}

void text_writer::fail() const {
  if (error_ == EPIPE) { throw fatal_error{fatal_error::kind::closed_pipe, "nobody reads the output"}; }
  auto const where = fd_ == 1 ? std::string{"standard output"} : concat("descriptor ", fd_);
  throw fatal_error{fatal_error::kind::io, concat("cannot write to ", where, ": ", os_text(error_))};
}

}  // namespace sysb::cli
