// SPDX-License-Identifier: Apache-2.0
// Makes class files for tests and generated samples, byte for byte as the published layouts.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/endian.hpp"

namespace sysb::odm {

// The codes of VCHAR and LINK are not public: these are invented, and a reader learns them from each class.
inline constexpr std::uint32_t invented_vchar_type = 0x76;
inline constexpr std::uint32_t invented_link_type = 0x6c;

class class_builder {
 public:
  using value = std::variant<std::int32_t, std::string>;

  explicit class_builder(std::string_view class_name, byte_order order = byte_order::big);

  class_builder& add_char(std::string_view name, std::uint32_t size);
  class_builder& add_method(std::string_view name, std::uint32_t size);
  class_builder& add_short(std::string_view name);
  class_builder& add_long(std::string_view name);
  class_builder& add_vchar(std::string_view name, std::uint32_t size, std::uint32_t type = invented_vchar_type);
  class_builder& add_link(std::string_view name, std::uint32_t size, std::uint32_t type = invented_link_type);
  // One value a field, in order: numbers for short and long, text for the others. Text that is
  // longer than its field is cut; a missing value is 0 or "".
  class_builder& add_record(std::vector<value> values);
  // As add_record, with an id that a live record would not have.
  class_builder& add_suspect_record(std::vector<value> values, std::int32_t id);

  [[nodiscard]] std::uint32_t record_size() const noexcept;
  // `pad_to`: file size multiple.
  [[nodiscard]] std::vector<std::byte> build(std::size_t pad_to = 4096) const;
  // A side file that holds the texts of the vchar fields. Synthetic: AIX's own has more in it,
  // and nobody published what.
  [[nodiscard]] std::vector<std::byte> build_side_file() const;

 private:
  enum class shape : std::uint8_t { text, int16, int32, vchar, link };
  struct column {
    std::string name;
    std::uint32_t type = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    shape what = shape::text;
  };
  struct row {
    std::vector<value> values;
    std::int32_t id = 0;
  };
  class_builder& add(std::string_view name, std::uint32_t type, std::uint32_t size, shape what);
  std::string name_;
  byte_order order_;
  std::vector<column> columns_;
  std::vector<row> rows_;
  std::uint32_t end_ = 12;  // after _id, _reserved and _scratch
};

}  // namespace sysb::odm
