// SPDX-License-Identifier: Apache-2.0
// ODM object class files: structure, self-checks, records, and the empty form of a class.
// Names, offsets and sizes of fields come from the file's descriptor table, never from a list.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endian.hpp"
#include "formats/odm/diagnostics.hpp"
#include "formats/odm/layout.hpp"

namespace sysb::odm {

inline constexpr std::uint32_t type_char = 0;
inline constexpr std::uint32_t type_short = 3;
inline constexpr std::uint32_t type_long = 4;
inline constexpr std::uint32_t type_method = 6;

// How a field sits in its record, learned from the space it takes.
enum class slot_kind : std::uint8_t {
  bytes,  // `size` bytes in the record: CHAR, METHOD and types whose code nobody published
  int16,
  int32,
  vchar,  // 4 bytes: where the text stands in CLASS.vc
  link,   // two pointers, then `size` bytes
};

struct descriptor {
  std::string name;
  std::uint32_t type = 0;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;   // as declared
  std::uint32_t space = 0;  // up to the next field or the end of the record
  slot_kind kind = slot_kind::bytes;
};

// One self-check by name; `fatal` ones keep the class from being read at all.
struct check_result {
  std::string_view name;
  bool passed = false;
  std::string detail;
};

class record {
 public:
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
  [[nodiscard]] std::int32_t id() const noexcept;
  // Perhaps deleted: the id is not the position, or the reserved word is not 0.
  [[nodiscard]] bool suspect() const noexcept;
  [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return bytes_; }

  // Text of a bytes or link slot, cut at its NUL. Nothing for other kinds.
  [[nodiscard]] std::optional<std::string_view> text(descriptor const& d) const noexcept;
  // Signed value of an int16, int32 or vchar slot (the offset). Nothing for other kinds.
  [[nodiscard]] std::optional<std::int64_t> integer(descriptor const& d) const noexcept;

 private:
  friend class class_view;
  record(std::span<std::byte const> bytes, std::uint32_t index, byte_order order) noexcept
      : bytes_{bytes}, index_{index}, order_{order} {}
  std::span<std::byte const> bytes_;
  std::uint32_t index_;
  byte_order order_;
};

// A view: the bytes given to parse() must outlive it and its records.
class class_view {
 public:
  // Nothing where the structure cannot be trusted; `faults` says why. A name that is not empty
  // must be the name of the class.
  [[nodiscard]] static std::optional<class_view> parse(std::span<std::byte const> bytes, std::string_view file_name,
                                                       std::vector<fault>& faults);

  [[nodiscard]] std::string const& name() const noexcept { return name_; }
  [[nodiscard]] byte_order order() const noexcept { return order_; }
  [[nodiscard]] std::uint32_t record_size() const noexcept { return rec_size_; }
  [[nodiscard]] std::uint32_t data_offset() const noexcept { return data_off_; }
  [[nodiscard]] std::vector<descriptor> const& descriptors() const noexcept { return descriptors_; }
  [[nodiscard]] descriptor const* find(std::string_view field) const noexcept;

  [[nodiscard]] std::uint32_t count() const noexcept { return n_objects_; }  // slots
  [[nodiscard]] record at(std::uint32_t index) const noexcept;               // index < count()
  [[nodiscard]] std::uint32_t suspects() const noexcept { return suspects_; }

  // Every self-check of the structure and the records, in a fixed order.
  [[nodiscard]] std::vector<check_result> const& checks() const noexcept { return checks_; }
  // All but the file size rule hold: the class may be emptied.
  [[nodiscard]] bool sound() const noexcept { return sound_; }

 private:
  class_view() = default;
  void check_records(std::vector<fault>& faults);
  std::span<std::byte const> bytes_;
  std::string name_;
  byte_order order_ = byte_order::big;
  std::uint32_t n_objects_ = 0;
  std::uint32_t rec_size_ = 0;
  std::uint32_t data_off_ = 0;
  std::uint32_t suspects_ = 0;
  std::vector<descriptor> descriptors_;
  std::vector<check_result> checks_;
  bool sound_ = false;
};

// True where the bytes begin as a class file of either byte order.
[[nodiscard]] bool is_class(std::span<std::byte const> bytes) noexcept;

// The same class without objects: structure unchanged, count 0, zeros up to a multiple of 4096.
// Only when every self-check holds; else nothing, and `faults` says why.
[[nodiscard]] std::optional<std::vector<std::byte>> emptied(std::span<std::byte const> bytes,
                                                            std::string_view file_name, std::vector<fault>& faults);
// A pristine class found elsewhere may replace a live one: same structure and descriptor table,
// no objects.
[[nodiscard]] bool is_pristine_copy(std::span<std::byte const> pristine, std::span<std::byte const> live);

// The constant between a VCHAR slot and the place of its text in the side file.
struct calibration {
  std::int64_t shift = 0;
  std::uint64_t slots = 0;
  std::uint64_t hits = 0;
};
// From one field that is never empty; `fits` judges a text (a path starts with '/').
[[nodiscard]] std::optional<calibration> calibrate(class_view const& c, descriptor const& field,
                                                   std::span<std::byte const> side_file,
                                                   std::function<bool(std::string_view)> const& fits,
                                                   std::vector<fault>& faults);
// The text of a slot; nothing where the place holds none.
[[nodiscard]] std::optional<std::string_view> vchar_text(record const& r, descriptor const& field,
                                                         std::span<std::byte const> side_file,
                                                         calibration const& c) noexcept;

}  // namespace sysb::odm
