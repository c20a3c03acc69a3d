// SPDX-License-Identifier: Apache-2.0
#include "cli/listing.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/text.hpp"
#include "core/entry_kinds.hpp"

namespace sysb::cli {

namespace {

char kind_letter(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return '-';
    case entry_kind::directory: return 'd';
    case entry_kind::symlink: return 'l';
    case entry_kind::char_device: return 'c';
    case entry_kind::block_device: return 'b';
    case entry_kind::fifo: return 'p';
    case entry_kind::socket: return 's';
  }
  return '?';
}

std::string padded(std::string text, std::size_t width) {
  return text.size() < width ? concat(std::string(width - text.size(), ' '), text) : text;
}

}  // namespace

std::string mode_text(entry const& e) {
  std::string out(10, '-');
  out[0] = kind_letter(e.kind);
  constexpr std::string_view letters = "rwxrwxrwx";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if ((e.mode & (0400u >> i)) != 0) { out[i + 1] = letters[i]; }
  }
  auto const special = [&](std::uint32_t bit, std::size_t at, char with_x, char without_x) {
    if ((e.mode & bit) != 0) { out[at] = out[at] == 'x' ? with_x : without_x; }
  };
  special(04000, 3, 's', 'S');
  special(02000, 6, 's', 'S');
  special(01000, 9, 't', 'T');
  return out;
}

std::string listing_line(entry const& e) {
  auto const ids = concat(e.uid, '/', e.gid);
  auto const device = is_device(e.kind);
  auto const size = device ? concat(e.rdev.major, ',', e.rdev.minor) : concat(e.size);
  // Owner and size share a column, as in tar.
  auto const width = std::max<std::size_t>(19, ids.size() + 1 + size.size());
  auto out = concat(mode_text(e), e.acl_extended ? '+' : ' ', ids, padded(size, width - ids.size()), ' ',
                    utc_time(e.mtime), ' ', printable(e.path));
  if (e.kind == entry_kind::symlink) { out += concat(" -> ", printable(e.target)); }
  if (!e.link_to.empty()) { out += concat(" link to ", printable(e.link_to)); }
  return out;
}

first_names::first_names(std::string tmpdir) : names_{std::move(tmpdir)}, seed_{std::random_device{}()} {}

void first_names::resolve(entry& e) {
  e.link_to.clear();
  if (!may_be_linked(e)) { return; }
  auto const file = link_identity_of(e);
  first const fresh{.key = file.inode_hash(seed_), .file = file, .name = {}};
  auto const [at, added] = first_.find_or_add(
      fresh.key, [&](first const& f) { return f.file == file; }, fresh);
  if (added) {
    at->name = names_.add(e.path);
  } else {
    e.link_to = names_.get(at->name);
  }
}

}  // namespace sysb::cli
