// SPDX-License-Identifier: Apache-2.0
// An output appears whole or not at all: it is written under another name and renamed.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "base/os/directory.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"
#include "output/leftovers.hpp"
#include "output/output.hpp"
#include "output/place.hpp"
#include "output/remove_tree.hpp"

namespace sysb::output {

namespace {

[[noreturn]] void refuse(std::string const& text, std::string const& path) {
  throw fatal_error{fatal_error::kind::io, text, std::nullopt, path};
}

std::string random_name(char const* suffix) {
  return concat(".sysb-", hex(unforeseen_number(), 16), std::string_view{suffix});
}

int open_folder(std::string const& path) {
  int const fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) { throw_os(errno, concat("cannot open folder ", quoted(path)), path); }
  return fd;
}

// umask(2) can only be read by changing it, for every thread: a file that is made shows it too. It has a
// name only where the file system knows none without.
mode_t masked_mode(int folder, std::uint32_t mode, std::string const& path) {
  if (unique_fd const nameless{::openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0777)}; nameless.ok()) {
    struct stat st {};
    if (::fstat(nameless.get(), &st) == 0) { return static_cast<mode_t>(mode & st.st_mode & 0777u); }
  }
  auto const probe = random_name(".mask");
  unique_fd fd{::openat(folder, probe.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0777)};
  struct stat st {};
  auto const seen = fd.ok() && ::fstat(fd.get(), &st) == 0;
  if (fd.ok() && ::unlinkat(folder, probe.c_str(), 0) != 0) {
    throw_os(errno, concat("cannot remove the temporary file ", quoted(probe)), path);
  }
  return static_cast<mode_t>(mode & (seen ? st.st_mode & 0777u : 0755u));
}

// The rename that does not replace; file systems without it refuse with EINVAL.
int rename_new(int folder, std::string const& from, std::string const& to, bool directory) {
  if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) == 0) { return 0; }
  if (errno != EINVAL && errno != ENOSYS) { return errno; }
  if (directory) {  // rename(2) replaces an empty directory only, which a target may be
    return ::renameat(folder, from.c_str(), folder, to.c_str()) == 0 ? 0 : errno;
  }
  if (::linkat(folder, from.c_str(), folder, to.c_str(), 0) != 0) { return errno; }
  if (::unlinkat(folder, from.c_str(), 0) == 0) { return 0; }
  int const error = errno;
  ::unlinkat(folder, to.c_str(), 0);
  return error;
}

enum class replaced : std::uint8_t { nothing, kept_aside, for_good };
struct rename_result {
  int error = 0;
  output::replaced replaced = output::replaced::nothing;
};

// What stood under the final name goes to the staged one, where the file system can exchange two names: so it can come back.
rename_result rename_file(int folder, std::string const& from, std::string const& to, bool overwrite) {
  struct stat st {};
  if (!overwrite || ::fstatat(folder, to.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
    return {rename_new(folder, from, to, false)};
  }
  if (S_ISDIR(st.st_mode)) { return {EISDIR}; }
  if (::renameat2(folder, from.c_str(), folder, to.c_str(), RENAME_EXCHANGE) == 0) { return {0, replaced::kept_aside}; }
  if (errno != EINVAL && errno != ENOSYS) { return {errno}; }
  if (::renameat(folder, from.c_str(), folder, to.c_str()) != 0) { return {errno}; }
  return {0, replaced::for_good};
}

file_identity identity(struct stat const& st) {
  auto const size = S_ISDIR(st.st_mode) ? 0u : static_cast<std::uint64_t>(st.st_size);
  return {st.st_dev, st.st_ino, size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, {}};
}

dir_stream list(int fd) { return read_directory(unique_fd{::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)}); }

// A directory that changes its parent needs write permission on itself, root aside.
int move_child(int from, int to, char const* name) {
  if (::renameat(from, name, to, name) == 0) { return 0; }
  if (errno != EACCES) { return errno; }
  struct stat st {};
  if (::fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) { return EACCES; }
  if (::fchmodat(from, name, S_IRWXU, AT_SYMLINK_NOFOLLOW) != 0) { return errno; }
  int const error = ::renameat(from, name, to, name) == 0 ? 0 : errno;
  if (::fchmodat(error == 0 ? to : from, name, st.st_mode & 07777, AT_SYMLINK_NOFOLLOW) != 0) { return errno; }
  return error;
}

