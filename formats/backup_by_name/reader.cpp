// SPDX-License-Identifier: Apache-2.0
// The walk: from record to record, and through the bytes of one.
//
// next() leaves the source at the start of the record, so that read_raw() has all of it in
// front and the layout judgement can look ahead from there. Truncation inside content is
// found when the content is passed, not before: a pipe cannot know it earlier, and a file
// shall tell the same story.
#include "formats/backup_by_name/reader.hpp"

#include <algorithm>
#include <utility>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/backup_by_name/diagnostics.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t first_look = 256;
constexpr std::uint64_t largest_piece = 1u << 20;
// A source reads this much for one request; more only where a whole small member fits.
constexpr std::uint64_t usual_request = 64u << 10;
constexpr std::uint64_t whole_member = 256u << 10;
constexpr std::uint64_t far_after = 1u << 20;
constexpr std::uint64_t worth_a_forerunner = 32u << 20;
constexpr std::size_t reported_apart_limit = 65'536;

bool is_by_inode(std::uint8_t type) noexcept {
  return type == record_type::findex || type == record_type::clri || type == record_type::bits ||
         type == record_type::inode || type == record_type::ds;
}

}  // namespace

reader::reader(byte_source& source, limits const& l, diagnostic_sink& findings, on_damage how)
    : source_{&source}, limits_{l}, findings_{findings}, ahead_{source, limits_}, how_{how} {
  if (salvaging() && !(source.seekable() && source.size())) {
    throw fatal_error{fatal_error::kind::internal, "salvage needs a source that can seek"};
  }
  open_volume();
}

void reader::expect_skips(bool yes, unsigned threads) {
  skips_ = yes;
  forerunner_.reset();
  if (!yes || threads < 2 || salvaging() || !ahead_.rules.documented() ||
      source_->size().value_or(0) < worth_a_forerunner) {
    return;
  }
  auto second = source_->make_forerunner();
  if (second) { forerunner_ = std::make_unique<forerunner>(std::move(second), limits_, ahead_.shape); }
}

bool reader::next(entry& out) {
  for (;;) {
    switch (state_) {
      case state::at_record: break;
      case state::in_member: leave_member(); continue;
      case state::at_end: return false;
    }
    auto const at = source_->position();
    if (forerunner_) { forerunner_->passed(at); }
    findings_.mute(at < walked_ || reported_apart_.count(at) != 0);
    detached_ = at > walked_;
    if (salvaging() && cross_gap(at)) { continue; }
    auto const before = findings_.reported();
    auto const done = read_record(out);
    if (detached_ && findings_.reported() != before && reported_apart_.size() < reported_apart_limit) {
      reported_apart_.insert(at);
    }
    switch (done) {
      case step::again: continue;
      case step::stop:
        if (salvaging() && open_gap(at)) { continue; }
        (void)finish(at);
        state_ = state::at_end;
        return false;
      case step::end: state_ = state::at_end; return false;
      case step::member:
        if (walked_ == at) { walked_ = record_end_; }
        return true;
    }
  }
}

reader::step reader::read_record(entry& out) {
  auto const at = source_->position();
  search_from_ = at + 1;
  // A damaged source throws at its end, where salvage only needs to know that it is the end.
  auto head = salvaging() && at >= source_->size() ? std::span<std::byte const>{} : source_->peek(first_look);
  if (head.size() < sizeof(end_record)) { return cut_off({}); }
  auto const prefix = byte_cursor{head}.take<record_prefix>();
  auto const length = std::size_t{prefix.length} * 8;
  auto const of_member = prefix.type == member_type(ahead_.shape.form) && length > ahead_.shape.fixed;
  if (!of_member && !plausible(prefix, ahead_.shape)) { return unexpected(at); }

  if (head.size() < length) { head = source_->peek(length); }
  if (head.size() < length) { return plausible(prefix, ahead_.shape) ? cut_off({}) : unexpected(at); }
  auto const looked_at = ahead_.found_valid(at, length);
  auto const sum = looked_at ? prefix.checksum.value() : header_checksum(head.first(length));
  auto const sound = sum == prefix.checksum;
  // With a magic that nobody knows, everything else must say that this is a header at all.
  if (!ahead_.shape.knows(prefix.magic)) {
    if (!sound || !whole_member_header(head.first(length), ahead_.shape)) { return unexpected(at); }
    ahead_.shape.learn(prefix.magic, false);
  }
  if (sound && !source_->cheap_seek()) { ahead_.passed(head.first(length)); }
  auto const m = of_member ? decode_member(head.first(length), ahead_.shape) : member_head{};
  if (!sound) {
    findings_.report(bad_checksum, at + 4, m.name,
                     concat("expected 0x", hex(sum, 4), ", found 0x", hex(prefix.checksum, 4),
                            prefix.checksum == 0 ? ": no checksum was written" : ""));
  }
  if (!of_member) { return sound ? read_end(at) : stop(at); }
  return read_member(out, m, at, sound);
}

