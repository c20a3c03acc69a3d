// SPDX-License-Identifier: Apache-2.0
// Writes one JSON value, piece by piece, into a string. Commas are its own business;
// text that is not UTF-8 is escaped as `printable()` does, so the result is always valid.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace sysb {

class json_writer {
 public:
  explicit json_writer(std::string& out) noexcept : out_{&out} {}

  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();
  json_writer& key(std::string_view name);

  json_writer& value(std::string_view text);
  json_writer& value(char const* text) { return value(std::string_view{text}); }
  json_writer& value(bool v);
  json_writer& value(std::int64_t v);
  json_writer& value(std::uint64_t v);
  json_writer& value(int v) { return value(std::int64_t{v}); }
  json_writer& value(unsigned v) { return value(std::uint64_t{v}); }
  json_writer& null();

  template <typename T>
  json_writer& field(std::string_view name, T const& v) {
    key(name);
    return value(v);
  }
  // A name from an image: `name`, and `name`_hex beside it when the bytes are not UTF-8.
  json_writer& name_field(std::string_view name, std::string_view bytes);

 private:
  void separate();
  std::string* out_;
  bool comma_ = false;
};

}  // namespace sysb
