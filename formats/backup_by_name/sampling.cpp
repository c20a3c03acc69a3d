// SPDX-License-Identifier: Apache-2.0
#include "formats/backup_by_name/sampling.hpp"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/cursor.hpp"
#include "formats/backup_by_name/layouts.hpp"

namespace sysb::backup_by_name {
namespace {

constexpr std::size_t usual_samples = 4096;
constexpr std::size_t most_samples = 16'384;
constexpr std::size_t telling_samples = 64;
constexpr std::size_t most_marks_at = 4096;
constexpr std::size_t most_bytes_of_head = 40;  // where the list begins at the latest, without a privilege list
constexpr unsigned steps_looked_at = 24;

void find_marks(lookahead& ahead, sample& s) {
  auto const bytes = ahead.read(s.body, most_marks_at);
  std::copy_n(bytes.begin(), std::min(bytes.size(), s.head.size()), s.head.begin());
  for (std::size_t i = 2; i + sizeof(pcl_record) <= bytes.size(); i += 2) {
    if (is_privilege_list(bytes.subspan(i), s.mode)) {
      s.pcl_at = i;
      break;
    }
  }
  auto const last = std::min(bytes.size(), s.pcl_at ? static_cast<std::size_t>(*s.pcl_at) : most_bytes_of_head);
  for (std::size_t i = 2; i + sizeof(acl_record) <= last; i += 2) {
    if (is_access_list(bytes.subspan(i), s.mode)) {
      s.acl_at = i;
      s.acl_len = byte_cursor{bytes.subspan(i)}.take<le32>();
      auto const before = std::min(i, s.before_acl.size());
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i - before), before,
                  s.before_acl.end() - static_cast<std::ptrdiff_t>(before));
      break;
    }
  }
  if (s.pcl_at) {
    s.security = align8(*s.pcl_at + sizeof(pcl_record));
  } else if (s.acl_at) {
    s.security = align8(*s.acl_at + s.acl_len);
  }
}

class sampler {
 public:
  explicit sampler(lookahead& ahead) noexcept : ahead_{ahead} {}

  std::vector<sample> run(std::uint64_t at) {
    auto const cheap = ahead_.source().cheap_seek();
    auto const window = ahead_.source().position() + ahead_.bounds().window_bytes;
    std::vector<sample> out;
    std::size_t deviating = 0;
    while (out.size() < most_samples) {
      auto s = header(at);
      if (!s) {
        auto const next = unknown_record(at);
        if (!next) { break; }
        at = *next;
        continue;
      }
      if (out.size() >= usual_samples && deviating >= telling_samples) { break; }
      if (!cheap && deviating >= telling_samples && s->body + align8(s->stored) + (64u << 10) > window) { break; }
      if (!guided(*s) && !place(*s)) { break; }
      deviating += documented_end(*s) == s->end ? 0u : 1u;
      at = s->end;
      out.push_back(std::move(*s));
    }
    return out;
  }

 private:
  std::optional<sample> header(std::uint64_t at) {
    auto const h = ahead_.header_at(at);
    if (h.state != judged::valid || h.prefix.type == record_type::end) { return std::nullopt; }
    auto const m = decode_member(h.bytes, ahead_.shape);
    auto const kind = kind_of(m.mode);
    if (!kind) { return std::nullopt; }
    sample s{.at = at, .body = at + m.header_bytes, .mode = m.mode, .kind = *kind, .path = std::string{m.name}};
    auto const packed_without_size = *kind == entry_kind::file && m.packed() && !ahead_.shape.has_stored_size();
    if (*kind == entry_kind::file) {
      s.stored = m.dsize;
      s.size = m.size;
      s.packed = m.size != m.dsize;
      repeated_ = m.link_key() != 0 && !links_.insert(m.link_key()).second;
    } else {
      repeated_ = false;
      if (*kind == entry_kind::symlink) { s.stored = m.size; }
    }
    find_marks(ahead_, s);
    s.repeated = repeated_;
    if (packed_without_size) {
      s.packed = true;
      s.stored = ahead_.packed_length(s.body + s.security, s.size).value_or(s.size);
    }
    return s;
  }

