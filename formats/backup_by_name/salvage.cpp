// SPDX-License-Identifier: Apache-2.0
// The reader where the image is damaged and what is left of it is wanted: which members are whole,
// and where the archive goes on.
//
// A member is whole when its end is proven: by the header after it, by its own end test, or by a
// header that is damaged but still there. Without that, bytes may be missing inside it: then its
// own content is searched for the records that moved into it.
#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/backup_by_name/reader.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t most_gaps = 65'536;

}  // namespace

void reader::open_without_volume() {
  headless_ = true;
  walked_ = 0;
  about_.format = "backup_by_name";
  about_.variant = "AIX 3.1 and later, by name";
  auto const to = resync_.find({.from = 0, .claimed_end = {}});
  if (!to) {
    throw fatal_error{fatal_error::kind::unsupported,
                      "not an AIX backup: it does not start with a volume header, and no records were found in it", 0};
  }
  findings_.report(volume_lost, 0, {}, concat("the first record stands at 0x", hex(*to)));
  ahead_.phase = 0;
  if (*to != 0) { gaps_.emplace(0, *to); }
}

// What an output gets that keeps the volume header: a sound one of a first volume.
void reader::mend_volume_header() {
  volume_record v{};
  std::memcpy(&v, volume_.data(), sizeof v);
  v.prefix.magic = record_magic::plain;
  v.prefix.checksum = 0;
  v.volnum = 1;
  constexpr std::string_view by_name = "by name";
  std::fill(std::begin(v.disk), std::end(v.disk), '\0');
  std::copy(by_name.begin(), by_name.end(), v.disk);
  std::copy(std::begin(v.disk), std::end(v.disk), v.fsname);
  std::memcpy(volume_.data(), &v, sizeof v);
  v.prefix.checksum = header_checksum(volume_);
  std::memcpy(volume_.data(), &v, sizeof v);
}

void reader::report_incomplete(entry const& out, std::uint64_t got, std::uint64_t of, std::string why) {
  if (findings_.muted()) { return; }
  ++incomplete_;
  findings_.report(member_incomplete, out.offset, out.path,
                   concat(got, " of ", of, out.packed ? " packed bytes: " : " bytes: ", why));
}

void reader::judge_extent(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool sound) {
  resync_.saw(at, ahead_.read(at, static_cast<std::size_t>(m.header_bytes)));
  // Padding that is cut off is no loss, and no bytes to copy.
  if (auto const size = *source_->size(); record_end_ > size) {
    record_end_ = size;
    out.record_bytes = size - at;
  }
  // Content of another length than recorded is whole: whether it is taken is not decided here.
  if (!sound || (out.content == content_state::refused && !out.stored_size)) {
    out.incomplete = true;
    if (!sound && out.content == content_state::refused) {
      out.content = content_state::none;
    }  // nor is the record whole
    report_incomplete(out, content_end_ - content_at_, out.stored,
                      sound ? "where its content starts is not proven" : "its header is damaged");
    return;
  }
  // Known when the archive was walked once. Packed content proves its start by itself.
  auto const failed = c.security_at ? c.security.failed : std::uint8_t{0};
  out.incomplete = concluded_ && failed != 0 && !m.packed() && !variants_.accepted(out.kind, failed);
  // Where nothing says that the record ends here, the text of a target may be something else, too.
  auto const judged_by_end =
      out.kind == entry_kind::symlink || (out.kind == entry_kind::file && out.content == content_state::here);
  if (!judged_by_end) { return; }
  auto known = suspects_.find(at);
  if (known == suspects_.end()) {
    if (at < walked_ || ahead_.successor_at(c.end) == judged::valid || ahead_.damaged_header_at(c.end) ||
        (m.packed() && ahead_.unpacks(c.data_at, c.data_bytes, out.size))) {
      return;
    }
    auto const found = judge_suspect(out, c);
    if (!found) { return; }
    known = suspects_.emplace(at, *found).first;
  }
  out.incomplete = true;
  content_end_ = c.data_at + known->second.available;
  record_end_ = known->second.end;
  out.record_bytes = record_end_ - at;
}

