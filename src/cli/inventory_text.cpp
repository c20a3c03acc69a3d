// SPDX-License-Identifier: Apache-2.0
#include "cli/inventory_text.hpp"

#include <string>

#include "base/text.hpp"

namespace sysb::cli {

namespace {

constexpr std::size_t most_named = 5;  // files in the line of a fileset

void write_counts(json_writer& w, std::array<std::uint64_t, inventory::outcome_count> const& files) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    w.field(inventory::to_text(static_cast<inventory::outcome>(i)), files[i]);
  }
}

std::string counted(std::uint64_t n, std::string_view what) { return concat(n, ' ', what); }

// Who asked is told that nothing was compared, and why.
std::string_view nothing_to_compare(inventory::report const& r) noexcept {
  return r.any ? "nothing to compare: the filesets of the image list no files"
               : "nothing to compare: the image carries no software inventory";
}

std::string line_of(inventory::fileset_state const& f) {
  using inventory::outcome;
  auto out = concat(printable(f.name), f.level.empty() ? "" : " ", printable(f.level), ": ", to_text(f.what));
  std::string_view between = ": ";
  auto const part = [&](outcome o, std::string_view word) {
    if (f.count(o) == 0) { return; }
    out += concat(between, counted(f.count(o), word));
    between = ", ";
  };
  part(outcome::equal, "equal");
  part(outcome::damaged, "damaged");
  part(outcome::differs, "edited or damaged");
  part(outcome::absent, "missing");
  part(outcome::updated, "changed by an update");
  part(outcome::config, "configuration");
  part(outcome::without_sums, "without a sum");
  // The file and its fileset in one line, whatever found the damage.
  for (std::size_t i = 0; i < f.named.size() && i < most_named; ++i) {
    out += concat(i == 0 ? "; not sound: " : ", ", printable(f.named[i]));
  }
  auto const all = f.count(outcome::damaged) + f.count(outcome::differs) + f.count(outcome::absent);
  return all > most_named ? concat(out, " and ", all - most_named, " more") : out;
}

}  // namespace

void print_inventory(session& s, inventory::report const& r) {
  using inventory::outcome;
  using inventory::state;
  if (s.json().wanted()) {
    for (auto const& f : r.filesets) {
      s.json().object("fileset_check", [&](json_writer& w) {
        w.name_field("name", f.name).field("level", f.level).field("verdict", to_text(f.what));
        write_counts(w, f.files);
        w.field("attributes", f.attributes);
        w.key("files").begin_array();
        for (auto const& path : f.named) { w.value(printable(path)); }
        w.end_array();
      });
    }
    s.json().object("inventory", [&](json_writer& w) {
      w.field("present", r.any).field("filesets", std::uint64_t{r.filesets.size()}).field("package", r.is_package);
      for (auto const kind : {state::sound, state::unproven, state::changed, state::incomplete, state::damaged}) {
        w.field(concat(to_text(kind), "_filesets"), r.count(kind));
      }
      write_counts(w, r.files);
      w.field("attributes", r.attributes).field("damaged_rows", r.damaged_rows);
      w.field("database_sums", r.database_sums).field("database_comparable", r.comparable);
      w.field("database_agreeing", r.agreeing);
    });
    return;
  }
  auto& out = s.out();
  if (r.filesets.empty()) {
    out.write(concat("inventory: ", nothing_to_compare(r), '\n'));
    return;
  }
  for (auto const& f : r.filesets) { out.write(concat(line_of(f), '\n')); }
  out.write(
      concat("inventory: ",
             r.filesets.size() == 1 ? std::string{"1 fileset"} : concat(std::uint64_t{r.filesets.size()}, " filesets"),
             ": ", r.count(state::sound), " complete and sound, ", r.count(state::damaged), " damaged, ",
             r.count(state::incomplete), " incomplete, ", r.count(state::changed), " changed, ",
             r.count(state::unproven), " without proof; ", r.count(outcome::equal), " files equal",
             r.comparable != 0 ? concat(" (sums of the software database: ", r.agreeing, " of ", r.comparable,
                                        " agree, ", r.database_sums ? "used" : "not used", ')')
                               : std::string{},
             "; a sum of 16 bits finds 99.998 percent of all damage\n"));
}

std::string inventory_reason(inventory::report const& r) {
  if (r.filesets.empty()) { return concat("inventory: ", nothing_to_compare(r)); }
  return concat("inventory: ", r.count(inventory::state::sound), " of ", std::uint64_t{r.filesets.size()},
                r.filesets.size() == 1 ? " fileset sound, " : " filesets sound, ", r.count(inventory::outcome::equal),
                " files equal");
}

}  // namespace sysb::cli
