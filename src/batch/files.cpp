// SPDX-License-Identifier: Apache-2.0
#include "batch/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "base/digest.hpp"
#include "base/os/descriptor.hpp"
#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/remove_tree.hpp"

namespace sysb::batch {

namespace {

constexpr std::uint64_t sample_bytes = 64u << 10;
constexpr std::uint64_t samples = 16;
constexpr std::size_t piece_bytes = 64u << 10;

[[noreturn]] void io_error(std::string_view what, std::string const& path, int error) {
  throw fatal_error{fatal_error::kind::io, concat(what, ' ', quoted(path), ": ", os_text(error)), std::nullopt, path};
}

std::int64_t time_of(struct stat const& s) {
  return std::int64_t{s.st_mtim.tv_sec} * 1'000'000'000 + s.st_mtim.tv_nsec;
}

void add_text(digester& to, std::string_view text) { to.update(as_bytes(text)); }

void sample_file(int fd, std::string const& path, std::uint64_t size, digester& to) {
  std::vector<std::byte> block(sample_bytes);
  auto const count = size <= samples * sample_bytes ? (size + sample_bytes - 1) / sample_bytes : samples;
  for (std::uint64_t i = 0; i < count; ++i) {
    // The first and the last block always, the others spread evenly.
    auto const at = count < samples ? i * sample_bytes : (size - sample_bytes) / (samples - 1) * i;
    auto const got = read_fully_at(fd, block, at);
    if (got.error != 0) { io_error("cannot read", path, got.error); }
    to.update({block.data(), got.bytes});
  }
}

void identify_one(std::string const& path, identity& sum, digester& to) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (fd.get() < 0) { io_error("cannot open", path, errno); }
  struct stat s {};
  if (::fstat(fd.get(), &s) != 0) { io_error("cannot look at", path, errno); }
  sum.mtime = std::max(sum.mtime, time_of(s));
  if (S_ISREG(s.st_mode)) {
    auto const size = static_cast<std::uint64_t>(s.st_size);
    sum.size += size;
    add_text(to, concat(size, ' '));
    sample_file(fd.get(), path, size, to);
    return;
  }
  if (!S_ISDIR(s.st_mode)) { io_error("neither a file nor a folder:", path, EINVAL); }
  dir_stream const folder{::opendir(path.c_str())};
  if (!folder) { io_error("cannot open", path, errno); }
  std::vector<std::string> names;
  while (auto const* const item = ::readdir(folder.get())) {
    if (item->d_name[0] != '.') { names.emplace_back(item->d_name); }
  }
  std::sort(names.begin(), names.end());
  for (auto const& name : names) {
    struct stat one {};
    if (::fstatat(fd.get(), name.c_str(), &one, 0) != 0 || !S_ISREG(one.st_mode)) { continue; }
    sum.size += static_cast<std::uint64_t>(one.st_size);
    sum.mtime = std::max(sum.mtime, time_of(one));
    add_text(to, concat(name, '\0', static_cast<std::uint64_t>(one.st_size), ' ', time_of(one), '\n'));
  }
}

}  // namespace

std::optional<std::string> read_file(std::string const& path, std::uint64_t limit) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) { return std::nullopt; }
    io_error("cannot open", path, errno);
  }
  std::string out;
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    auto const got = read_fully(fd.get(), piece);
    if (got.error != 0) { io_error("cannot read", path, got.error); }
    out += as_text({piece.data(), got.bytes});
    if (out.size() > limit) { io_error("cannot read", path, EFBIG); }
    if (got.bytes < piece.size()) { return out; }
  }
}

aside_file::aside_file(std::string path, unsigned mode) : path_{std::move(path)} {
  // One name a process and call: two workers on one job both finish, and the rename decides.
  static std::atomic<unsigned> number{0};
  aside_ = concat(parent_folder(path_), "/.sysb-", file_part(path_), '.', host_name(), '.', ::getpid(), '.',
                  number.fetch_add(1));
  fd_ = unique_fd{::open(aside_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode)};
  if (!fd_.ok()) { io_error("cannot create", std::exchange(aside_, {}), errno); }
}

aside_file::~aside_file() {
  if (!aside_.empty()) { ::unlink(aside_.c_str()); }
}

void aside_file::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= piece_bytes) { flush(); }
}

void aside_file::flush() {
  if (auto const error = write_fully(fd_.get(), as_bytes(buffer_)); error != 0) {
    io_error("cannot write", path_, error);
  }
  buffer_.clear();
}

