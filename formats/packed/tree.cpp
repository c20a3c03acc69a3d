// SPDX-License-Identifier: Apache-2.0
// The code tree, the end conditions, and the words for what is wrong with them.
#include "formats/packed/tree.hpp"

#include "base/text.hpp"
#include "formats/packed/diagnostics.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::packed {

tree_state read_tree(std::span<std::byte const> head, code_tree& out) noexcept {
  tree_state s;
  if (head.empty()) { return s; }
  auto const levels = std::to_integer<std::uint32_t>(head[0]);
  if (levels == 0 || levels > max_levels) {
    s.error = &bad_level_count;
    return s;
  }
  s.need = sizeof(tree_prefix) + levels;
  if (head.size() < s.need) { return s; }

  out.levels = levels;
  std::uint32_t leaves = 0;
  std::uint32_t inner = 1;  // nodes of the level above that have children
  bool complete = true;
  for (std::uint32_t l = 1; l <= levels; ++l) {
    auto const count = std::to_integer<std::uint32_t>(head[l]) + (l == levels ? last_count_bias : 0);
    auto const nodes = 2 * inner;
    if (count > nodes) { complete = false; }
    inner = count > nodes ? 0 : nodes - count;
    out.count[l] = count;
    out.inner[l] = inner;
    out.first[l] = leaves;
    leaves += count;
  }
  if (leaves > max_leaves) {
    s.error = &too_many_symbols;
    return s;
  }
  if (!complete || inner != 0) {
    s.error = &bad_tree;
    return s;
  }
  out.leaves = leaves;
  auto const symbols = head.subspan(s.need);
  s.need += leaves - 1;
  if (head.size() < s.need) { return s; }
  for (std::uint32_t i = 0; i + 1 < leaves; ++i) { out.symbol[i] = std::to_integer<std::uint8_t>(symbols[i]); }
  s.complete = true;
  return s;
}

bool decoder_base::begin(std::uint64_t stored, std::uint64_t plain) noexcept {
  stored_ = stored;
  plain_ = plain;
  taken_ = 0;
  made_ = 0;
  error_ = nullptr;
  // A byte takes a bit at least (facts 18.9).
  if (stored < min_stored || plain / 8 + (plain % 8 != 0 ? 1 : 0) > stored) {
    error_ = &impossible_sizes;
    return false;
  }
  return true;
}

content_decoder::status decoder_base::fail(diag_code const& code) noexcept {
  error_ = &code;
  return status::failed;
}

content_decoder::status decoder_base::judge_end(std::uint32_t rest) noexcept {
  if (made_ != plain_) {
    auto const at_the_end = taken_ == stored_ && rest == 0;
    return fail(at_the_end ? other_length : made_ < plain_ ? end_early : end_missing);
  }
  if (taken_ != stored_) { return fail(bytes_left); }
  if (rest != 0) { return fail(bits_left); }
  return status::done;
}

std::string decoder_base::error_text() const {
  if (error_ == nullptr) { return {}; }
  if (error_ == &impossible_sizes) { return concat(stored_, " stored bytes cannot hold ", plain_, " packed ones"); }
  if (error_ == &bytes_left) { return concat("end mark in byte ", taken_, " of ", stored_); }
  if (error_ == &end_early || error_ == &end_missing || error_ == &cut_short) {
    return concat("expected ", plain_, " bytes from ", stored_, " stored ones, found ",
                  error_ == &end_missing ? concat("more than ", plain_) : concat(made_));
  }
  if (error_ == &other_length) {
    auto const longer = made_ > plain_;
    return concat("recorded ", plain_, " bytes, unpacked ", made_, ", ", longer ? made_ - plain_ : plain_ - made_,
                  longer ? " more" : " fewer", ": the file changed while it was saved, or the packed data is damaged");
  }
  return concat("expected ", plain_, " bytes from ", stored_, " stored ones");
}

std::optional<std::uint64_t> decoder_base::true_size() const noexcept {
  return error_ == &other_length ? std::optional{made_} : std::nullopt;
}

std::span<diag_code const* const> codes() noexcept {
  static constexpr diag_code const* all[] = {&end_early,        &end_missing,     &bytes_left,       &bits_left,
                                             &cut_short,        &bad_level_count, &too_many_symbols, &bad_tree,
                                             &impossible_sizes, &other_length,    &over_limit};
  return all;
}

}  // namespace sysb::packed
