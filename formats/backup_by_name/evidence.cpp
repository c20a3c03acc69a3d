// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/evidence.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/layout.hpp"

namespace sysb::backup_by_name {

namespace {

constexpr std::string_view first_line = "sysb evidence 1";
constexpr std::size_t most_patterns = 2000;
constexpr std::size_t most_samples = 3;

// Bytes that nobody has described, a letter for eight of them: z zeros, t text, L/W a number that is the
// length of what follows in bytes or words, n a small number, x anything else. The values stay here.
[[nodiscard]] std::string shape(std::span<std::byte const> bytes) {
  constexpr std::size_t shown = 32;
  std::string out;
  for (std::size_t at = 0; at < bytes.size() && out.size() < shown; at += 8) {
    auto const word = bytes.subspan(at, std::min<std::size_t>(8, bytes.size() - at));
    auto const all = [&](auto test) { return std::all_of(word.begin(), word.end(), test); };
    byte_cursor c{word};
    auto const number = std::uint64_t{c.take<le32>().value()};
    auto const left = bytes.size() - at;
    if (all([](std::byte b) { return b == std::byte{0}; })) {
      out += 'z';
    } else if (c.ok() && (number == left || number + 4 == left || number + 8 == left)) {
      out += 'L';
    } else if (c.ok() && number != 0 && (number * 8 == left || number * 8 + 8 == left)) {
      out += 'W';
    } else if (c.ok() && number != 0 && number < 4096) {
      out += 'n';
    } else if (all([](std::byte b) { return b >= std::byte{0x20} && b < std::byte{0x7f}; })) {
      out += 't';
    } else {
      out += 'x';
    }
  }
  return out.empty() ? "-" : out;
}

[[nodiscard]] std::string name_class(std::string_view name) {
  struct kind {
    bool (*is)(unsigned char);
    std::string_view word;
  };
  static constexpr std::array<kind, 7> kinds{{
      {[](unsigned char c) { return c >= 'a' && c <= 'z'; }, "lower"},
      {[](unsigned char c) { return c >= 'A' && c <= 'Z'; }, "upper"},
      {[](unsigned char c) { return c >= '0' && c <= '9'; }, "digit"},
      {[](unsigned char c) { return c == ' '; }, "space"},
      {[](unsigned char c) { return c < 0x20 || c == 0x7f; }, "control"},
      {[](unsigned char c) { return c >= 0x80; }, "high"},
      {[](unsigned char c) { return c == '.' || c == '/' || c == '_' || c == '-'; }, "dots"},
  }};
  std::string out;
  for (auto const& k : kinds) {
    if (std::any_of(name.begin(), name.end(), [&](char c) { return k.is(static_cast<unsigned char>(c)); })) {
      out += concat(out.empty() ? "" : "+", k.word);
    }
  }
  auto const depth = std::count(name.begin(), name.end(), '/');
  return concat(name.size(), " bytes, depth ", std::int64_t{depth}, ", ", out.empty() ? "other" : out);
}

[[nodiscard]] std::string_view state_name(content_state s) {
  switch (s) {
    case content_state::none: return "none";
    case content_state::here: return "here";
    case content_state::elsewhere: return "elsewhere";
    case content_state::refused: return "refused";
  }
  return "";
}

// Which mode bits beyond type and permissions are set: attributes of AIX, not of a person.
[[nodiscard]] std::string high_mode(std::uint32_t mode) { return concat("0x", hex(mode >> 16u, 4)); }

// Numbers of a record that does not check itself may be anything, a piece of content too: only its shape is told.
[[nodiscard]] std::string security_shape(entry const& e, std::span<std::byte const> record) {
  byte_cursor c{record};
  auto const p = c.take<security_prefix>();
  auto s = security_lengths(record, security_rule{});
  bool const whole = c.ok() && s.bytes() <= record.size();
  if (whole) { check_security(s, record.first(static_cast<std::size_t>(s.bytes())), e.mode); }
  if (!whole || s.failed != 0) {
    return concat("security fails ", unsigned{whole ? s.failed : std::uint8_t{0xff}}, " shape ",
                  shape(record.first(std::min<std::size_t>(record.size(), 128))));
  }
  return concat("security ", p.acl_dwords.value(), "+", p.pcl_dwords.value(), " words, list ", s.acl_len,
                e.acl_extended ? ", checks, entries" : ", checks");
}

}  // namespace

std::string evidence::ranks::of(std::uint64_t value) {
  constexpr std::size_t most = 4096;
  if (value == 0) { return "0"; }
  auto const found = seen_.find(value);
  if (found != seen_.end()) { return concat("#", found->second); }
  if (seen_.size() == most) { return "#more"; }
  seen_.emplace(value, seen_.size() + 1);
  return concat("#", seen_.size());
}

void evidence::volume(std::span<std::byte const> header, std::span<std::string const> container) {
  byte_cursor c{header};
  auto const v = c.take<volume_record>();
  if (!c.ok()) {
    volume_ = "volume: cut";
  } else {
    auto const sum = header_checksum(header.first(sizeof(volume_record)));
    volume_ = concat("volume: magic 0x", hex(v.prefix.magic, 4), ", length ", unsigned{v.prefix.length}, ", checksum ",
                     sum == v.prefix.checksum ? "right" : "wrong", ", number ", unsigned{v.volnum.value()}, ", dates ",
                     v.date.value() == v.ddate.value() ? "equal" : "differ", ", words ",
                     v.numwds.value() == 0x7fffffff ? "unbounded" : "bounded", ", last fields ",
                     v.incno.value() == 100 ? "100" : "other", v.pad.value() == 0 ? " 0" : " set");
  }
  for (auto const& id : container) { container_ += concat(container_.empty() ? "" : " > ", id); }
}

void evidence::found(diag_code const& code) { ++findings_[concat(code.id, " ", to_text(code.level))]; }

void evidence::member(entry const& e, std::span<std::byte const> head) {
  ++members_;
  byte_cursor c{head};
  auto const r = c.take<name_x_record>();
  auto const length = std::size_t{r.prefix.length} * 8;
  auto const whole = c.ok() && length <= head.size();
  auto const right = whole && header_checksum(head.first(length)) == r.prefix.checksum;
  auto const name_area = align8(e.path.size() + 1);
  std::string key = concat(to_text(e.kind), ", type ", unsigned{r.prefix.type}, ", magic 0x", hex(r.prefix.magic, 4),
                           ", checksum ", right ? "right" : "wrong");
  key += length >= name_area ? concat(", fixed ", length - name_area) : std::string{", fixed ?"};
  auto const from_header = [&](std::uint64_t at) { return at - e.offset; };
  auto const content_at = e.content == content_state::here ? from_header(e.content_offset) : e.record_bytes;
  if (e.kind == entry_kind::file && e.content == content_state::here && content_at >= length) {
    key += concat(", before content ", content_at - length);
  } else if (e.record_bytes >= length) {
    auto const target = e.kind == entry_kind::symlink ? align8(e.size) : 0;
    auto const rest = e.record_bytes - length;
    key += rest >= target ? concat(", beside header and target ", rest - target)
                          : std::string{", shorter than its target"};
  }
  key += concat(", content ", state_name(e.content), e.packed ? ", packed" : "", e.damaged ? ", damaged" : "");
  if (e.kind == entry_kind::file) { key += e.stored == e.size || e.packed ? "" : ", stored differs from size"; }
  key += concat(", links ",
                e.nlink == 0   ? "0"
                : e.nlink == 1 ? "1"
                               : "several",
                ", pad ", r.pad.value() == 0 ? "0" : "set", ", size over 4 GiB ", e.size >> 32u == 0 ? "no" : "yes",
                ", mode ", high_mode(e.mode));
  bool const plain_record = r.prefix.type == record_type::name_x;
  if (plain_record && whole && (e.kind != entry_kind::symlink || e.record_bytes - length > align8(e.size))) {
    auto const until = std::min<std::uint64_t>(head.size(), content_at);
    if (until > length) {
      key += concat(", ", security_shape(e, head.subspan(length, static_cast<std::size_t>(until) - length)));
    }
  }
  for (auto const& o : e.opaque) {
    key += concat(", opaque of ", o.length, " at ", o.offset >= content_at ? "end" : "front");
    if (o.offset + o.length <= head.size()) {
      key += concat(" shape ",
                    shape(head.subspan(static_cast<std::size_t>(o.offset), static_cast<std::size_t>(o.length))));
    }
  }
  auto const known = patterns_.find(key);
  if (known == patterns_.end() && patterns_.size() == most_patterns) {
    ++other_patterns_;
    return;
  }
  auto& p = known != patterns_.end() ? known->second : patterns_[key];
  if (p.count++ == 0) { p.first = members_; }
  p.smallest = std::min(p.smallest, e.size);
  p.largest = std::max(p.largest, e.size);
  if (p.samples.size() < most_samples) {
    p.samples.push_back(concat("name of ", name_class(e.path), "; record ", e.record_bytes, ", size ", e.size,
                               ", stored ", e.stored, ", dsize ", r.dsize.value(), ", pad ",
                               r.pad.value() == 0 ? "0" : "set", "; owner ", owners_.of(e.uid), ", group ",
                               groups_.of(e.gid), ", inode ", inodes_.of(e.ino), ", device ",
                               devices_.of(std::uint64_t{e.dev.major} << 32u | e.dev.minor)));
  }
}

void evidence::stopped(std::uint64_t offset, std::span<std::byte const> there) {
  stopped_ = concat("stopped: at byte ", offset, ", ", there.size(), " bytes there have the shape ", shape(there));
}

std::string evidence::text(std::string_view program, std::string_view level, bool complete) const {
  auto out = concat(first_line, "\nprogram: sysb ", program, "\n");
  if (!level.empty()) { out += concat("level: ", level, "\n"); }
  if (!container_.empty()) { out += concat("container: ", container_, "\n"); }
  out += concat(volume_, "\nend record: ", complete ? "reached" : "not reached", "\nmembers: ", members_, "\n");
  for (auto const& [id, count] : findings_) { out += concat("finding: ", id, " x ", count, "\n"); }
  if (!stopped_.empty()) { out += concat(stopped_, "\n"); }
  std::vector<std::pair<std::string, pattern> const*> order;
  std::vector<decltype(&*patterns_.begin())> all;
  for (auto const& p : patterns_) { all.push_back(&p); }
  std::sort(all.begin(), all.end(), [](auto const* a, auto const* b) { return a->second.first < b->second.first; });
  for (auto const* p : all) {
    out += concat("pattern: ", p->second.count, " x ", p->first, "; sizes ", p->second.smallest, " to ",
                  p->second.largest, "\n");
    for (auto const& s : p->second.samples) { out += concat("  sample: ", s, "\n"); }
  }
  if (other_patterns_ != 0) { out += concat("more patterns: in ", other_patterns_, " members\n"); }
  return out + "end of evidence\n";
}

namespace {

struct question {
  std::string_view about;
  std::string_view kind;  // words of a pattern's line, any of those between bars
  std::string_view word;
  std::string_view none;
};

constexpr std::array<question, 10> questions{{
    {"symbolic links: where target and security record stand", " x symlink, ", "", "no symbolic link in it"},
    {"further names of a file: whether they have data", " x file, ", ", links several",
     "no file with several links in it"},
    {"devices", "_device, ", "", "no device in it"},
    {"FIFOs", " x fifo, ", "", "no FIFO in it"},
    {"sockets", " x socket, ", "", "no socket in it"},
    {"files of 4 GiB and more", "", "size over 4 GiB yes", "no such file in it"},
    {"access lists with entries", "", ", entries", "no access list with entries in it"},
    {"records with blocks that nobody has described", "", ", opaque of", "none in it"},
    {"security records that do not check", "", "security fails ", "none in it"},
    {"magic numbers beyond plain and packed", "", "magic 0xea6d|magic 0xea6e|magic 0xea6f", "none in it"},
}};

[[nodiscard]] bool has_any(std::string_view line, std::string_view words) {
  if (words.empty()) { return true; }
  while (!words.empty()) {
    auto const bar = words.find('|');
    if (line.find(words.substr(0, bar)) != std::string_view::npos) { return true; }
    words = bar == std::string_view::npos ? std::string_view{} : words.substr(bar + 1);
  }
  return false;
}

}  // namespace

std::string what_evidence_settles(std::string_view bundle) {
  if (bundle.substr(0, first_line.size()) != first_line) {
    throw fatal_error{fatal_error::kind::unsupported, "not a bundle of `sysb evidence`"};
  }
  std::vector<std::string_view> head;
  std::vector<std::string_view> patterns;
  bool whole = false;
  while (!bundle.empty()) {
    auto const end = bundle.find('\n');
    auto const line = bundle.substr(0, end);
    bundle = end == std::string_view::npos ? std::string_view{} : bundle.substr(end + 1);
    if (line.substr(0, 9) == "pattern: ") {
      patterns.push_back(line.substr(9));
    } else if (line == "end of evidence") {
      whole = true;
    } else if (line.substr(0, 2) != "  " && line != first_line) {
      head.push_back(line);
    }
  }
  std::string out;
  for (auto const line : head) { out += concat(printable(line), "\n"); }
  if (!whole) { out += "the bundle is cut: its last line is missing\n"; }
  for (auto const& q : questions) {
    out += concat("\n", q.about, ":\n");
    std::size_t seen = 0;
    for (auto const line : patterns) {
      if (!has_any(line, q.kind) || !has_any(line, q.word)) { continue; }
      ++seen;
      out += concat("  ", printable(line), "\n");
    }
    if (seen == 0) { out += concat("  ", q.none, "\n"); }
    if (seen == 1) { out += "  one pattern: settled for this image\n"; }
    if (seen > 1) { out += concat("  ", seen, " patterns: compare them\n"); }
  }
  return out;
}

}  // namespace sysb::backup_by_name
