// SPDX-License-Identifier: Apache-2.0
// Writes the class structure, the descriptor table, the strings and the records.
#include "formats/odm/class_builder.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/text.hpp"
#include "formats/odm/layout.hpp"

namespace sysb::odm {
namespace {

std::uint32_t up(std::uint32_t v, std::uint32_t unit) noexcept { return (v + unit - 1) / unit * unit; }

template <typename T>
void store(std::vector<std::byte>& out, std::size_t at, T const& v) {
  std::memcpy(out.data() + at, &v, sizeof(T));
}

void store_int(std::vector<std::byte>& out, std::size_t at, std::uint32_t v, unsigned width, byte_order order) {
  for (unsigned i = 0; i < width; ++i) {
    auto const shift = 8 * (order == byte_order::little ? i : width - 1 - i);
    out[at + i] = static_cast<std::byte>(v >> shift);
  }
}

template <byte_order Order>
void write_head(std::vector<std::byte>& out, std::uint32_t objects, std::uint32_t rec_size, std::uint32_t n_desc,
                std::uint32_t data_off) {
  file_head<Order> h{};
  h.magic = class_magic;
  h.n_objects = objects;
  h.magic2 = class_magic;
  h.name_off = descriptors_at + 40 * n_desc;
  h.rec_size = rec_size;
  h.n_desc = n_desc;
  h.desc_off = descriptors_at;
  h.data_off = data_off;
  h.neg_magic = class_neg_magic;
  store(out, 0, h);
}

// Texts of vchar slots in the order of their first use, with the place of each.
constexpr std::uint32_t side_file_texts_at = 0x40;

class text_pool {
 public:
  std::uint32_t place(std::string const& text) {
    auto const [at, fresh] = places_.try_emplace(text, static_cast<std::uint32_t>(bytes_.size()));
    if (fresh) { bytes_.append(text).push_back('\0'); }
    return at->second;
  }
  [[nodiscard]] std::string const& bytes() const noexcept { return bytes_; }

 private:
  std::map<std::string, std::uint32_t> places_;
  std::string bytes_;
};

std::string const& text_of(class_builder::value const& v) {
  static std::string const none;
  auto const* text = std::get_if<std::string>(&v);
  return text != nullptr ? *text : none;
}

}  // namespace

class_builder::class_builder(std::string_view class_name, byte_order order) : name_{class_name}, order_{order} {}

class_builder& class_builder::add(std::string_view name, std::uint32_t type, std::uint32_t size, shape what) {
  auto const unit = what == shape::text ? 1u : what == shape::int16 ? 2u : 4u;
  auto const space = what == shape::vchar ? 4u : what == shape::link ? size + 8 : size;
  auto const at = up(end_, unit);
  columns_.push_back({std::string{name}, type, at, size, what});
  end_ = at + space;
  return *this;
}

class_builder& class_builder::add_char(std::string_view name, std::uint32_t size) {
  return add(name, 0, size, shape::text);
}
class_builder& class_builder::add_method(std::string_view name, std::uint32_t size) {
  return add(name, 6, size, shape::text);
}
class_builder& class_builder::add_short(std::string_view name) { return add(name, 3, 2, shape::int16); }
class_builder& class_builder::add_long(std::string_view name) { return add(name, 4, 4, shape::int32); }
class_builder& class_builder::add_vchar(std::string_view name, std::uint32_t size, std::uint32_t type) {
  return add(name, type, size, shape::vchar);
}
class_builder& class_builder::add_link(std::string_view name, std::uint32_t size, std::uint32_t type) {
  return add(name, type, size, shape::link);
}

class_builder& class_builder::add_record(std::vector<value> values) {
  auto const id = static_cast<std::int32_t>(rows_.size());
  rows_.push_back({std::move(values), id});
  return *this;
}
class_builder& class_builder::add_suspect_record(std::vector<value> values, std::int32_t id) {
  rows_.push_back({std::move(values), id});
  return *this;
}

std::uint32_t class_builder::record_size() const noexcept { return up(end_, 4); }

std::vector<std::byte> class_builder::build(std::size_t pad_to) const {
  std::string strings = name_ + '\0';
  std::vector<std::uint32_t> name_at;
  auto const n_desc = static_cast<std::uint32_t>(columns_.size());
  auto const strings_at = descriptors_at + 40 * n_desc;
  for (auto const& c : columns_) {
    name_at.push_back(strings_at + static_cast<std::uint32_t>(strings.size()));
    strings += c.name + '\0';
  }
  auto const strings_end = strings_at + static_cast<std::uint32_t>(strings.size());
  auto const data_off = 4 * (strings_end / 4 + 1);
  auto const rec_size = record_size();

  std::vector<std::byte> out(data_off + rows_.size() * rec_size);
  auto const objects = static_cast<std::uint32_t>(rows_.size());
  if (order_ == byte_order::big) {
    write_head<byte_order::big>(out, objects, rec_size, n_desc, data_off);
  } else {
    write_head<byte_order::little>(out, objects, rec_size, n_desc, data_off);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto const at = descriptors_at + 40 * i;
    auto const& c = columns_[i];
    store_int(out, at, name_at[i], 4, order_);
    store_int(out, at + 4, c.type, 4, order_);
    store_int(out, at + 8, c.offset, 4, order_);
    store_int(out, at + 12, c.size, 4, order_);
  }
  std::memcpy(out.data() + strings_at, strings.data(), strings.size());

  text_pool pool;
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    auto const start = data_off + r * rec_size;
    store_int(out, start, static_cast<std::uint32_t>(rows_[r].id), 4, order_);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto const& c = columns_[i];
      auto const v = i < rows_[r].values.size() ? rows_[r].values[i] : value{std::int32_t{0}};
      auto const at = start + c.offset;
      auto const* number = std::get_if<std::int32_t>(&v);
      auto const bits = number != nullptr ? static_cast<std::uint32_t>(*number) : 0u;
      switch (c.what) {
        case shape::int16: store_int(out, at, bits & 0xffffu, 2, order_); break;
        case shape::int32: store_int(out, at, bits, 4, order_); break;
        case shape::vchar: store_int(out, at, pool.place(text_of(v)), 4, order_); break;
        case shape::link:
        case shape::text: {
          auto const& text = text_of(v);
          auto const skip = c.what == shape::link ? 8u : 0u;
          std::memcpy(out.data() + at + skip, text.data(), std::min<std::size_t>(text.size(), c.size));
          break;
        }
      }
    }
  }
  if (pad_to != 0) { out.resize((out.size() + pad_to - 1) / pad_to * pad_to); }
  return out;
}

std::vector<std::byte> class_builder::build_side_file() const {
  text_pool pool;
  for (auto const& r : rows_) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].what != shape::vchar) { continue; }
      pool.place(i < r.values.size() ? text_of(r.values[i]) : std::string{});
    }
  }
  auto const& texts = pool.bytes();
  std::vector<std::byte> out((side_file_texts_at + texts.size() + 4095) / 4096 * 4096);
  std::memcpy(out.data() + side_file_texts_at, texts.data(), texts.size());
  return out;
}

}  // namespace sysb::odm
