// SPDX-License-Identifier: Apache-2.0
// Kinds of members from the type bits of a mode.
#pragma once
#include <sys/stat.h>

#include "core/entry.hpp"

namespace sysb::output {

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

}  // namespace sysb::output
