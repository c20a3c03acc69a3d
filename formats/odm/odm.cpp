// SPDX-License-Identifier: Apache-2.0
// Structure and self-checks of a class file, its records, and its empty form.
#include "formats/odm/odm.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "base/cursor.hpp"
#include "base/text.hpp"

namespace sysb::odm {
namespace {

constexpr std::uint32_t descriptor_bytes = 40;
constexpr std::uint32_t max_descriptors = 1000;  // the largest known class has 13
constexpr std::uint32_t max_record_bytes = 1u << 20;
constexpr std::size_t page = 4096;

// A class structure in the order of the machine that reads it.
struct head_values {
  std::uint32_t n_objects, name_off, rec_size, n_desc, desc_off, data_off, magic2, neg_magic;
};

template <byte_order Order>
head_values read_head(std::span<std::byte const> bytes) noexcept {
  auto const h = byte_cursor{bytes}.take<file_head<Order>>();
  return {h.n_objects, h.name_off, h.rec_size, h.n_desc, h.desc_off, h.data_off, h.magic2, h.neg_magic};
}

template <byte_order Order>
descriptor read_descriptor(byte_cursor& c, std::uint32_t& name_off) noexcept {
  auto const d = c.take<descriptor_slot<Order>>();
  descriptor out;
  name_off = d.name_off;
  out.type = d.type;
  out.offset = d.offset;
  out.size = d.size;
  return out;
}

template <typename Big, typename Little>
auto load(std::span<std::byte const> at, byte_order order) noexcept {
  byte_cursor c{at};
  return order == byte_order::big ? c.take<Big>().value() : c.take<Little>().value();
}

std::optional<byte_order> order_of(std::span<std::byte const> bytes) noexcept {
  if (bytes.size() < sizeof(file_head<byte_order::big>)) { return std::nullopt; }
  auto const magic = load<be32, le32>(bytes, byte_order::big);
  if (magic == class_magic) { return byte_order::big; }
  if (load<be32, le32>(bytes, byte_order::little) == class_magic) { return byte_order::little; }
  return std::nullopt;
}

bool is_text(std::string_view s) noexcept {
  // High bytes are text too: descriptions and paths come in any code set.
  return std::none_of(s.begin(), s.end(), [](char ch) {
    auto const u = static_cast<unsigned char>(ch);
    return (u < 0x20 && u != '\t' && u != '\n' && u != '\r') || u == 0x7f;
  });
}

std::string_view cut_at_nul(std::span<std::byte const> bytes) noexcept {
  auto const text = as_text(bytes);
  return text.substr(0, text.find('\0'));
}

// The kinds that one spacing allows. Facts 1.6; known codes narrow it.
struct kind_options {
  bool bytes, int16, int32, vchar, link;
  [[nodiscard]] int count() const noexcept { return bytes + int16 + int32 + vchar + link; }
  void keep(kind_options const& o) noexcept {
    bytes = bytes && o.bytes;
    int16 = int16 && o.int16;
    int32 = int32 && o.int32;
    vchar = vchar && o.vchar;
    link = link && o.link;
  }
};

kind_options options_for(descriptor const& d) noexcept {
  auto const padded = [&](std::uint64_t n) { return d.space >= n && d.space <= n + 3; };
  kind_options o{};
  o.bytes = d.size > 0 && padded(d.size);
  o.link = d.size > 0 && padded(std::uint64_t{d.size} + 8);
  o.link = o.link && d.offset % 4 == 0;
  o.vchar = d.space == 4 && d.offset % 4 == 0;  // a short one looks like bytes: its siblings decide
  switch (d.type) {
    case type_char:
    case type_method: return {o.bytes, false, false, false, false};
    case type_short: return {false, d.size == 2 && padded(2) && d.offset % 2 == 0, false, false, false};
    case type_long: return {false, false, d.size == 4 && padded(4) && d.offset % 4 == 0, false, false};
    default: return o;
  }
}

slot_kind chosen(kind_options const& o) noexcept {
  if (o.int16) { return slot_kind::int16; }
  if (o.int32) { return slot_kind::int32; }
  if (o.bytes) { return slot_kind::bytes; }
  return o.vchar ? slot_kind::vchar : slot_kind::link;
}

// Every descriptor of one type must be of one kind. Returns the field where that fails.
std::optional<std::string> learn_kinds(std::vector<descriptor>& all) {
  std::map<std::uint32_t, kind_options> by_type;
  for (auto const& d : all) {
    auto const o = options_for(d);
    if (o.count() == 0) {
      return concat(quoted(d.name), " of type ", d.type, " and size ", d.size, " takes ", d.space, " bytes");
    }
    auto const [at, fresh] = by_type.try_emplace(d.type, o);
    if (!fresh) { at->second.keep(o); }
    if (at->second.count() == 0) { return concat("type ", d.type, " has two forms, see ", quoted(d.name)); }
  }
  for (auto& d : all) { d.kind = chosen(by_type[d.type]); }
  return std::nullopt;
}

}  // namespace

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array<diag_code const*, 10> all{
      &not_a_class, &bad_structure,  &name_differs,       &records_cut, &tail_not_zero,
      &odd_size,    &suspect_record, &type_contradiction, &bad_text,    &no_calibration};
  return all;
}

