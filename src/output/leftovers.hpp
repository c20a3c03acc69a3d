// SPDX-License-Identifier: Apache-2.0
// What a run that was killed leaves beside its output: unfinished files and trees under a name of ours. Whoever
// writes one holds a lock on it (flock(2)), which ends with the process, so nobody has to guess from a name or an age.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::output {

// .sysb-0123456789abcdef.part, .tree, .mask, .spool or .lock
[[nodiscard]] bool is_staged_name(std::string_view name) noexcept;

// Locks what `fd` has open, and says false; true where another holds the lock. A file system without locks shuts
// nobody out.
[[nodiscard]] bool held_by_another(int fd) noexcept;

// Marks what `fd` has open as being written. False where somebody removes it at this moment: make another one.
[[nodiscard]] bool claim(int fd) noexcept;

struct leftover {
  std::string path;
  bool tree = false;
  bool in_use = false;  // somebody holds it, or the file system tells nothing of locks
  std::uint64_t bytes = 0;
};

// In `folder` itself, by name. Throws fatal_error{io} where the folder cannot be read.
[[nodiscard]] std::vector<leftover> find_leftovers(std::string const& folder);
// Removes it while nobody can claim it; of a journal (see joint_commit.hpp) also what its run had put in place without
// OUT. Throws fatal_error{io}; false where it is in use by now, or gone.
bool remove_leftover(leftover const& what);

}  // namespace sysb::output
