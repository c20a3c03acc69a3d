// SPDX-License-Identifier: Apache-2.0
#include "batch/json.hpp"

#include "base/text.hpp"

namespace sysb::batch {

std::optional<json> parse_object(std::string_view text) {
  auto value = json::parse(text.begin(), text.end(), nullptr, false);
  if (!value.is_object()) { return std::nullopt; }
  return value;
}

std::optional<std::string> bytes_of_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) { return std::nullopt; }
  auto const value = [](char c) -> int {
    if (c >= '0' && c <= '9') { return c - '0'; }
    if (c >= 'a' && c <= 'f') { return c - 'a' + 10; }
    if (c >= 'A' && c <= 'F') { return c - 'A' + 10; }
    return -1;
  };
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    auto const high = value(digits[i]), low = value(digits[i + 1]);
    if (high < 0 || low < 0) { return std::nullopt; }
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

std::string text_of(json const& object, std::string_view field) {
  auto const found = object.find(field);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string name_of(json const& object, std::string_view field) {
  if (auto bytes = bytes_of_hex(text_of(object, concat(field, "_hex"))); bytes && !bytes->empty()) { return *bytes; }
  return text_of(object, field);
}

std::uint64_t number_of(json const& object, std::string_view field) {
  auto const found = object.find(field);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

std::int64_t signed_of(json const& object, std::string_view field) {
  auto const found = object.find(field);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

void write_names(json_writer& w, std::string_view field, std::vector<std::string> const& names) {
  w.key(field).begin_array();
  for (auto const& name : names) {
    if (is_utf8(name)) {
      w.value(std::string_view{name});
    } else {
      w.begin_object().field("hex", std::string_view{hex_bytes(name)}).end_object();
    }
  }
  w.end_array();
}

std::vector<std::string> names_of(json const& object, std::string_view field) {
  std::vector<std::string> out;
  auto const found = object.find(field);
  if (found == object.end() || !found->is_array()) { return out; }
  for (auto const& item : *found) {
    if (item.is_string()) {
      out.push_back(item.get<std::string>());
    } else if (item.is_object()) {
      if (auto bytes = bytes_of_hex(text_of(item, "hex"))) { out.push_back(std::move(*bytes)); }
    }
  }
  return out;
}

}  // namespace sysb::batch
