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
  void add(std::string const& path, std::string_view fileset, std::uint32_t const* private_index) {
    auto const key = table_key(path);
    auto const who = table_key(fileset);
    auto const [at, fresh] = owners_.try_emplace(key, who);
    if (!fresh && at->second != who) { shared_.insert(key); }
    if (private_index != nullptr) { candidates_.emplace(path, *private_index); }
  }
  void settle(private_facts& out) const {
    for (auto const& [path, index] : candidates_) {
      if (shared_.count(table_key(path)) != 0) {
        ++out.filesets[index].shared_files;
      } else {
        ++out.filesets[index].files;
        out.owned.emplace(path, index);
      }
    }
  }

 private:
  static std::uint64_t table_key(std::string_view s) noexcept { return table_hash(as_bytes(s), 0x57504152u); }
  std::unordered_map<std::uint64_t, std::uint64_t> owners_;
  std::unordered_set<std::uint64_t> shared_;
  std::map<std::string, std::uint32_t> candidates_;
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

// Every repository that has filesets must tell its owners, or a file could have a second one.
bool read_inventories(image_reader& reader, repositories const& parts, database_set const& databases,
                      name_index const& names, std::uint64_t limit, ownership& into, std::string& why) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!databases[i] || databases[i]->filesets.empty()) { continue; }
    auto const where = swvpd::repository_of(static_cast<swvpd::part>(i));
    if (!parts[i].inventory) {
      why = concat('/', where, "/inventory is not in the image");
      return false;
    }
    auto const inventory = fetch(reader, *parts[i].inventory, limit);
    auto const side =
        parts[i].inventory_vc ? fetch(reader, *parts[i].inventory_vc, limit) : std::vector<std::byte>{};
    std::vector<swvpd::fault> faults;
    auto const db = swvpd::read({.where = static_cast<swvpd::part>(i),
                                 .lpp = parts[i].lpp,
                                 .product = {},
                                 .inventory = inventory,
                                 .inventory_vc = side,
                                 .history = {}},
                                faults);
    if (db && !db->suspect && !db->ownership_known && has_no_records(inventory)) { continue; }
    if (!db || !db->ownership_known || db->suspect) {
      why = concat('/', where, "/inventory: ",
                   db && db->suspect ? "records that may be deleted" : "its paths could not be calibrated");
      return false;
    }
    for (auto const& file : db->files) {
      if (file.fileset >= db->filesets.size()) { continue; }
      auto const& name = db->filesets[file.fileset].name;
      into.add(normal_path(file.path), name, find_name(names, name));
    }
  }
  return true;
}

std::set<std::string> read_archives(image_reader& reader, std::vector<later> const& archives,
                                    name_index const& names, std::uint64_t limit, ownership& into) {
  std::set<std::string> listed;
  for (auto const& a : archives) {
    auto const bytes = fetch(reader, a, limit);
    std::vector<aix_archive::fault> faults;
    auto const parsed = aix_archive::parse(bytes, faults);
    if (!parsed) { continue; }
    auto const each = [&](std::string_view suffix, auto const& use) {
      for (auto const& m : parsed->members) {
        auto const name = std::string_view{m.name};
        if (name.size() <= suffix.size() || name.substr(name.size() - suffix.size()) != suffix) { continue; }
        use(name.substr(0, name.size() - suffix.size()), as_text(aix_archive::data_of(bytes, m)));
      }
    };
    std::set<std::string, std::less<>> done;
    each(".inventory", [&](std::string_view fileset, std::string_view text) {
      std::vector<swvpd::fault> ignored;
      auto const* const index = find_name(names, fileset);
      swvpd::parse_inventory(text, ignored, [&](swvpd::inventory_file const& file) {
        into.add(normal_path(file.path), fileset, index);
        for (auto const& link : file.links) { into.add(normal_path(link), fileset, index); }
      });
      done.emplace(fileset);
    });
    each(".al", [&](std::string_view fileset, std::string_view text) {
      if (done.find(fileset) != done.end()) { return; }
      auto const* const index = find_name(names, fileset);
      for (auto const& path : swvpd::parse_apply_list(text)) { into.add(normal_path(path), fileset, index); }
      done.emplace(fileset);
    });
    for (auto const& n : done) {
      if (find_name(names, n) != nullptr) { listed.insert(n); }
    }
  }
  return listed;
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
      add_complaint(
          f, concat(f.swvpd.from[i].path, ": ", x.code->title, x.detail.empty() ? "" : ": ", x.detail));
    }
    if (!out[i]) {
      f.swvpd.lpp[i] = read_state::malformed;
      continue;
    }
    // Updates leave a row for every level: the highest one is what is installed.
    std::map<std::string, std::pair<swvpd::vrmf, std::size_t>> best;
    auto const part = static_cast<fileset_part>(i);
    for (auto const& fs : out[i]->filesets) {
      if (fs.suspect) { continue; }
      installed_fileset row{.name = fs.name,
                            .part = part,
                            .level = swvpd::to_text(fs.level),
                            .state = fs.state_text,
                            .cp_flag = fs.cp_flag.value_or(0),
                            .broken = fs.state_text == "broken" || fs.state_text == "applying"};
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
                        std::array<std::optional<swvpd::database>, 3> const& databases,
                        repositories const& parts, std::vector<later> const& archives, diagnostic_sink& d) {
  auto& out = f.hidden;
  out.evidence_given = true;
  auto const names = name_filesets(f, wanted, databases, d);
  auto const any_installed = std::any_of(out.filesets.begin(), out.filesets.end(),
                                         [](private_fileset const& p) { return p.installed; });
  if (!any_installed) { return; }
  if (!reader.seekable()) {
    out.undecided.emplace_back("the image cannot be read at random, so the inventories were not read");
    return;
  }
  std::string why;
  auto from_inventory = std::make_unique<ownership>();
  if (read_inventories(reader, parts, databases, names, bounds.survey_member_bytes, *from_inventory, why)) {
    from_inventory->settle(out);
    out.ownership_from = "inventory class";
    for (auto& p : out.filesets) { p.inventory = p.installed ? out.ownership_from : ""; }
  } else {
    from_inventory.reset();
    ownership from_archives;
    auto const listed = read_archives(reader, archives, names, bounds.survey_member_bytes, from_archives);
    from_archives.settle(out);
    out.ownership_from = listed.empty() ? "" : "liblpp.a";
    out.undecided.push_back(why);
    for (auto& p : out.filesets) { p.inventory = listed.count(p.name) != 0 ? out.ownership_from : ""; }
  }
  for (auto const& p : out.filesets) {
    if (p.installed && p.inventory.empty()) {
      d.report({.code = &private_not_removed, .offset = {}, .path = {}, .detail = p.name, .level = {}});
    }
  }
}

void learn_private_bit(facts& f, std::array<std::optional<swvpd::database>, 3> const& databases) {
  if (!databases[0]) { return; }
  auto const learned = swvpd::learn_flags(*databases[0], databases[1] ? &*databases[1] : nullptr);
  for (auto const& b : learned.bits) {
    if (!b.private_candidate) { continue; }
    f.hidden.candidates.push_back(concat(b.class_name, ".cp_flag bit 0x", hex(b.mask), ": ",
                                         std::uint64_t{b.filesets.size()}, " filesets"));
  }
}

}  // namespace sysb::wpar
