// SPDX-License-Identifier: Apache-2.0
// The tree that is there: system calls below one descriptor.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/os/directory.hpp"
#include "base/os/temporary_file.hpp"
#include "output/tree_host.hpp"

namespace sysb::output {

namespace {

constexpr int path_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

int error_of(int result) noexcept { return result == 0 ? 0 : errno; }

found_directory held(unique_fd fd) {
  if (!fd.ok()) { return {nullptr, errno}; }
  return {std::make_shared<held_directory const>(held_directory{std::move(fd)}), 0};
}

class real_tree final : public tree_host {
 public:
  explicit real_tree(int top) : top_{top} {}

  [[nodiscard]] bool writes() const noexcept override { return true; }
  [[nodiscard]] unique_fd make_spool() noexcept override { return make_temporary_file(top_, "."); }
  [[nodiscard]] int sync() noexcept override { return error_of(::syncfs(top_)); }

  // Tried with nameless files; nothing where the file system has none, or keeps no modes.
  [[nodiscard]] std::optional<new_file_facts> new_files() const noexcept override {
    constexpr mode_t all = 0777;
    auto const made_with = [this](mode_t mode, struct stat& st) {
      unique_fd const fd{::openat(top_, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode)};
      return fd.ok() && ::fstat(fd.get(), &st) == 0;
    };
    struct stat most {};
    struct stat least {};
    if (!made_with(all, most) || !made_with(0, least)) { return std::nullopt; }
    // Some file systems give every file the same mode.
    if ((least.st_mode & all) != 0 || least.st_uid != most.st_uid || least.st_gid != most.st_gid) {
      return std::nullopt;
    }
    return new_file_facts{most.st_uid, most.st_gid, static_cast<mode_t>(most.st_mode & all)};
  }

  [[nodiscard]] found_directory open(std::string const& path) override {
    if (path.empty()) { return held(unique_fd{::openat(top_, ".", path_flags)}); }
    open_how how{};
    how.flags = path_flags;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    auto const fd = ::syscall(SYS_openat2, top_, path.c_str(), &how, sizeof how);
    // Old kernels and strict sandboxes do not have the call; a path may be longer than it takes.
    if (fd < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG || errno == EAGAIN ||
                   errno == ENAMETOOLONG)) {
      return walk(path);
    }
    return held(unique_fd{static_cast<int>(fd)});
  }

  [[nodiscard]] int open_directory(tree_place& at) override {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    auto const* const name = at.name.empty() ? "." : at.name.c_str();
    at.fd.reset(::openat(dir(at), name, flags));
    if (at.fd.ok()) { return 0; }
    if (errno != EACCES) { return errno; }
    // Two members of this name: the mode of the first is set already.
    if (::fchmodat(dir(at), name, 0700, AT_SYMLINK_NOFOLLOW) != 0) { return EACCES; }
    at.fd.reset(::openat(dir(at), name, flags));
    return at.fd.ok() ? 0 : errno;
  }

  [[nodiscard]] int count_names(tree_place const& at, std::int64_t& out) override {
    auto const d = read_directory(unique_fd{::openat(at.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)});
    if (!d) { return errno; }
    out = 0;
    while (next_name(d.get())) { ++out; }
    return errno;
  }

  [[nodiscard]] int look(tree_place const& at, bool& is_directory) override {
    struct stat st {};
    int const error = error_of(::fstatat(dir(at), at.name.c_str(), &st, AT_SYMLINK_NOFOLLOW));
    is_directory = S_ISDIR(st.st_mode);
    return error;
  }

  [[nodiscard]] int make(tree_place& at, mode_t mode, dev_t device) override {
    auto const* const name = at.name.c_str();
    if (S_ISDIR(mode)) { return error_of(::mkdirat(dir(at), name, mode & 07777)); }
    if (!S_ISREG(mode)) { return error_of(::mknodat(dir(at), name, mode, device)); }
    at.fd.reset(::openat(dir(at), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 07777));
    return at.fd.ok() ? 0 : errno;
  }
  [[nodiscard]] int make_symlink(tree_place const& at, std::string const& target) override {
    return error_of(::symlinkat(target.c_str(), dir(at), at.name.c_str()));
  }
  // Without AT_SYMLINK_FOLLOW a link to a symbolic link is one to the link itself.
  [[nodiscard]] int make_link(tree_place const& at, tree_place const& first) override {
    return error_of(::linkat(dir(first), first.name.c_str(), dir(at), at.name.c_str(), 0));
  }
  [[nodiscard]] int remove(tree_place const& at, bool directory) override {
    return error_of(::unlinkat(dir(at), at.name.c_str(), directory ? AT_REMOVEDIR : 0));
  }

  [[nodiscard]] int set_owner(tree_place const& at, uid_t uid, gid_t gid) override {
    return error_of(at.fd.ok() ? ::fchown(at.fd.get(), uid, gid)
                               : ::fchownat(dir(at), at.name.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW));
  }
  [[nodiscard]] int set_mode(tree_place const& at, mode_t mode) override {
    return error_of(at.fd.ok() ? ::fchmod(at.fd.get(), mode)
                               : ::fchmodat(dir(at), at.name.c_str(), mode, AT_SYMLINK_NOFOLLOW));
  }
  [[nodiscard]] int set_times(tree_place const& at, std::int64_t atime, std::int64_t mtime) override {
    // Nanoseconds are not in an image.
    timespec const times[]{{static_cast<time_t>(atime), 0}, {static_cast<time_t>(mtime), 0}};
    return error_of(at.fd.ok() ? ::futimens(at.fd.get(), times)
                               : ::utimensat(dir(at), at.name.c_str(), times, AT_SYMLINK_NOFOLLOW));
  }

 private:
  static int dir(tree_place const& at) noexcept { return at.dir->fd.get(); }

  // Component by component: the caller knows that none is "..".
  [[nodiscard]] found_directory walk(std::string_view path) const {
    unique_fd at;
    for (bool more = true; more;) {
      auto const slash = path.find('/');
      std::string const name{path.substr(0, slash)};
      unique_fd next{::openat(at.ok() ? at.get() : top_, name.c_str(), path_flags)};
      if (!next.ok()) { return {nullptr, errno}; }
      at = std::move(next);
      more = slash != std::string_view::npos;
      if (more) { path.remove_prefix(slash + 1); }
    }
    return held(std::move(at));
  }

  int top_;
};

}  // namespace

std::unique_ptr<tree_host> make_real_host(int top) { return std::make_unique<real_tree>(top); }

}  // namespace sysb::output
