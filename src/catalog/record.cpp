// SPDX-License-Identifier: Apache-2.0
// Numbers are of variable length, seven bits a byte; signed ones and differences have their sign in
// the lowest bit.
#include "catalog/record.hpp"

#include <algorithm>
#include <limits>

#include "base/checked.hpp"
#include "base/text.hpp"
#include "catalog/side_file.hpp"

namespace sysb::index {

namespace {

constexpr std::size_t max_head_bytes = 64u << 10;

// The first byte: kind in the low three bits.
constexpr unsigned content_here = 0x08;
constexpr unsigned content_elsewhere = 0x10;
constexpr unsigned is_packed = 0x20;
constexpr unsigned has_digest = 0x40;
constexpr unsigned same_acl = 0x80;
// The second.
constexpr unsigned is_extended = 0x01;
constexpr unsigned has_opaque = 0x02;
constexpr unsigned same_device = 0x04;
constexpr unsigned follows = 0x08;  // its record stands right after the one before
constexpr unsigned has_rdev = 0x10;
constexpr unsigned has_pcl = 0x20;
constexpr unsigned unsound = 0x40;
constexpr unsigned all_of_second = 0x7f;

class writer {
 public:
  explicit writer(std::vector<std::byte>& out) noexcept : out_{out} {}
  void byte(std::uint8_t v) { out_.push_back(std::byte{v}); }
  void number(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) { byte(static_cast<std::uint8_t>(v | 0x80)); }
    byte(static_cast<std::uint8_t>(v));
  }
  void difference(std::int64_t v, std::int64_t from) {
    auto const d = static_cast<std::uint64_t>(v) - static_cast<std::uint64_t>(from);
    number((d << 1) ^ ((d >> 63) != 0 ? ~std::uint64_t{0} : 0));
  }
  void fixed(std::span<std::byte const> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void bytes(std::span<std::byte const> b) {
    number(b.size());
    fixed(b);
  }

 private:
  std::vector<std::byte>& out_;
};

class reader {
 public:
  explicit reader(std::span<std::byte const> in) noexcept : in_{in} {}
  std::uint8_t byte() noexcept {
    if (in_.empty()) {
      ok_ = false;
      return 0;
    }
    auto const v = std::to_integer<std::uint8_t>(in_.front());
    in_ = in_.subspan(1);
    return v;
  }
  std::uint64_t number() noexcept {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto const b = byte();
      if (shift == 63 && b > 1) { break; }
      v |= std::uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) { return v; }
    }
    ok_ = false;
    return 0;
  }
  std::uint32_t small() noexcept {
    auto const v = number();
    if (v > std::numeric_limits<std::uint32_t>::max()) { ok_ = false; }
    return static_cast<std::uint32_t>(v);
  }
  std::int64_t difference(std::int64_t from) noexcept {
    auto const z = number();
    auto const d = (z >> 1) ^ ((z & 1) != 0 ? ~std::uint64_t{0} : 0);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + d);
  }
  std::span<std::byte const> fixed(std::uint64_t n) noexcept {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    auto const out = in_.first(static_cast<std::size_t>(n));
    in_ = in_.subspan(static_cast<std::size_t>(n));
    return out;
  }
  std::span<std::byte const> bytes() noexcept { return fixed(number()); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::span<std::byte const> rest() const noexcept { return in_; }

 private:
  std::span<std::byte const> in_;
  bool ok_ = true;
};

}  // namespace

bool is_consistent(entry const& e) noexcept {
  if (is_unsound(e)) { return checked_add(e.offset, e.record_bytes).has_value(); }
  auto const record_end = checked_add(e.offset, e.record_bytes);
  auto const content_end = checked_add(e.content_offset, e.stored);
  if (!record_end || e.content_offset < e.offset || e.content_offset > *record_end) { return false; }
  if (e.content != content_state::here) { return true; }
  if (e.kind != entry_kind::file || e.stored == 0 || !content_end || *content_end > *record_end) { return false; }
  // A packed bit becomes at most one byte; a stored byte stays one.
  return e.packed ? e.size / 8 <= e.stored : e.size == e.stored;
}

std::size_t head_bytes(entry const& e) noexcept {
  auto const n = e.content == content_state::here ? e.content_offset - e.offset : e.record_bytes;
  return static_cast<std::size_t>(std::min<std::uint64_t>(n, max_head_bytes));
}

std::uint64_t head_hash_of(std::span<std::byte const> head) noexcept { return table_hash(head, 0); }

void record_codec::reset() { *this = record_codec{}; }

void record_codec::remember(entry const& e) {
  path_ = e.path;
  mtime_ = e.mtime;
  atime_ = e.atime;
  ctime_ = e.ctime;
  ino_ = e.ino;
  dev_ = e.dev;
  if (acl_ != e.acl) { acl_ = e.acl; }
  end_ = e.offset + e.record_bytes;
}

