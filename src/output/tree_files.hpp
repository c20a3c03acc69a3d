// SPDX-License-Identifier: Apache-2.0
// System calls of the tree writer that concern an open file.
#pragma once
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/os/descriptor.hpp"
#include "core/entry.hpp"
#include "output/dir_cache.hpp"

namespace sysb::output {

inline constexpr std::uint32_t no_id = 0xffffffff;  // chown(2): leave it
inline constexpr mode_t set_id_bits = S_ISUID | S_ISGID;

// What one member, not the whole output, cannot be written for.
[[nodiscard]] inline bool is_member_fault(int error) noexcept {
  return error == ENAMETOOLONG || error == EINVAL || error == EILSEQ || error == EPERM || error == EOPNOTSUPP ||
         error == EFBIG || error == EOVERFLOW || error == ENOENT || error == EMLINK;
}
[[nodiscard]] inline bool is_in_the_way(int error) noexcept {
  return error == ENOTDIR || error == ELOOP || error == EXDEV;
}
[[nodiscard]] inline bool is_device(entry const& e) noexcept {
  return e.kind == entry_kind::char_device || e.kind == entry_kind::block_device;
}

// Of a call that sets owner, mode or times: 0, or the errno of a file system or a user that cannot have it so, which is
// a loss. Every other error is one of the output: throws fatal_error{io}.
[[nodiscard]] int refusal_of_system(int result, entry const& e);

// Access time first, as futimens wants them. Nanoseconds are not in an image.
[[nodiscard]] inline std::array<timespec, 2> times_of(std::int64_t atime, std::int64_t mtime) noexcept {
  return {timespec{static_cast<time_t>(atime), 0}, timespec{static_cast<time_t>(mtime), 0}};
}

// What a new file below a directory is given by itself. Owner and group of the one who makes it, or of
// the directory; and the mode goes through umask or the directory's default list.
struct new_file_facts {
  uid_t uid;
  gid_t gid;
  mode_t kept;  // permission bits that a mode given to open(2) keeps
};
// Tried with nameless files; nothing where the file system has none, or keeps no modes.
[[nodiscard]] std::optional<new_file_facts> facts_of_new_files(int dirfd) noexcept;

// To set what a directory is to have at the end; nothing where it is gone. Throws fatal_error{io}.
[[nodiscard]] unique_fd open_directory(dir_cache& from, std::string const& path);

// What stands in a directory. Throws fatal_error{io}.
[[nodiscard]] std::int64_t count_names(int dirfd);

// Content of one file, from its start. With `sparse`, 4 KiB blocks of zeros are not written.
class content_writer {
 public:
  content_writer() = default;
  content_writer(int fd, bool sparse) noexcept : fd_{fd}, sparse_{sparse} {}
  // 0 or errno.
  [[nodiscard]] int write(std::span<std::byte const> piece) noexcept;
  [[nodiscard]] int end() noexcept;  // makes the length right where the end is a hole

 private:
  [[nodiscard]] int put(std::span<std::byte const> bytes, std::uint64_t at) noexcept;
  int fd_ = -1;
  bool sparse_ = false;
  std::uint64_t at_ = 0;
  std::uint64_t length_ = 0;  // what the file has
};

}  // namespace sysb::output