bool aside_file::same_as_old() {
  flush();
  unique_fd const old{::open(path_.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!old.ok()) { return false; }
  std::vector<std::byte> here(piece_bytes), there(piece_bytes);
  for (std::uint64_t at = 0;;) {
    auto const a = read_fully_at(fd_.get(), here, at);
    auto const b = read_fully_at(old.get(), there, at);
    if (a.error != 0 || b.error != 0 || a.bytes != b.bytes ||
        !std::equal(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(a.bytes), there.begin())) {
      return false;
    }
    if (a.bytes < here.size()) { return true; }
    at += a.bytes;
  }
}

void aside_file::place(bool sync) {
  flush();
  if (sync && ::fsync(fd_.get()) != 0) { io_error("cannot sync", path_, errno); }
  fd_ = unique_fd{};
  if (::rename(aside_.c_str(), path_.c_str()) != 0) { io_error("cannot rename to", path_, errno); }
  aside_.clear();
  if (sync) { sync_folder(parent_folder(path_)); }
}

void write_file(std::string const& path, std::string_view text, unsigned mode) {
  aside_file file{path, mode};
  file.write(text);
  file.place();
}

void put_plain(std::string const& path, std::string_view text) {
  aside_file file{path, 0666};
  file.write(text);
  file.place(false);
}

void keep_as(std::string const& path, std::string const& name) {
  if (::link(path.c_str(), name.c_str()) == 0) { return; }
  if (errno == EEXIST) { io_error("cannot make", name, errno); }
  unique_fd const from{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!from.ok()) { io_error("cannot open", path, errno); }
  aside_file copy{name};
  std::vector<std::byte> piece(piece_bytes);
  for (;;) {
    auto const got = read_fully(from.get(), piece);
    if (got.error != 0) { io_error("cannot read", path, got.error); }
    copy.write(as_text({piece.data(), got.bytes}));
    if (got.bytes < piece.size()) { break; }
  }
  copy.place();
}

void make_folders(std::string const& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) { return; }
  if (errno != ENOENT || parent_folder(path) == path) { io_error("cannot make", path, errno); }
  make_folders(parent_folder(path), mode);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) { io_error("cannot make", path, errno); }
}

void sync_folder(std::string const& path) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (fd.get() >= 0) { static_cast<void>(::fsync(fd.get())); }
}

int remove_whole(std::string const& path) noexcept {
  try {
    struct stat s {};
    if (::lstat(path.c_str(), &s) != 0) { return errno == ENOENT ? 0 : errno; }
    if (!S_ISDIR(s.st_mode)) { return ::unlink(path.c_str()) == 0 ? 0 : errno; }
    unique_fd const parent{::open(parent_folder(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    return parent.get() < 0 ? errno : output::remove_tree(parent.get(), file_part(path).c_str());
  } catch (std::bad_alloc const&) { return ENOMEM; }
}

bool exists(std::string const& path) {
  struct stat s {};
  if (::lstat(path.c_str(), &s) == 0) { return true; }
  if (errno != ENOENT && errno != ENOTDIR) { io_error("cannot look at", path, errno); }
  return false;
}

std::string absolute_path(std::string const& path) {
  auto whole = path;
  if (path.empty() || path.front() != '/') {
    std::array<char, 4096> here{};
    if (::getcwd(here.data(), here.size()) == nullptr) { io_error("cannot tell the folder of", path, errno); }
    whole = concat(std::string_view{here.data()}, '/', path);
  }
  return concat('/', normal_path(whole));
}

std::string parent_folder(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string file_part(std::string const& path) { return path.substr(path.rfind('/') + 1); }

identity identify(std::vector<std::string> const& volumes) {
  identity sum;
  digester all;
  for (auto const& v : volumes) { identify_one(v, sum, all); }
  sum.samples = sysb::to_text(all.value());
  return sum;
}

std::string difference(identity const& planned, identity const& found) {
  if (planned.size != found.size) {
    return concat("the image has ", found.size, " bytes, when it was planned it had ", planned.size);
  }
  if (planned.mtime != found.mtime) {
    return concat("the image was changed at ", utc_time(found.mtime / 1'000'000'000),
                  ", when it was planned its time was ", utc_time(planned.mtime / 1'000'000'000));
  }
  if (planned.samples != found.samples) { return "the image has other content than when it was planned"; }
  return {};
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') { return "localhost"; }
  return name.data();
}

}  // namespace sysb::batch