bool is_class(std::span<std::byte const> bytes) noexcept { return order_of(bytes).has_value(); }

std::int32_t record::id() const noexcept { return static_cast<std::int32_t>(load<be32, le32>(bytes_, order_)); }

bool record::suspect() const noexcept {
  return load<be32, le32>(bytes_, order_) != index_ || load<be32, le32>(bytes_.subspan(4), order_) != 0;
}

std::optional<std::string_view> record::text(descriptor const& d) const noexcept {
  auto const skip = std::uint64_t{d.kind == slot_kind::link ? 8u : 0u};
  if (d.kind != slot_kind::bytes && d.kind != slot_kind::link) { return std::nullopt; }
  if (d.offset + skip + d.size > bytes_.size()) { return std::nullopt; }
  return cut_at_nul(bytes_.subspan(d.offset + skip, d.size));
}

std::optional<std::int64_t> record::integer(descriptor const& d) const noexcept {
  auto const width = d.kind == slot_kind::int16 ? 2u : 4u;
  if (std::uint64_t{d.offset} + width > bytes_.size()) { return std::nullopt; }
  auto const at = bytes_.subspan(d.offset);
  switch (d.kind) {
    case slot_kind::int16: return static_cast<std::int16_t>(load<be16, le16>(at, order_));
    case slot_kind::int32: return static_cast<std::int32_t>(load<be32, le32>(at, order_));
    case slot_kind::vchar: return load<be32, le32>(at, order_);
    case slot_kind::bytes:
    case slot_kind::link: break;
  }
  return std::nullopt;
}