// All but `staged` itself. The target was empty: whatever else it holds afterwards came from here.
int move_children(int from, int to, std::string const& staged) {
  for (;;) {  // a directory that changes is listed anew until it is empty
    auto const d = list(from);
    if (!d) { return errno; }
    bool moved = false;
    while (auto const name = next_name(d.get())) {
      if (*name == staged) { continue; }
      if (int const error = move_child(from, to, name->data()); error != 0) { return error; }
      moved = true;
    }
    if (!moved) { return 0; }
  }
}

void sync_folder(int fd, std::string const& path) {
  // Some file systems cannot sync a folder; the rename itself has been done.
  if (::fsync(fd) != 0 && errno != EINVAL && errno != EBADF && errno != EROFS) {
    throw_os(errno, concat("sync of the folder of ", quoted(path), " failed"), path);
  }
}

}  // namespace

void refuse_taken_file(std::string const& path, bool overwrite) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0) {
    if (S_ISLNK(st.st_mode) && ::stat(path.c_str(), &st) != 0) { st.st_mode = S_IFREG; }
    if (!S_ISREG(st.st_mode)) { refuse(concat(quoted(path), " is not a regular file"), path); }
    if (!overwrite) { refuse(concat(quoted(path), " exists already (use --overwrite to replace it)"), path); }
  } else if (errno != ENOENT) {
    throw_os(errno, concat("cannot write ", quoted(path)), path);
  }
  auto const name = split_place(path).name;
  if (name.empty() || name == "." || name == "..") { refuse(concat(quoted(path), " is not the name of a file"), path); }
}

bool refuse_taken_tree(std::string const& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) == 0) {
    if (!S_ISDIR(st.st_mode)) { refuse(concat(quoted(path), " is not a directory"), path); }
    unique_fd const target{open_folder(path)};
    auto const d = list(target.get());
    if (!d) { throw_os(errno, concat("cannot read ", quoted(path)), path); }
    // What a killed run left in it goes before a tree is written there.
    bool ours = false, others = false;
    while (auto const name = next_name(d.get())) { (is_staged_name(*name) ? ours : others) = true; }
    if (others) {
      refuse(concat(quoted(path), " is not empty", ours ? ": a run was killed while it moved its tree there" : ""),
             path);
    }
    return true;
  }
  if (errno != ENOENT) { throw_os(errno, concat("cannot write ", quoted(path)), path); }
  if (::lstat(path.c_str(), &st) == 0) { refuse(concat(quoted(path), " is a symbolic link that leads nowhere"), path); }
  auto const name = split_place(path).name;
  if (name == "." || name == "..") { refuse(concat(quoted(path), " is not the name of a directory"), path); }
  return false;
}

std::optional<file_identity> identity_of(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) { return std::nullopt; }
  return identity(st);
}

std::optional<file_identity> identity_of(int folder, std::string const& name) {
  struct stat st {};
  if (::fstatat(folder, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) { return std::nullopt; }
  return identity(st);
}

staged_file::staged_file(std::string final_path, bool overwrite)
    : final_{std::move(final_path)}, overwrite_{overwrite} {
  refuse_taken_file(final_, overwrite_);
  auto where = split_place(final_);
  name_ = std::move(where.name);
  folder_ = open_folder(where.folder);
  stage();
}

staged_file::staged_file(int folder, std::string name, std::string path)
    : final_{std::move(path)}, name_{std::move(name)}, overwrite_{false} {
  folder_ = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0) { throw_os(errno, concat("cannot write ", quoted(final_)), final_); }
  stage();
}

void staged_file::stage() {
  for (;;) {
    try {
      staged_ = random_name(".part");
    } catch (...) {
      ::close(folder_);
      throw;
    }
    fd_ = ::openat(folder_, staged_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd_ < 0 || claim(fd_)) { break; }
    ::close(fd_);
    ::unlinkat(folder_, staged_.c_str(), 0);
  }
  if (fd_ < 0) {
    int const error = errno;
    ::close(folder_);
    throw_os(error, concat("cannot write in folder ", quoted(split_place(final_).folder)), final_);
  }
  way_out_.remember(folder_, staged_, false);
}

staged_file::staged_file(staged_file&& other) noexcept
    : final_{std::move(other.final_)},
      name_{std::move(other.name_)},
      staged_{std::exchange(other.staged_, {})},
      folder_{std::exchange(other.folder_, -1)},
      fd_{std::exchange(other.fd_, -1)},
      overwrite_{other.overwrite_},
      placed_{std::exchange(other.placed_, false)},
      way_out_{std::move(other.way_out_)},
      for_good_{other.for_good_} {}

