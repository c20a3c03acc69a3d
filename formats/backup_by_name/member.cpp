// SPDX-License-Identifier: Apache-2.0
// One member: fields to an entry, the place of its parts, and what must agree before its
// content is given out.
#include <algorithm>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "formats/aix_acl/aix_acl.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;
constexpr std::uint64_t packed_limit = std::uint64_t{1} << 31;
constexpr std::uint32_t plain_acl_bytes = sizeof(acl_record);

constexpr std::uint64_t most_looked_through = 1u << 20;
constexpr std::string_view causes_of_change = ": the file changed while it was saved, or its record is damaged";

bool is_special(entry_kind k) noexcept {
  return k != entry_kind::file && k != entry_kind::directory && k != entry_kind::symlink;
}

}  // namespace

void reader::fill(entry& out, member_head const& m, std::uint64_t at) const {
  out.clear();
  out.path.assign(m.name);
  out.kind = kind_of(m.mode).value_or(entry_kind::file);
  out.mode = m.mode;
  out.uid = m.uid;
  out.gid = m.gid;
  out.size = out.kind == entry_kind::file ? m.size : 0;
  auto const time = [&](std::uint32_t t) {
    return unsigned_times_ ? std::int64_t{t} : std::int64_t{static_cast<std::int32_t>(t)};
  };
  out.mtime = time(m.mtime);
  out.atime = time(m.atime);
  out.ctime = time(m.ctime);
  out.nlink = m.nlink;
  out.ino = m.ino;
  out.dev = m.dev;
  // Stale memory in records of other kinds.
  if (is_device(out.kind)) { out.rdev = m.rdev; }
  out.offset = at;
}

// The layouts that real archives prove have no alternatives (rule 1).
bool reader::settled(member_head const& m, entry_kind k, bool repeated) const noexcept {
  if (m.form != family::name_x) { return false; }
  if (k == entry_kind::directory) { return true; }
  return k == entry_kind::file && !repeated &&
         (m.packed() ? ahead_.shape.has_stored_size() : m.pad == 0 && m.size == m.dsize);
}

