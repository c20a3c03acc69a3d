// SPDX-License-Identifier: Apache-2.0
#include "mount/listing.hpp"

#define FUSE_USE_VERSION 312
#include <fuse3/fuse_lowlevel.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace sysb::mount {

namespace {
constexpr std::size_t largest = 1u << 20;
}

// Offsets: 1 after ".", 2 after "..", then 3 and what the tree gives to go on from.
void listing::fill(tree const& files, node_id directory, entry_maker const& make, part p) {
  asked_ = {};  // should this end early
  ready_.resize(std::min(p.size, largest));
  used_ = 0;
  next_ = p.from;
  at_end_ = false;
  auto const add = [&](char const* name, fuse_entry_param const& e, std::uint64_t next) {
    auto* const at = ready_.data() + used_;
    auto const room = ready_.size() - used_;
    auto const n = p.plus ? fuse_add_direntry_plus(nullptr, at, room, name, &e, static_cast<off_t>(next))
                          : fuse_add_direntry(nullptr, at, room, name, &e.attr, static_cast<off_t>(next));
    if (n > room) { return false; }
    used_ += n;
    next_ = static_cast<off_t>(next);
    return true;
  };
  // Of these the kernel keeps no node.
  fuse_entry_param dot{};
  dot.attr.st_ino = directory;
  dot.attr.st_mode = S_IFDIR;
  auto whole = p.from >= 1 || add(".", dot, 1);
  dot.attr.st_ino = 0;
  whole = whole && (p.from >= 2 || add("..", dot, 2));
  if (whole) {
    std::string text;
    auto const from = p.from < 3 ? 0 : static_cast<std::uint64_t>(p.from) - 3;
    files.list(directory, from, [&](std::string_view name, attributes const& a, std::uint64_t next) {
      text = name;
      return whole = add(text.c_str(), make(a), next + 3);
    });
  }
  at_end_ = whole;
  asked_ = p;
}

void listing::go_on(tree const& files, node_id directory, entry_maker const& make) noexcept {
  try {
    auto p = asked_;
    p.from = next_;
    if (!at_end_) { return fill(files, directory, make, p); }
    asked_ = p;
    used_ = 0;
  } catch (std::exception const&) { asked_ = {}; }  // who asks for it is told
}

void listing::forget() noexcept {
  asked_ = {};
  used_ = 0;
  ready_ = {};
}

}  // namespace sysb::mount
