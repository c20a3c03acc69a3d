// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "archive_reading.hpp"
#include "core/entry_json.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace manifest_test {

using namespace sysb;
using namespace sysb::test;

namespace {

std::string manifest(std::function<std::unique_ptr<entry_sink>(int)> const& make,
                     std::function<void(entry_sink&)> const& fill) {
  temp_dir const dir;
  file_descriptor const fd{dir / "out", O_RDWR | O_CREAT};
  auto const sink = make(fd.get());
  fill(*sink);
  sink->finish();
  return slurp(dir / "out");
}

entry with_acl() {
  auto e = file("etc/a b#c=d\\e", 5, 0x02000000u | 0104644u);
  e.uid = 4294967294u;
  e.mtime = -86400;
  e.acl = {std::byte{0}, std::byte{0xab}};
  e.acl_extended = true;
  e.acl_text = "permit rw- g:214,g:3\n";
  return e;
}

}  // namespace

TEST_CASE("an mtree manifest is read back by libarchive as it was written") {
  auto const text = manifest(output::make_mtree_sink, [](entry_sink& s) {
    put(s, directory(""));
    put(s, with_acl(), "hello");
    put(s, symbolic_link("l\xe9", "tar get"));
    put(s, device_member("dev/x", entry_kind::char_device, 40000, 70000));
    put(s, member(entry_kind::fifo, "p", 010600));
    put(s, member(entry_kind::socket, "s", 0140600));
    put(s, hard_link("h", "etc/a b#c=d\\e"));
  });
  auto const seen = read_archive(text, false);
  REQUIRE(seen.size() == 7);
  CHECK(seen[0].path == ".");
  CHECK(seen[0].type == AE_IFDIR);
  CHECK(seen[1].path == "./etc/a b#c=d\\e");
  CHECK(seen[1].uid == 4294967294);
  CHECK(seen[1].mode == 04644);
  CHECK(seen[1].size == 5);
  CHECK(seen[1].mtime == -86400);
  CHECK(seen[2].path == "./l\xe9");
  CHECK(seen[2].symlink == "tar get");
  CHECK(seen[3].type == AE_IFCHR);
  CHECK(seen[3].major == 40000);
  CHECK(seen[3].minor == 70000);
  CHECK(seen[4].type == AE_IFIFO);
  // libarchive 3.6.2 writes type=socket, as mtree(5) has it, and takes it for a file when it reads.
  CHECK(text.find("./s type=socket ") != std::string::npos);
  CHECK(text.find("xxh3:" + to_text(digest_of(as_bytes("hello")))) != std::string::npos);
  CHECK(text.find("aix_mode:020089a4") != std::string::npos);
  CHECK(text.find("aix_acl:00ab") != std::string::npos);
  CHECK(text.find("aix_acl_text:permit\\040rw-\\040g:214\\054g:3\\012") != std::string::npos);
  CHECK(text.find("hardlink:./etc/a\\040b\\043c\\075d\\134e") != std::string::npos);
}

TEST_CASE("an entry object has the fields of the contract") {
  auto const text = manifest(output::make_json_sink, [](entry_sink& s) {
    put(s, with_acl(), "hello");
    put(s, symbolic_link("l\xe9", "t"));
    put(s, device_member("d", entry_kind::block_device, 3, 4));
    put(s, directory("dir"));
    put(s, hard_link("h", "l\xe9"));
  });
  std::vector<nlohmann::json> lines;
  std::size_t at = 0;
  for (std::size_t end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    lines.push_back(nlohmann::json::parse(text.substr(at, end - at)));
  }
  REQUIRE(lines.size() == 5);
  for (auto const& l : lines) {
    CHECK(l["schema"] == 1);
    CHECK(l["type"] == "entry");
    for (char const* field : {"path", "kind", "mode", "perm", "uid", "gid", "size", "stored", "packed", "mtime",
                              "atime", "ctime", "nlink", "ino", "offset"}) {
      CHECK(l.contains(field));
    }
  }
  CHECK(lines[0]["path"] == "./etc/a b#c=d\\e");
  CHECK(lines[0]["perm"] == "4644");
  CHECK(lines[0]["mode"] == 0x020089a4);
  CHECK(lines[0]["mtime"] == -86400);
  CHECK(lines[0]["acl"] == "permit rw- g:214,g:3\n");
  CHECK(lines[0]["xxh3"] == to_text(digest_of(as_bytes("hello"))));
  CHECK(lines[1]["path_hex"] == "2e2f6ce9");
  CHECK(lines[1]["target"] == "t");
  CHECK_FALSE(lines[1].contains("rdev"));
  CHECK(lines[2]["rdev"] == nlohmann::json::array({3, 4}));
  CHECK(lines[3]["size"] == 0);
  CHECK(lines[3]["perm"] == "0755");
  CHECK(lines[4]["link_to_hex"] == "2e2f6ce9");
}