reader::step reader::read_end(std::uint64_t at) {
  if (ahead_.ends_too_early(at)) {
    findings_.report(far_end, at, {}, "a member stands right after it");
    return stop(at);
  }
  if (alternative_used_ && !ahead_.input_ends_before(at + sizeof(end_record) + far_after, 1)) {
    findings_.report(far_end, at, {}, "more than 1 MiB stands after it");
  }
  if (!detached_) {
    complete_ = true;
    end_ = at + sizeof(end_record);
    walked_ = std::max(walked_, end_);
    conclude();
  }
  return step::end;
}

// The walk cannot go on, unless salvage finds where.
reader::step reader::stop(std::uint64_t at) { return salvaging() ? step::stop : finish(at); }

// Everything that needs the whole archive is said now.
reader::step reader::finish(std::uint64_t at) {
  if (!detached_) {
    end_ = std::max(end_, at);
    walked_ = std::max(walked_, at + 1);  // coming here again is silent
    conclude();
  }
  return step::end;
}

reader::step reader::cut_off(std::string_view path) {
  auto const at = source_->position();
  // What runs past the end may be longer than it was saved: bytes may be lost inside.
  if (salvaging() && !path.empty()) { return stop(at); }
  // Where the input ends is learnt by going there.
  auto const size = source_->size();
  if (!size) { (void)source_->skip(std::uint64_t{1} << 62); }
  if (!cut_reported_) {
    findings_.mute(false);
    findings_.report(truncated, size.value_or(source_->position()), path,
                     concat(path.empty() ? "a record" : "the member", " at 0x", hex(at), " is not complete",
                            path.empty() ? after_last() : std::string{}));
  }
  cut_reported_ = true;
  return stop(at);
}

std::string reader::after_last() const {
  if (last_path_.empty()) { return {}; }
  return concat(", after ", quoted(last_path_), " at 0x", hex(last_at_));
}

reader::step reader::unexpected(std::uint64_t at) {
  auto bytes = ahead_.read(at, max_header_bytes);
  auto const prefix = byte_cursor{bytes}.take<record_prefix>();
  auto const sound = ahead_.sound_record_at(at) || ahead_.successor_at(at) == judged::valid;
  bytes = ahead_.read(at, max_header_bytes);
  if (sound && prefix.type == record_type::volume) {
    auto const number = byte_cursor{bytes}.take<volume_record>().volnum.value();
    findings_.report(volume_inside, at, {}, concat("volume number ", unsigned{number}, after_last()));
    return stop(at);
  }
  // 4 to 6: one of them ends a volume of AIX/RT, nobody knows which.
  auto const of_relative = ahead_.shape.form != family::name_x && is_by_inode(prefix.type);
  if (sound && may_be_stepped_over(prefix.type) && !of_relative) { return skip_unknown(at, prefix); }

  auto detail = concat("found ", hex_bytes(bytes.first(std::min<std::size_t>(bytes.size(), 16))), after_last());
  if (sound && is_by_inode(prefix.type)) {
    detail += concat(", a record of type ", unsigned{prefix.type}, " of an archive by inode");
  }
  if (looks_like_header(bytes, ahead_.shape)) {
    findings_.report(damaged_header, at, {}, std::move(detail));
    return stop(at);
  }
  if (auto const found = ahead_.find_header(at)) {
    detail += concat(", the next valid header stands ", *found - at, " bytes later");
  }
  if (last_was_plain_file_ && !source_->seekable()) {
    detail += "; if the file before it has 4 GiB or more, save the image to a file";
  } else if (last_was_plain_file_ && longer_by_4_gib(at)) {
    walked_ = last_at_;  // it is judged again
    throw begin_again{fatal_error::kind::unsupported,
                      "its recorded size is the low half of a larger one, which shows only after it, and "
                      "what was written cannot be taken back: write to a file, or unpack the image first",
                      last_at_, last_path_};
  }
  findings_.report(lost_sync, at, {}, std::move(detail));
  return stop(at);
}

