// SPDX-License-Identifier: Apache-2.0
// A directory that is read, closed with its owner.
#pragma once
#include <dirent.h>

#include <memory>

namespace sysb {

struct dir_closer {
  void operator()(DIR* d) const noexcept { ::closedir(d); }
};
using dir_stream = std::unique_ptr<DIR, dir_closer>;

}  // namespace sysb
