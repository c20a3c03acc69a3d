// SPDX-License-Identifier: Apache-2.0
// Members of a tar or cpio archive, compressed or not, in its order: what sysb writes, and what others write.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"
#include "core/fatal_error.hpp"

namespace sysb::output {

class archive_reader {
 public:
  // `fd` stays the caller's and is read from where it stands. An archive that cannot be read to its end throws
  // fatal_error{kind}, whose text begins with `what`.
  archive_reader(int fd, fatal_error::kind kind, std::string what);
  ~archive_reader();
  archive_reader(archive_reader const&) = delete;
  archive_reader& operator=(archive_reader const&) = delete;

  // False after the last member. Names as in the archive; a further name of a hard link has link_to. `offset` is
  // the number of the member.
  [[nodiscard]] bool next(entry& out);
  // What the archive tells of the member that next() gave.
  struct told {
    bool aix_mode = false;  // all 32 bits of the mode, and the access control lists
    bool atime = false, ctime = false;
  };
  [[nodiscard]] told const& about() const noexcept { return told_; }
  // Next piece of its content, holes as zeros; empty at the end. Dies at the next call.
  [[nodiscard]] std::span<std::byte const> read();
  // "GNU tar", "POSIX pax interchange format": in libarchive's words, after next().
  [[nodiscard]] std::string format() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
  told told_;
};

// True where the file begins as a tar or cpio does, after a compression that sysb writes. The descriptor is read;
// where it stands afterwards is not said.
[[nodiscard]] bool is_archive(int fd);

}  // namespace sysb::output