// Was the member that ended here read too early, because looking past it was too dear? The places
// where it may end instead lie ahead, so this costs no step back.
bool reader::longer_by_4_gib(std::uint64_t end) {
  if (source_->cheap_seek() || skips_ || detached_ || findings_.muted()) { return false; }
  for (std::uint64_t k = 1; k <= most_high_size; ++k) {
    switch (ahead_.header_at(end + (k << 32)).state) {
      case judged::valid: return true;
      case judged::cut: return false;
      case judged::invalid: break;
    }
  }
  return false;
}

reader::step reader::skip_unknown(std::uint64_t at, record_prefix const& p) {
  auto const body = at + std::uint64_t{p.length} * 8;
  auto next = std::optional{body};
  switch (ahead_.successor_at(body)) {
    case judged::valid: break;
    case judged::cut: return cut_off({});
    case judged::invalid:
      if (ahead_.sound_record_at(body)) { break; }
      next = ahead_.damaged_header_at(body) ? std::nullopt : after_unknown_record(ahead_, at);
      break;
  }
  if (!next) {
    findings_.report(lost_sync, body, {}, concat("after a record of unknown type ", unsigned{p.type}));
    return stop(at);
  }
  if (!findings_.muted()) {
    auto& seen = census_.records[p.type];
    if (seen.count++ == 0) { seen.first_at = at; }
    seen.bytes += *next - at;
    alternative_used_ = true;
  }
  (void)source_->skip(*next - at);
  if (walked_ == at) { walked_ = *next; }
  return step::again;
}

void reader::conclude() {
  if (concluded_) { return; }
  concluded_ = true;
  findings_.mute(false);
  learned_.conclude(findings_);
  variants_.conclude(findings_);
  if (salvaging()) { conclude_salvage(); }
  census_.conclude(findings_, ahead_.shape.form);
  findings_.conclude();
}

std::span<std::byte const> reader::piece(std::uint64_t end) {
  source_->consume(pending_);
  pending_ = 0;
  auto const left = end - source_->position();
  if (left == 0) { return {}; }
  auto const want = left <= whole_member ? left : usual_request;
  auto const seen = source_->peek(static_cast<std::size_t>(want));
  if (seen.empty()) {
    leave_member();  // reports what is missing
    return {};
  }
  pending_ = static_cast<std::size_t>(std::min({left, largest_piece, std::uint64_t{seen.size()}}));
  return seen.first(pending_);
}

std::span<std::byte const> reader::read_stored() {
  if (state_ != state::in_member || content_end_ == content_at_) { return {}; }
  if (pending_ == 0 && source_->position() < content_at_ && !advance_to(content_at_)) {
    leave_member();
    return {};
  }
  return piece(content_end_);
}

std::span<std::byte const> reader::read_raw() {
  if (state_ != state::in_member) { return {}; }
  return piece(record_end_);
}

void reader::skip() {
  if (state_ == state::in_member) { leave_member(); }
}

bool reader::advance_to(std::uint64_t offset) {
  auto const left = offset - source_->position();
  return left == 0 || source_->skip(left) == left;
}

void reader::leave_member() {
  source_->consume(pending_);
  pending_ = 0;
  state_ = state::at_record;
  if (advance_to(record_end_)) { return; }
  state_ = state::at_end;
  if (!cut_reported_) {
    cut_reported_ = true;
    findings_.mute(false);
    // A file that shrank while it was saved looks like this, too, where the bytes passed cannot be looked at again.
    auto const could_have_shrunk = last_was_plain_file_ && !source_->cheap_seek();
    findings_.report(
        truncated, source_->position(), last_path_,
        concat(record_end_ - source_->position(), " bytes of the member at 0x", hex(last_at_), " are missing",
               could_have_shrunk ? ", or the file shrank while it was saved: as a plain file on disk the "
                                   "image tells"
                                 : ""));
  }
  (void)finish(last_at_);
}

void reader::seek_record(std::uint64_t offset) {
  pending_ = 0;
  source_->seek(offset);
  ahead_.phase = static_cast<unsigned>(offset % 8);
  state_ = state::at_record;
  last_path_.clear();
  last_was_plain_file_ = false;
}

std::unique_ptr<content_decoder> reader::make_decoder() const { return packed::make_decoder(); }

}  // namespace sysb::backup_by_name