staged_file::~staged_file() {
  take_back();
  if (fd_ >= 0) { ::close(fd_); }
  if (folder_ >= 0) { ::close(folder_); }
}

void staged_file::prepare(std::uint32_t mode) {
  if (::fchmod(fd_, masked_mode(folder_, mode, final_)) != 0) {
    throw_os(errno, concat("cannot set the mode of ", quoted(final_)), final_);
  }
  if (::fsync(fd_) != 0) { throw_os(errno, concat("sync of ", quoted(final_), " failed"), final_); }
}

file_identity staged_file::identity() const {
  auto out = identity_of(fd_);
  if (!out) { throw_os(errno, concat("cannot look at ", quoted(final_)), final_); }
  out->staged = staged_;
  return *out;
}

void staged_file::place() {
  auto const how = rename_file(folder_, staged_, name_, overwrite_);
  if (how.error == EEXIST) { refuse(concat(quoted(final_), " was made by someone else meanwhile"), final_); }
  if (how.error != 0) { throw_os(how.error, concat("cannot rename to ", quoted(final_)), final_); }
  placed_ = true;
  way_out_.forget();
  for_good_ = how.replaced == replaced::for_good;
  if (how.replaced != replaced::kept_aside) { staged_.clear(); }
  sync_folder(folder_, final_);
  // close(2) is where network file systems report what they could not write.
  if (::close(std::exchange(fd_, -1)) != 0 && errno != EINTR) {
    throw_os(errno, concat("close of ", quoted(final_), " failed"), final_);
  }
}

void staged_file::keep() {
  placed_ = false;
  auto const old = std::exchange(staged_, {});
  if (!old.empty() && ::unlinkat(folder_, old.c_str(), 0) != 0 && errno != ENOENT) {
    throw_os(errno, concat(quoted(final_), " is complete, but what it replaced cannot be removed: ", quoted(old)),
             final_);
  }
}

void staged_file::take_back() noexcept {
  if (folder_ < 0) { return; }
  if (!placed_) {
    if (!staged_.empty()) { ::unlinkat(folder_, staged_.c_str(), 0); }
  } else if (!staged_.empty()) {
    ::renameat(folder_, staged_.c_str(), folder_, name_.c_str());
  } else if (!for_good_) {
    ::unlinkat(folder_, name_.c_str(), 0);
  }
  way_out_.forget();
  staged_.clear();
  placed_ = false;
}

