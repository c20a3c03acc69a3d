// SPDX-License-Identifier: Apache-2.0
// The walk where an archive deviates from the documented grammar: when it is calibrated, and what the table
// of its warning counts.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "formats/backup_by_name/calibration.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"

namespace sysb::backup_by_name {

// A record follows, but not where this one ends, and nothing that is regular explains it: what stands between
// may stand before the content.
void reader::refuse_unplaced(entry& out, candidate const& c) {
  if (salvaging() || ahead_.resembles_header(c.end)) { return; }
  auto const found = ahead_.find_record(c.end, c.end + limits_.opaque_gap_bytes);
  if (!found) { return; }
  findings_.report(content_refused, c.data_at, out.path,
                   concat("the next record stands ", *found - c.end, " bytes after its end"));
  out.content = content_state::refused;
  out.damaged = true;
  unplaced_.insert(out.offset);
}

// Whoever comes back to the member does not look past it again.
bool reader::refused_before(entry& out) const {
  if (unplaced_.count(out.offset) == 0) { return false; }
  out.content = content_state::refused;
  out.damaged = true;
  return true;
}

// In an archive with a grammar of its own, a record that even this does not place is named, and the walk goes on
// where the next one certainly stands.
bool reader::passes_unplaced(entry& out, member_head const& m, std::uint64_t at, circumstances const& where,
                             candidate& taken) {
  auto const as_documented = ahead_.rules.documented() && ahead_.shape.fixed == sizeof(name_x_record);
  if (as_documented || out.damaged || salvaging() || detached_ || m.form != family::name_x) { return false; }
  auto const all = enumerate(ahead_, m, at, where);
  auto const base = std::find_if(all.list.begin(), all.list.end(), [](candidate const& c) {
    return (c.layouts & layout::documented) != 0 && !c.planned && c.state != judged::cut && c.security.failed == 0;
  });
  if (base == all.list.end() || ahead_.resembles_header(base->end)) { return false; }
  // Where nothing says how much is stored, the content may be packed, and shorter than its size.
  auto const shortest = ahead_.shape.has_stored_size() ? base->end : base->data_at;
  // Where bytes are lost, the records after it moved into its content.
  auto found = base->data_bytes != 0 ? record_moved_in(base->data_at, base->end) : std::nullopt;
  if (!found) { found = find_record_after(ahead_, *base, shortest, where, budget_); }
  if (!found) { return false; }
  taken = *base;
  if (*found < taken.end) {
    taken.data_bytes = 0;
    taken.end = taken.data_at;
  }
  findings_.report(
      content_refused, taken.data_at, out.path,
      concat("the next record stands ", *found - taken.end, " bytes after its end, and nothing explains them"));
  taken.after = *found - taken.end;
  taken.end = *found;
  out.content = content_state::refused;
  out.damaged = true;
  return true;
}

// An archive inside a content cannot lead out of it. Records of this archive do, which stand there because bytes are
// lost, or because less was stored than the record says: the first of them.
std::optional<std::uint64_t> reader::record_moved_in(std::uint64_t from, std::uint64_t end) {
  constexpr std::uint64_t after_end = 1u << 20;  // an archive ends with its buffer
  for (auto h = resync_.next_header(from, end); h && h->at < end; h = resync_.next_header(from, end)) {
    // Records after a volume header are those of an archive in the content, however it ends where the image is cut.
    auto const nested = h->type == record_type::volume;
    auto at = nested ? h->at + h->bytes : h->at;
    for (; budget_.records != 0; --budget_.records) {
      auto const header = ahead_.header_at(at);
      if (header.state != judged::valid) { break; }
      from = at + 1;
      if (at > end) {
        if (nested) { break; }
        return h->at;
      }
      if (header.prefix.type == record_type::end) {
        auto const ours = ahead_.input_ends_before(at + sizeof(end_record) + after_end, 1) && !ahead_.ends_inside(at);
        if (ours && !nested && h->at != at) { return h->at; }
        break;
      }
      bool cut = false;
      auto const m = decode_member(header.bytes, ahead_.shape);
      auto const next = resync_.next_record(m, at, census_.symlink_layouts, cut);
      if (!next) { break; }
      at = *next;
    }
    from = std::max(from, h->at + 1);
  }
  return std::nullopt;
}

// A file that shrank while it was saved, whose recorded size leads beyond the end of an image that is whole.
bool reader::ends_early(entry& out, std::uint64_t at, candidate& taken) {
  if (auto const size = source_->size(); size && taken.end <= *size) { return false; }
  auto known = early_.find(at);
  if (known == early_.end()) {
    if (salvaging() || !looks_past(taken.end) || !ahead_.input_ends_before(taken.end, 0)) { return false; }
    auto const next = record_moved_in(taken.data_at, taken.end);
    if (!next) { return false; }
    known = early_.emplace(at, *next).first;
  }
  auto const stored = known->second - taken.data_at;
  findings_.report(other_length, at, out.path,
                   concat("recorded ", out.size, " bytes, the next record stands after ", stored,
                          ": the file shrank while it was saved, or bytes are lost"));
  taken.data_bytes = stored;
  taken.end = known->second;
  out.content = content_state::refused;
  out.damaged = true;
  return true;
}

// Extended attributes may stand where nobody has described them. Only in records and volumes
// that are marked as unknown, never where bytes look like a header (rule 4).
reader::step reader::bridge_gap(entry& out, member_head const& m, std::uint64_t at, candidate& taken) {
  auto const all = enumerate(ahead_, m, at, {});
  auto const documented = std::find_if(all.list.begin(), all.list.end(), [](candidate const& c) {
    return (c.layouts & (layout::documented | layout::by_size | layout::low_size)) != 0;
  });
  // A list that does not check itself says nothing of where its record ends.
  if (documented == all.list.end() || documented->security.failed != 0 || ahead_.resembles_header(documented->end)) {
    findings_.report(no_layout, at, out.path, concat("kind ", to_text(out.kind)));
    return stop(at);
  }
  taken = *documented;
  constexpr std::uint64_t searched = 1u << 20;
  if (record_moved_in(taken.end - std::min(taken.end - taken.data_at, searched), taken.end)) {
    findings_.report(no_layout, at, out.path, "the records in its content lead out of it: bytes are lost");
    return stop(at);
  }
  auto const found = ahead_.find_header(taken.end);
  if (!found) {
    findings_.report(no_layout, at, out.path, "no valid header within 1 MiB after it");
    return stop(at);
  }
  auto const gap = *found - taken.end;
  auto block = opaque_block{.offset = taken.end - at, .length = gap};
  if (taken.data_bytes != 0) {
    auto const late = taken.data_at + gap;
    auto const proves = [&](std::uint64_t start) {
      return m.packed() && ahead_.unpacks(start, taken.data_bytes, m.size);
    };
    auto const first = proves(taken.data_at);
    auto const last = proves(late);
    if (first == last) {
      findings_.report(content_refused, taken.data_at, out.path,
                       concat("an unknown block of ", gap, " bytes stands before or after it"));
      out.content = content_state::refused;
      out.damaged = true;
    } else if (last) {
      block.offset = taken.data_at - at;
      taken.data_at = late;
    }
  }
  taken.end = *found;
  out.opaque.push_back(block);
  if (!findings_.muted()) {
    auto& seen = census_.opaque;
    if (seen.count++ == 0) {
      seen.first_at = at + block.offset;
      seen.sample = hex_bytes(ahead_.read(seen.first_at, std::min<std::uint64_t>(gap, 32)));
    }
    seen.bytes += gap;
    alternative_used_ = true;
  }
  return step::again;
}

// Where that costs nothing: the bytes are read next anyway, or wait in the window.
bool reader::looks_past(std::uint64_t end) const noexcept {
  if (detached_ || findings_.muted()) { return false; }
  if (source_->cheap_seek() || (skips_ && source_->seekable())) { return true; }
  constexpr std::uint64_t slack = 64u << 10;
  constexpr std::uint64_t first_records = 4096;
  auto const reach = records_ <= first_records ? limits_.window_bytes - slack : slack;
  return end - source_->position() < reach;
}

bool reader::fails_after(std::uint64_t end) {
  auto const h = ahead_.header_at(end);
  switch (h.state) {
    case judged::valid: return h.prefix.type == record_type::end && ahead_.ends_too_early(end);
    case judged::invalid: return ahead_.successor_at(end) == judged::invalid;
    case judged::cut: return false;
  }
  return false;
}

bool reader::learn(std::uint64_t at) {
  constexpr unsigned most_calibrations = 32;
  if (ahead_.shape.form != family::name_x || calibrations_ == most_calibrations) { return false; }
  ++calibrations_;
  auto found = calibrate(ahead_, at);
  if (!found) { return false; }
  ahead_.rules = std::move(found->rules);
  learned_.proved(found->proofs);
  forerunner_.reset();  // it guesses by the documented grammar
  return true;
}

// A magic that nobody has described means packed where the stored bytes decode with all end conditions; plain members
// may have it too. So may one that is described, if the archive shows that often enough.
void reader::judge_magic(entry const& out, member_head& m, candidate& taken) {
  auto& shape = ahead_.shape;
  if (out.damaged || taken.start_open || !shape.has_stored_size()) { return; }
  if (m.size == m.dsize) {
    if (shape.packed_by_sizes(m.magic)) {
      m.is_packed = ahead_.unpacks(taken.data_at, m.dsize, m.size);
    } else if (m.packed() && sizes_tell(out.offset, m.magic)) {
      shape.learn_by_sizes(m.magic);
      m.is_packed = false;
    }
    return;
  }
  if (m.packed() || taken.end != taken.data_at + align8(m.dsize) + taken.after ||
      !ahead_.unpacks(taken.data_at, m.dsize, m.size) ||
      (m.magic == record_magic::plain && !sizes_tell(out.offset, m.magic))) {
    return;
  }
  m.is_packed = true;
  taken.data_bytes = m.dsize;
  taken.layouts = layout::documented;
  shape.learn_by_sizes(m.magic);
}

bool reader::sizes_tell(std::uint64_t at, std::uint16_t magic) {
  if (detached_ || findings_.muted()) { return false; }
  auto known = sizes_tell_.find(magic);
  if (known == sizes_tell_.end()) { known = sizes_tell_.emplace(magic, sizes_tell_packed(ahead_, at, magic)).first; }
  return known->second;
}

bool reader::shows_packed(std::uint64_t at, std::uint16_t magic) {
  if (detached_ || findings_.muted()) { return false; }
  auto known = shows_packed_.find(magic);
  if (known == shows_packed_.end()) {
    known = shows_packed_.emplace(magic, magic_means_packed(ahead_, at, magic)).first;
  }
  return known->second;
}

// Which deviations this member shows.
void reader::note_grammar(entry& out, member_head const& m, candidate const& c, std::uint64_t at) {
  if (c.before != 0) { out.opaque.push_back({.offset = c.data_at - c.before - at, .length = c.before}); }
  if (c.after != 0) { out.opaque.push_back({.offset = c.end - c.after - at, .length = c.after}); }
  if (c.planned) { alternative_used_ = true; }
  if (findings_.muted()) { return; }
  if (c.planned) {
    auto const what = c.plan < ahead_.rules.plans.size() ? ahead_.rules.plans[c.plan].text()
                                                         : std::string{"blocks of many lengths in the record"};
    learned_.count(what, out, c.start_open);
  }
  if (c.security_at && c.security.rule != 0) {
    learned_.count(concat("security record: ", ahead_.rules.security[c.security.rule].text()), out, false);
  }
  if (!learned_fixed_.empty()) { learned_.count(learned_fixed_, out, false); }
  if (ahead_.shape.learned_magic(m.magic)) {
    learned_.count(concat("magic 0x", hex(m.magic, 4),
                          m.packed()               ? " (packed)"
                          : settled_magic(m.magic) ? " (plain where the two sizes are equal)"
                                                   : " (plain)"),
                   out, false);
  }
}

}  // namespace sysb::backup_by_name
