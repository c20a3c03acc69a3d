// SPDX-License-Identifier: Apache-2.0
// One member as the index keeps it, coded against the one before it in its block.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "core/entry.hpp"

namespace sysb::index {

// What the index knows of a member beyond its entry.
struct member_facts {
  std::uint64_t head_hash = 0;      // of the record's bytes before its content
  std::optional<digest128> digest;  // of its plain content, where it was read
};

// Nobody may rely on its content: damage was found in it, or nothing proves where it stands.
[[nodiscard]] inline bool is_unsound(entry const& e) noexcept {
  return e.damaged || e.incomplete || e.content == content_state::refused;
}

// Its sizes do not contradict each other, so that they can be kept, and relied on.
[[nodiscard]] bool is_consistent(entry const& e) noexcept;

// How many bytes from the start of the record head_hash covers.
[[nodiscard]] std::size_t head_bytes(entry const& e) noexcept;
[[nodiscard]] std::uint64_t head_hash_of(std::span<std::byte const> head) noexcept;

// Writer and reader of a block keep one each; fresh at the start of every block.
class record_codec {
 public:
  void reset();
  // False: the member is larger than a coded one may be, or one that an index cannot hold. Of an unsound one
  // only that it is one: it comes back as damaged, with its content refused.
  [[nodiscard]] bool encode(entry const& e, member_facts const& f, std::vector<std::byte>& out);
  // Takes the front of `in`. False: no member stands there that the writer could have written.
  [[nodiscard]] bool decode(std::span<std::byte const>& in, entry& e, member_facts& f);

 private:
  void remember(entry const& e);
  std::string path_;
  std::int64_t mtime_ = 0, atime_ = 0, ctime_ = 0;
  std::uint32_t ino_ = 0;
  device_number dev_;
  std::vector<std::byte> acl_;
  std::uint64_t end_ = 0;  // of the record before
};

}  // namespace sysb::index
