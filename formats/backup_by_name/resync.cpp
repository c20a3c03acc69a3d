// SPDX-License-Identifier: Apache-2.0
// The search. Four things look like records of the archive and are not:
//
//   - an archive inside a member: its volume header shows where it begins, its end record is
//     followed by more records, and its records never lead out of the member that holds it;
//   - what stands after an end record: bytes of the writer's previous buffer, with whole headers;
//   - bytes that look like a header by chance: no second one stands where the first one leads;
//   - the header of a further volume, where the files of a set were joined as they are.
//
// Every chain of records is followed once: what is not taken is passed over as a whole.
#include "formats/backup_by_name/resync.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "base/cursor.hpp"
#include "base/digest.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t piece = 256u << 10;
constexpr std::size_t magic_at = 3;  // the high byte of the magic, which is the rarest
// Clusters are this large at most, in multiples of blocks; the bytes after an end record repeat
// those one cluster before.
constexpr std::uint64_t largest_cluster = 1u << 20;
constexpr std::uint64_t block_bytes = 512;
constexpr std::size_t remembered_headers = 16'384;
constexpr std::uint32_t most_stale_tests = 4096;
constexpr std::uint64_t linked_headers = 2;
constexpr std::uint64_t linked_headers_off_phase = 3;
constexpr std::size_t enough_misfits = 8;  // a deviation that repeats is no damage

}  // namespace

void resync::saw(std::uint64_t at, std::span<std::byte const> header) {
  auto const hash = table_hash(header, 0);
  auto const [place, fresh] = places_.try_emplace(hash, at);
  if (!fresh) {
    if (at <= place->second + largest_cluster) { return; }
    place->second = at;
  }
  order_.push_back({hash, at});
  if (order_.size() <= remembered_headers) { return; }
  auto const oldest = order_.front();
  order_.pop_front();
  auto const old = places_.find(oldest.hash);
  if (old != places_.end() && old->second == oldest.at) { places_.erase(old); }
}

// Length of the sound header that `bytes` begin with; 0: none.
std::size_t resync::sound_header(std::span<std::byte const> bytes) const noexcept {
  auto const p = byte_cursor{bytes}.take<record_prefix>();
  auto const volume =
      p.type == record_type::volume && p.length * 8u == sizeof(volume_record) && ahead_->shape.knows(p.magic);
  if (!volume && !plausible(p, ahead_->shape)) { return 0; }
  auto const length = std::size_t{p.length} * 8;
  if (bytes.size() < length || header_checksum(bytes.first(length)) != p.checksum) { return 0; }
  return length;
}

std::span<std::byte const> resync::load(std::uint64_t at) {
  // A rest that holds one header and no more would look like the input's end.
  auto const kept = at >= block_at_ && at - block_at_ + max_header_bytes < block_size_;
  if (!kept) {
    block_.resize(piece + max_header_bytes);
    block_at_ = at;
    block_size_ = ahead_->source().probe(at, block_);
  }
  return std::span{block_}.first(block_size_).subspan(static_cast<std::size_t>(at - block_at_));
}

namespace {

// Where a magic that the archive is known to use may stand.
class magic_search {
 public:
  explicit magic_search(header_shape const& shape) noexcept {
    wanted_[record_magic::plain >> 8] = true;
    for (auto const& m : shape.learned()) {
      wanted_[m.value >> 8] = true;
      several_ = several_ || m.value >> 8 != record_magic::plain >> 8;
    }
  }

  // The first place from `from` on, of those before `to`, whose byte is the high one of a magic.
  [[nodiscard]] std::size_t find(std::span<std::byte const> bytes, std::size_t from, std::size_t to) const noexcept {
    if (!several_) {
      auto const* const found = std::memchr(bytes.data() + from, record_magic::plain >> 8, to - from);
      return found == nullptr ? to : static_cast<std::size_t>(static_cast<std::byte const*>(found) - bytes.data());
    }
    while (from < to && !wanted_[std::to_integer<std::size_t>(bytes[from])]) { ++from; }
    return from;
  }

 private:
  std::array<bool, 256> wanted_{};
  bool several_ = false;
};

}  // namespace

