// SPDX-License-Identifier: Apache-2.0
// A second image format moves in: one folder, one row. Everything above formats/ is as it was.
#include <doctest/doctest.h>

#include <array>
#include <map>

#include "additions/example_format.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace second_format_test {

using namespace sysb;
using carrier_test::finding_list;

namespace {

using bytes = std::vector<std::byte>;

std::array<image_format const*, 2> const with_example{registry::image_formats().front(), &example_format::format()};

bytes bytes_of(std::string_view text) {
  auto const b = as_bytes(text);
  return {b.begin(), b.end()};
}

// "hello world" and "" with their content in pieces.
constexpr std::string_view image =
    "EXAMPLE 1\n"
    "./greeting 65 6 59 5\n"
    "./empty 0 0 0 0\n"
    ".\n"
    "__________world_hello ";

std::map<std::string, std::string> contents(registry::image_spec spec, std::string& format) {
  spec.formats = with_example;
  finding_list findings;
  auto const opened = registry::open_image(spec, {}, findings);
  format = opened.reader->description().format;
  std::map<std::string, std::string> out;
  entry e;
  while (opened.reader->next(e)) {
    auto const content = pipeline::read_content(*opened.reader, e, 1000, findings);
    out[e.path] = std::string{as_text(content)};
  }
  CHECK(opened.reader->complete());
  CHECK(findings.ids.empty());
  return out;
}

std::map<std::string, std::string> const expected{{"./greeting", "hello world"}, {"./empty", ""}};

}  // namespace

TEST_CASE("an image of a second format is told by its bytes, alone and in a carrier") {
  scratch::folder f;
  std::string format;
  CHECK(contents({.volumes = {f.file("plain", bytes_of(image))}}, format) == expected);
  CHECK(format == "example");
  auto const by_name = test::image_builder{}.volume().file("./motd", "hello").end().bytes();
  CHECK(contents({.volumes = {f.file("by_name", by_name)}}, format).at("./motd") == "hello");
  CHECK(format == "backup_by_name");
  if (!carrier_test::run(f, "gzip -k plain && tar cf plain.tar plain.gz")) { return; }
  CHECK(contents({.volumes = {f.path() + "/plain.gz"}, .need_seekable = true}, format) == expected);
  CHECK(contents({.volumes = {f.path() + "/plain.tar"}, .tmpdir = f.path(), .need_seekable = true}, format) ==
        expected);
}

TEST_CASE("its volumes are joined by what the format says of them") {
  scratch::folder f;
  std::string format;
  auto const first = f.file("set.1", bytes_of(image.substr(0, 62)));
  auto const second = f.file("set.2", bytes_of(concat("EXAMPLE 2\n", image.substr(62))));
  auto const third = f.file("third", bytes_of("EXAMPLE 3\n"));
  CHECK(contents({.volumes = {first, second}}, format) == expected);
  auto const refused = [&](std::vector<std::string> names) {
    try {
      (void)contents({.volumes = std::move(names)}, format);
    } catch (fatal_error const& e) { return std::string{e.what()}; }
    return std::string{};
  };
  CHECK(refused({first, third}).find("a volume is missing") != std::string::npos);
  CHECK(refused({second, first}).find("volume 1 is missing") != std::string::npos);
  finding_list findings;
  auto const found = registry::open_image({.volumes = {first}, .formats = with_example}, {}, findings);
  CHECK(findings.ids == std::vector<std::string>{"SET-001"});
}

}  // namespace second_format_test
