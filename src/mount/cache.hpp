// SPDX-License-Identifier: Apache-2.0
// Plain content that was unpacked or proven, kept as long as there is room: the least recently used goes first.
#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace sysb::mount {

using content_piece = std::shared_ptr<std::vector<std::byte> const>;

class piece_cache {
 public:
  explicit piece_cache(std::uint64_t limit) noexcept : limit_{limit} {}

  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  // Null: it is not there (any more).
  [[nodiscard]] content_piece get(std::uint64_t member, std::uint64_t number);
  // Nothing happens with a piece that is larger than the whole cache.
  void put(std::uint64_t member, std::uint64_t number, content_piece piece);

 private:
  struct key {
    std::uint64_t member, number;
    bool operator==(key const&) const = default;
  };
  struct key_hash {
    std::size_t operator()(key const& k) const noexcept {
      return static_cast<std::size_t>(k.member * 0x9e3779b97f4a7c15u ^ k.number);
    }
  };
  struct held {
    key of;
    content_piece piece;
  };
  // What an entry costs beside its bytes; many members are tiny.
  static constexpr std::uint64_t overhead = 192;
  [[nodiscard]] static std::uint64_t cost(content_piece const& p) noexcept { return p->size() + overhead; }

  std::mutex lock_;
  std::uint64_t limit_, used_ = 0;
  std::list<held> by_use_;  // the latest first
  std::unordered_map<key, std::list<held>::iterator, key_hash> places_;
};

}  // namespace sysb::mount