std::optional<resync::hit> resync::next_header(std::uint64_t from, std::uint64_t to) {
  magic_search const magics{ahead_->shape};
  for (auto at = from; at < to;) {
    auto const bytes = load(at);
    if (bytes.size() < sizeof(end_record)) { return std::nullopt; }
    // The last bytes of a block are looked at with those after them.
    auto const last_block = bytes.size() <= max_header_bytes;
    auto const searched = last_block ? bytes.size() - sizeof(end_record) + 1 : bytes.size() - max_header_bytes;
    for (std::size_t i = 0; i < searched; ++i) {
      auto const found = magics.find(bytes, i + magic_at, searched + magic_at);
      if (found == searched + magic_at) { break; }
      i = found - magic_at;
      auto const here = bytes.subspan(i);
      if (auto const length = sound_header(here); length != 0) {
        return hit{at + i, byte_cursor{here}.take<record_prefix>().type, length};
      }
    }
    at += searched;
    if (last_block) { return std::nullopt; }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> resync::next_record(member_head const& m, std::uint64_t at, std::uint32_t symlinks,
                                                 bool& cut) {
  auto const next = enumerate(*ahead_, m, at, {.repeated = m.nlink > 1 && m.ino != 0, .symlinks = symlinks});
  cut = next.cut;
  if (next.list.size() == 1) {
    auto const& only = next.list.front();
    cut = only.state == judged::cut;
    return cut ? std::nullopt : std::optional{only.end};
  }
  std::optional<std::uint64_t> end;
  for (auto const& c : next.list) {
    auto const state = c.state == judged::cut ? c.state : ahead_->header_at(c.end).state;
    cut = cut || state == judged::cut;
    if (state == judged::valid || (state == judged::invalid && ahead_->successor_at(c.end) == judged::valid)) {
      end = std::max(end.value_or(0), c.end);
    }
  }
  return end;
}

resync::chain resync::follow(std::uint64_t at, std::uint32_t symlinks) {
  chain c{.last = at, .after = at};
  for (;;) {
    auto const h = ahead_->header_at(at);
    if (h.state == judged::invalid && ahead_->successor_at(at) == judged::valid) {
      if (auto const next = after_unknown_record(*ahead_, at)) {
        budget_ -= budget_ != 0 ? 1 : 0;
        at = *next;
        continue;
      }
    }
    if (h.state != judged::valid) {
      c.how = h.state == judged::cut ? chain::ending::cut : chain::ending::broken;
      c.broke_at = at;
      return c;
    }
    c.last = at;
    c.after = at + h.bytes.size();
    if (h.prefix.type == record_type::end) {
      c.how = chain::ending::end_record;
      return c;
    }
    saw(at, h.bytes);
    ++c.headers;
    budget_ -= budget_ != 0 ? 1 : 0;
    if (budget_ == 0 && c.headers >= linked_headers_off_phase) { return c; }
    bool cut = false;
    auto const next = next_record(decode_member(h.bytes, ahead_->shape), at, symlinks, cut);
    if (!next) {
      c.how = cut ? chain::ending::cut : chain::ending::broken;
      c.broke_at = c.after;
      return c;
    }
    at = *next;
  }
}

// One sound header, and where it leads stand bytes that are no damage to be seen: neither what is left of a header nor
// one value over and over.
bool resync::leads_nowhere(chain const& c) {
  if (c.how != chain::ending::broken || c.headers != 1 || ahead_->damaged_header_at(c.broke_at)) { return false; }
  auto const there = ahead_->read(c.broke_at, sizeof(end_record));
  return std::adjacent_find(there.begin(), there.end(), std::not_equal_to<>{}) != there.end();
}

std::uint64_t resync::least_end(std::uint64_t at) {
  auto const h = ahead_->header_at(at);
  auto const m = decode_member(h.bytes, ahead_->shape);
  return at + h.bytes.size() + (kind_of(m.mode) == entry_kind::file ? std::uint64_t{m.dsize} : 0);
}

bool resync::is_further_volume(hit const& h) {
  auto const v = byte_cursor{ahead_->read(h.at, sizeof(volume_record))}.take<volume_record>();
  return v.date == date_ && v.volnum > number_;
}

// Does the same header stand a whole number of blocks before, no further than a cluster reaches?
bool resync::is_stale(hit const& h, std::optional<std::uint64_t> end_record) {
  auto const bytes = ahead_->read(h.at, h.bytes);
  std::vector<std::byte> const header{bytes.begin(), bytes.end()};
  auto const place = places_.find(table_hash(header, 0));
  if (place != places_.end() && place->second < h.at && h.at - place->second <= largest_cluster &&
      (h.at - place->second) % block_bytes == 0) {
    return true;
  }
  if (!end_record || h.at - *end_record > largest_cluster || ++stale_tests_ > most_stale_tests) { return false; }
  auto const reach = std::min(h.at - ahead_->source().position(), largest_cluster) / block_bytes * block_bytes;
  std::vector<std::byte> before(static_cast<std::size_t>(reach));
  if (ahead_->source().probe(h.at - reach, before) != before.size()) { return false; }
  for (std::size_t i = 0; i + header.size() <= before.size(); i += block_bytes) {
    if (std::memcmp(before.data() + i, header.data(), header.size()) == 0) { return true; }
  }
  return false;
}

std::optional<std::uint64_t> resync::find(request const& r) {
  struct place {
    std::uint64_t at;
    std::uint64_t end_record;
  };
  auto const phase = ahead_->phase;
  // Records that reach an end record: of this archive, unless more records stand after it.
  std::optional<place> reached;
  bool nested = false;  // after the volume header of another archive, and not after its end
  // A record that leads nowhere says still how far its content reaches.
  auto claimed_end = r.claimed_end;
  std::size_t misfits = 0;
  misfit_.reset();
  auto const taken = [&](std::uint64_t at) {
    misfit_.reset();
    ahead_->phase = static_cast<unsigned>(at % 8);
    return at;
  };
  auto from = r.from;
  for (auto h = next_header(from); h; h = next_header(from)) {
    auto const inside = claimed_end && h->at < *claimed_end;
    // What is inside a member ends with it.
    if (claimed_end && !inside && from <= *claimed_end) { nested = false; }
    from = h->at + h->bytes;
    ahead_->phase = static_cast<unsigned>(h->at % 8);
    if (h->type == record_type::volume) {
      if (is_further_volume(*h)) { continue; }
      auto const c = follow(from, r.symlinks);
      nested = c.how != chain::ending::end_record;
      from = std::max(from, c.after);
      continue;
    }
    auto const aligned = ahead_->phase == phase;
    if (h->type == record_type::end) {
      if (aligned && !reached) { reached = {h->at, h->at}; }
      nested = false;
      continue;
    }
    if (is_stale(*h, reached ? std::optional{reached->end_record} : std::nullopt)) { continue; }
    auto const c = follow(h->at, r.symlinks);
    from = std::max(from, c.after);
    auto const leads_out = inside && c.last >= *claimed_end;
    if (aligned && !nested && c.how == chain::ending::broken && c.headers == 1) {
      if (!inside && leads_nowhere(c)) {
        if (misfits++ == 0) { misfit_ = h->at; }
        if (misfits == enough_misfits) {
          ahead_->phase = phase;
          return std::nullopt;
        }
      }
      claimed_end = std::max(claimed_end.value_or(0), least_end(h->at));
    }
    auto const enough = c.headers >= (aligned ? linked_headers : linked_headers_off_phase);
    switch (c.how) {
      case chain::ending::end_record:
        if (leads_out) { return taken(h->at); }
        reached = {h->at, c.last};
        nested = false;
        break;
      case chain::ending::cut:
      case chain::ending::broken: {
        auto const to_the_end = c.how == chain::ending::cut && aligned && !reached;
        if (!enough && !to_the_end) { break; }
        if (leads_out || (!inside && !nested)) { return taken(h->at); }
        break;
      }
    }
  }
  misfit_.reset();
  if (reached) { return taken(reached->at); }
  ahead_->phase = phase;
  return std::nullopt;
}

}  // namespace sysb::backup_by_name
