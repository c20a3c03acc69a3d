// SPDX-License-Identifier: Apache-2.0
// Salvage: where does the archive go on after damaged bytes? A place counts when records stand
// there that lead one to the next by their own lengths, and when they are records of this archive
// and not of one that stands inside a member, nor stale ones after an end record.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/lookahead.hpp"

namespace sysb::backup_by_name {

class resync {
 public:
  explicit resync(lookahead& ahead) noexcept : ahead_{&ahead} {}

  // The volume header of this archive: further volumes of it are passed over.
  void set_volume(std::uint32_t number, std::uint32_t date) noexcept {
    number_ = number;
    date_ = date;
  }

  struct request {
    std::uint64_t from = 0;
    // End of the member whose content is searched, by its own sound header. An archive inside
    // it cannot lead out of it; the records of this archive can.
    std::optional<std::uint64_t> claimed_end;
    std::uint32_t symlinks = layout::all_symlinks;
  };
  // Sets lookahead::phase to that of the place found. Time linear in the bytes passed over and the
  // records looked at.
  [[nodiscard]] std::optional<std::uint64_t> find(request const& r);
  // The last search ended because records lead nowhere one after another, as where an archive is written in a way that
  // is not known: the first of them.
  [[nodiscard]] std::optional<std::uint64_t> misfit() const noexcept { return misfit_; }

  // Where the content of the sound record at `at` ends at the earliest.
  [[nodiscard]] std::uint64_t least_end(std::uint64_t at);

  // A header that the walk passes.
  void saw(std::uint64_t at, std::span<std::byte const> header);

  struct hit {
    std::uint64_t at = 0;
    std::uint8_t type = 0;
    std::size_t bytes = 0;
  };
  // The first sound header from `from` on, whatever it belongs to; not searched for much beyond `to`.
  [[nodiscard]] std::optional<hit> next_header(std::uint64_t from, std::uint64_t to = ~std::uint64_t{0});
  // Where the record leads; the layout with a valid header after it, where several are possible.
  [[nodiscard]] std::optional<std::uint64_t> next_record(member_head const& m, std::uint64_t at, std::uint32_t symlinks,
                                                         bool& cut);

 private:
  struct chain {
    enum class ending : std::uint8_t { broken, cut, end_record };
    ending how = ending::broken;
    std::uint64_t headers = 0;  // of members, linked
    std::uint64_t last = 0;     // where the last sound header stands
    std::uint64_t after = 0;    // that header's end
    std::uint64_t broke_at = 0;
  };

  [[nodiscard]] std::span<std::byte const> load(std::uint64_t at);
  [[nodiscard]] std::size_t sound_header(std::span<std::byte const> bytes) const noexcept;
  [[nodiscard]] chain follow(std::uint64_t at, std::uint32_t symlinks);
  [[nodiscard]] bool leads_nowhere(chain const& c);
  [[nodiscard]] bool is_further_volume(hit const& h);
  [[nodiscard]] bool is_stale(hit const& h, std::optional<std::uint64_t> end_record);

  lookahead* ahead_;
  std::uint32_t number_ = 1;
  std::uint32_t date_ = 0;

  // What is searched: block_ holds the bytes from block_at_ on.
  std::vector<std::byte> block_;
  std::uint64_t block_at_ = 0;
  std::size_t block_size_ = 0;

  // Hashes of the headers of the last cluster or two, with the place of each.
  struct seen_header {
    std::uint64_t hash;
    std::uint64_t at;
  };
  std::unordered_map<std::uint64_t, std::uint64_t> places_;
  std::deque<seen_header> order_;
  std::uint32_t stale_tests_ = 0;
  std::optional<std::uint64_t> misfit_;
  // Records followed in all. An image made to be followed again and again ends with less proof.
  std::uint64_t budget_ = 1u << 26;
};

}  // namespace sysb::backup_by_name