staged_tree::staged_tree(std::string final_path) : final_{std::move(final_path)} {
  if (refuse_taken_tree(final_)) {
    for (auto const& left : find_leftovers(final_)) {
      if (!left.in_use) { static_cast<void>(remove_leftover(left)); }
    }
    struct stat st {};
    if (::stat(final_.c_str(), &st) != 0) { throw_os(errno, concat("cannot write ", quoted(final_)), final_); }
    // Its real name: a link or "." cannot be renamed over.
    std::unique_ptr<char, void (*)(void*)> const real{::realpath(final_.c_str(), nullptr), std::free};
    if (!real) { throw_os(errno, concat("cannot resolve ", quoted(final_)), final_); }
    auto const where = split_place(real.get());
    struct stat above {
    }, here{};
    inside_ = where.name.empty() || ::stat(where.folder.c_str(), &above) != 0 || above.st_dev != st.st_dev ||
              ::stat(".", &here) != 0 || (here.st_dev == st.st_dev && here.st_ino == st.st_ino) ||
              ::faccessat(AT_FDCWD, where.folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0 ||
              ((above.st_mode & S_ISVTX) != 0 && st.st_uid != ::geteuid());
    name_ = where.name;
    folder_ = open_folder(inside_ ? std::string{real.get()} : where.folder);
  } else {
    auto where = split_place(final_);
    name_ = std::move(where.name);
    folder_ = open_folder(where.folder);
  }
  for (;;) {
    staged_ = random_name(".tree");
    if (::mkdirat(folder_, staged_.c_str(), 0700) != 0) { break; }
    fd_ = ::openat(folder_, staged_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd_ < 0) { break; }
    if (claim(fd_)) {
      way_out_.remember(folder_, staged_, true);
      spare_ = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
      return;
    }
    ::close(std::exchange(fd_, -1));
    ::unlinkat(folder_, staged_.c_str(), AT_REMOVEDIR);
  }
  int const error = errno;
  ::unlinkat(folder_, staged_.c_str(), AT_REMOVEDIR);
  ::close(folder_);
  throw_os(error, concat("cannot make a directory for ", quoted(final_)), final_);
}

staged_tree::~staged_tree() {
  // To remove a tree takes two descriptors, and the run may have ended because there were no more.
  if (fd_ >= 0) { ::close(fd_); }
  if (spare_ >= 0) { ::close(spare_); }
  take_back();
  ::close(folder_);
}

std::uint32_t staged_tree::masked(std::uint32_t mode) const { return masked_mode(fd_, mode, final_); }

file_identity staged_tree::identity() const {
  auto out = identity_of(inside_ ? folder_ : fd_);
  if (!out) { throw_os(errno, concat("cannot look at ", quoted(final_)), final_); }
  out->filled = inside_;
  return *out;
}

void staged_tree::move_up() {
  struct stat st {};
  if (::fstat(fd_, &st) != 0) { throw_os(errno, "cannot read the staged tree", final_); }
  if (::fchmod(fd_, S_IRWXU) != 0) { throw_os(errno, "cannot write the staged tree", final_); }
  placed_ = true;
  way_out_.forget();
  if (int const error = move_children(fd_, folder_, staged_); error != 0) {
    throw_os(error, concat("cannot move the tree into ", quoted(final_)), final_);
  }
  // An owner that may not be given away stays; the sink has said so already.
  if (::fchown(folder_, st.st_uid, st.st_gid) != 0 && errno != EPERM) {
    throw_os(errno, "cannot set the owner of the root directory", final_);
  }
  if (::unlinkat(folder_, staged_.c_str(), AT_REMOVEDIR) != 0) {
    throw_os(errno, "cannot remove the staging directory", final_);
  }
  staged_.clear();
  if (::fchmod(folder_, st.st_mode & 07777) != 0 && errno != EPERM) {
    throw_os(errno, "cannot set the mode of the root directory", final_);
  }
  timespec const times[2]{st.st_atim, st.st_mtim};
  if (::futimens(folder_, times) != 0 && errno != EPERM) {
    throw_os(errno, "cannot set the times of the root directory", final_);
  }
  sync_folder(folder_, final_);
}

void staged_tree::place() {
  if (inside_) {
    move_up();
    return;
  }
  int error = rename_new(folder_, staged_, name_, true);
  if (error == EEXIST) {  // an empty directory stood there already, or was made meanwhile
    error = ::renameat(folder_, staged_.c_str(), folder_, name_.c_str()) == 0 ? 0 : errno;
  }
  if (error != 0) { throw_os(error, concat("cannot rename to ", quoted(final_)), final_); }
  placed_ = true;
  way_out_.forget();
  staged_.clear();
  sync_folder(folder_, final_);
}

void staged_tree::take_back() noexcept {
  if (!placed_) {
    if (!staged_.empty()) { static_cast<void>(remove_tree(folder_, staged_.c_str())); }
  } else if (!inside_) {
    static_cast<void>(remove_tree(folder_, name_.c_str()));
  } else {
    // Its name is gone where all else had been done: moved down again below a new one.
    try {
      if (staged_.empty()) { staged_ = random_name(".tree"); }
      if (::mkdirat(folder_, staged_.c_str(), 0700) == 0 || errno == EEXIST) {
        unique_fd const to{::openat(folder_, staged_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (to.ok()) { static_cast<void>(move_children(folder_, to.get(), staged_)); }
      }
      static_cast<void>(remove_tree(folder_, staged_.c_str()));
    } catch (...) { return; }  // no memory: what stands there is told by its being there
  }
  way_out_.forget();
  staged_.clear();
  placed_ = false;
}

void require_space(std::string const& path, std::uint64_t bytes, std::uint64_t inodes) {
  struct statvfs fs {};
  auto at = path;
  if (int const error = look_at_file_system(at, fs); error != 0) {
    throw_os(error, concat("no space known of ", quoted(at)), at);
  }
  auto const unit = static_cast<std::uint64_t>(fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize);
  // Compared in units, so that no product can overflow.
  if (unit != 0 && bytes / unit >= fs.f_bavail && bytes > fs.f_bavail * unit) {
    refuse(concat("not enough space: ", bytes, " bytes are needed, ", fs.f_bavail * unit, " are free"), path);
  }
  // File systems that make inodes as they need them count none.
  if (fs.f_files != 0 && inodes > fs.f_favail) {
    refuse(concat("not enough inodes: ", inodes, " are needed, ", static_cast<std::uint64_t>(fs.f_favail), " are free"),
           path);
  }
}

}  // namespace sysb::output