reader::step reader::read_member(entry& out, member_head m, std::uint64_t at, bool sound) {
  auto const name_fits = m.name_fits;
  auto const kind = kind_of(m.mode);
  if (sound) { search_from_ = at + m.header_bytes; }
  fill(out, m, at);
  m.name = out.path;  // the header's bytes die with the next look ahead
  out.damaged = !sound;
  auto const nameless = out.path.empty();
  if (nameless) { findings_.report(empty_name, at + ahead_.shape.fixed, {}, after_last()); }
  if (!kind) { findings_.report(unknown_kind, at, out.path, concat("mode ", octal(m.mode))); }
  if (!nameless && !name_fits) {
    findings_.capped(
        name_area, at, out.path,
        concat(m.header_bytes - ahead_.shape.fixed, " bytes for a name of ", std::uint64_t{out.path.size()}));
  }
  if (!settled_magic(m.magic) && known_magic(m.magic) && !m.packed() && !findings_.muted()) {
    auto& seen = census_.magics[m.magic];
    if (seen.count++ == 0) {
      seen.first_at = at;
      seen.sample = out.path;
    }
  }
  if (m.packed() && kind != entry_kind::file) {
    if (!ahead_.shape.packed_by_sizes(m.magic)) { findings_.capped(packed_kind, at, out.path); }
    m.is_packed = false;
  }
  if (m.pad != 0 && (kind != entry_kind::file || m.packed())) {
    findings_.capped(pad_set, at + offsetof(name_x_record, pad), out.path, concat("0x", hex(m.pad)));
  }

  auto const linked = m.form == family::name_x && kind == entry_kind::file && m.nlink > 1 && m.ino != 0;
  auto const* const group = linked ? links_.find(m) : nullptr;
  auto const repeated = group != nullptr && group->first_at < at;
  circumstances const where{.repeated = repeated, .symlinks = census_.symlink_layouts};

  if (kind == entry_kind::file && !ahead_.shape.has_stored_size() && !m.packed() && !settled_magic(m.magic) &&
      shows_packed(at, m.magic)) {
    ahead_.shape.learn(m.magic, true);
    m.is_packed = true;
  }

  candidate c;
  ++records_;
  // A magic that says nothing of packing says nothing of where a member stands either, if its sizes are equal; what is
  // left of one is judged by that.
  auto const by_magic = settled_magic(m.magic) || (salvaging() && m.size == m.dsize);
  auto const placed = kind && settled(m, *kind, repeated) && by_magic && !unknown_volume_ && ahead_.rules.documented()
                          ? settle(out, m, at, sound, c)
                          : decide(out, m, at, where, c);
  if (placed == step::again && kind == entry_kind::file) { judge_magic(out, m, c); }
  if (placed != step::again) {
    if (salvaging() && sound && kind == entry_kind::file) {
      report_incomplete(out, 0, out.size, "where its content ends cannot be told");
    }
    return placed;
  }
  if (!sound && !plainly_walkable(m, c, name_fits)) {
    findings_.report(damaged_header, at, out.path, "name, security record or packed data do not fit");
    return stop(at);
  }
  if (linked && detached_ && ahead_.header_at(c.end).state == judged::invalid) {
    findings_.report(link_layout_lost, c.end, out.path);
    return stop(at);
  }

  out.record_bytes = c.end - at;
  record_end_ = c.end;
  if (nameless || !kind) {
    (void)source_->skip(c.end - at);
    if (walked_ == at) { walked_ = c.end; }
    return step::again;
  }
  // In an archive that deviates, a record inside a content may stand where this one seems to end.
  constexpr unsigned records_that_follow = 4;
  if (!ahead_.rules.documented() && kind == entry_kind::file && c.data_bytes != 0 && !c.start_open && !out.damaged &&
      !salvaging() && !detached_ && !records_follow(ahead_, c.end, where, budget_, records_that_follow)) {
    findings_.report(content_refused, c.data_at, out.path, "the records after it lead nowhere");
    out.content = content_state::refused;
    out.damaged = true;
  }
  if (c.start_open) {
    findings_.report(content_refused, c.data_at, out.path,
                     concat("an unknown block of ", c.before + c.after, " bytes stands before or after it"));
    out.content = content_state::refused;
    out.damaged = true;
  }
  take_content(out, m, c);
  note_grammar(out, m, c, at);
  take_security(out, m, c, at, sound);
  if (sound) {
    note_layout(out, c, at, repeated);
    if (linked) { judge_links(out, m, c, at, repeated); }
  }
  content_at_ = out.content_offset = c.data_at;
  content_end_ = out.content == content_state::here || out.stored_size ? c.data_at + out.stored : c.data_at;
  if (salvaging()) { judge_extent(out, m, c, at, sound); }
  last_path_ = out.path;
  last_at_ = at;
  last_was_plain_file_ = *kind == entry_kind::file && !m.packed();
  state_ = state::in_member;
  return step::member;
}

// A damaged length may reach a valid header after the next member. Everything else that can
// tell must agree before a member with a damaged header is walked over.
bool reader::plainly_walkable(member_head const& m, candidate const& c, bool name_fits) {
  if (!name_fits || (c.security.failed & ~security_check::pcl_mode) != 0) { return false; }
  return !m.packed() || ahead_.unpacks(c.data_at, c.data_bytes, m.size);
}

reader::step reader::settle(entry& out, member_head const& m, std::uint64_t at, bool sound, candidate& taken) {
  auto const body = at + m.header_bytes;
  auto const s = ahead_.security_at(body, m.mode);
  switch (s.state) {
    case judged::valid: break;
    case judged::cut: return cut_off(out.path);
    case judged::invalid:
      if (sound && !detached_ && !findings_.muted() && learn(at)) {
        return decide(out, m, at, {.symlinks = census_.symlink_layouts}, taken);
      }
      findings_.report(security_too_long, body, out.path,
                       concat(s.record.acl_bytes, " and ", s.record.pcl_bytes, " bytes"));
      return stop(at);
  }
  taken.layouts = layout::documented;
  taken.security_at = body;
  taken.security = s.record;
  taken.data_at = body + s.record.bytes();
  taken.data_bytes = out.kind != entry_kind::file ? 0 : m.packed() ? m.dsize : m.size;
  taken.end = taken.data_at + align8(taken.data_bytes);
  if (!sound) {
    if (ahead_.header_at(taken.end).state == judged::valid) { return step::again; }
    findings_.report(damaged_header, at, out.path, concat("no valid header where it would end, at 0x", hex(taken.end)));
    return stop(at);
  }
  if (out.kind == entry_kind::file && !m.packed()) {
    if (auto const done = try_large(out, m, at, taken); done != step::again) { return done; }
    if (ends_early(out, at, taken)) { return step::again; }
  }
  // A layout that real archives prove has no alternative, unless the whole archive says otherwise.
  if (refused_before(out) || !looks_past(taken.end) || taken.layouts != layout::documented) { return step::again; }
  auto const fails = fails_after(taken.end);
  auto const odd = s.record.failed != 0 && odd_lists_ < 2;
  odd_lists_ += odd ? 1 : 0;
  if ((fails || odd) && learn(at)) {
    taken = {};
    return decide(out, m, at, {.symlinks = census_.symlink_layouts}, taken);
  }
  if (fails && taken.data_bytes != 0) { refuse_unplaced(out, taken); }
  return step::again;
}

