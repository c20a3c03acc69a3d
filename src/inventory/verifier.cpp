// SPDX-License-Identifier: Apache-2.0
#include "inventory/verifier.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "inventory/judge.hpp"

namespace sysb::inventory {

namespace {

constexpr std::uint64_t low48 = (std::uint64_t{1} << 48) - 1;
constexpr std::size_t max_links = 65'536;  // symbolic links remembered by name
constexpr std::size_t max_link_groups = 1'000'000;

std::uint64_t link_group(entry const& e) noexcept {
  std::array<std::uint32_t, 3> const key{e.ino, e.dev.major, e.dev.minor};
  return table_hash(std::as_bytes(std::span{key}), 0x4c494e4b) & low48;
}

}  // namespace

std::string_view to_text(state s) noexcept {
  switch (s) {
    case state::sound: return "sound";
    case state::unproven: return "unproven";
    case state::changed: return "changed";
    case state::incomplete: return "incomplete";
    case state::damaged: return "damaged";
  }
  return "";
}

std::uint64_t report::count(state s) const noexcept {
  return static_cast<std::uint64_t>(
      std::count_if(filesets.begin(), filesets.end(), [&](auto const& f) { return f.what == s; }));
}

verifier::verifier(limits const& bounds) : collector_{bounds.survey_member_bytes} {}

void verifier::member(entry const& e, std::optional<std::uint16_t> sum) {
  auto const path = normal_path_view(e.path, room_);
  seen_member m;
  m.key = path_key(path);
  m.offset = e.offset & low48;
  m.kind = static_cast<std::uint64_t>(e.kind) & 0xf;
  m.perm = e.permissions() & 07777;
  m.size = std::min(e.size, low48) & low48;
  m.uid = e.uid;
  m.id_known = e.gid <= 0xffffff ? 1 : 0;
  m.gid = e.gid & 0xffffff;
  m.taken = 1;
  if (e.kind == entry_kind::file) {
    m.unread = e.damaged || e.content == content_state::refused ? 1 : 0;
    if (e.content == content_state::elsewhere || (e.size == 0 && e.nlink > 1 && e.ino != 0)) {
      m.elsewhere = 1;
      m.size = link_group(e) & low48;
    } else if (sum || e.size == 0) {
      m.summed = 1;
      m.sum = sum.value_or(0);
      if (e.nlink > 1 && link_content_.size() < max_link_groups) { link_content_[link_group(e)] = m.key; }
    } else if (e.content == content_state::here) {
      m.unread = 1;
    }
  } else if (e.kind == entry_kind::symlink) {
    m.size = static_cast<std::uint32_t>(path_key(e.target));
    if (links_.size() < max_links) { links_[std::string{path}] = e.target; }
  }
  auto const [at, fresh] = seen_.find_or_add(
      m.key, [](seen_member const&) { return true; }, m);
  if (!fresh) { *at = m; }  // the later member replaces the earlier one
}

report const& verifier::finish(diagnostic_sink& d) {
  collector_.finish();
  collector_.report(d);
  judge{*this, d}.run();
  return report_;
}

verifier::file_line verifier::line_of(claim const& c) const {
  auto const& t = collector_.table;
  return {.path = concat('/', t.names.path(c.name)),
          .fileset = t.filesets[c.fileset].name,
          .what = c.result,
          .type = c.type,
          .shipped = c.shipped};
}

std::vector<verifier::file_line> verifier::files_of(std::string_view fileset) const {
  std::vector<file_line> out;
  auto const& t = collector_.table;
  for (auto const& c : t.claims) {
    if (c.counted && t.filesets[c.fileset].name == fileset) { out.push_back(line_of(c)); }
  }
  std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.path < b.path; });
  return out;
}

std::vector<verifier::file_line> verifier::rows_of(std::string_view path) const {
  std::vector<file_line> out;
  auto const key = path_key(normal_path(path));
  for (auto const& c : collector_.table.claims) {
    if (c.counted && c.path == key) { out.push_back(line_of(c)); }
  }
  std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.fileset < b.fileset; });
  return out;
}

}  // namespace sysb::inventory
