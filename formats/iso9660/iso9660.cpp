// SPDX-License-Identifier: Apache-2.0
// Walks over the directories of an ISO 9660 file system, with Rock Ridge's names where they are.
// A file is a run of sectors, so an image is read in place.
#include "formats/iso9660/iso9660.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <vector>

#include "base/checked.hpp"
#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/iso9660/diagnostics.hpp"
#include "formats/iso9660/layout.hpp"
#include "io/io.hpp"
#include "io/members.hpp"

namespace sysb::iso9660 {

namespace {

constexpr std::size_t most_directories = 65536;
constexpr std::uint64_t largest_directory = 16u << 20;
constexpr std::size_t longest_path = 4096;

[[nodiscard]] std::optional<primary_descriptor> primary_in(std::span<std::byte const> sector) noexcept {
  byte_cursor c{sector};
  auto const d = c.take<primary_descriptor>();
  auto const known = c.ok() && d.type == 1 && std::string_view{d.id, 5} == "CD001";
  return known && d.block_bytes.little != 0 ? std::optional{d} : std::nullopt;
}

// What a record says with Rock Ridge's fields taken into account.
struct entry_facts {
  directory_record record;
  std::string name;
  bool compressed = false;  // zisofs
};

class iso_walk final : public io::member_walk {
 public:
  explicit iso_walk(primary_descriptor const& d) : block_{d.block_bytes.little} { want(d.root, {}); }

  std::optional<io::member> next(byte_source& s) override {
    for (;;) {
      while (at_ >= records_.size()) {
        if (waiting_.empty()) { return std::nullopt; }
        if (!enter(s)) { return end_with(concat("a directory cannot be read at byte 0x", hex(directory_at_))); }
      }
      auto const e = take_record();
      if (!e) { return end_with(concat("a directory is damaged at byte 0x", hex(directory_at_ + at_))); }
      if (e->name.empty()) { continue; }
      auto path = path_.empty() ? e->name : concat(path_, '/', e->name);
      if ((e->record.flags & record_flag::directory) != 0) {
        if (!want(e->record, std::move(path))) { return end_with("too many directories"); }
        continue;
      }
      if (auto m = whole_file(*e, std::move(path))) { return m; }
    }
  }

 private:
  struct directory {
    std::uint64_t offset;
    std::uint64_t size;
    std::string path;
  };

  [[nodiscard]] std::uint64_t start_of(directory_record const& r) const noexcept {
    return (std::uint64_t{r.extent.little} + r.attributes) * block_;
  }

  // Each directory once: a loop of them must end.
  bool want(directory_record const& r, std::string path) {
    auto const offset = start_of(r);
    if (path.size() > longest_path || !seen_.insert(offset).second) { return true; }
    if (seen_.size() > most_directories) { return false; }
    waiting_.push_back({offset, r.size.little, std::move(path)});
    return true;
  }

  [[nodiscard]] bool enter(byte_source& s) {
    auto const d = std::move(waiting_.front());
    waiting_.pop_front();
    directory_at_ = d.offset;
    path_ = d.path;
    at_ = 0;
    if (d.size > largest_directory) { return false; }
    records_.resize(static_cast<std::size_t>(d.size));
    return s.probe(d.offset, records_) == d.size;
  }

  // The next record of the directory; an empty name for what is no file.
  [[nodiscard]] std::optional<entry_facts> take_record() {
    auto const rest = std::span<std::byte const>{records_}.subspan(at_);
    byte_cursor c{rest};
    entry_facts out{.record = c.take<directory_record>(), .name = {}};
    auto const length = std::to_integer<std::size_t>(rest.front());
    if (length == 0) {
      at_ = static_cast<std::size_t>(checked_round_up(at_ + 1, sector_bytes).value_or(records_.size()));
      return out;
    }
    if (!c.ok() || length > rest.size() || sizeof(directory_record) + out.record.name_length > length) {
      return std::nullopt;
    }
    at_ += length;
    auto const name = as_text(c.bytes(out.record.name_length));
    if (name.size() == 1 && (name[0] == '\0' || name[0] == '\1')) { return out; }  // "." and ".."
    out.name = name.substr(0, name.find(';'));
    auto const used = sizeof(directory_record) + out.record.name_length;
    auto const even = used + used % 2;
    if (even < length) { read_rock_ridge(rest.subspan(even, length - even), out); }
    return out;
  }