  std::optional<std::uint64_t> unknown_record(std::uint64_t at) {
    if (ahead_.header_at(at).state == judged::valid || ahead_.successor_at(at) != judged::valid) {
      return std::nullopt;
    }
    return after_unknown_record(ahead_, at);
  }

  std::uint64_t documented_end(sample const& s) {
    auto const r = ahead_.security_at(s.body, s.mode);
    auto const security = s.kind == entry_kind::symlink && r.record.failed != 0 ? 0 : r.record.bytes();
    return s.body + security + align8(s.stored);
  }

  bool guided(sample& s) {
    if (ahead_.rules.documented()) { return false; }
    auto const h = ahead_.header_at(s.at);
    std::vector<std::byte> const header{h.bytes.begin(), h.bytes.end()};
    circumstances const where{.repeated = s.repeated, .trial = true};
    auto const m = decode_member(header, ahead_.shape);
    auto const c = choose(ahead_, enumerate(ahead_, m, s.at, where), where, 0, budget_);
    if (c.what != choice::result::one || c.taken.end < s.body + s.security) { return false; }
    if ((c.taken.layouts & (layout::no_data | layout::bare)) != 0) { s.stored = 0; }
    if (c.taken.end < s.body + s.security + align8(s.stored)) { return false; }
    s.end = c.taken.end;
    return true;
  }

  bool place(sample& s) {
    auto const after = [&](std::uint64_t extra) { return s.body + s.security + align8(s.stored) + extra; };
    auto const fits = [&](std::uint64_t end) {
      return ahead_.successor_at(end) == judged::valid && (s.stored == 0 || leads_on(end, 3));
    };
    if (s.security != 0 || s.kind == entry_kind::symlink) {
      if (fits(after(0))) {
        s.end = after(0);
        return true;
      }
      for (auto const x : lengths_) {
        if (fits(after(x))) {
          s.end = after(x);
          return true;
        }
      }
    }
    // Where the marks of the record say that it ends, a damaged header is no block.
    if (s.security != 0 && ahead_.damaged_header_at(after(0))) { return false; }
    if (repeated_ && fits(s.body + s.security)) {
      s.stored = 0;
      s.end = s.body + s.security;
      return true;
    }
    auto const last = after(ahead_.bounds().opaque_gap_bytes);
    for (auto from = after(0); from <= last;) {
      auto const found = ahead_.find_record(from, last);
      if (!found) { return false; }
      if (leads_on(*found, steps_looked_at)) {
        s.end = *found;
        if (lengths_.size() < 64) { lengths_.insert(*found - after(0)); }
        return true;
      }
      from = *found + 8;
    }
    return false;
  }

  // Not refuted: records inside a content lead to an end record that has more records after it.
  bool leads_on(std::uint64_t at, unsigned steps) {
    for (unsigned n = 0; n < steps; ++n) {
      auto const h = ahead_.header_at(at);
      if (h.state != judged::valid) { return true; }
      if (h.prefix.type == record_type::end) { return !ahead_.ends_inside(at); }
      auto const m = decode_member(h.bytes, ahead_.shape);
      sample s{.body = at + m.header_bytes, .mode = m.mode, .kind = kind_of(m.mode).value_or(entry_kind::file)};
      s.stored = s.kind == entry_kind::file ? m.dsize : s.kind == entry_kind::symlink ? m.size : 0;
      find_marks(ahead_, s);
      auto const end = s.body + s.security + align8(s.stored);
      if (ahead_.successor_at(end) == judged::valid) {
        at = end;
        continue;
      }
      std::optional<std::uint64_t> next;
      for (auto const x : lengths_) {
        if (ahead_.successor_at(end + x) == judged::valid) { next = end + x; }
      }
      if (!next) { return true; }
      at = *next;
    }
    return true;
  }

  lookahead& ahead_;
  chain_budget budget_;
  std::set<std::uint64_t> lengths_;  // of blocks that were found
  std::unordered_set<std::uint64_t> links_;
  bool repeated_ = false;
};

}  // namespace

std::vector<sample> take_samples(lookahead& ahead, std::uint64_t at) { return sampler{ahead}.run(at); }

}  // namespace sysb::backup_by_name
