// SPDX-License-Identifier: Apache-2.0
#include "output/dir_cache.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/digest.hpp"
#include "base/os/random.hpp"
#include "base/text.hpp"

namespace sysb::output {

namespace {

constexpr int open_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// One component; the caller knows that it is neither ".." nor holds a slash.
unique_fd step(int parent, std::string_view name) {
  return unique_fd{::openat(parent, std::string{name}.c_str(), open_flags)};
}

dir_handle share(unique_fd fd) { return std::make_shared<unique_fd const>(std::move(fd)); }

}  // namespace

dir_cache::dir_cache(int root) : root_{root} {
  auto const seed = random_number();
  if (!seed) { throw_os(errno, "no random numbers"); }
  seed_ = *seed;
}

dir_cache::result dir_cache::walk(std::string_view path) const {
  unique_fd at;
  while (!path.empty()) {
    auto const slash = path.find('/');
    auto const name = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    at = step(at.ok() ? at.get() : root_, name);
    if (!at.ok()) { return {nullptr, errno}; }
  }
  return {share(std::move(at)), 0};
}

dir_cache::result dir_cache::resolve(std::string const& path) const {
  if (path.empty()) {
    unique_fd own{::openat(root_, ".", open_flags)};
    if (!own.ok()) { return {nullptr, errno}; }
    return {share(std::move(own)), 0};
  }
  open_how how{};
  how.flags = open_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  auto const fd = ::syscall(SYS_openat2, root_, path.c_str(), &how, sizeof how);
  if (fd >= 0) { return {share(unique_fd{static_cast<int>(fd)}), 0}; }
  // Old kernels and strict sandboxes do not have the call; a path may be longer than it takes.
  if (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG || errno == EAGAIN ||
      errno == ENAMETOOLONG) {
    return walk(path);
  }
  return {nullptr, errno};
}

dir_cache::result dir_cache::open(std::string_view path) {
  auto const hash = table_hash(as_bytes(path), seed_);
  {
    std::lock_guard const lock{mutex_};
    for (auto& s : slots_) {
      if (s.used != 0 && s.hash == hash && s.path == path) {
        s.used = ++clock_;
        return {s.dir, 0};
      }
    }
  }
  std::string const text{path};
  auto found = resolve(text);
  if (!found.dir) { return found; }
  std::lock_guard const lock{mutex_};
  auto* oldest = &slots_.front();
  for (auto& s : slots_) {
    if (s.used < oldest->used) { oldest = &s; }
  }
  *oldest = {hash, ++clock_, text, found.dir};
  return found;
}

void dir_cache::forget(std::string_view path) {
  std::lock_guard const lock{mutex_};
  for (auto& s : slots_) {
    if (s.used != 0 && (s.path == path || is_below(s.path, path))) { s = {}; }
  }
}

}  // namespace sysb::output
