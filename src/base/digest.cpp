// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <new>

// Where the library has them: the widest registers that this processor has, chosen when it runs.
#if SYSB_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include "base/text.hpp"

namespace sysb {

struct digester::state {
  struct free_state {
    void operator()(XXH3_state_t* s) const noexcept { XXH3_freeState(s); }
  };
  std::unique_ptr<XXH3_state_t, free_state> xxh{XXH3_createState()};
};

digester::digester() : state_{std::make_unique<state>()} {
  if (!state_->xxh) { throw std::bad_alloc{}; }
  reset();
}
digester::~digester() = default;
digester::digester(digester&&) noexcept = default;
digester& digester::operator=(digester&&) noexcept = default;

void digester::reset() noexcept { XXH3_128bits_reset(state_->xxh.get()); }

void digester::update(std::span<std::byte const> bytes) noexcept {
  XXH3_128bits_update(state_->xxh.get(), bytes.data(), bytes.size());
}

namespace {
digest128 canonical(XXH128_hash_t h) noexcept {
  XXH128_canonical_t c;
  XXH128_canonicalFromHash(&c, h);
  digest128 out{};
  for (std::size_t i = 0; i < out.size(); ++i) { out[i] = std::byte{c.digest[i]}; }
  return out;
}
}  // namespace

digest128 digester::value() const noexcept { return canonical(XXH3_128bits_digest(state_->xxh.get())); }

digest128 digest_of(std::span<std::byte const> bytes) noexcept {
  return canonical(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint64_t table_hash(std::span<std::byte const> bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string to_text(digest128 const& d) { return hex_bytes(d); }

}  // namespace sysb
