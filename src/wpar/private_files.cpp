// SPDX-License-Identifier: Apache-2.0
// Filesets that are not visible in a WPAR: what proves it, and which files are theirs alone.
#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/odm/odm.hpp"
#include "formats/swvpd/installp.hpp"
#include "formats/swvpd/states.hpp"
#include "wpar/diagnostics.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

namespace {

constexpr std::size_t max_complaints = 50;

void add_complaint(facts& f, std::string text) {
  if (f.swvpd.complaints.size() < max_complaints) { f.swvpd.complaints.push_back(std::move(text)); }
}

// Who owns a path, told by hashes: names of every file of a system would not fit. Two paths that
// share a hash count as one with two owners, so its file stays.
class ownership {
 public:
  void add(std::string const& path, std::string_view fileset, std::size_t part, std::uint32_t const* private_index) {
    auto const key = table_key(path);
    auto const who = table_key(fileset);
    auto const [at, fresh] = owners_.try_emplace(key, who);
    if (!fresh && at->second != who) { shared_.insert(key); }
    if (private_index == nullptr) { return; }
    auto& c = candidates_.try_emplace(path, candidate{.fileset = *private_index}).first->second;
    c.parts[part] = true;
  }
  // A file that is not `proven` to have no other owner stays.
  template <typename Proven>
  void settle(private_facts& out, Proven const& proven) const {
    for (auto const& [path, c] : candidates_) {
      auto& fileset = out.filesets[c.fileset];
      if (shared_.count(table_key(path)) != 0) {
        ++fileset.shared_files;
        continue;
      }
      if (!proven(fileset, path)) {
        ++fileset.undecided_files;
        continue;
      }
      ++fileset.files;
      for (std::size_t i = 0; i < c.parts.size(); ++i) { fileset.parts[i] = fileset.parts[i] || c.parts[i]; }
      out.owned.emplace(path, c.fileset);
    }
  }

