// SPDX-License-Identifier: Apache-2.0
// Reads an archive back with libarchive, for comparison with what was written.
#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace sysb::test {

struct read_member {
  std::string path, content, symlink, hardlink;
  unsigned type = 0, mode = 0, nlink = 0;
  std::int64_t uid = 0, gid = 0, size = 0, mtime = 0, atime = 0, ctime = 0;
  std::uint64_t major = 0, minor = 0;
  std::map<std::string, std::string> xattrs;
};

inline std::vector<read_member> read_archive(std::string const& bytes, bool content = true) {
  std::vector<read_member> out;
  auto* const a = ::archive_read_new();
  ::archive_read_support_format_tar(a);
  ::archive_read_support_format_cpio(a);
  ::archive_read_support_format_mtree(a);
  ::archive_read_support_filter_all(a);
  ::archive_read_open_memory(a, bytes.data(), bytes.size());
  ::archive_entry* e = nullptr;
  int r = 0;
  while ((r = ::archive_read_next_header(a, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
    read_member m;
    auto const text = [](char const* s) { return s != nullptr ? std::string{s} : std::string{}; };
    m.path = text(::archive_entry_pathname(e));
    m.symlink = text(::archive_entry_symlink(e));
    m.hardlink = text(::archive_entry_hardlink(e));
    m.type = ::archive_entry_filetype(e);
    m.mode = ::archive_entry_perm(e);
    m.nlink = ::archive_entry_nlink(e);
    m.uid = ::archive_entry_uid(e);
    m.gid = ::archive_entry_gid(e);
    m.size = ::archive_entry_size(e);
    m.mtime = ::archive_entry_mtime(e);
    m.atime = ::archive_entry_atime(e);
    m.ctime = ::archive_entry_ctime(e);
    m.major = ::archive_entry_rdevmajor(e);
    m.minor = ::archive_entry_rdevminor(e);
    ::archive_entry_xattr_reset(e);
    char const* name = nullptr;
    void const* value = nullptr;
    std::size_t size = 0;
    while (::archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
      m.xattrs[name] = std::string{static_cast<char const*>(value), size};
    }
    if (content) {
      std::string buffer(1 << 16, '\0');
      la_ssize_t n = 0;
      while ((n = ::archive_read_data(a, buffer.data(), buffer.size())) > 0) {
        m.content.append(buffer.data(), static_cast<std::size_t>(n));
      }
    }
    out.push_back(std::move(m));
  }
  auto const failure = r == ARCHIVE_EOF ? std::string{} : std::string{::archive_error_string(a)};
  ::archive_read_free(a);
  if (!failure.empty()) { throw std::runtime_error{"read back: " + failure}; }
  return out;
}

}  // namespace sysb::test
