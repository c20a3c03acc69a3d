// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace json_writer_test {

using namespace sysb;

TEST_CASE("what is written is what a JSON parser reads") {
  std::string out;
  json_writer w{out};
  w.begin_object()
      .field("type", "entry")
      .field("size", std::uint64_t{18446744073709551615u})
      .field("mtime", std::int64_t{-5})
      .field("packed", true)
      .key("rdev")
      .begin_array()
      .value(1u)
      .value(2u)
      .end_array()
      .key("nothing")
      .null()
      .field("text", "a\"b\\c\n\x01\x7f")
      .end_object();
  auto const j = nlohmann::json::parse(out);
  CHECK(j["type"] == "entry");
  CHECK(j["size"] == 18446744073709551615u);
  CHECK(j["mtime"] == -5);
  CHECK(j["packed"] == true);
  CHECK(j["rdev"] == nlohmann::json::array({1, 2}));
  CHECK(j["nothing"].is_null());
  CHECK(j["text"] == "a\"b\\c\n\x01\x7f");
}

TEST_CASE("a name that is not UTF-8 comes twice: readable, and as bytes") {
  std::string out;
  json_writer w{out};
  w.begin_object().name_field("path", "a\xff").name_field("target", "plain").end_object();
  auto const j = nlohmann::json::parse(out);
  CHECK(j["path"] == "a\\xff");
  CHECK(j["path_hex"] == "61ff");
  CHECK(j["target"] == "plain");
  CHECK_FALSE(j.contains("target_hex"));
}

TEST_CASE("what would drive a terminal, or turn the direction of text, comes as its number") {
  struct {
    char const* text;
    char const* written;
  } const cases[] = {
      {"\xc2\x9b", "\\u009b"},  // CSI
      {"\xc2\x80", "\\u0080"},
      {"\xc2\x9f", "\\u009f"},
      {"\xd8\x9c", "\\u061c"},
      {"a\xe2\x80\x8e", "a\\u200e"},
      {"\xe2\x80\xa8z", "\\u2028z"},
      {"x\xe2\x80\xaegpj", "x\\u202egpj"},
      {"\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},
      {"\xc2\xa0gr\xc3\xbc\xe2\x82\xac", "\xc2\xa0gr\xc3\xbc\xe2\x82\xac"},  // neighbours, and letters
  };
  for (auto const& c : cases) {
    CAPTURE(c.written);
    std::string out;
    json_writer{out}.begin_object().field(c.text, c.text).end_object();
    CHECK(out == "{\"" + std::string{c.written} + "\":\"" + c.written + "\"}");
    CHECK(nlohmann::json::parse(out)[c.text] == c.text);
  }
}

}  // namespace json_writer_test