// A file of 4 GiB and more whose header keeps only the low half of its size. Possible only where
// so much input follows, so smaller images never pay for the look. Where a step back is dear the first
// pass that skips looks, and what it found stands.
reader::step reader::try_large(entry& out, member_head const& m, std::uint64_t at, candidate& taken) {
  if (auto const found = large_.find(at); found != large_.end()) {
    taken.layouts = layout::more_size;
    taken.data_bytes = found->second;
    taken.end = taken.data_at + align8(taken.data_bytes);
    return step::again;
  }
  auto const input = source_->size();
  if (!source_->seekable() || (input && (*input < taken.end || *input - taken.end < four_gib - 8))) {
    return step::again;
  }
  auto const dear = !source_->cheap_seek();
  if (dear && !detached_ && (!skips_ || at < walked_)) { return step::again; }
  if (ahead_.plausible_at(taken.end) || ahead_.resembles_header(taken.end)) { return step::again; }
  auto const c = choose(ahead_, enumerate_large(ahead_, m, at), {.symlinks = census_.symlink_layouts}, 0, budget_);
  switch (c.what) {
    case choice::result::one:
      taken = c.taken;
      if (dear) { large_.emplace(at, taken.data_bytes); }
      return step::again;
    case choice::result::several:
      findings_.report(ambiguous, at, out.path, "size of a file of 4 GiB or more");
      return stop(at);
    case choice::result::none:
    case choice::result::cut: return step::again;  // damage; found at the place itself
  }
  return step::again;
}

reader::step reader::decide(entry& out, member_head const& m, std::uint64_t at, circumstances const& where,
                            candidate& taken) {
  auto all = enumerate(ahead_, m, at, where);
  if (all.too_long && all.list.empty() && !out.damaged && !detached_ && !findings_.muted() && learn(at)) {
    all = enumerate(ahead_, m, at, where);
  }
  if (all.too_long && all.list.empty()) {
    findings_.report(security_too_long, at + m.header_bytes, out.path);
    return stop(at);
  }
  auto c = choose(ahead_, std::move(all), where, known_, budget_);
  if (c.what == choice::result::none && !out.damaged && !detached_ && !findings_.muted() && learn(at)) {
    c = choose(ahead_, enumerate(ahead_, m, at, where), where, known_, budget_);
  }
  if (c.what == choice::result::none && m.form == family::name_x && kind_of(m.mode) == entry_kind::file &&
      !m.packed() && m.pad != 0) {
    c = choose(ahead_, enumerate_large(ahead_, m, at), where, 0, budget_);
  }
  // One block alone is believed where a magic that is known for it marks the archive: else it may be what is left of a
  // lost member.
  auto const volume_magic = byte_cursor{std::span<std::byte const>{volume_}}.take<record_prefix>().magic.value();
  auto const marked =
      (unknown_volume_ && known_magic(volume_magic)) || (known_magic(m.magic) && !settled_magic(m.magic));
  auto const cut = c.what == choice::result::cut;
  if (salvaging() && !out.damaged && (cut || c.what == choice::result::none) &&
      take_unplaced(m, at, where, !cut && marked, taken)) {
    return step::again;
  }
  switch (c.what) {
    case choice::result::one: taken = c.taken; return step::again;
    case choice::result::cut: return cut_off(out.path);
    case choice::result::several:
      findings_.report(ambiguous, at, out.path, "several layouts lead to the end record, or too many records to tell");
      return stop(at);
    case choice::result::none: break;
  }
  if (salvaging() && out.kind == entry_kind::symlink && census_.symlinks != 0) {
    // The header after it is damaged; the layout is known from the links before, if it is one.
    auto const again = enumerate(ahead_, m, at, where);
    if (again.list.size() == 1 && again.list.front().state != judged::cut) {
      taken = again.list.front();
      return step::again;
    }
  }
  if (passes_unplaced(out, m, at, where, taken)) { return step::again; }
  if (marked && !out.damaged) { return bridge_gap(out, m, at, taken); }
  findings_.report(out.damaged ? damaged_header : no_layout, at, out.path, concat("kind ", to_text(out.kind)));
  return stop(at);
}

