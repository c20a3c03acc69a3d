// SPDX-License-Identifier: Apache-2.0
// The successor-header test: is there a valid header at a later place, and do the records from
// there on lead to the end of the archive? Nothing here moves the source.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/byte_source.hpp"
#include "core/content_decoder.hpp"
#include "core/limits.hpp"
#include "formats/backup_by_name/decode.hpp"

namespace sysb::backup_by_name {

enum class judged : std::uint8_t {
  valid,    // a header that passes every test
  invalid,  // other bytes
  cut,      // the input ends before the header is complete
};

class lookahead {
 public:
  lookahead(byte_source& source, limits const& l) noexcept : source_{&source}, limits_{&l} {}

  header_shape shape;
  grammar rules;
  // Records stand at multiples of 8, until salvage finds that bytes were lost in another number.
  unsigned phase = 0;

  // Bytes at `offset` (not before the position), as many as there are.
  [[nodiscard]] std::span<std::byte const> read(std::uint64_t offset, std::size_t n);
  [[nodiscard]] bool input_ends_before(std::uint64_t offset, std::size_t n);

  struct header {
    judged state = judged::invalid;
    record_prefix prefix{};
    std::span<std::byte const> bytes;  // of a valid header; dies at the next call
  };
  [[nodiscard]] header header_at(std::uint64_t offset);
  // Has header_at() found the header of so many bytes at this place to be valid last? Its checksum need not be taken again.
  [[nodiscard]] bool found_valid(std::uint64_t offset, std::size_t bytes) const noexcept {
    return offset == valid_at_ && bytes == valid_bytes_;
  }
  // Of any type, known or not.
  [[nodiscard]] bool sound_record_at(std::uint64_t offset);
  // A sound record that no walk passes: a member of a relative.
  [[nodiscard]] bool foreign_record_at(std::uint64_t offset) {
    return sound_record_at(offset) && successor_at(offset) == judged::invalid;
  }
  enum class learning : bool { no, yes };  // of a magic that nobody knows
  // A valid header, or the sound record of a type that may be stepped over. A magic that only such records have is
  // learned here.
  [[nodiscard]] judged successor_at(std::uint64_t offset, learning how = learning::yes);
  // The end record at `offset` stands inside a content: a member follows it that is not a copy of one
  // that stands a whole number of blocks before it, as in the unused rest of the writer's buffer.
  [[nodiscard]] bool ends_too_early(std::uint64_t offset);
  // The same where a grammar was learned, or may be: no member stands in the bytes after an archive's end either,
  // unless it is such a copy or another image begins first. In a pipe a copy of what is gone is no copy, if it is no
  // header that was passed.
  [[nodiscard]] bool ends_inside(std::uint64_t offset);
  // A header that the walk passes: in a pipe it cannot be compared again.
  void passed(std::span<std::byte const> header);
  // A header in [from, to): what holds it are records, and no block.
  [[nodiscard]] bool holds_record(std::uint64_t from, std::uint64_t to);
  // Only length, type and magic: 8 bytes are read.
  [[nodiscard]] bool plausible_at(std::uint64_t offset);
  [[nodiscard]] bool resembles_header(std::uint64_t offset);
  [[nodiscard]] bool damaged_header_at(std::uint64_t offset);  // more than a resemblance

  struct security {
    judged state = judged::invalid;  // invalid: longer than the limit; cut: the input ends inside
    security_record record;
  };
  [[nodiscard]] security security_at(std::uint64_t offset, std::uint32_t mode);

  // First place in [from, from + opaque_gap_bytes] on an 8-byte step where a valid header stands.
  // Nothing when a damaged one comes first. A header passed over, because its own
  // record has a gap too, would be a lost member.
  [[nodiscard]] std::optional<std::uint64_t> find_header(std::uint64_t from);

  // The same for records of any type and members of any magic.
  [[nodiscard]] std::optional<std::uint64_t> find_record(std::uint64_t from, std::uint64_t to);

  // No packed byte becomes more than eight.
  [[nodiscard]] static constexpr bool may_become(std::uint64_t stored, std::uint64_t plain) noexcept {
    return plain <= 8 * stored;
  }
  // Do `stored` bytes at `start` unpack to exactly `plain` bytes?
  [[nodiscard]] bool unpacks(std::uint64_t start, std::uint64_t stored, std::uint64_t plain);
  // To how many bytes do they unpack, where their end mark stands exactly at their end?
  [[nodiscard]] std::optional<std::uint64_t> unpacked_size(std::uint64_t start, std::uint64_t stored);
  // How many stored bytes from `start` on unpack to exactly `plain` bytes, where a header does not say.
  [[nodiscard]] std::optional<std::uint64_t> packed_length(std::uint64_t start, std::uint64_t plain);

  [[nodiscard]] byte_source& source() const noexcept { return *source_; }
  [[nodiscard]] limits const& bounds() const noexcept { return *limits_; }

 private:
  [[nodiscard]] bool learn_record_at(std::uint64_t offset, record_prefix const& p);
  [[nodiscard]] std::optional<std::uint64_t> find_privileges(std::uint64_t from, std::uint32_t mode);
  struct fed {
    content_decoder::status end = content_decoder::status::need_input;  // done, failed, or the input is at its end
    std::uint64_t used = 0;                                             // bytes that the decoder took
  };
  // At most `most` bytes from `start` on; what they become is dropped.
  [[nodiscard]] fed feed(content_decoder& decoder, std::uint64_t start, std::uint64_t most);
  // To its end by all of `stored` bytes?
  [[nodiscard]] bool run(content_decoder& decoder, std::uint64_t start, std::uint64_t stored);
  [[nodiscard]] std::optional<bool> stale_copy(std::uint64_t at);
  [[nodiscard]] std::optional<std::uint64_t> find_head(security_rule const& rule, std::uint64_t offset,
                                                       std::uint32_t mode);
  [[nodiscard]] security documented_security(std::uint64_t offset, std::uint32_t mode);
  [[nodiscard]] security security_by(security_rule const& rule, std::uint64_t offset, std::uint32_t mode);
  [[nodiscard]] security security_after(security_rule const& rule, std::uint64_t offset, std::uint32_t mode);

  byte_source* source_;
  limits const* limits_;
  std::vector<std::byte> buffer_;
  std::uint64_t valid_at_ = 0;
  std::size_t valid_bytes_ = 0;
  std::unordered_set<std::uint64_t> passed_;  // hashes
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::optional<std::uint64_t>> packed_lengths_;
};

}  // namespace sysb::backup_by_name
