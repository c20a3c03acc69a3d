// SPDX-License-Identifier: Apache-2.0
// The code tree at the start of packed content, and what both decoders have in common.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/content_decoder.hpp"
#include "core/diagnostic.hpp"
#include "formats/packed/layout.hpp"

namespace sysb::packed {

// Levels count from 1. On level l the codes below inner[l] go on, the others are its leaves:
// leaf number code - inner[l]. The last leaf of the deepest level is the end mark.
struct code_tree {
  std::uint32_t levels = 0;
  std::uint32_t leaves = 0;
  std::array<std::uint32_t, max_levels + 1> count{};  // leaves on the level, the end mark included
  std::array<std::uint32_t, max_levels + 1> inner{};
  std::array<std::uint32_t, max_levels + 1> first{};  // where the level's symbols begin
  std::array<std::uint8_t, max_leaves - 1> symbol{};
};

struct tree_state {
  std::size_t need = 1;  // bytes of the tree, as far as `head` tells
  diag_code const* error = nullptr;
  bool complete = false;  // all `need` bytes were there and are sound
};

// Reads a tree from the front of `head`; to be asked again with `need` bytes while incomplete.
[[nodiscard]] tree_state read_tree(std::span<std::byte const> head, code_tree& out) noexcept;

class decoder_base : public content_decoder {
 public:
  [[nodiscard]] diag_code const* error() const noexcept final { return error_; }
  [[nodiscard]] std::string error_text() const final;
  [[nodiscard]] std::optional<std::uint64_t> true_size() const noexcept final;

 protected:
  // False when the sizes cannot be true; error() is set then.
  [[nodiscard]] bool begin(std::uint64_t stored, std::uint64_t plain) noexcept;
  [[nodiscard]] status fail(diag_code const& code) noexcept;
  // The end mark was read; `rest` has the bits after it in the same byte.
  [[nodiscard]] status judge_end(std::uint32_t rest) noexcept;

  std::uint64_t stored_ = 0;
  std::uint64_t plain_ = 0;
  std::uint64_t taken_ = 0;  // stored bytes used
  // Plain bytes written; of content that goes on after its recorded size, those counted, too.
  std::uint64_t made_ = 0;

 private:
  diag_code const* error_ = nullptr;
};

}  // namespace sysb::packed
