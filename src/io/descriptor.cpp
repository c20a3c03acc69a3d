// SPDX-License-Identifier: Apache-2.0
// System calls of the byte sources: repeated after signals, and errors told with place and cause.
#include "io/descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::io {

void unique_fd::reset() noexcept {
  if (fd_ >= 0) { ::close(fd_); }
  fd_ = -1;
}

namespace {

// Runs a system call again after a signal that asks for nothing.
template <typename Call>
std::int64_t repeat(Call const& call, progress const* counters) {
  for (;;) {
    std::int64_t const n = call();
    if (n >= 0 || errno != EINTR) { return n; }
    if (counters != nullptr) { counters->stop_if_asked(); }
  }
}

fatal_error spool_error(std::string const& folder, std::uint64_t at, int cause) {
  if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) {
    return {fatal_error::kind::io, concat("no space for the spool in ", quoted(folder), " after ", at, " bytes (",
                                          os_text(cause), "); name a folder with more space with --tmpdir")};
  }
  return {fatal_error::kind::io, concat("spool in ", quoted(folder), " failed: ", os_text(cause)), at};
}

unique_fd create_spool(std::string const& folder) {
#ifdef O_TMPFILE
  unique_fd nameless{::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600)};
  if (nameless.get() >= 0) { return nameless; }
#endif
  // Not every file system has nameless files.
  std::string name = folder + "/.sysb-spool-XXXXXX";
  unique_fd named{::mkostemp(name.data(), O_CLOEXEC)};
  if (named.get() < 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot create a spool file in ", quoted(folder), ": ",
                                                    os_text(errno), "; name another folder with --tmpdir")};
  }
  if (::unlink(name.c_str()) != 0) { throw spool_error(folder, 0, errno); }
  return named;
}

}  // namespace

std::int64_t read_some(int fd, std::span<std::byte> out, progress const* counters) {
  return repeat([&] { return std::int64_t{::read(fd, out.data(), out.size())}; }, counters);
}

std::int64_t read_some_at(int fd, std::span<std::byte> out, std::uint64_t offset, progress const* counters) {
  return repeat([&] { return std::int64_t{::pread(fd, out.data(), out.size(), static_cast<off_t>(offset))}; },
                counters);
}

spool_file::spool_file(std::string folder, progress const* counters) : folder_{std::move(folder)}, counters_{counters} {
  if (folder_.empty()) {
    throw fatal_error{fatal_error::kind::io,
                      "the input cannot seek and no folder for a spool is allowed; name one with --tmpdir"};
  }
  fd_ = create_spool(folder_);
}

void spool_file::write_at(std::uint64_t offset, std::span<std::byte const> bytes) {
  while (!bytes.empty()) {
    auto const n = repeat(
        [&] { return std::int64_t{::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset))}; },
        counters_);
    if (n < 0) { throw spool_error(folder_, offset, errno); }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void spool_file::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    auto const n = read_some_at(fd_.get(), out, offset, counters_);
    if (n <= 0) { throw spool_error(folder_, offset, n < 0 ? errno : EIO); }
    out = out.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

void spool_file::clear() {
  if (::ftruncate(fd_.get(), 0) != 0) { throw spool_error(folder_, 0, errno); }
}

}  // namespace sysb::io
