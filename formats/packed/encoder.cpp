// SPDX-License-Identifier: Apache-2.0
// Packs content: an optimal prefix code of at most 24 levels, in the format's own order of leaves.
#include <algorithm>
#include <array>
#include <numeric>

#include "formats/packed/layout.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::packed {
namespace {

constexpr std::uint32_t end_mark = 256;

struct leaf {
  std::uint64_t weight;
  std::uint32_t symbol;  // a byte value or end_mark
};

// Code lengths by package-merge, for leaves in order of weight. A solution of level n is a list
// of leaves and of pairs of the level below, in order of weight; what the first 2(n-1) items of
// the last level contain is the code: a leaf has as many bits as it occurs there.
std::vector<std::uint32_t> code_lengths(std::vector<leaf> const& leaves) {
  std::array<std::vector<bool>, max_levels> is_leaf;
  std::vector<std::uint64_t> below;
  for (auto& kinds : is_leaf) {
    std::vector<std::uint64_t> items;
    std::size_t next = 0;
    std::size_t pair = 0;
    while (next < leaves.size() || pair + 1 < below.size()) {
      auto const has_pair = pair + 1 < below.size();
      auto const pair_weight = has_pair ? below[pair] + below[pair + 1] : 0;
      auto const take_leaf = next < leaves.size() && (!has_pair || leaves[next].weight <= pair_weight);
      kinds.push_back(take_leaf);
      items.push_back(take_leaf ? leaves[next].weight : pair_weight);
      if (take_leaf) {
        ++next;
      } else {
        pair += 2;
      }
    }
    below = std::move(items);
  }
  std::vector<std::uint32_t> lengths(leaves.size(), 0);
  auto wanted = 2 * (leaves.size() - 1);
  for (auto level = is_leaf.rbegin(); level != is_leaf.rend() && wanted != 0; ++level) {
    auto const used = static_cast<std::size_t>(
        std::count(level->begin(), level->begin() + static_cast<std::ptrdiff_t>(wanted), true));
    for (std::size_t i = 0; i < used; ++i) { ++lengths[i]; }
    wanted = 2 * (wanted - used);
  }
  return lengths;
}

class bit_writer {
 public:
  explicit bit_writer(std::vector<std::byte>& out) noexcept : out_{out} {}
  void put(std::uint32_t code, std::uint32_t length) {
    held_ = held_ << length | code;
    bits_ += length;
    while (bits_ >= 8) {
      bits_ -= 8;
      out_.push_back(static_cast<std::byte>(held_ >> bits_));
    }
  }
  void finish() {
    if (bits_ != 0) { put(0, 8 - bits_); }
  }

 private:
  std::vector<std::byte>& out_;
  std::uint64_t held_ = 0;
  std::uint32_t bits_ = 0;
};

}  // namespace

std::optional<std::vector<std::byte>> pack(std::span<std::byte const> plain) {
  if (plain.empty()) { return std::nullopt; }
  std::array<std::uint64_t, 256> frequency{};
  for (auto const b : plain) { ++frequency[std::to_integer<std::size_t>(b)]; }

  // The end mark occurs once: no leaf is lighter, so it comes first and gets the longest code.
  std::vector<leaf> leaves{{1, end_mark}};
  for (std::uint32_t s = 0; s < 256; ++s) {
    if (frequency[s] != 0) { leaves.push_back({frequency[s], s}); }
  }
  std::stable_sort(leaves.begin(), leaves.end(), [](leaf const& a, leaf const& b) { return a.weight < b.weight; });
  auto const length_of = code_lengths(leaves);
  auto const levels = length_of.front();

  // Within a level by byte value; the end mark, 256, is last of the deepest by itself.
  std::vector<std::size_t> order(leaves.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return length_of[a] != length_of[b] ? length_of[a] < length_of[b] : leaves[a].symbol < leaves[b].symbol;
  });
  std::array<std::uint32_t, max_levels + 1> count{};
  for (auto const l : length_of) { ++count[l]; }

  struct code_word {
    std::uint32_t code;
    std::uint32_t length;
  };
  std::array<code_word, 257> words{};
  std::uint64_t bits = 0;
  std::uint32_t inner = 1;
  std::size_t next = 0;
  for (std::uint32_t l = 1; l <= levels; ++l) {
    inner = 2 * inner - count[l];
    for (std::uint32_t i = 0; i < count[l]; ++i, ++next) {
      auto const& at = leaves[order[next]];
      words[at.symbol] = {inner + i, l};
      bits += at.weight * l;
    }
  }

  std::vector<std::byte> out;
  out.reserve(sizeof(tree_prefix) + levels + leaves.size() - 1 + static_cast<std::size_t>((bits + 7) / 8));
  out.push_back(static_cast<std::byte>(levels));
  for (std::uint32_t l = 1; l <= levels; ++l) {
    out.push_back(static_cast<std::byte>(l == levels ? count[l] - last_count_bias : count[l]));
  }
  for (auto const i : order) {
    if (leaves[i].symbol != end_mark) { out.push_back(static_cast<std::byte>(leaves[i].symbol)); }
  }
  bit_writer writer{out};
  for (auto const b : plain) {
    auto const& w = words[std::to_integer<std::size_t>(b)];
    writer.put(w.code, w.length);
  }
  writer.put(words[end_mark].code, words[end_mark].length);
  writer.finish();
  return out;
}

bool worth_packing(std::uint64_t plain, std::uint64_t packed) noexcept {
  constexpr std::uint64_t block = 4096;
  if (plain >= writer_limit || packed >= plain) { return false; }
  auto const blocks = [](std::uint64_t n) { return n / block + (n % block != 0 ? 1 : 0); };
  return blocks(plain) - blocks(packed) >= 2;
}

}  // namespace sysb::packed
