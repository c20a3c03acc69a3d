// SPDX-License-Identifier: Apache-2.0
// The invented systems differ where AIX releases differ.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "formats/odm/odm.hpp"
#include "formats/stanza/stanza.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "support/system_image.hpp"

namespace system_image_test {

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

TEST_CASE("the invented class files pass every self-check, and their inventory is legible") {
  for (auto const* level : {"4.3.3.0", "5.3.0.30", "7.3.1.0"}) {
    CAPTURE(std::string{level});
    system_options o;
    o.level = level;
    auto all = swvpd_classes(o);
    auto const swvpd = all;
    for (auto& f : customized_device_classes(o)) { all.push_back(std::move(f)); }
    for (auto const& f : all) {
      if (f.path.size() > 3 && f.path.substr(f.path.size() - 3) == ".vc") { continue; }
      CAPTURE(f.path);
      std::vector<sysb::odm::fault> faults;
      auto const c = sysb::odm::class_view::parse(f.content, f.path.substr(f.path.rfind('/') + 1), faults);
      REQUIRE(c);
      CHECK(c->sound());
      CHECK(faults.empty());
    }
    auto const content = [&](std::string const& path) -> std::span<std::byte const> {
      for (auto const& f : swvpd) {
        if (f.path == path) { return f.content; }
      }
      return {};
    };
    std::string const base = "./usr/lib/objrepos/";
    sysb::swvpd::repository r;
    r.lpp = content(base + "lpp");
    r.product = content(base + "product");
    r.inventory = content(base + "inventory");
    r.inventory_vc = content(base + "inventory.vc");
    r.history = content(base + "history");
    std::vector<sysb::swvpd::fault> faults;
    auto const d = sysb::swvpd::read(r, faults);
    REQUIRE(d);
    CHECK(d->ownership_known);
    REQUIRE(sysb::swvpd::bos_rte_level(*d));
    CHECK(sysb::swvpd::to_text(*sysb::swvpd::bos_rte_level(*d)) == level);
  }
}

TEST_CASE("the invented stanza files are read without a fault") {
  system_options o;
  o.wpars = {{"web1", "", true}};
  for (auto const& text :
       {image_data_text(o), bosinst_data_text(o), filesystems_text(o), wpar_configuration_text(o.wpars[0])}) {
    std::vector<sysb::stanza::fault> faults;
    auto const d = sysb::stanza::document::parse(text, faults);
    CHECK(faults.empty());
    CHECK(d.stanzas().size() > 2);
    CHECK(d.to_text() == text);
  }
}

}  // namespace system_image_test