// What follows the record is damaged: it ends where a header still stands, or, where there are no blocks, where its own
// fields and lists say. What there is of a file is judged later.
bool reader::take_unplaced(member_head const& m, std::uint64_t at, circumstances const& where, bool may_have_block,
                           candidate& taken) {
  if (m.form != family::name_x || !kind_of(m.mode)) { return false; }
  auto const all = enumerate(ahead_, m, at, where);
  std::vector<candidate const*> with_header;
  candidate const* documented = nullptr;
  for (auto const& c : all.list) {
    if (!c.security_at || c.security.failed != 0) { continue; }
    if (ahead_.successor_at(c.end) == judged::valid) { return false; }  // several fit
    if (ahead_.damaged_header_at(c.end)) { with_header.push_back(&c); }
    if ((c.layouts & layout::documented) != 0 && !c.planned) { documented = &c; }
  }
  auto const blocks = may_have_block || !ahead_.rules.plans.empty() || ahead_.rules.blind_any;
  auto const* const found = with_header.size() == 1          ? with_header.front()
                            : with_header.empty() && !blocks ? documented
                                                             : nullptr;
  if (found == nullptr) { return false; }
  taken = *found;
  taken.state = judged::invalid;
  return true;
}

std::optional<std::uint64_t> reader::goes_on(std::uint64_t from, std::optional<std::uint64_t> claimed_end) {
  resync::request const r{.from = from, .claimed_end = claimed_end, .symlinks = census_.symlink_layouts};
  auto to = resync_.find(r);
  // Damage before it may have hidden how this archive is written.
  if (!to && resync_.misfit() && learn(*resync_.misfit())) { to = resync_.find(r); }
  return to;
}

// Nothing proves where the member ends: its content is searched, and what follows.
std::optional<reader::suspect> reader::judge_suspect(entry const& out, candidate const& c) {
  auto const size = *source_->size();
  auto const searched = gaps_.size() < most_gaps;
  auto const to = searched ? goes_on(c.data_at, c.end) : std::nullopt;
  ahead_.phase = static_cast<unsigned>(out.offset % 8);
  auto const moved_in = to && *to < c.end;
  // The archive is cut off just after the content.
  if (!moved_in && size >= c.data_at + c.data_bytes && ahead_.header_at(c.end).state == judged::cut) {
    return std::nullopt;
  }
  suspect s;
  s.end = std::min({c.end, to.value_or(size), size});
  s.available = std::min(c.data_bytes, s.end - c.data_at);
  if (auto const next = to.value_or(size); next > s.end) { gaps_.emplace(s.end, next); }
  report_incomplete(out, s.available, c.data_bytes,
                    moved_in                          ? "the next record stands before its end"
                    : size < c.data_at + c.data_bytes ? "the archive is cut off"
                                                      : "no header stands where it should end");
  return s;
}

// The record at `at` cannot be read: where does the archive go on?
bool reader::open_gap(std::uint64_t at) {
  auto const size = *source_->size();
  if (detached_ || at >= size) { return false; }
  if (gaps_.size() >= most_gaps) {
    findings_.report(too_many_gaps, at, {}, after_last());
    return false;
  }
  auto const h = ahead_.header_at(at);
  auto const of_member = h.state == judged::valid && h.prefix.type == member_type(ahead_.shape.form);
  auto const claimed_end = of_member ? std::optional{resync_.least_end(at)} : std::nullopt;
  gaps_.emplace(at, goes_on(search_from_, claimed_end).value_or(size));
  return true;
}

bool reader::cross_gap(std::uint64_t at) {
  auto const found = gaps_.find(at);
  if (found == gaps_.end()) { return false; }
  auto const to = found->second;
  if (!findings_.muted()) {
    skipped_bytes_ += to - at;
    findings_.report(bytes_skipped, at, {},
                     concat("0x", hex(at), " to 0x", hex(to), ", ", to - at, " bytes", after_last()));
  }
  source_->seek(to);
  ahead_.phase = static_cast<unsigned>(to % 8);
  if (walked_ == at) { walked_ = to; }
  last_was_plain_file_ = false;
  return true;
}

void reader::conclude_salvage() {
  if (gaps_.empty() && incomplete_ == 0) { return; }
  auto const gaps = std::uint64_t{gaps_.size()};
  findings_.report(salvaged, end_, {},
                   concat(gaps, gaps == 1 ? " gap, " : " gaps, ", skipped_bytes_, " bytes skipped, ", incomplete_,
                          incomplete_ == 1 ? " incomplete member" : " incomplete members"));
}

}  // namespace sysb::backup_by_name