  static void read_rock_ridge(std::span<std::byte const> fields, entry_facts& out) {
    constexpr std::size_t head = 4;     // signature, length, version
    constexpr unsigned special = 0x06;  // NM of "." and ".."
    std::string name;
    while (fields.size() > head) {
      auto const signature = as_text(fields.first(2));
      auto const length = std::to_integer<std::size_t>(fields[2]);
      if (length < head || length > fields.size()) { break; }
      if (signature == "NM" && length > head && (std::to_integer<unsigned>(fields[4]) & special) == 0) {
        name += as_text(fields.subspan(head + 1, length - head - 1));
      }
      if (signature == "ZF") { out.compressed = true; }
      fields = fields.subspan(length);
    }
    if (!name.empty()) { out.name = std::move(name); }
  }

  // Sectors that count twice could make a small disc endless.
  [[nodiscard]] static bool overlap(std::vector<io::member_run> runs) {
    std::sort(runs.begin(), runs.end(), [](auto const& a, auto const& b) { return a.offset < b.offset; });
    return std::adjacent_find(runs.begin(), runs.end(), [](auto const& a, auto const& b) {
             return a.offset + a.length > b.offset;
           }) != runs.end();
  }

  // Files of 4 GiB and more stand in several records, nearly always one after the other.
  [[nodiscard]] std::optional<io::member> whole_file(entry_facts const& e, std::string path) {
    if (!parts_) {
      parts_ = io::member{std::move(path), start_of(e.record), 0, true};
      in_a_row_ = true;
    } else if (start_of(e.record) != parts_->offset + parts_->size) {
      in_a_row_ = false;
    }
    if (e.record.size.little != 0) { parts_->runs.push_back({parts_->size, start_of(e.record), e.record.size.little}); }
    parts_->plain = parts_->plain && e.record.unit == 0 && !e.compressed;
    parts_->size += e.record.size.little;
    if ((e.record.flags & record_flag::more_extents) != 0) { return std::nullopt; }
    if (in_a_row_) { parts_->runs.clear(); }
    parts_->plain = parts_->plain && !overlap(parts_->runs);
    auto out = std::move(*parts_);
    parts_.reset();
    return out;
  }

  std::uint64_t block_;
  std::deque<directory> waiting_;
  std::set<std::uint64_t> seen_;
  std::uint64_t directory_at_ = 0;
  std::string path_;
  std::vector<std::byte> records_;
  std::size_t at_ = 0;
  std::optional<io::member> parts_;  // of a file that goes on in the next record
  bool in_a_row_ = true;             // its parts
};

class iso_carrier final : public carrier_format {
 public:
  std::string_view id() const noexcept override { return "iso9660"; }
  std::string_view title() const noexcept override { return "ISO 9660 file system with an image on it"; }
  bool holds_members() const noexcept override { return true; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    if (head.size() < first_descriptor + sector_bytes) { return 0; }
    return primary_in(head.subspan(first_descriptor, sector_bytes)) ? 48 : 0;
  }
  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink& findings) const override {
    source = io::make_seekable(std::move(source),
                               {.tmpdir = r.tmpdir, .counters = r.counters, .window_bytes = l.window_bytes});
    std::array<std::byte, sector_bytes> sector{};
    auto const n = source->probe(first_descriptor, sector);
    auto const descriptor = primary_in(std::span{sector}.first(n));
    if (!descriptor) { throw fatal_error{fatal_error::kind::damaged, "ISO 9660 descriptor cannot be read"}; }
    iso_walk walk{*descriptor};
    return io::open_member(std::move(source), walk, {"ISO 9660 file system", &damaged}, r, findings);
  }
  std::span<diag_code const* const> codes() const noexcept override {
    static constexpr std::array<diag_code const*, 1> all{&damaged};
    return all;
  }
};

}  // namespace

carrier_format const& carrier() noexcept {
  static iso_carrier const the_carrier;
  return the_carrier;
}

}  // namespace sysb::iso9660