 private:
  struct candidate {
    std::uint32_t fileset = 0;
    std::array<bool, 3> parts{};
  };
  static std::uint64_t table_key(std::string_view s) noexcept { return table_hash(as_bytes(s), 0x57504152u); }
  std::unordered_map<std::uint64_t, std::uint64_t> owners_;
  std::unordered_set<std::uint64_t> shared_;
  std::map<std::string, candidate> candidates_;
};

using database_set = std::array<std::optional<swvpd::database>, 3>;
using name_index = std::map<std::string, std::uint32_t, std::less<>>;

std::uint32_t const* find_name(name_index const& names, std::string_view n) {
  auto const at = names.find(n);
  return at == names.end() ? nullptr : &at->second;
}

void read_media(std::vector<media_text> const& media, std::set<std::string>& names, diagnostic_sink& d) {
  for (auto const& m : media) {
    std::vector<swvpd::fault> faults;
    std::vector<swvpd::package> packages;
    for (auto& t : swvpd::parse_toc(m.text, faults)) { packages.push_back(std::move(t.what)); }
    if (packages.empty()) {
      faults.clear();
      if (auto p = swvpd::parse_lpp_name(m.text, faults)) { packages.push_back(std::move(*p)); }
    }
    if (packages.empty()) {
      d.report({.code = &media_unread, .offset = {}, .path = m.name, .detail = {}, .level = {}});
    }
    for (auto const& p : packages) {
      for (auto const& fs : p.filesets) {
        if (fs.is_private) { names.insert(fs.name); }
      }
    }
  }
}

// The list first, then media, then the bit: the first that speaks is the evidence.
name_index name_filesets(facts& f, request const& wanted, database_set const& databases, diagnostic_sink& d) {
  name_index index;
  auto const add = [&](std::string const& name, visibility_basis basis) {
    if (index.find(name) != index.end()) { return; }
    index.emplace(name, static_cast<std::uint32_t>(f.hidden.filesets.size()));
    auto const installed = std::any_of(f.swvpd.filesets.begin(), f.swvpd.filesets.end(),
                                       [&](installed_fileset const& x) { return x.name == name; });
    f.hidden.filesets.push_back({.name = name, .basis = basis, .installed = installed, .inventory = {}});
  };
  for (auto const& n : wanted.private_filesets) { add(n, visibility_basis::list); }
  std::set<std::string> from_media;
  read_media(wanted.media, from_media, d);
  for (auto const& n : from_media) { add(n, visibility_basis::media); }
  if (wanted.private_flag) {
    for (auto const& db : databases) {
      if (!db) { continue; }
      for (auto const& fs : db->filesets) {
        if (!fs.suspect && fs.cp_flag && (*fs.cp_flag & *wanted.private_flag) != 0) {
          add(fs.name, visibility_basis::flag_bit);
        }
      }
    }
  }
  return index;
}

std::vector<std::byte> fetch(image_reader& reader, later const& what, std::uint64_t limit) {
  reader.seek_record(what.about.offset);
  entry e;
  if (!reader.next(e) || e.path != what.about.path) { return {}; }
  return read_member(reader, e, limit).bytes;
}

// A share part without files has a class without records: nothing to calibrate, nothing to own.
bool has_no_records(std::vector<std::byte> const& inventory) {
  std::vector<odm::fault> ignored;
  auto const c = odm::class_view::parse(inventory, "inventory", ignored);
  return c && c->sound() && c->count() == 0;
}

// What became of the inventory of one repository.
struct part_owners {
  bool settled = false;   // every owner is known
  bool hopeless = false;  // not even its filesets are
  std::string why;
};

part_owners read_inventory(image_reader& reader, std::size_t i, repository_members const& part,
                           std::optional<swvpd::database> const& filesets, name_index const& names, std::uint64_t limit,
                           ownership& into) {
  auto const where = swvpd::repository_of(static_cast<swvpd::part>(i));
  if (!filesets) {
    if (!part.seen && !part.inventory) { return {.settled = true, .hopeless = false, .why = {}}; }
    return {.settled = false,
            .hopeless = true,
            .why = concat('/', where, part.seen ? "/lpp cannot be read" : "/lpp is not in the image",
                          ": its filesets may own any file")};
  }
  if (filesets->suspect) {
    return {.settled = false, .hopeless = true, .why = concat('/', where, ": records that may be deleted")};
  }
  std::vector<swvpd::fault> of_lpp;
  static_cast<void>(swvpd::read({.where = static_cast<swvpd::part>(i),
                                 .lpp = part.lpp,
                                 .product = {},
                                 .inventory = {},
                                 .inventory_vc = {},
                                 .history = {}},
                                of_lpp));
  if (std::any_of(of_lpp.begin(), of_lpp.end(),
                  [](swvpd::fault const& x) { return x.code == &swvpd::class_unusable; })) {
    return {.settled = false, .hopeless = true, .why = concat('/', where, "/lpp: records that cannot be read")};
  }
  if (filesets->filesets.empty()) { return {.settled = true, .hopeless = false, .why = {}}; }
  auto const open = [&](std::string_view why) {
    return part_owners{.settled = false, .hopeless = false, .why = concat('/', where, "/inventory", why)};
  };
  if (!part.inventory) { return open(" is not in the image"); }
  auto const inventory = fetch(reader, *part.inventory, limit);
  auto const side = part.inventory_vc ? fetch(reader, *part.inventory_vc, limit) : std::vector<std::byte>{};
  std::vector<swvpd::fault> faults;
  auto const db = swvpd::read({.where = static_cast<swvpd::part>(i),
                               .lpp = part.lpp,
                               .product = {},
                               .inventory = inventory,
                               .inventory_vc = side,
                               .history = {}},
                              faults);
  if (db && !db->suspect && !db->ownership_known && has_no_records(inventory)) {
    return {.settled = true, .hopeless = false, .why = {}};
  }
  if (!db || !db->ownership_known) { return open(": its paths could not be calibrated"); }
  // Owners that are known stay known, even where others are not.
  for (auto const& file : db->files) {
    if (file.fileset >= db->filesets.size()) { continue; }
    auto const& name = db->filesets[file.fileset].name;
    into.add(normal_path(file.path), name, i, find_name(names, name));
  }
  if (db->suspect) { return open(": records that may be deleted"); }
  if (std::any_of(faults.begin(), faults.end(), [](swvpd::fault const& x) { return x.code == &swvpd::join_fails; })) {
    return open(": records of a fileset that is not installed");
  }
  return {.settled = true, .hopeless = false, .why = {}};
}

// Which listings the archives have, and what is wrong with them.
struct archive_owners {
  std::array<std::set<std::string, std::less<>>, 3> listed;
  std::vector<std::string> unreadable;  // paths
};

// /usr/lpp/PACKAGE/liblpp.a, /usr/lpp/PACKAGE/inst_root/liblpp.a, /usr/share/lpp/PACKAGE/liblpp.a.
// Deeper ones belong to updates, whose lists name what they replaced only.
struct archive_place {
  std::size_t part = 0;
  bool whole = false;
};
archive_place place_of(std::string_view path) noexcept {
  constexpr std::string_view share{"usr/share/lpp/"};
  constexpr std::string_view usr{"usr/lpp/"};
  constexpr std::string_view root{"/inst_root"};
  if (path.substr(0, share.size()) == share) {
    auto const package = parent_path(path.substr(share.size()));
    return {.part = 2, .whole = package.find('/') == std::string_view::npos};
  }
  auto package = parent_path(path.substr(std::min(usr.size(), path.size())));
  auto const at = package.find(root);
  if (at == std::string_view::npos) { return {.part = 0, .whole = package.find('/') == package.npos}; }
  return {.part = 1, .whole = at + root.size() == package.size() && package.find('/') == at};
}

archive_owners read_archives(image_reader& reader, std::vector<later> const& archives, name_index const& names,
                             std::uint64_t limit, ownership& into) {
  archive_owners out;
  for (auto const& a : archives) {
    auto const bytes = fetch(reader, a, limit);
    std::vector<aix_archive::fault> faults;
    auto const parsed = aix_archive::parse(bytes, faults);
    if (!parsed || !faults.empty()) { out.unreadable.push_back(a.about.path); }
    if (!parsed) { continue; }
    auto const place = place_of(normal_path(a.about.path));
    auto const each = [&](std::string_view suffix, auto const& use) {
      for (auto const& m : parsed->members) {
        auto const name = std::string_view{m.name};
        if (name.size() <= suffix.size() || name.substr(name.size() - suffix.size()) != suffix) { continue; }
        use(name.substr(0, name.size() - suffix.size()), as_text(aix_archive::data_of(bytes, m)));
      }
    };
    std::set<std::string, std::less<>> done;
    each(".inventory", [&](std::string_view fileset, std::string_view text) {
      std::vector<swvpd::fault> wrong;
      auto const* const index = find_name(names, fileset);
      swvpd::parse_inventory(text, wrong, [&](swvpd::inventory_file const& file) {
        into.add(normal_path(file.path), fileset, place.part, index);
        for (auto const& link : file.links) { into.add(normal_path(link), fileset, place.part, index); }
      });
      if (wrong.empty()) { done.emplace(fileset); }
    });
    each(".al", [&](std::string_view fileset, std::string_view text) {
      auto const* const index = find_name(names, fileset);
      std::vector<swvpd::fault> wrong;
      bool const whole = swvpd::parse_apply_list(
          text, wrong, [&](std::string_view path) { into.add(normal_path(path), fileset, place.part, index); });
      if (whole && wrong.empty()) { done.emplace(fileset); }
    });
    if (place.whole) { out.listed[place.part].insert(done.begin(), done.end()); }
  }
  return out;
}

// The root part installs outside /usr, the share part below /usr/share: that is what the parts are.
bool may_own(std::size_t part, std::string_view path) noexcept {
  switch (part) {
    case 1: return !is_below(path, "usr");
    case 2: return is_below(path, "usr/share");
    default: return true;
  }
}

// "a, b and 7 more"
std::string some_of(std::set<std::string> const& names) {
  constexpr std::size_t most = 4;
  std::string out;
  std::size_t n = 0;
  for (auto const& x : names) {
    if (n < most) { out += concat(n == 0 ? "" : ", ", printable(x)); }
    ++n;
  }
  return n > most ? concat(out, " and ", std::uint64_t{n - most}, " more") : out;
}

}  // namespace