std::optional<class_view> class_view::parse(std::span<std::byte const> bytes, std::string_view file_name,
                                            std::vector<fault>& faults) {
  auto const bad = [&](diag_code const& code, std::uint64_t at, std::string detail) {
    faults.push_back({&code, at, std::move(detail)});
    return std::nullopt;
  };
  auto const order = order_of(bytes);
  if (!order) { return bad(not_a_class, 0, ""); }
  class_view out;
  out.bytes_ = bytes;
  out.order_ = *order;
  auto const h = *order == byte_order::big ? read_head<byte_order::big>(bytes) : read_head<byte_order::little>(bytes);
  out.n_objects_ = h.n_objects;
  out.rec_size_ = h.rec_size;
  out.data_off_ = h.data_off;
  if (h.magic2 != class_magic) { return bad(not_a_class, 0x0c, "the second magic is missing"); }
  if (h.neg_magic != class_neg_magic) { return bad(bad_structure, 0x144, "the closing magic is missing"); }
  out.checks_.push_back({"magics", true, ""});

  if (h.n_desc == 0 || h.n_desc > max_descriptors) {
    return bad(bad_structure, 0x18, concat(h.n_desc, " descriptors"));
  }
  if (h.desc_off != descriptors_at) { return bad(bad_structure, 0x1c, concat("table at 0x", hex(h.desc_off))); }
  auto const names_at = descriptors_at + descriptor_bytes * h.n_desc;
  if (h.name_off != names_at) {
    return bad(bad_structure, 0x10, concat("expected 0x", hex(names_at), ", found 0x", hex(h.name_off)));
  }
  if (names_at >= bytes.size()) { return bad(bad_structure, 0x18, "the descriptor table is cut"); }
  if (h.rec_size < 12 || h.rec_size % 4 != 0 || h.rec_size > max_record_bytes) {
    return bad(bad_structure, 0x14, concat("record size ", h.rec_size));
  }
  out.checks_.push_back({"descriptor table place", true, ""});

  // Names stand one after the other, the class first.
  std::size_t strings_end = names_at;
  auto const string_at = [&](std::uint32_t at) -> std::optional<std::string> {
    if (at < names_at || at >= bytes.size()) { return std::nullopt; }
    auto const rest = as_text(bytes.subspan(at, std::min<std::size_t>(bytes.size() - at, 256)));
    auto const end = rest.find('\0');
    if (end == 0 || end == std::string_view::npos || !is_text(rest.substr(0, end))) { return std::nullopt; }
    strings_end = std::max(strings_end, at + end + 1);
    return std::string{rest.substr(0, end)};
  };
  auto name = string_at(h.name_off);
  if (!name) { return bad(bad_structure, h.name_off, "the class has no name"); }
  out.name_ = std::move(*name);
  byte_cursor table{bytes.subspan(descriptors_at)};
  std::uint32_t least = 12;
  for (std::uint32_t i = 0; i < h.n_desc; ++i) {
    std::uint32_t name_off = 0;
    auto d = *order == byte_order::big ? read_descriptor<byte_order::big>(table, name_off)
                                       : read_descriptor<byte_order::little>(table, name_off);
    auto const at = descriptors_at + descriptor_bytes * i;
    auto field_name = string_at(name_off);
    if (!field_name) { return bad(bad_structure, at, "a field has no name"); }
    if (d.offset < least || d.offset >= h.rec_size) {
      return bad(bad_structure, at, concat("field ", quoted(*field_name), " at ", d.offset));
    }
    d.name = std::move(*field_name);
    least = d.offset + 1;
    auto& all = out.descriptors_;
    if (!all.empty()) { all.back().space = d.offset - all.back().offset; }
    all.push_back(std::move(d));
  }
  out.descriptors_.back().space = h.rec_size - out.descriptors_.back().offset;
  if (out.descriptors_.front().offset != 12) { return bad(bad_structure, descriptors_at, "no record head"); }
  out.checks_.push_back({"descriptors ascending", true, ""});

  if (auto const why = learn_kinds(out.descriptors_)) { return bad(type_contradiction, descriptors_at, *why); }
  out.checks_.push_back({"field types", true, ""});

  // Link strings may follow the names, so the records may start later, never earlier.
  auto const first = 4 * (strings_end / 4 + 1);
  if (h.data_off < first || h.data_off % 4 != 0 || h.data_off > bytes.size()) {
    return bad(bad_structure, 0x2c, concat("expected 0x", hex(first), ", found 0x", hex(h.data_off)));
  }
  out.checks_.push_back({"record start", true, ""});
  auto const end = std::uint64_t{h.data_off} + std::uint64_t{h.n_objects} * h.rec_size;
  if (end > bytes.size()) {
    return bad(records_cut, h.data_off,
               concat(h.n_objects, " records end at ", end, ", the file at ", std::uint64_t{bytes.size()}));
  }
  out.checks_.push_back({"records inside the file", true, ""});

  bool const right_name = file_name.empty() || file_name == out.name_;
  if (!right_name) {
    faults.push_back({&name_differs, h.name_off, concat(quoted(out.name_), " in ", quoted(file_name))});
  }
  out.checks_.push_back({"class name", right_name, ""});
  out.check_records(faults);
  return out;
}

