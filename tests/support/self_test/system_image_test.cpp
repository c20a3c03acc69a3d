// SPDX-License-Identifier: Apache-2.0
// The invented systems differ where AIX releases differ.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "support/system_image.hpp"

using namespace sysb::test;

namespace {

bool has(image_builder const& b, std::string const& path) {
  return std::any_of(b.members().begin(), b.members().end(), [&](auto const& m) { return m.path == path; });
}

bool has_below(image_builder const& b, std::string const& directory) {
  return std::any_of(b.members().begin(), b.members().end(),
                     [&](auto const& m) { return m.path.rfind(directory + "/", 0) == 0; });
}

image_builder build(system_options const& o) {
  image_builder b;
  add_system(b, o);
  return b;
}

}  // namespace

TEST_CASE("image.data of AIX 4.3 has no OSLEVEL, later ones have") {
  system_options o;
  o.level = "4.3.3.0";
  CHECK(image_data_text(o).find("OSLEVEL") == std::string::npos);
  CHECK(image_data_text(o).find("UNAME_INFO= AIX aixhost1 3 4 ") != std::string::npos);
  o.level = "5.3.0.30";
  CHECK(image_data_text(o).find("\tOSLEVEL= 5.3.0.30\n\tOSLEVEL_R= 5300-03\n") != std::string::npos);
  o.level = "7.2.5.0";
  CHECK(image_data_text(o).find("\tOSLEVEL= 7.2.5.0\n\tOSLEVEL_R= 7200-05\n") != std::string::npos);
}

TEST_CASE("what an image leaves out is gone from members and fs_data, not from /etc/filesystems") {
  system_options o;
  o.usr = o.opt = false;
  auto const b = build(o);
  CHECK(has(b, "./usr"));
  CHECK_FALSE(has_below(b, "./usr"));
  CHECK_FALSE(has_below(b, "./opt"));
  CHECK(image_data_text(o).find("FS_NAME= /usr\n") == std::string::npos);
  CHECK(filesystems_text(o).find("\n/usr:\n") != std::string::npos);
  CHECK(has_below(build({}), "./usr"));
}

TEST_CASE("file systems of WPARs are in the image where asked for") {
  system_options o;
  o.wpars = {{"web1", "", true}, {"db1", "/wpars/special/db1", true}, {"idle", "", false}};
  auto const b = build(o);
  CHECK(has(b, "./etc/wpars/idle.cf"));
  CHECK(has_below(b, "./wpars/web1"));
  CHECK(has_below(b, "./wpars/special/db1"));
  CHECK_FALSE(has_below(b, "./wpars/idle"));
  CHECK(image_data_text(o).find("FS_NAME= /wpars/web1/var\n") != std::string::npos);
  CHECK(image_data_text(o).find("FS_NAME= /wpars/idle\n") == std::string::npos);
}

TEST_CASE("no member of a system comes twice") {
  for (auto const* level : {"4.3.3.0", "5.1.0.0", "5.3.0.30", "6.1.8.0", "7.1.5.0", "7.2.5.0", "7.3.1.0"}) {
    CAPTURE(std::string{level});
    system_options o;
    o.level = level;
    auto const b = build(o);
    std::vector<std::string> names;
    for (auto const& m : b.members()) { names.push_back(m.path); }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  }
}

TEST_CASE("a rootvg has packed members, set-id programs, devices and every other kind") {
  auto const b = build({});
  auto const& all = b.members();
  auto const any = [&](auto const& wanted) { return std::any_of(all.begin(), all.end(), wanted); };
  CHECK(any([](auto const& m) { return m.packed; }));
  CHECK(any([](auto const& m) { return (m.mode & 04000) != 0 && m.kind == "file"; }));
  for (auto const* kind : {"directory", "symlink", "char_device", "block_device", "fifo", "socket"}) {
    CAPTURE(std::string{kind});
    CHECK(any([&](auto const& m) { return m.kind == kind; }));
  }
}
