// SPDX-License-Identifier: Apache-2.0
// Where a member's parts may stand, for the kinds of members that no document settles, and the
// judgement between the candidates (facts 18, rules 1, 3, 5, 6 and 7).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/lookahead.hpp"

namespace sysb::backup_by_name {

// One bit each. Layouts of one kind that put every part at the same byte share a candidate.
namespace layout {
inline constexpr std::uint32_t documented = 1u << 0;  // security record, content
// Symbolic links.
inline constexpr std::uint32_t target = 1u << 1;           // target[size]
inline constexpr std::uint32_t security_target = 1u << 2;  // security record, target[size]
inline constexpr std::uint32_t target_security = 1u << 3;  // target[size] padded, security record
inline constexpr std::uint32_t string_security = 1u << 4;  // NUL-ended target padded, security record
inline constexpr std::uint32_t stored_target = 1u << 5;    // target[dsize]
inline constexpr std::uint32_t string = 1u << 6;           // NUL-ended target; only with size 0
inline constexpr std::uint32_t all_symlinks = 0x7e;
// Further names of a file.
inline constexpr std::uint32_t no_data = 1u << 7;  // security record only
inline constexpr std::uint32_t bare = 1u << 8;     // header only (also of special files)
// Plain files with the last header field set, or of 4 GiB and more.
inline constexpr std::uint32_t low_size = 1u << 9;     // size alone
inline constexpr std::uint32_t high_dsize = 1u << 10;  // dsize + 2^32 * pad
inline constexpr std::uint32_t high_size = 1u << 11;   // size + 2^32 * pad
inline constexpr std::uint32_t more_size = 1u << 12;   // size + 2^32 * k
// Plain files whose two sizes differ.
inline constexpr std::uint32_t by_size = 1u << 13;
inline constexpr std::uint32_t by_dsize = 1u << 14;
inline constexpr std::uint32_t nothing = 1u << 15;  // no data; relatives only
}  // namespace layout

[[nodiscard]] std::string layout_text(std::uint32_t layouts);  // of the first bit

struct candidate {
  std::uint32_t layouts = 0;
  std::optional<std::uint64_t> security_at;
  security_record security;
  std::uint64_t data_at = 0;
  std::uint64_t data_bytes = 0;  // content as stored, or the target
  std::uint64_t end = 0;
  judged state = judged::invalid;
  // Blocks of a learned grammar, in bytes; `start_open`: nothing proves where the content begins.
  std::uint64_t before = 0, after = 0;
  bool start_open = false;
  bool planned = false;  // by one of the grammar's plans, that of this number
  std::size_t plan = 0;
  std::optional<std::uint64_t> unpacked;  // packed content: its plain size
};

struct candidates {
  std::vector<candidate> list;
  bool cut = false;       // the input ended before something could be tested
  bool too_long = false;  // the security record is beyond the limit

  void add(candidate const& c);  // merges what puts every part at the same byte
};

struct circumstances {
  bool repeated = false;                          // (device, inode) was seen before with several links
  std::uint32_t symlinks = layout::all_symlinks;  // layouts that this archive may still have
  bool trial = false;                             // of rules: what contradicts one of them is not passed over
};

// Every layout the record at `at` may have. One element for the settled kinds.
[[nodiscard]] candidates enumerate(lookahead& ahead, member_head const& m, std::uint64_t at, circumstances const& c);
// After a sound record of unknown type at `at`, and whatever belongs to it.
[[nodiscard]] std::optional<std::uint64_t> after_unknown_record(lookahead& ahead, std::uint64_t at);
// size + k * 2^32, k = 1..most_high_size, as far as the input reaches. Where its length is unknown each
// place is looked at from here, in order, and only those with a valid header are given.
inline constexpr std::uint64_t most_high_size = 16;
[[nodiscard]] candidates enumerate_large(lookahead& ahead, member_head const& m, std::uint64_t at);

// How many records chain tests of one archive may follow in all.
struct chain_budget {
  std::uint64_t records = 4u << 20;
};
// Could the `bytes` that stand after a content begin before it at `at`, with a block that says a shorter length?
[[nodiscard]] bool may_begin_with_block(lookahead& ahead, std::uint64_t at, std::uint64_t bytes);

// The first record from `from` on, within the bound of a gap from `start`, that leads to records after all that it may be
// part of.
[[nodiscard]] std::optional<std::uint64_t> find_leading_record(lookahead& ahead, std::uint64_t start,
                                                               circumstances const& where, chain_budget& budget,
                                                               std::uint64_t from);
// The same for the member that `base` places without blocks: nor is it part of an archive that its content begins with.
[[nodiscard]] std::optional<std::uint64_t> find_record_after(lookahead& ahead, candidate base, std::uint64_t start,
                                                             circumstances const& where, chain_budget& budget);

// Do records follow from `at` on, as far as `steps` go? Those inside a content end with it.
[[nodiscard]] bool records_follow(lookahead& ahead, std::uint64_t at, circumstances const& where, chain_budget& budget,
                                  unsigned steps);

struct choice {
  enum class result : std::uint8_t { one, none, several, cut };
  result what = result::none;
  candidate taken;
};

// Evaluates all candidates. `known`: layouts that this archive has shown; a candidate past the
// end of input makes the result `cut` unless a known layout ends at a valid header.
[[nodiscard]] choice choose(lookahead& ahead, candidates c, circumstances const& where, std::uint32_t known,
                            chain_budget& budget);

}  // namespace sysb::backup_by_name
