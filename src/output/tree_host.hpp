// SPDX-License-Identifier: Apache-2.0
// The file system below one directory, as far as a tree needs it: the real one, or one that writes nothing and answers
// what would happen. One sink over both says the same of the same members.
#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/os/descriptor.hpp"

namespace sysb::output {

// A directory that is held: by a descriptor, or by its key in a tree that is only foretold.
struct held_directory {
  unique_fd fd;
  std::uint64_t key = 0;
};
using dir_handle = std::shared_ptr<held_directory const>;

struct found_directory {
  dir_handle dir;  // null where it could not be opened
  int error = 0;   // ENOENT: missing; ENOTDIR, ELOOP: a link or no directory stands in the way
};

// A name in a directory.
struct tree_place {
  dir_handle dir;
  std::string name;  // one component; empty: the directory itself
  unique_fd fd;      // what the host opened there
};

// What a new file is given by itself: owner and group of the one who makes it, or of the directory; and its mode goes
// through umask or the directory's default list.
struct new_file_facts {
  uid_t uid;
  gid_t gid;
  mode_t kept;  // permission bits that a mode given to make() keeps
};

// What returns an int returns 0 or errno. No link is ever followed. Of a host that writes, every thread may call all of it.
class tree_host {
 public:
  virtual ~tree_host() = default;
  tree_host() = default;
  tree_host(tree_host const&) = delete;
  tree_host& operator=(tree_host const&) = delete;

  // False: there is no use in content.
  [[nodiscard]] virtual bool writes() const noexcept = 0;
  // A temporary file without a name; where there is none, errno says why.
  [[nodiscard]] virtual unique_fd make_spool() noexcept = 0;
  // Nothing where that cannot be known.
  [[nodiscard]] virtual std::optional<new_file_facts> new_files() const noexcept = 0;
  [[nodiscard]] virtual int sync() noexcept = 0;

  // `path` is normal; empty: the top.
  [[nodiscard]] virtual found_directory open(std::string const& path) = 0;
  // A directory, to look into it or to set what it has.
  [[nodiscard]] virtual int open_directory(tree_place& at) = 0;
  [[nodiscard]] virtual int count_names(tree_place const& at, std::int64_t& out) = 0;
  [[nodiscard]] virtual int look(tree_place const& at, bool& is_directory) = 0;

  // Of the type in `mode`; a regular file is open for writing then.
  [[nodiscard]] virtual int make(tree_place& at, mode_t mode, dev_t device) = 0;
  [[nodiscard]] virtual int make_symlink(tree_place const& at, std::string const& target) = 0;
  [[nodiscard]] virtual int make_link(tree_place const& at, tree_place const& first) = 0;
  [[nodiscard]] virtual int remove(tree_place const& at, bool directory) = 0;

  // Of what is open, else of what has the name.
  [[nodiscard]] virtual int set_owner(tree_place const& at, uid_t uid, gid_t gid) = 0;
  [[nodiscard]] virtual int set_mode(tree_place const& at, mode_t mode) = 0;
  [[nodiscard]] virtual int set_times(tree_place const& at, std::int64_t atime, std::int64_t mtime) = 0;
};

// Everything is done below the descriptor `top`, through descriptors of parents; nothing process-wide is touched.
[[nodiscard]] std::unique_ptr<tree_host> make_real_host(int top);
// Answers by what can be known beforehand: who runs this, what the kernel allows him, how long a name of the file system
// of `target` may be, which members came before. That this file system takes everything else is assumed. `target` need
// not be there; temporary files stand in `tmpdir`.
[[nodiscard]] std::unique_ptr<tree_host> make_foretelling_host(std::string const& target, std::string const& tmpdir);

}  // namespace sysb::output
