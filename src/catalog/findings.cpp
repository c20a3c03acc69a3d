// SPDX-License-Identifier: Apache-2.0
#include "catalog/findings.hpp"

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "catalog/side_file.hpp"
#include "catalog/table.hpp"

namespace sysb::index {

namespace {

struct finding_record {
  le64 before;
  le64 offset;
  le32 path_bytes;
  le32 detail_bytes;
  std::uint8_t id_bytes;
  std::uint8_t level;
  std::uint8_t has_offset;
  std::uint8_t has_level;
};
static_assert(sizeof(finding_record) == 28);

void append(std::vector<std::byte>& out, std::span<std::byte const> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

void append_finding(diagnostic const& d, std::uint64_t before, std::vector<std::byte>& out) {
  finding_record r{};
  r.before = before;
  r.offset = d.offset.value_or(0);
  r.has_offset = d.offset ? 1 : 0;
  r.path_bytes = static_cast<std::uint32_t>(d.path.size());
  r.detail_bytes = static_cast<std::uint32_t>(d.detail.size());
  r.id_bytes = static_cast<std::uint8_t>(d.code->id.size());
  r.has_level = d.level ? 1 : 0;
  r.level = static_cast<std::uint8_t>(d.level.value_or(severity::note));
  append(out, std::as_bytes(std::span{&r, 1}));
  append(out, as_bytes(d.code->id));
  append(out, as_bytes(d.path));
  append(out, as_bytes(d.detail));
}

std::vector<kept_finding> read_findings(std::span<std::byte const> bytes, std::uint64_t count,
                                        code_finder const& codes) {
  std::vector<kept_finding> out;
  byte_cursor c{bytes};
  for (; count != 0 && c.ok(); --count) {
    auto const r = c.take<finding_record>();
    auto const id = as_text(c.bytes(r.id_bytes));
    auto const path = as_text(c.bytes(r.path_bytes));
    auto const detail = as_text(c.bytes(r.detail_bytes));
    if (!c.ok() || r.level > static_cast<std::uint8_t>(severity::error) ||
        (!out.empty() && r.before < out.back().before)) {
      throw unusable{"the findings in it are damaged"};
    }
    auto const* const code = codes(id);
    if (code == nullptr) { throw unknown_code{concat("it keeps a finding ", quoted(id), " that is not known")}; }
    auto& f = out.emplace_back();
    f.before = r.before;
    f.what = {.code = code, .offset = {}, .path = std::string{path}, .detail = std::string{detail}, .level = {}};
    if (r.has_offset != 0) { f.what.offset = r.offset; }
    if (r.has_level != 0) { f.what.level = static_cast<severity>(r.level); }
  }
  if (!c.ok() || c.left() != 0) { throw unusable{"the findings in it are damaged"}; }
  return out;
}

}  // namespace sysb::index
