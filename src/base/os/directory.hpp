// SPDX-License-Identifier: Apache-2.0
// A directory that is read, closed with its owner.
#pragma once
#include <dirent.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/os/descriptor.hpp"

namespace sysb {

struct dir_closer {
  void operator()(DIR* d) const noexcept { ::closedir(d); }
};
using dir_stream = std::unique_ptr<DIR, dir_closer>;

// Of an open directory, which belongs to the stream from here on. Null where there is none or it cannot be read: errno
// says why.
[[nodiscard]] inline dir_stream read_directory(unique_fd fd) noexcept {
  dir_stream d{fd.ok() ? ::fdopendir(fd.get()) : nullptr};
  if (d) { (void)fd.release(); }
  return d;
}

// The next name but "." and "..", valid until the next call. Nothing at the end, with errno 0, and where reading fails.
[[nodiscard]] inline std::optional<std::string_view> next_name(DIR* d) noexcept {
  for (;;) {
    errno = 0;
    auto const* const item = ::readdir(d);
    if (item == nullptr) { return std::nullopt; }
    std::string_view const name{item->d_name};
    if (name != "." && name != "..") { return name; }
  }
}

}  // namespace sysb