TEST_CASE("manifests show every AIX attribute that the table says they hold") {
  auto e = with_acl();
  auto plain = file("plain", 0);
  e.pcl = plain.pcl = std::vector<std::byte>(16);
  e.pcl[3] = plain.pcl[3] = std::byte{16};
  e.pcl[15] = std::byte{0x80};
  auto const fill = [&](entry_sink& s) {
    put(s, e, "hello");
    put(s, plain);
  };
  for (auto const& k : output::kinds()) {
    if (k.holds.content) { continue; }
    CAPTURE(k.id);
    CHECK(k.holds.acl);
    CHECK(k.holds.aix_mode);
    auto const json = k.id == "json";
    auto const text = manifest(json ? output::make_json_sink : output::make_mtree_sink, fill);
    auto const end = text.find("plain");
    REQUIRE(end != std::string::npos);
    auto const first = text.substr(0, end);
    CHECK(first.find("00000010000000000000000000000080") != std::string::npos);
    CHECK(first.find(json ? "permit rw- g:214,g:3\\n" : "permit\\040rw-\\040g:214") != std::string::npos);
    CHECK(first.find(json ? "\"mode\":33589668" : "aix_mode:020089a4") != std::string::npos);
    if (json) { CHECK(text.find("pcl", end) == std::string::npos); }
  }
}

TEST_CASE("an entry object shows names as the entry has them") {
  std::string out;
  json_writer w{out};
  w.begin_object();
  write_entry_fields(w, file("./etc/motd", 3));
  w.end_object();
  CHECK(nlohmann::json::parse(out)["path"] == "./etc/motd");
  CHECK_FALSE(nlohmann::json::parse(out).contains("xxh3"));
}

TEST_CASE("a manifest of JSON lines shows names as the image has them") {
  auto const text = manifest(output::make_json_sink, [](entry_sink& s) {
    auto one = file("d/one", 1);
    one.image_path = "d//one";
    put(s, one, "1");
    auto two = hard_link("two", "d/one");
    two.image_path = "/two";
    two.image_link_to = "d//one";
    put(s, two);
  });
  CHECK(text.find("\"path\":\"d//one\"") != std::string::npos);
  CHECK(text.find("\"path\":\"/two\"") != std::string::npos);
  CHECK(text.find("\"link_to\":\"d//one\"") != std::string::npos);
}

TEST_CASE("manifests hold the content against the size, nothing asks for none") {
  temp_dir const dir;
  file_descriptor const fd{dir / "a", O_RDWR | O_CREAT};
  std::vector<std::unique_ptr<entry_sink>> sinks;
  sinks.push_back(output::make_json_sink(fd.get()));
  sinks.push_back(output::make_mtree_sink(fd.get()));
  for (auto const& s : sinks) {
    CHECK(thrown_by([&] { put(*s, file("f", 4), "abc"); }).find("internal: truncated data") == 0);
  }
  CHECK(thrown_by([&] { put(*sinks[0], file("f", 4), "abcde"); }).find("internal") == 0);
  auto const nothing = output::make_null_sink();
  CHECK_FALSE(nothing->needs().content);
  CHECK(thrown_by([&] { put(*nothing, file("f", 4)); }) == "none");
}

}  // namespace manifest_test
