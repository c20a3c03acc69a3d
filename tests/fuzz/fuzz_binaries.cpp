// SPDX-License-Identifier: Apache-2.0
// Binary parts of other members: access control lists, ODM classes with their .vc, the software database, AIX
// archives. The first byte says which.
#include <algorithm>

#include "formats/aix_acl/aix_acl.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/odm/odm.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "fuzz.hpp"

namespace {

using namespace sysb;
using fuzz::require;

void try_acl(std::span<std::byte const> bytes) {
  auto const list = aix_acl::decode(bytes);
  require(fuzz::is_clean(aix_acl::to_text(list), "\n\t"), "a list is printed without controls");
  require(fuzz::is_clean(aix_acl::to_aclget_text(list, 1, 2), "\n\t"), "and as aclget does");
  if (list.broken) { return; }
  auto const again = aix_acl::decode(aix_acl::encode(list));
  require(!again.broken, "a list that is written can be read");
  require(aix_acl::to_text(again) == aix_acl::to_text(list), "and is the same list");
}

void try_odm(fuzz::pieces input) {
  auto const side = input.next();
  auto const bytes = input.rest();
  std::vector<odm::fault> faults;
  auto const c = odm::class_view::parse(bytes, "", faults);
  require(odm::is_class(bytes) || !c, "what is no class is not read");
  if (!c) {
    require(!faults.empty(), "a class that is not read has a reason");
    return;
  }
  require(std::uint64_t{c->count()} * c->record_size() <= bytes.size(), "records stand in the file");
  require(c->descriptors().size() <= bytes.size(), "fields stand in the file");
  fuzz::require_printable(c->name());
  std::uint32_t suspects = 0;
  for (std::uint32_t i = 0; i < c->count(); ++i) {
    auto const r = c->at(i);
    suspects += r.suspect() ? 1u : 0u;
    require(r.bytes().data() >= bytes.data() && r.bytes().data() + r.bytes().size() <= bytes.data() + bytes.size(),
            "a record stands in the file");
    if (i > 64) { continue; }
    for (auto const& d : c->descriptors()) {
      auto const text = r.text(d);
      auto const number = r.integer(d);
      require(!(text && number), "a field is a text or a number");
      if (text) { require(text->size() <= r.bytes().size(), "a text stands in its record"); }
    }
  }
  require(suspects == c->suspects(), "suspects are counted");
  for (auto const& d : c->descriptors()) {
    if (d.kind != odm::slot_kind::vchar) { continue; }
    auto const fits = [](std::string_view t) { return !t.empty() && t.front() == '/'; };
    if (auto const how = odm::calibrate(*c, d, side, fits, faults)) {
      require(how->hits <= how->slots, "hits are among the slots");
      for (std::uint32_t i = 0; i < std::min(c->count(), 64u); ++i) {
        if (auto const t = odm::vchar_text(c->at(i), d, side, *how)) {
          require(t->size() <= side.size(), "a text stands in .vc");
        }
      }
    }
    break;
  }
  std::vector<odm::fault> more;
  if (auto const empty = odm::emptied(bytes, "", more)) {
    require(c->sound(), "only a sound class is emptied");
    auto const view = odm::class_view::parse(*empty, "", more);
    require(view && view->count() == 0 && view->descriptors().size() == c->descriptors().size(),
            "an emptied class is the same without its objects");
  }
}

void try_swvpd(fuzz::pieces input) {
  auto const lpp = input.next();
  auto const product = input.next();
  auto const inventory = input.next();
  auto const side = input.next();
  swvpd::repository const r{.where = swvpd::part::usr,
                            .lpp = lpp,
                            .product = product,
                            .inventory = inventory,
                            .inventory_vc = side,
                            .history = input.rest()};
  std::vector<swvpd::fault> faults;
  auto const all = swvpd::read(r, faults);
  std::vector<swvpd::fault> others;
  std::size_t shown = 0;
  auto const passing = swvpd::read(r, others, [&](swvpd::database const& d, swvpd::inventory_record const& row) {
    require(row.fileset < d.filesets.size(), "a record is of a fileset that there is");
    require(all && shown < all->files.size() && all->files[shown].path == row.path, "both ways give the same files");
    ++shown;
  });
  require(all.has_value() == passing.has_value(), "both ways read it, or none");
  if (!all) { return; }
  require(!all->ownership_known || shown == all->files.size(), "both ways give all files");
  for (auto const& f : all->filesets) {
    fuzz::require_printable(f.name);
    fuzz::require_printable(swvpd::to_text(f.level));
  }
  static_cast<void>(swvpd::bos_rte_level(*all));
  static_cast<void>(swvpd::learn_flags(*all, &*passing));
}

void try_archive(std::span<std::byte const> bytes) {
  std::vector<aix_archive::fault> faults;
  auto const a = aix_archive::parse(bytes, faults);
  require(aix_archive::is_archive(bytes) || !a, "what is no archive is not read");
  if (!a) { return; }
  require(a->complete || !faults.empty(), "an archive that ends early has a reason");
  std::vector<aix_archive::new_member> copies;
  std::uint64_t total = 0;
  for (auto const& m : a->members) {
    fuzz::require_printable(m.name);
    auto const content = aix_archive::data_of(bytes, m);
    require(content.size() == m.size, "a member stands in the archive");
    total += m.size;
    copies.push_back({.name = m.name, .content = std::string{as_text(content)}});
  }
  require(a->members.size() <= bytes.size() / 16, "members have headers");
  if (total > bytes.size()) { return; }  // they overlap
  auto const built = aix_archive::build(copies, a->big);
  std::vector<aix_archive::fault> none;
  auto const again = aix_archive::parse(built, none);
  require(again && again->members.size() == a->members.size(), "an archive made anew has the same members");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) { return 0; }
  auto const rest = std::as_bytes(std::span{data + 1, size - 1});
  fuzz::bounded_work const bound{size, 8u << 20, 4096};
  switch (data[0] % 4) {
    case 0: try_acl(rest); break;
    case 1: try_odm(fuzz::pieces{rest}); break;
    case 2: try_swvpd(fuzz::pieces{rest}); break;
    default: try_archive(rest); break;
  }
  return 0;
}
