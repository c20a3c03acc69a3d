// SPDX-License-Identifier: Apache-2.0
// From a name or a descriptor to the source that fits what it is.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "io/sources.hpp"

namespace sysb::io {

namespace {

fatal_error cannot(char const* what, int cause, std::string const& name) {
  return {fatal_error::kind::io, concat(what, ": ", os_text(cause)), std::nullopt, name};
}

fatal_error read_failed(int cause, std::uint64_t at, std::string const& name) {
  return {fatal_error::kind::io, concat("read failed: ", os_text(cause)), at, name};
}

class descriptor_producer final : public byte_producer {
 public:
  descriptor_producer(unique_fd fd, std::string name, progress const* counters)
      : fd_{std::move(fd)}, name_{std::move(name)}, counters_{counters} {}

  std::size_t produce(std::span<std::byte> out) override {
    auto const n = read_some(fd_.get(), out, counters_);
    if (n < 0) { throw read_failed(errno, seen_, name_); }
    seen_ += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
  std::uint64_t medium_position() const noexcept override { return seen_; }

 private:
  unique_fd fd_;
  std::string name_;
  progress const* counters_;
  std::uint64_t seen_ = 0;
};

std::unique_ptr<byte_source> open_owned(unique_fd fd, std::string const& name, source_options const& o) {
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0) { throw cannot("cannot read", errno, name); }
  if (S_ISDIR(about.st_mode)) {
    throw fatal_error{fatal_error::kind::io, "is a directory, not an image file", std::nullopt, name};
  }
  if (S_ISCHR(about.st_mode)) { return make_device_source(std::move(fd), name, o); }
  auto const here = ::lseek(fd.get(), 0, SEEK_CUR);
  if ((!S_ISREG(about.st_mode) && !S_ISBLK(about.st_mode)) || here < 0) {
    return from_producer(make_descriptor_producer(std::move(fd), name, o.counters), o);
  }
  // A descriptor that was handed over in the middle of a file means the rest of it.
  auto const base = static_cast<std::uint64_t>(here);
  auto end = static_cast<std::uint64_t>(about.st_size);
  if (S_ISBLK(about.st_mode)) {
    auto const last = ::lseek(fd.get(), 0, SEEK_END);
    if (last < 0) { throw cannot("cannot find the size of the device", errno, name); }
    end = static_cast<std::uint64_t>(last);
  }
  std::byte one{};
  if (end == 0 && read_some_at(fd.get(), {&one, 1}, base, o.counters) == 1) {
    // Files of the kernel (/proc) have bytes and no size.
    return from_producer(make_descriptor_producer(std::move(fd), name, o.counters), o);
  }
  file_facts facts{.name = name, .base = base, .size = end - std::min(base, end), .compare = true, .damage = nullptr};
  return make_file_source(std::move(fd), std::move(facts), o.counters);
}

}  // namespace

std::unique_ptr<byte_producer> make_descriptor_producer(unique_fd fd, std::string name, progress const* counters) {
  return std::make_unique<descriptor_producer>(std::move(fd), std::move(name), counters);
}

std::unique_ptr<byte_source> open_file(std::string const& path, source_options const& o) {
  if (path == "-") {
    unique_fd fd{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)};
    if (fd.get() < 0) { throw cannot("cannot read standard input", errno, path); }
    return open_owned(std::move(fd), "standard input", o);
  }
  for (;;) {
    unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (fd.get() >= 0) { return open_owned(std::move(fd), path, o); }
    if (errno != EINTR) { throw cannot("cannot open", errno, path); }
    if (o.counters != nullptr) { o.counters->stop_if_asked(); }
  }
}

std::unique_ptr<byte_source> open_descriptor(int fd, source_options const& o) {
  return open_owned(unique_fd{fd}, concat("descriptor ", fd), o);
}

}  // namespace sysb::io
