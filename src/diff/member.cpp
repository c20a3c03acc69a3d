// SPDX-License-Identifier: Apache-2.0
#include "diff/member.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/aix_acl/aix_acl.hpp"

namespace sysb::diff {

namespace {

// Small numbers take one byte: spools are read and written as a whole.
class writer {
 public:
  explicit writer(std::string& out) : out_{out} {}
  void number(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) { out_.push_back(static_cast<char>(v | 0x80)); }
    out_.push_back(static_cast<char>(v));
  }
  void signed_number(std::int64_t v) {
    number(static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63));
  }
  void text(std::string_view v) {
    number(v.size());
    out_.append(v);
  }
  void raw(std::span<std::byte const> v) { out_.append(as_text(v)); }

 private:
  std::string& out_;
};

class reader {
 public:
  explicit reader(std::string_view in) : in_{in} {}
  [[nodiscard]] std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto const b = static_cast<unsigned char>(bytes(1).front());
      out |= std::uint64_t{b & 0x7fu} << shift;
      if ((b & 0x80) == 0) { break; }
    }
    return out;
  }
  [[nodiscard]] std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
  [[nodiscard]] std::int64_t signed_number() {
    auto const v = number();
    return static_cast<std::int64_t>(v >> 1 ^ (~(v & 1) + 1));
  }
  void text(std::string& out) { out.assign(bytes(static_cast<std::size_t>(number()))); }
  [[nodiscard]] std::string_view bytes(std::size_t n) {
    if (n > in_.size()) { throw fatal_error{fatal_error::kind::internal, "a temporary file does not hold a member"}; }
    auto const out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }

 private:
  std::string_view in_;
};

constexpr std::uint64_t bit(bool v, unsigned at) noexcept { return v ? std::uint64_t{1} << at : 0; }

}  // namespace

// Buffers stay: this happens several times for each member of an image.
void member::clear() {
  member fresh;
  for (auto const text : {&member::path, &member::target, &member::acl, &member::acl_text, &member::pcl}) {
    (this->*text).clear();
    (fresh.*text).swap(this->*text);
  }
  *this = std::move(fresh);
}

void encode(member const& m, std::string& out) {
  writer w{out};
  auto const device = m.rdev.major != 0 || m.rdev.minor != 0;
  auto const lists = !m.acl.empty() || !m.acl_text.empty() || !m.pcl.empty();
  w.number(static_cast<std::uint64_t>(m.kind) | static_cast<std::uint64_t>(m.content) << 3 | bit(m.own_data, 5) |
           bit(m.packed, 6) | bit(m.group.any(), 7) | bit(device, 8) | bit(lists, 9) | bit(!m.target.empty(), 10) |
           std::uint64_t{m.has} << 11);
  w.number(m.mode);
  w.number(m.uid);
  w.number(m.gid);
  w.number(m.size);
  w.signed_number(m.mtime);
  w.signed_number(m.atime - m.mtime);
  w.signed_number(m.ctime - m.mtime);
  w.number(m.nlink);
  w.number(m.ino);
  w.number(m.order);
  w.number(m.content_offset);
  w.number(m.stored);
  if (m.content == proof::known) { w.raw(m.digest); }
  if (m.group.any()) {
    w.number(m.group.first);
    w.number(m.group.second);
  }
  if (device) {
    w.number(m.rdev.major);
    w.number(m.rdev.minor);
  }
  if (!m.target.empty()) { w.text(m.target); }
  if (lists) {
    w.text(m.acl);
    w.text(m.acl_text);
    w.text(m.pcl);
  }
}

void decode(std::string_view path, std::string_view bytes, member& m) {
  m.clear();
  m.path = path;
  reader r{bytes};
  auto const bits = r.number();
  m.kind = static_cast<entry_kind>(bits & 7);
  m.content = static_cast<proof>(bits >> 3 & 3);
  m.own_data = (bits >> 5 & 1) != 0;
  m.packed = (bits >> 6 & 1) != 0;
  m.has = static_cast<std::uint32_t>(bits >> 11);
  m.mode = r.number32();
  m.uid = r.number32();
  m.gid = r.number32();
  m.size = r.number();
  m.mtime = r.signed_number();
  m.atime = m.mtime + r.signed_number();
  m.ctime = m.mtime + r.signed_number();
  m.nlink = r.number32();
  m.ino = r.number32();
  m.order = r.number();
  m.content_offset = r.number();
  m.stored = r.number();
  if (m.content == proof::known) {
    auto const raw = as_bytes(r.bytes(m.digest.size()));
    std::copy(raw.begin(), raw.end(), m.digest.begin());
  }
  if ((bits >> 7 & 1) != 0) {
    m.group.first = r.number();
    m.group.second = r.number();
  }
  if ((bits >> 8 & 1) != 0) {
    m.rdev.major = r.number32();
    m.rdev.minor = r.number32();
  }
  if ((bits >> 10 & 1) != 0) { r.text(m.target); }
  if ((bits >> 9 & 1) != 0) {
    r.text(m.acl);
    r.text(m.acl_text);
    r.text(m.pcl);
  }
}

void from_entry(entry const& e, member& m) {
  m.clear();
  std::string room;
  m.path = normal_path_view(e.path, room);
  m.kind = e.kind;
  m.mode = e.mode;
  m.uid = e.uid;
  m.gid = e.gid;
  m.mtime = e.mtime;
  m.atime = e.atime;
  m.ctime = e.ctime;
  m.nlink = e.nlink;
  m.ino = e.ino;
  m.rdev = e.rdev;
  m.target = e.target;
  if (e.acl_extended) {
    m.acl = as_text(e.acl);
    m.acl_text = e.acl_text;
  }
  if (aix_acl::has_privileges(e.pcl)) { m.pcl = as_text(e.pcl); }
  m.order = e.offset;
  if (e.kind != entry_kind::file) { return; }
  m.size = e.size;
  m.stored = e.stored;
  m.packed = e.packed;
  m.content_offset = e.content_offset;
  switch (e.content) {
    case content_state::here: m.content = e.size == 0 ? proof::none : proof::readable; break;
    case content_state::none: m.content = e.size == 0 ? proof::none : proof::unproven; break;
    case content_state::refused: m.content = proof::unproven; break;
    case content_state::elsewhere:
      m.content = proof::unproven;
      m.own_data = false;
      break;
  }
  if (e.damaged || e.incomplete) { m.content = proof::unproven; }
}

}  // namespace sysb::diff
