// SPDX-License-Identifier: Apache-2.0
// Kinds of members, and the type bits of a mode.
#pragma once
#include <sys/stat.h>

#include "core/entry.hpp"

namespace sysb {

[[nodiscard]] constexpr bool is_device(entry_kind k) noexcept {
  return k == entry_kind::char_device || k == entry_kind::block_device;
}

[[nodiscard]] inline entry_kind kind_of(unsigned type) noexcept {
  switch (type) {
    case S_IFDIR: return entry_kind::directory;
    case S_IFLNK: return entry_kind::symlink;
    case S_IFCHR: return entry_kind::char_device;
    case S_IFBLK: return entry_kind::block_device;
    case S_IFIFO: return entry_kind::fifo;
    case S_IFSOCK: return entry_kind::socket;
    default: return entry_kind::file;
  }
}

[[nodiscard]] inline mode_t type_of(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return S_IFREG;
    case entry_kind::directory: return S_IFDIR;
    case entry_kind::symlink: return S_IFLNK;
    case entry_kind::char_device: return S_IFCHR;
    case entry_kind::block_device: return S_IFBLK;
    case entry_kind::fifo: return S_IFIFO;
    case entry_kind::socket: return S_IFSOCK;
  }
  return S_IFREG;
}

}  // namespace sysb