void reader::take_security(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool sound) {
  if (!c.security_at) { return; }
  auto const& s = c.security;
  auto const bytes = ahead_.read(*c.security_at, static_cast<std::size_t>(s.bytes()));
  if (bytes.size() < s.bytes()) { return; }
  // After acl_len stands stale memory, at most 7 bytes of it.
  auto const acl_fits = (s.failed & security_check::acl_length) == 0;
  auto const acl =
      bytes.subspan(static_cast<std::size_t>(s.acl_at), static_cast<std::size_t>(acl_fits ? s.acl_len : s.acl_bytes));
  auto const pcl = bytes.subspan(static_cast<std::size_t>(s.pcl_at), static_cast<std::size_t>(s.pcl_bytes));
  out.acl.assign(acl.begin(), acl.end());
  out.pcl.assign(pcl.begin(), pcl.end());

  if (!sound || findings_.muted()) {
    // Neither a witness for nor against a variant.
  } else if (s.failed == 0) {
    variants_.conforms(out.kind);
  } else {
    auto const provable = m.packed() && out.content == content_state::here && variants_.keeps_more(out.kind, s.failed);
    std::vector<std::byte> const record(
        bytes.begin(), bytes.begin() + std::min<std::ptrdiff_t>(64, static_cast<std::ptrdiff_t>(bytes.size())));
    auto const proven = provable && ahead_.unpacks(c.data_at, c.data_bytes, out.size);
    variants_.deviates(out.kind, s.failed, at, out.path, record, proven);
  }
  if (aix_acl::has_privileges(out.pcl)) {
    findings_.capped(privileges_set, *c.security_at, out.path, hex_bytes(out.pcl));
  }
  if (acl_fits && out.acl.size() == plain_acl_bytes) { return; }
  auto const list = aix_acl::decode(out.acl);
  out.acl_extended = list.extended;
  if (list.extended) { out.acl_text = aix_acl::to_text(list); }
  auto const place = *c.security_at + s.acl_at;
  if (list.broken) { findings_.capped(aix_acl::to_diagnostic(*list.broken, out.path, place)); }
  if (list.unknown) { findings_.capped(aix_acl::to_diagnostic(*list.unknown, out.path, place)); }
}

void reader::take_content(entry& out, member_head const& m, candidate const& c) {
  switch (out.kind) {
    case entry_kind::file: break;
    case entry_kind::symlink: {
      auto const text = as_text(ahead_.read(c.data_at, static_cast<std::size_t>(c.data_bytes)));
      out.target.assign(text);
      out.size = text.size();
      out.stored = text.size();
      return;
    }
    case entry_kind::directory:
    case entry_kind::char_device:
    case entry_kind::block_device:
    case entry_kind::fifo:
    case entry_kind::socket: return;
  }
  auto const refuse = [&](diag_code const& why, std::string detail) {
    findings_.report(why, c.data_at, out.path, std::move(detail));
    out.content = content_state::refused;
    out.damaged = true;
  };
  out.stored = c.data_bytes;
  out.packed = m.packed();
  // Without data under a name seen before: judge_links() says what it is.
  if ((c.layouts & (layout::no_data | layout::bare)) != 0) {
    out.packed = false;
    return;
  }
  if ((c.layouts & (layout::high_dsize | layout::high_size | layout::more_size)) != 0) { out.size = c.data_bytes; }
  if (out.content == content_state::refused) { return; }
  if (m.packed()) {
    if (out.stored < 2 || !lookahead::may_become(out.stored, out.size)) {
      // A file that was emptied while it was saved looks like this, too. What the window of a pipe holds is looked
      // at, so that a pipe tells what a file tells.
      auto const whole = out.stored >= 2 && out.stored <= most_looked_through
                             ? ahead_.unpacked_size(c.data_at, out.stored)
                             : std::nullopt;
      if (whole) {
        out.stored_size = whole;
        refuse(other_length, concat("recorded ", out.size, " bytes, unpacked ", *whole, causes_of_change));
        return;
      }
      refuse(packed_sizes, concat(out.stored, " bytes stored, ", out.size, " unpacked"));
      return;
    }
    if (out.stored >= packed_limit || out.size >= packed_limit) {
      findings_.capped(packed_large, out.offset, out.path, concat(out.size, " bytes"));
    }
  } else if (c.data_bytes != out.size) {
    if ((c.layouts & layout::by_dsize) != 0) {
      out.stored_size = c.data_bytes;
      refuse(other_length, concat("recorded ", out.size, " bytes, stored ", c.data_bytes, causes_of_change));
    } else {
      refuse(content_refused, concat("recorded size ", out.size, ", ", c.data_bytes, " bytes stored"));
    }
    return;
  } else if ((c.layouts & (layout::by_size | layout::by_dsize)) != 0 && m.size != m.dsize) {
    findings_.capped(stored_size, out.offset, out.path, concat("size ", m.size, ", stored size ", m.dsize));
  }
  out.content = out.stored != 0 ? content_state::here : content_state::none;
}

