// SPDX-License-Identifier: Apache-2.0
// Reading back what batches write: nlohmann-json, with names that need not be UTF-8.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"

namespace sysb::batch {

using json = nlohmann::json;

// An object, or nothing where `text` is none.
[[nodiscard]] std::optional<json> parse_object(std::string_view text);

// The bytes of a name: from NAME_hex where it is there, else from NAME.
[[nodiscard]] std::string name_of(json const& object, std::string_view field);
// An empty string, 0 or false where the field is missing or of another type.
[[nodiscard]] std::string text_of(json const& object, std::string_view field);
[[nodiscard]] std::uint64_t number_of(json const& object, std::string_view field);
[[nodiscard]] std::int64_t signed_of(json const& object, std::string_view field);

[[nodiscard]] std::optional<std::string> bytes_of_hex(std::string_view digits);

// Arrays of names, as name_of() reads single ones: [{"name":…,"name_hex":…}] would be long, so a name that is
// not UTF-8 stands as {"hex":"…"} among plain strings.
void write_names(json_writer& w, std::string_view field, std::vector<std::string> const& names);
[[nodiscard]] std::vector<std::string> names_of(json const& object, std::string_view field);

}  // namespace sysb::batch