void class_view::check_records(std::vector<fault>& faults) {
  auto const end = data_off_ + std::size_t{n_objects_} * rec_size_;
  auto const tail = bytes_.subspan(end);
  auto const dirt = std::find_if(tail.begin(), tail.end(), [](std::byte b) { return b != std::byte{0}; });
  bool const clean = dirt == tail.end();
  if (!clean) {
    auto const at = end + static_cast<std::size_t>(dirt - tail.begin());
    faults.push_back({&tail_not_zero, at, concat("records end at 0x", hex(end))});
  }
  checks_.push_back({"zeros after the records", clean, ""});

  std::uint64_t no_text = 0;
  std::optional<std::uint64_t> first_suspect, first_no_text;
  for (std::uint32_t i = 0; i < n_objects_; ++i) {
    auto const r = at(i);
    auto const where = data_off_ + std::uint64_t{i} * rec_size_;
    if (r.suspect()) {
      ++suspects_;
      if (!first_suspect) { first_suspect = where; }
    }
    for (auto const& d : descriptors_) {
      if (d.type != type_char && d.type != type_method) { continue; }
      auto const text = r.text(d);
      if (text && is_text(*text)) { continue; }
      ++no_text;
      if (!first_no_text) { first_no_text = where + d.offset; }
    }
  }
  if (first_suspect) {
    faults.push_back({&suspect_record, *first_suspect, concat(suspects_, " of ", n_objects_, " records")});
  }
  checks_.push_back({"record ids", suspects_ == 0, ""});
  if (first_no_text) { faults.push_back({&bad_text, *first_no_text, concat(no_text, " fields")}); }
  checks_.push_back({"texts", no_text == 0, ""});
  sound_ = std::all_of(checks_.begin(), checks_.end(), [](auto const& c) { return c.passed; });
  bool const whole_pages = bytes_.size() % page == 0;
  if (!whole_pages) { faults.push_back({&odd_size, bytes_.size(), concat(std::uint64_t{bytes_.size()}, " bytes")}); }
  checks_.push_back({"file size", whole_pages, ""});
}

descriptor const* class_view::find(std::string_view field) const noexcept {
  auto const at =
      std::find_if(descriptors_.begin(), descriptors_.end(), [&](auto const& d) { return d.name == field; });
  return at == descriptors_.end() ? nullptr : &*at;
}

record class_view::at(std::uint32_t index) const noexcept {
  return {bytes_.subspan(data_off_ + std::size_t{index} * rec_size_, rec_size_), index, order_};
}

std::optional<std::vector<std::byte>> emptied(std::span<std::byte const> bytes, std::string_view file_name,
                                              std::vector<fault>& faults) {
  auto const c = class_view::parse(bytes, file_name, faults);
  if (!c || !c->sound()) { return std::nullopt; }
  auto const kept = std::size_t{c->data_offset()};
  std::vector<std::byte> out((kept / page + (kept % page != 0 ? 1 : 0)) * page);
  std::memcpy(out.data(), bytes.data(), kept);
  constexpr auto count_at = offsetof(file_head<byte_order::big>, n_objects);
  for (auto i = count_at; i < count_at + 4; ++i) { out.at(i) = std::byte{0}; }
  return out;
}

bool is_pristine_copy(std::span<std::byte const> pristine, std::span<std::byte const> live) {
  std::vector<fault> faults;
  auto const p = class_view::parse(pristine, "", faults);
  auto const l = class_view::parse(live, "", faults);
  if (!p || !l || !p->sound() || p->count() != 0 || p->data_offset() != l->data_offset()) { return false; }
  // Everything before the records but the count: magics, name, descriptors, names.
  auto const same = [&](std::size_t from, std::size_t to) {
    return std::memcmp(pristine.data() + from, live.data() + from, to - from) == 0;
  };
  return same(0, 4) && same(8, p->data_offset());
}

}  // namespace sysb::odm
