// SPDX-License-Identifier: Apache-2.0
#include "inventory/verifier.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "inventory/judge.hpp"

namespace sysb::inventory {

namespace {

constexpr std::uint64_t low48 = (std::uint64_t{1} << 48) - 1;
constexpr std::size_t per_link = 160;  // beside its texts

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

verifier::verifier(limits const& bounds, std::string tmpdir)
    : collector_{bounds.survey_member_bytes}, seen_{tmpdir}, link_contents_{tmpdir} {}

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
      if (e.nlink > 1) { link_contents_.add({link_group(e), m.key}); }
    } else if (e.content == content_state::here) {
      m.unread = 1;
    }
  } else if (e.kind == entry_kind::symlink) {
    m.size = static_cast<std::uint32_t>(path_key(e.target));
    links_whole_ = collector_.table.held.take(per_link + path.size() + e.target.size()) && links_whole_;
    if (links_whole_) { links_[std::string{path}] = e.target; }
  }
  seen_.add(m);
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

std::size_t verifier::files_of(std::string_view fileset, line_target const& each) const {
  auto const& t = collector_.table;
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < t.claims.size(); ++i) {
    auto const& c = t.claims[i];
    if (c.counted && t.filesets[c.fileset].name == fileset) { found.push_back(static_cast<std::uint32_t>(i)); }
  }
  std::sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
    return t.names.path(t.claims[a].name) < t.names.path(t.claims[b].name);
  });
  for (auto const i : found) { each(line_of(t.claims[i])); }
  return found.size();
}

std::size_t verifier::rows_of(std::string_view path, line_target const& each) const {
  auto const& t = collector_.table;
  std::vector<claim const*> found;
  auto const key = path_key(normal_path(path));
  for (auto const& c : t.claims) {
    if (c.counted && c.path == key) { found.push_back(&c); }
  }
  std::sort(found.begin(), found.end(),
            [&](claim const* a, claim const* b) { return t.filesets[a->fileset].name < t.filesets[b->fileset].name; });
  for (auto const* c : found) { each(line_of(*c)); }
  return found.size();
}

}  // namespace sysb::inventory
