// SPDX-License-Identifier: Apache-2.0
#include "cli/two_starts.hpp"

#include <random>

#include "base/digest.hpp"
#include "base/text.hpp"

namespace sysb::cli {

two_starts::two_starts() : seed_{std::random_device{}()} {}

std::uint64_t two_starts::key_of(diagnostic const& d) const {
  auto const text = concat(d.code->id, ' ', d.offset ? hex(*d.offset) : std::string{"-"}, ' ',
                           std::uint64_t{d.path.size()}, ' ', d.path, ' ', d.detail);
  auto const key = table_hash(as_bytes(text), seed_);
  return key != 0 ? key : 1;
}

bool two_starts::is_new(diagnostic const& d) {
  if (now_ == start::only) { return true; }
  auto const any = [](slot const&) { return true; };
  auto const key = key_of(d);
  if (now_ == start::first) {
    ++told_.find_or_add(key, any, {key, 0}).first->count;
    return true;
  }
  auto* const told = told_.find(key, any);
  if (told == nullptr || told->count == 0) { return true; }
  --told->count;
  return false;
}

}  // namespace sysb::cli