std::array<std::optional<swvpd::database>, 3> read_filesets(facts& f, repositories const& r) {
  database_set out;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!r[i].seen || f.swvpd.lpp[i] != read_state::ok) { continue; }
    std::vector<swvpd::fault> faults;
    out[i] = swvpd::read({.where = static_cast<swvpd::part>(i),
                          .lpp = r[i].lpp,
                          .product = r[i].product,
                          .inventory = {},
                          .inventory_vc = {},
                          .history = {}},
                         faults);
    for (auto const& x : faults) {
      if (x.code == &swvpd::no_ownership) { continue; }  // the inventory was not shown
      add_complaint(f, concat(f.swvpd.from[i].path, ": ", x.code->title, x.detail.empty() ? "" : ": ", x.detail));
    }
    if (!out[i]) {
      f.swvpd.lpp[i] = read_state::malformed;
      continue;
    }
    // Updates leave a row for every level: the highest one is what is installed.
    std::map<std::string, std::pair<swvpd::vrmf, std::size_t>> best;
    auto const part = static_cast<fileset_part>(i);
    auto const unfinished = swvpd::unfinished(*out[i]);
    for (std::size_t k = 0; k < unfinished.size(); ++k) {
      auto const& fs = out[i]->filesets[k];
      if (fs.suspect) { continue; }
      installed_fileset row{.name = fs.name,
                            .part = part,
                            .level = swvpd::to_text(fs.level),
                            .state = fs.state_text,
                            .cp_flag = fs.cp_flag.value_or(0),
                            .broken = unfinished[k]};
      auto const at = best.find(fs.name);
      if (at == best.end()) {
        best.emplace(fs.name, std::pair{fs.level, f.swvpd.filesets.size()});
        f.swvpd.filesets.push_back(std::move(row));
      } else if (at->second.first < fs.level) {
        at->second.first = fs.level;
        f.swvpd.filesets[at->second.second] = std::move(row);
      }
    }
  }
  return out;
}

