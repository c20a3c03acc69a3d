// SPDX-License-Identifier: Apache-2.0
#include "catalog/index_file.hpp"

#include <algorithm>
#include <utility>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/text.hpp"
#include "catalog/diagnostics.hpp"
#include "catalog/lookup.hpp"
#include "core/fatal_error.hpp"

namespace sysb::index {

namespace {
// Members that share a key are names that came again, or hashes that meet; more of them than this
// no writer leaves to be looked at one by one.
constexpr std::uint64_t most_of_one_key = 65'536;
constexpr auto* out_of_order = "its blocks do not follow each other";
constexpr std::uint64_t most_members = std::uint64_t{1} << 40;
constexpr std::uint64_t not_asked = ~std::uint64_t{0};
}  // namespace

index_file::index_file(std::unique_ptr<byte_source> file, code_finder const& codes) : file_{std::move(file)} {
  read_footer(codes);
}

std::span<std::byte const> index_file::read(std::uint64_t at, std::uint64_t n) {
  file_->seek(at);
  auto const seen = file_->peek(static_cast<std::size_t>(n));
  if (seen.size() < n) { throw unusable{"it is cut"}; }
  return seen.first(static_cast<std::size_t>(n));
}

void index_file::read_footer(code_finder const& codes) {
  auto const size = file_->size().value_or(0);
  if (size < sizeof(front_record) + sizeof(footer_record)) { throw unusable{"it is too short"}; }
  auto const front = byte_cursor{read(0, sizeof(front_record))}.take<front_record>();
  if (front.magic != magic) { throw unusable{"it does not start like an index"}; }
  if (front.version != current_version) {
    throw unknown_code{concat("its form has the number ", front.version.value(), ", known is ", current_version)};
  }
  auto const f = byte_cursor{read(size - sizeof(footer_record), sizeof(footer_record))}.take<footer_record>();
  if (f.magic != magic || f.version != current_version) { throw unusable{"it is cut"}; }
  if (f.checksum != table_hash(std::as_bytes(std::span{&f, 1}).subspan(sizeof(le64)), 0)) {
    throw unusable{"the checksum of its end does not match"};
  }
  // The parts fill the file exactly. First bounds that keep the sums from wrapping.
  auto const plausible = f.members <= most_members && f.blocks <= f.members && f.names <= 2 * f.members &&
                         f.runs <= f.members && f.links <= f.members && f.again <= f.names && f.orphans <= f.runs &&
                         f.blocks_end >= sizeof(front_record) && f.blocks_end <= size &&
                         f.findings_bytes <= max_findings_bytes && f.findings <= f.findings_bytes;
  if (!plausible || f.index_bytes != size) { throw unusable{"its parts do not fit together"}; }
  std::uint64_t at = f.blocks_end;
  auto const next = [&](std::optional<table>& t, table_id id, std::uint64_t count) {
    t.emplace(id, *file_, at, count);
    at += table_bytes(count);
  };
  next(block_table_, table_id::blocks, f.blocks);
  next(names_, table_id::names, f.names);
  next(runs_, table_id::runs, f.runs);
  next(links_, table_id::links, f.links);
  next(again_, table_id::again, f.again);
  next(orphans_, table_id::orphans, f.orphans);
  if (at + f.findings_bytes + sizeof(f) != size) { throw unusable{"its parts do not fit together"}; }
  auto const findings = read(size - sizeof(f) - f.findings_bytes, f.findings_bytes);
  if (table_hash(findings, 0) != f.findings_checksum) { throw unusable{"the checksum of its findings does not match"}; }
  findings_ = read_findings(findings, f.findings, codes);
  image_ = {
      .stream_bytes = f.stream_bytes, .changed = static_cast<std::int64_t>(f.changed.value()), .samples = f.samples};
  members_ = f.members;
  blocks_ = f.blocks;
  blocks_end_ = f.blocks_end;
  end_offset_ = f.end_offset;
  seed_ = f.seed;
  digests_ = (f.flags & footer_flag::digests) != 0;
}

void index_file::load(std::uint64_t block) {
  auto const in_order = loaded_ && block == block_ + 1;
  auto const at = block_table_->at(block).value;
  if ((block == 0 && at != sizeof(front_record)) || (in_order && at != next_at_)) { throw unusable{out_of_order}; }
  auto const expected = first_ + count_;
  loaded_ = false;
  if (at < sizeof(front_record) || at > blocks_end_ || blocks_end_ - at < sizeof(block_record)) {
    throw unusable{"a block stands outside of it"};
  }
  auto const head = byte_cursor{read(at, sizeof(block_record))}.take<block_record>();
  auto const left = blocks_end_ - at - sizeof(block_record);
  auto const last = checked_add(head.first, head.count);
  if (head.count == 0 || head.count > members_a_block || head.bytes > left || head.bytes > block_target + max_member ||
      !last || *last > members_ || (in_order && head.first != expected) ||
      (block + 1 == blocks_ && *last != members_)) {
    throw unusable{"a block of it is damaged"};
  }
  auto const members = read(at, sizeof(block_record) + head.bytes).subspan(sizeof(block_record));
  if (head.checksum != block_checksum(head, members)) { throw unusable{"the checksum of a block does not match"}; }
  bytes_.assign(members.begin(), members.end());
  block_ = block;
  first_ = head.first;
  count_ = head.count;
  next_at_ = at + sizeof(block_record) + head.bytes;
  loaded_ = true;
}

void index_file::go_to(std::uint64_t block, std::uint32_t slot) {
  slot_ = 0;
  if (block >= blocks_) {  // after the last member
    loaded_ = false;
    block_ = blocks_;
    return;
  }
  if (!loaded_ || block_ != block) { load(block); }
  rest_ = bytes_;
  codec_.reset();
  pass_to(slot);
}

void index_file::pass_to(std::uint32_t slot) {
  entry passed;
  member_facts facts;
  for (; slot_ < slot; ++slot_) { decode(slot_, passed, facts); }
}

// Records follow each other across blocks too, and a block begins where the table says.
void index_file::decode(std::uint32_t slot, entry& e, member_facts& facts) {
  if (slot >= count_ || !codec_.decode(rest_, e, facts)) { throw unusable{"a member in it is damaged"}; }
  auto const last = slot + 1 == count_ && block_ + 1 < blocks_;
  if ((slot == 0 && e.offset != block_table_->at(block_).key) ||
      (last && e.offset + e.record_bytes > block_table_->at(block_ + 1).key)) {
    throw unusable{out_of_order};
  }
}

bool index_file::next(entry& e, member& m) {
  if (!loaded_) {
    if (block_ >= blocks_) { return false; }
    go_to(block_, 0);
  }
  if (slot_ == count_) {
    if (block_ + 1 >= blocks_) { return false; }
    go_to(block_ + 1, 0);
  }
  decode(slot_, e, m.facts);
  if (e.offset + e.record_bytes > image_.stream_bytes) { throw unusable{"a member stands past the end of the image"}; }
  m.ordinal = first_ + slot_++;
  if (slot_ == count_ && !rest_.empty()) { throw unusable{"a block of it is damaged"}; }
  return true;
}

void index_file::seek_offset(std::uint64_t offset) {
  auto const after = block_table_->not_above(offset);
  if (after == 0) {
    rewind();
    return;
  }
  go_to(after - 1, 0);
  entry e;
  member_facts facts;
  std::uint32_t before = 0;
  for (; before < count_; ++before) {
    decode(before, e, facts);
    if (e.offset >= offset) { break; }
  }
  if (before == count_) {
    go_to(after, 0);
  } else {
    go_to(after - 1, before);
  }
}

std::uint64_t index_file::first_of(std::uint64_t block) {
  if (firsts_.empty()) { firsts_.assign(static_cast<std::size_t>(blocks_), not_asked); }
  auto& known = firsts_[static_cast<std::size_t>(block)];
  if (known != not_asked) { return known; }
  auto const at = block == 0 ? sizeof(front_record) : block_table_->at(block).value;
  if (at > blocks_end_ || blocks_end_ - at < sizeof(block_record)) { throw unusable{"a block stands outside of it"}; }
  auto const first = byte_cursor{read(at, sizeof(block_record))}.take<block_record>().first.value();
  if (first >= members_ || (block == 0) != (first == 0)) { throw unusable{"a block of it is damaged"}; }
  return known = first;
}

void index_file::seek_ordinal(std::uint64_t ordinal) {
  if (loaded_ && ordinal >= first_ && ordinal - first_ < count_) {
    auto const slot = static_cast<std::uint32_t>(ordinal - first_);
    if (slot < slot_) { return go_to(block_, slot); }
    return pass_to(slot);
  }
  if (loaded_ && ordinal == first_ + count_ && slot_ == count_) { return; }  // next() goes on there
  if (ordinal >= members_) {
    go_to(blocks_, 0);
    return;
  }
  auto const block = number_of_block(ordinal);
  auto const slot = ordinal - first_of(block);
  if (slot >= members_a_block) { throw unusable{"a block of it is damaged"}; }
  go_to(block, static_cast<std::uint32_t>(slot));
}

// No block has more than members_a_block: the one that is asked for is not before `low`, and most often it.
std::uint64_t index_file::number_of_block(std::uint64_t ordinal) {
  auto low = ordinal / members_a_block;
  if (low >= blocks_ || first_of(low) > ordinal) { throw unusable{"a block of it is damaged"}; }
  auto high = blocks_;
  for (std::uint64_t step = 1; high - low > step; step *= 2) {
    if (first_of(low + step) > ordinal) {
      high = low + step;
      break;
    }
    low += step;
  }
  while (high - low > 1) {
    auto const middle = low + (high - low) / 2;
    (first_of(middle) > ordinal ? high : low) = middle;
  }
  return low;
}

index_file::range index_file::block_of(std::uint64_t ordinal) {
  auto const block = number_of_block(ordinal);
  auto const first = first_of(block);
  auto const next = block + 1 < blocks_ ? first_of(block + 1) : members_;
  if (next <= ordinal || next - first > members_a_block) { throw unusable{"a block of it is damaged"}; }
  return {first, next - first};
}

std::uint64_t index_file::ordinal_of(std::uint64_t place) {
  auto const block = place / members_a_block;
  if (block >= blocks_) { throw unusable{"a name in it leads nowhere"}; }
  auto const ordinal = first_of(block) + place % members_a_block;
  if (ordinal >= members_) { throw unusable{"a name in it leads nowhere"}; }
  return ordinal;
}

std::uint64_t index_file::key_of(std::string_view normal) const noexcept { return name_key(normal, seed_); }

bool index_file::has_name(std::uint64_t key) {
  auto const i = names_->below(key);
  return i < names_->size() && names_->at(i).key == key;
}

index_file::run_range index_file::runs_of(std::uint64_t key, std::uint64_t ordinal) {
  run_range out{.from = runs_->below(pair{key, run_value(ordinal, false, 1)}), .to = runs_->not_above(key)};
  if (out.from != 0 && runs_->at(out.from - 1).key == key) {
    auto const before = run_at(out.from - 1);
    if (before.first + before.count > ordinal) { --out.from; }
  }
  return out;
}

index_file::run index_file::run_at(std::uint64_t i) {
  auto const value = runs_->at(i).value;
  run const out{.first = value >> (run_count_bits + 1),
                .count = (value & (longest_run - 1)) + 1,
                .directories = (value & longest_run) != 0};
  if (out.first >= members_ || members_ - out.first < out.count) { throw unusable{"a directory in it leads nowhere"}; }
  return out;
}

std::vector<std::uint64_t> index_file::linked(entry const& e) {
  std::vector<std::uint64_t> out;
  auto const key = link_key(link_identity_of(e), seed_);
  for (auto i = links_->below(key); i < links_->size(); ++i) {
    auto const p = links_->at(i);
    if (p.key != key) { break; }
    if (p.value >= members_) { throw unusable{"a link in it leads nowhere"}; }
    out.push_back(p.value);
  }
  return out;
}

index_file::named index_file::name_again(std::uint64_t i) {
  auto const p = again_->at(i);
  return {p.key, ordinal_of(p.value)};
}

index_file::named index_file::orphan(std::uint64_t i) {
  auto const p = orphans_->at(i);
  if (p.value >= members_) { throw unusable{"a directory in it leads nowhere"}; }
  return {p.key, p.value};
}

std::vector<std::uint64_t> index_file::under(std::uint64_t key) {
  std::vector<std::uint64_t> out;
  collect(key, out);
  for (auto& place : out) { place = ordinal_of(place); }
  return out;
}

index_file::found index_file::member_at(std::uint64_t place) {
  found out;
  auto const block = place / members_a_block;
  auto const slot = static_cast<std::uint32_t>(place % members_a_block);
  if (block >= blocks_) { throw unusable{"a name in it leads nowhere"}; }
  go_to(block, slot);
  if (slot >= count_ || !next(out.about, out.what)) { throw unusable{"a name in it leads nowhere"}; }
  return out;
}

void index_file::collect(std::uint64_t key, std::vector<std::uint64_t>& places) {
  auto const from = names_->below(key);
  auto const to = names_->not_above(key);
  if (to - from > most_of_one_key) { throw unusable{"too many names of one key"}; }
  for (auto i = from; i < to; ++i) { places.push_back(names_->at(i).value); }
}

std::vector<index_file::found> index_file::find(std::string_view normal) {
  std::vector<found> out;
  std::vector<std::uint64_t> places;
  collect(name_key(normal, seed_), places);
  std::vector<std::uint64_t> with_data;
  for (auto const place : places) {
    auto m = member_at(place);
    if (normal_path(m.about.path) != normal) { continue; }
    if (may_be_linked(m.about)) { collect(link_key(link_identity_of(m.about), seed_), with_data); }
    out.push_back(std::move(m));
  }
  std::sort(with_data.begin(), with_data.end());
  with_data.erase(std::unique(with_data.begin(), with_data.end()), with_data.end());
  for (auto const place : with_data) { out.push_back(member_at(place)); }
  auto const order = [](found const& a, found const& b) { return a.what.ordinal < b.what.ordinal; };
  std::stable_sort(out.begin(), out.end(), order);
  auto const equal = [](found const& a, found const& b) { return a.what.ordinal == b.what.ordinal; };
  out.erase(std::unique(out.begin(), out.end(), equal), out.end());
  return out;
}

std::unique_ptr<index_file> open_index(std::unique_ptr<byte_source> file, std::string_view name,
                                       code_finder const& codes, diagnostic_sink& findings) {
  auto const refused = [&](diag_code const& code, std::string_view why) {
    findings.report({.code = &code, .offset = {}, .path = {}, .detail = concat(quoted(name), ": ", why), .level = {}});
    return nullptr;
  };
  try {
    return std::make_unique<index_file>(std::move(file), codes);
  } catch (unusable const& e) { return refused(damaged_index, e.what()); } catch (unknown_code const& e) {
    return refused(other_version, e.what());
  } catch (fatal_error const& e) {
    if (e.what_kind() != fatal_error::kind::io) { throw; }
    return refused(damaged_index, e.what());
  }
}

}  // namespace sysb::index
