// SPDX-License-Identifier: Apache-2.0
// One bit after the other, as the format is described. What the fast decoder is held against.
#include <array>

#include "formats/packed/diagnostics.hpp"
#include "formats/packed/packed.hpp"
#include "formats/packed/tree.hpp"

namespace sysb::packed {
namespace {

class reference_decoder final : public decoder_base {
 public:
  void reset(std::uint64_t stored, std::uint64_t plain) override {
    state_ = begin(stored, plain) ? state::in_tree : state::failed;
    head_used_ = 0;
    bits_ = 0;
    code_ = 0;
    level_ = 0;
  }

  [[nodiscard]] status decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    auto result = status::done;
    switch (state_) {
      case state::done: return status::done;
      case state::failed: return status::failed;
      case state::in_tree:
        result = read_head(in);
        if (result == status::done) {
          state_ = state::in_codes;
          result = read_codes(in, out);
        }
        break;
      case state::in_codes: result = read_codes(in, out); break;
    }
    if (result == status::failed) { state_ = state::failed; }
    if (result == status::done) { state_ = state::done; }
    return result;
  }

 private:
  enum class state : std::uint8_t { in_tree, in_codes, done, failed };

  // done: the tree is complete.
  [[nodiscard]] status read_head(std::span<std::byte const>& in) {
    for (;;) {
      auto const tree = read_tree(std::span{head_}.first(head_used_), tree_);
      if (tree.error != nullptr) { return fail(*tree.error); }
      if (tree.complete) { return status::done; }
      while (head_used_ < tree.need) {
        if (taken_ == stored_) { return fail(cut_short); }
        if (in.empty()) { return status::need_input; }
        head_[head_used_++] = take(in);
      }
    }
  }

  [[nodiscard]] status read_codes(std::span<std::byte const>& in, std::span<std::byte>& out) {
    for (;;) {
      if (made_ < plain_ && out.empty()) { return status::need_output; }
      if (bits_ == 0) {
        if (taken_ == stored_) { return fail(made_ > plain_ ? end_missing : cut_short); }
        if (in.empty()) { return status::need_input; }
        byte_ = std::to_integer<std::uint32_t>(take(in));
        bits_ = 8;
      }
      --bits_;
      code_ = code_ << 1 | (byte_ >> bits_ & 1);
      ++level_;
      if (code_ < tree_.inner[level_]) { continue; }

      auto const leaf = code_ - tree_.inner[level_];
      // A complete tree has no such code; the reader this format is known from reads past its table here.
      if (leaf >= tree_.count[level_]) { return fail(bad_tree); }
      if (level_ == tree_.levels && leaf + 1 == tree_.count[level_]) { return judge_end(byte_ & ((1u << bits_) - 1)); }
      // After the recorded size codes are only counted: where the end mark stands tells a file that grew.
      if (made_ < plain_) {
        out[0] = std::byte{tree_.symbol[tree_.first[level_] + leaf]};
        out = out.subspan(1);
      }
      ++made_;
      code_ = 0;
      level_ = 0;
    }
  }

  [[nodiscard]] std::byte take(std::span<std::byte const>& in) noexcept {
    auto const b = in[0];
    in = in.subspan(1);
    ++taken_;
    return b;
  }

  state state_ = state::failed;
  std::array<std::byte, max_tree_bytes> head_{};
  std::size_t head_used_ = 0;
  code_tree tree_;
  std::uint32_t byte_ = 0;
  std::uint32_t bits_ = 0;  // of byte_, not yet read
  std::uint32_t code_ = 0;
  std::uint32_t level_ = 0;
};

}  // namespace

std::unique_ptr<content_decoder> make_reference_decoder() { return std::make_unique<reference_decoder>(); }

}  // namespace sysb::packed
