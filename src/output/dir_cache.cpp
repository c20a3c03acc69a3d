// SPDX-License-Identifier: Apache-2.0
#include "output/dir_cache.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::output {

found_directory dir_cache::open(std::string_view path) {
  auto const hash = table_hash(as_bytes(path), seed_);
  {
    std::lock_guard const lock{mutex_};
    for (auto& s : slots_) {
      if (s.used != 0 && s.hash == hash && s.path == path) {
        s.used = ++clock_;
        return {s.dir, 0};
      }
    }
  }
  std::string const text{path};
  auto found = host_.open(text);
  if (!found.dir) { return found; }
  std::lock_guard const lock{mutex_};
  auto* oldest = &slots_.front();
  for (auto& s : slots_) {
    if (s.used < oldest->used) { oldest = &s; }
  }
  *oldest = {hash, ++clock_, text, found.dir};
  return found;
}

void dir_cache::forget(std::string_view path) {
  std::lock_guard const lock{mutex_};
  for (auto& s : slots_) {
    if (s.used != 0 && (s.path == path || is_below(s.path, path))) { s = {}; }
  }
}

}  // namespace sysb::output