void find_private_files(facts& f, image_reader& reader, request const& wanted, limits const& bounds,
                        std::array<std::optional<swvpd::database>, 3> const& databases, repositories const& parts,
                        archive_members const& archives, diagnostic_sink& d) {
  auto& out = f.hidden;
  out.evidence_given = true;
  auto const names = name_filesets(f, wanted, databases, d);
  auto const any_installed =
      std::any_of(out.filesets.begin(), out.filesets.end(), [](private_fileset const& p) { return p.installed; });
  if (!any_installed) { return; }
  if (!reader.seekable()) {
    out.undecided.emplace_back("the image cannot be read at random, so the inventories were not read");
    return;
  }
  ownership owners;
  std::array<part_owners, 3> state;
  bool all = true;
  bool hopeless = false;
  bool by_class = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    state[i] = read_inventory(reader, i, parts[i], databases[i], names, bounds.survey_member_bytes, owners);
    all = all && state[i].settled;
    hopeless = hopeless || state[i].hopeless;
    by_class = by_class || (state[i].settled && databases[i] && !databases[i]->filesets.empty());
    if (!state[i].settled) { out.undecided.push_back(state[i].why); }
  }
  // A second owner that nobody knows may be any installed fileset without a list of its files.
  archive_owners from_archives;
  std::array<std::set<std::string>, 3> unlisted;
  if (!all) {
    from_archives = read_archives(reader, archives.list, names, bounds.survey_member_bytes, owners);
    std::set<std::string> any_part;
    for (auto const& row : f.swvpd.filesets) {
      auto const part = static_cast<std::size_t>(row.part);
      if (!state[part].settled && from_archives.listed[part].count(row.name) == 0) {
        unlisted[part].insert(row.name);
        any_part.insert(concat(row.name, " (", to_text(row.part), ')'));
      }
    }
    if (archives.incomplete) { out.undecided.emplace_back("there are more liblpp.a than are read"); }
    if (!from_archives.unreadable.empty()) {
      out.undecided.push_back(concat("liblpp.a that cannot be read: ",
                                     some_of({from_archives.unreadable.begin(), from_archives.unreadable.end()})));
    }
    if (!any_part.empty()) {
      out.undecided.push_back(concat("installed filesets without a list of their files: ", some_of(any_part)));
    }
    hopeless = hopeless || archives.incomplete || !from_archives.unreadable.empty();
  }
  owners.settle(out, [&](private_fileset const& p, std::string_view path) {
    if (hopeless) { return false; }
    for (std::size_t i = 0; i < unlisted.size(); ++i) {
      auto const others = unlisted[i].size() - unlisted[i].count(p.name);
      if (others != 0 && may_own(i, path)) { return false; }
    }
    return true;
  });
  auto const has_list = [&](private_fileset const& p) {
    return std::any_of(f.swvpd.filesets.begin(), f.swvpd.filesets.end(), [&](installed_fileset const& row) {
      auto const part = static_cast<std::size_t>(row.part);
      return row.name == p.name && (state[part].settled || from_archives.listed[part].count(p.name) != 0);
    });
  };
  for (auto& p : out.filesets) {
    if (!p.installed) { continue; }
    if (!hopeless && has_list(p) && (p.files != 0 || p.undecided_files == 0)) {
      p.inventory = all ? "inventory class" : by_class ? "inventory class and liblpp.a" : "liblpp.a";
      out.ownership_from = p.inventory;
      if (p.undecided_files == 0) { continue; }
    }
    std::string why;
    for (auto const& u : out.undecided) { why += concat(why.empty() ? "" : "; ", u); }
    d.report({.code = &private_not_removed,
              .offset = {},
              .path = {},
              .detail = concat(p.name, why.empty() ? "" : ": ", why),
              .level = {}});
  }
}

void learn_private_bit(facts& f, std::array<std::optional<swvpd::database>, 3> const& databases) {
  if (!databases[0]) { return; }
  auto const learned = swvpd::learn_flags(*databases[0], databases[1] ? &*databases[1] : nullptr);
  for (auto const& b : learned.bits) {
    if (!b.private_candidate) { continue; }
    f.hidden.candidates.push_back(
        concat(b.class_name, ".cp_flag bit 0x", hex(b.mask), ": ", std::uint64_t{b.filesets.size()}, " filesets"));
  }
}

}  // namespace sysb::wpar
