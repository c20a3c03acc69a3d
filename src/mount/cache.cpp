// SPDX-License-Identifier: Apache-2.0
#include "mount/cache.hpp"

#include <utility>

namespace sysb::mount {

content_piece piece_cache::get(std::uint64_t member, std::uint64_t number) {
  std::lock_guard const hold{lock_};
  auto const at = places_.find({member, number});
  if (at == places_.end()) { return nullptr; }
  by_use_.splice(by_use_.begin(), by_use_, at->second);
  return at->second->piece;
}

void piece_cache::put(std::uint64_t member, std::uint64_t number, content_piece piece) {
  if (cost(piece) > limit_) { return; }
  std::lock_guard const hold{lock_};
  key const k{member, number};
  if (places_.find(k) != places_.end()) { return; }
  used_ += cost(piece);
  by_use_.push_front({k, std::move(piece)});
  places_.emplace(k, by_use_.begin());
  while (used_ > limit_) {
    auto const& last = by_use_.back();
    used_ -= cost(last.piece);
    places_.erase(last.of);
    by_use_.pop_back();
  }
}

}  // namespace sysb::mount