// Rule 7. The cursor was moved by the layout alone; here only the meaning is judged.
void reader::judge_links(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool repeated) {
  auto const has_data = out.stored != 0;
  if (!repeated) {
    if (!findings_.muted()) { links_.begin_group(m, at, out.size, has_data); }
    return;
  }
  auto& g = *links_.find(m);
  auto const same = links_.same_metadata(g, m);
  // "first name at 0x… has 10 bytes, this one 12 (2 more); mtime 5 s later"
  auto const compared = [&](std::uint64_t size) {
    auto const more = size > g.size;
    auto const fields = link_table::differences(g, m);
    return concat("first name at 0x", hex(g.first_at), " has ", g.size, " bytes, this one ", size,
                  size == g.size ? std::string{}
                                 : concat(" (", more ? size - g.size : g.size - size, more ? " more)" : " fewer)"),
                  fields.empty() ? "" : "; ", fields);
  };
  auto const mismatch = [&] {
    findings_.report(link_mismatch, at, out.path, compared(m.size));
    out.content = content_state::refused;
    out.damaged = true;
  };
  if (!has_data) {
    if (g.size == 0 && m.size == 0 && (same || (c.layouts & layout::documented) != 0)) {
      out.content = content_state::none;  // empty under both names
    } else if (same && g.has_data && (m.size == 0 || m.size == g.size)) {
      out.size = g.size;
      out.content = content_state::elsewhere;
    } else {
      mismatch();
    }
    return;
  }
  if (!g.has_data && g.size == 0) {
    if (!same) {
      mismatch();
      return;
    }
    if (!findings_.muted()) {
      if (census_.links_with_late_data++ == 0) { census_.first_late = at; }
      g.size = out.size;
      g.has_data = true;
    }
    return;
  }
  if (!same || g.size != out.size) { findings_.capped(link_sizes, at, out.path, compared(out.size)); }
}

void reader::note_layout(entry& out, candidate const& c, std::uint64_t at, bool repeated) {
  if (findings_.muted()) { return; }
  auto const count = [&](std::map<std::uint32_t, std::uint64_t>& of, std::uint64_t& first) {
    if (of.empty()) { first = at; }
    ++of[c.layouts];
  };
  if (out.kind == entry_kind::symlink) {
    if ((census_.symlink_layouts & c.layouts) == 0) {
      findings_.report(second_symlink_layout, at, out.path,
                       concat("here ", layout_text(c.layouts), ", before ", layout_text(census_.symlink_layouts)));
      out.damaged = true;
    } else {
      census_.symlink_layouts &= c.layouts;
    }
    if (census_.symlinks++ == 0) { census_.first_symlink = at; }
  } else if (is_special(out.kind)) {
    count(census_.specials, census_.first_special);
  } else if (repeated) {
    count(census_.links, census_.first_link);
    if (c.layouts == layout::no_data || c.layouts == layout::bare) { known_ |= c.layouts; }
  }
  if ((c.layouts & (layout::low_size | layout::high_dsize | layout::high_size | layout::more_size)) != 0) {
    count(census_.large, census_.first_large);
  }
  if ((c.layouts & (layout::documented | layout::target | layout::nothing)) == 0) { alternative_used_ = true; }
}

}  // namespace sysb::backup_by_name