bool record_codec::encode(entry const& e, member_facts const& f, std::vector<std::byte>& out) {
  if (e.path.empty() || e.offset < end_ || !is_consistent(e)) { return false; }
  auto const sound = !is_unsound(e);
  auto const before = out.size();
  auto first = static_cast<unsigned>(e.kind);
  first |= sound && e.content == content_state::here ? content_here : 0u;
  first |= sound && e.content == content_state::elsewhere ? content_elsewhere : 0u;
  first |= e.packed ? is_packed : 0u;
  first |= f.digest ? has_digest : 0u;
  first |= e.acl == acl_ ? same_acl : 0u;
  unsigned second = e.acl_extended ? is_extended : 0u;
  second |= e.opaque.empty() ? 0u : has_opaque;
  second |= e.dev == dev_ ? same_device : 0u;
  second |= e.offset == end_ ? follows : 0u;
  second |= e.rdev == device_number{} ? 0u : has_rdev;
  second |= e.pcl.empty() ? 0u : has_pcl;
  second |= sound ? 0u : unsound;

  auto const shared = static_cast<std::size_t>(
      std::mismatch(path_.begin(), path_.end(), e.path.begin(), e.path.end()).first - path_.begin());
  writer w{out};
  w.byte(static_cast<std::uint8_t>(first));
  w.byte(static_cast<std::uint8_t>(second));
  w.number(shared);
  w.bytes(as_bytes(std::string_view{e.path}.substr(shared)));
  if ((second & follows) == 0) { w.number(e.offset); }
  w.number(e.record_bytes);
  w.number(sound ? e.content_offset - e.offset : 0);
  w.number(e.mode);
  w.number(e.uid);
  w.number(e.gid);
  w.number(e.size);
  w.number(e.stored);
  w.difference(e.mtime, mtime_);
  w.difference(e.atime, atime_);
  w.difference(e.ctime, ctime_);
  w.number(e.nlink);
  w.difference(e.ino, ino_);
  if ((second & same_device) == 0) {
    w.number(e.dev.major);
    w.number(e.dev.minor);
  }
  if ((second & has_rdev) != 0) {
    w.number(e.rdev.major);
    w.number(e.rdev.minor);
  }
  if (e.kind == entry_kind::symlink) { w.bytes(as_bytes(e.target)); }
  if ((first & same_acl) == 0) { w.bytes(e.acl); }
  if ((second & has_pcl) != 0) { w.bytes(e.pcl); }
  if (e.acl_extended) { w.bytes(as_bytes(e.acl_text)); }
  if (!e.opaque.empty()) {
    w.number(e.opaque.size());
    for (auto const& o : e.opaque) {
      w.number(o.offset);
      w.number(o.length);
    }
  }
  le64 const hash{f.head_hash};
  w.fixed(std::as_bytes(std::span{&hash, 1}));
  if (f.digest) { w.fixed(*f.digest); }
  if (out.size() - before > max_member) { return false; }
  remember(e);
  return true;
}

bool record_codec::decode(std::span<std::byte const>& in, entry& e, member_facts& f) {
  reader r{in};
  e.clear();
  unsigned const first = r.byte();
  unsigned const second = r.byte();
  auto const kind = first & 0x07u;
  auto const both = content_here | content_elsewhere;
  if (kind > static_cast<unsigned>(entry_kind::socket) || (second & ~all_of_second) != 0 || (first & both) == both) {
    return false;
  }
  e.kind = static_cast<entry_kind>(kind);
  e.content = (first & content_here) != 0        ? content_state::here
              : (first & content_elsewhere) != 0 ? content_state::elsewhere
                                                 : content_state::none;
  if ((second & unsound) != 0) {
    if (e.content != content_state::none) { return false; }
    e.content = content_state::refused;
    e.damaged = true;
  }
  e.packed = (first & is_packed) != 0;
  e.acl_extended = (second & is_extended) != 0;
  auto const shared = r.number();
  if (shared > path_.size()) { return false; }
  e.path.assign(path_, 0, static_cast<std::size_t>(shared));
  e.path.append(as_text(r.bytes()));
  e.offset = (second & follows) != 0 ? end_ : r.number();
  e.record_bytes = r.number();
  auto const content_at = checked_add(e.offset, r.number());
  if (!content_at) { return false; }
  e.content_offset = *content_at;
  e.mode = r.small();
  e.uid = r.small();
  e.gid = r.small();
  e.size = r.number();
  e.stored = r.number();
  e.mtime = r.difference(mtime_);
  e.atime = r.difference(atime_);
  e.ctime = r.difference(ctime_);
  e.nlink = r.small();
  auto const ino = r.difference(ino_);
  if (ino < 0 || ino > std::numeric_limits<std::uint32_t>::max()) { return false; }
  e.ino = static_cast<std::uint32_t>(ino);
  e.dev = dev_;
  if ((second & same_device) == 0) {
    e.dev.major = r.small();
    e.dev.minor = r.small();
  }
  if ((second & has_rdev) != 0) {
    e.rdev.major = r.small();
    e.rdev.minor = r.small();
  }
  if (e.kind == entry_kind::symlink) { e.target.assign(as_text(r.bytes())); }
  auto const acl = (first & same_acl) != 0 ? std::span<std::byte const>{acl_} : r.bytes();
  e.acl.assign(acl.begin(), acl.end());
  if ((second & has_pcl) != 0) {
    auto const pcl = r.bytes();
    e.pcl.assign(pcl.begin(), pcl.end());
  }
  if (e.acl_extended) { e.acl_text.assign(as_text(r.bytes())); }
  if ((second & has_opaque) != 0) {
    auto const n = r.number();
    if (n > r.rest().size() / 2) { return false; }
    for (std::uint64_t i = 0; i < n; ++i) {
      auto const at = r.number();
      e.opaque.push_back({.offset = at, .length = r.number()});
    }
  }
  auto const hash = r.fixed(sizeof(le64));
  f.digest.reset();
  if ((first & has_digest) != 0) {
    auto const d = r.fixed(sizeof(digest128));
    if (r.ok()) { std::copy(d.begin(), d.end(), f.digest.emplace().begin()); }
  }
  if (!r.ok() || e.path.empty() || e.offset < end_ || !is_consistent(e)) { return false; }
  f.head_hash = 0;
  for (std::size_t i = hash.size(); i-- > 0;) {
    f.head_hash = (f.head_hash << 8) | std::to_integer<std::uint64_t>(hash[i]);
  }
  remember(e);
  in = r.rest();
  return true;
}

}  // namespace sysb::index
