// SPDX-License-Identifier: Apache-2.0
// The tree writer without root: in a child that gave it up where the tests have it.
#include <doctest/doctest.h>

#include <algorithm>
#include <thread>

#include "archive_reading.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace tree_rootless_test {

using namespace sysb;
using namespace sysb::test;

namespace {

// Fills a tree below `dir`/root as the user nobody; what was reported comes back.
std::string rootless(temp_dir const& dir, std::function<void(entry_sink&)> const& fill) {
  return as_nobody(dir.path(), [&] {
    if (::mkdir((dir / "root").c_str(), 0700) != 0) { return std::string{"mkdir failed"}; }
    file_descriptor const fd{dir / "root", O_RDONLY | O_DIRECTORY};
    file_descriptor const manifest{dir / "mtree", O_RDWR | O_CREAT, 0644};
    collected findings;
    auto const sink =
        output::make_tree_sink(fd.get(), {.privileged = false, .sync = false, .manifest_fd = manifest.get()}, findings);
    fill(*sink);
    sink->finish();
    return findings.text;
  });
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) { ++n; }
  return n;
}

}  // namespace

TEST_CASE("without root a tree gets what the user may set, the manifest the rest") {
  temp_dir const dir;
  auto const said = rootless(dir, [](entry_sink& s) {
    std::uint64_t offset = 100;
    auto const at = [&](entry e) {
      e.offset = offset += 100;
      return e;
    };
    put(s, at(directory("", 040755)));
    put(s, at(directory("locked", 040000)));
    put(s, at(file("locked/suid", 3, 0106755)), "abc");
    put(s, at(directory("locked", 040555)));
    put(s, at(directory("locked/deep", 040111)));
    put(s, at(file("locked/deep/readonly", 1, 0100000)), "x");
    put(s, at(device_member("dev/null", entry_kind::char_device, 1, 3)));
    put(s, at(device_member("dev/hd4", entry_kind::block_device, 40000, 70000)));
    put(s, at(member(entry_kind::fifo, "fifo", 010644)));
    put(s, at(member(entry_kind::socket, "sock", 0140644)));
    put(s, at(symbolic_link("link", "x")));
    auto e = at(file("acl", 1));
    e.acl = {std::byte{1}};
    put(s, e, "y");
  });
  CHECK(count(said, "OUT-005") == 1);
  CHECK(count(said, "OUT-006 dev/null device nodes could not be made (2 members") == 1);
  CHECK(count(said, "OUT-007 acl") == 1);
  CHECK(count(said, "\n") == 3);
  CHECK((stat_of(dir / "root/locked").st_mode & 07777) == 0555);
  if (::geteuid() == 0) {  // nobody else can look inside
    CHECK((stat_of(dir / "root/locked/suid").st_mode & 07777) == 06755);
    CHECK((stat_of(dir / "root/locked/deep").st_mode & 07777) == 0111);
    CHECK((stat_of(dir / "root/locked/deep/readonly").st_mode & 07777) == 0);
    CHECK(stat_of(dir / "root/locked/deep").st_mtime == 1000000000);
  }
  CHECK_FALSE(exists(dir / "root/dev/null"));
  CHECK(S_ISFIFO(stat_of(dir / "root/fifo").st_mode));
  CHECK(S_ISSOCK(stat_of(dir / "root/sock").st_mode));
  auto const manifest = slurp(dir / "mtree");
  auto const seen = read_archive(manifest, false);
  CHECK(count(manifest, "\n") == 13);
  REQUIRE(seen.size() >= 11);
  CHECK(manifest.find("./dev/hd4 type=block mode=0660 uid=0 gid=0 nlink=1 time=1000000000.0 "
                      "device=native,40000,70000") != std::string::npos);
  CHECK(manifest.find("aix_acl:01") != std::string::npos);
}

TEST_CASE("the manifest beside a tree is that of --format mtree, digests and all") {
  auto const fill = [](entry_sink& s) {
    std::uint64_t offset = 100;
    auto const at = [&](entry e) {
      e.offset = offset += 100;
      return e;
    };
    CHECK(s.needs().digest);
    put(s, at(directory("")));
    put(s, at(file("streamed", 5)), "hello");
    put(s, at(file("whole", 3)), "abc");
    put(s, at(file("empty", 0)));
    put(s, at(symbolic_link("link", "whole")));
    put(s, at(device_member("null", entry_kind::char_device, 2, 2)));
  };
  temp_dir const dir;
  auto const said = rootless(dir, fill);
  file_descriptor const fd{dir / "plain", O_RDWR | O_CREAT};
  auto const plain = output::make_mtree_sink(fd.get());
  fill(*plain);
  plain->finish();
  auto const text = slurp(dir / "mtree");
  CHECK(text == slurp(dir / "plain"));
  CHECK(count(text, "xxh3:") == 3);
  CHECK(text.find("xxh3:" + to_text(digest_of(as_bytes("abc")))) != std::string::npos);
}

TEST_CASE("a tree without a manifest asks for no digests") {
  temp_dir const dir;
  file_descriptor const fd{dir.path(), O_RDONLY | O_DIRECTORY};
  collected findings;
  CHECK_FALSE(output::make_tree_sink(fd.get(), {.sync = false}, findings)->needs().digest);
}

TEST_CASE("two members of a directory that shuts its owner out leave the later mode") {
  temp_dir const dir;
  auto const said = rootless(dir, [](entry_sink& s) {
    put(s, directory("d", 040000));
    put(s, directory("d", 040100));
    put(s, directory("d", 040700));
    put(s, directory("e", 040700));
    put(s, directory("e", 040000));
  });
  CHECK(count(said, "OUT-") == 1);
  CHECK((stat_of(dir / "root/d").st_mode & 07777) == 0700);
  CHECK((stat_of(dir / "root/e").st_mode & 07777) == 0);
}

TEST_CASE("a manifest is in image order whatever thread put which file") {
  std::string reference;
  for (unsigned const threads : {1u, 2u, 4u}) {
    temp_dir const dir;
    auto const said = rootless(dir, [&](entry_sink& s) {
      put(s, directory("d"));
      std::vector<entry> members;
      for (unsigned i = 0; i < 3000; ++i) {
        members.push_back(file(concat("d/a-rather-long-name-for-a-file-", i), 1));
        members.back().offset = 1000 + i / 2;  // pairs: the text decides
      }
      for (unsigned i = 0; i < 100; ++i) {
        members.push_back(file(concat("d/", i, std::string(260, 'n')), 1));
        members.back().offset = 10000 + i;
      }
      std::vector<std::unique_ptr<slot>> slots;
      for (auto const& e : members) { slots.push_back(s.place(e)); }
      std::vector<std::thread> workers;
      for (unsigned w = 0; w < threads; ++w) {
        workers.emplace_back([&, w] {
          for (std::size_t i = w; i < slots.size(); i += threads) {
            memory_feed feed{{as_bytes("x")}};
            slots[i]->fill(feed);
          }
        });
      }
      for (auto& w : workers) { w.join(); }
      for (auto const& to : slots) { to->close({.bytes = 1, .digest = digest_of(as_bytes("x"))}); }
    });
    CHECK(count(said, "OUT-008") == 100);
    auto const text = slurp(dir / "mtree") + said;
    CHECK(count(text, "type=file") == 3000);
    if (reference.empty()) { reference = text; }
    CHECK(text == reference);
  }
}

TEST_CASE("without root a loss stops where it must, and the first member is named") {
  struct wanted {
    char const* text;
    std::function<void(entry_sink&)> fill;
  };
  auto const mine = [](entry e) {
    e.uid = e.gid = 65534;
    return e;
  };
  std::vector<wanted> const losses{
      {"loss: output tree: owners could not be set (\"f\")",
       [&](entry_sink& s) {
         put(s, mine(directory("d")));
         put(s, file("f", 0));
       }},
      {"loss: output tree: owners could not be set (\"f\")", [](entry_sink& s) { put(s, file("f", 1), "x"); }},
      {"loss: output tree: owners could not be set (\".\")", [](entry_sink& s) { put(s, directory("")); }},
      {"loss: output tree: device nodes could not be made (\"dev/null\")",
       [&](entry_sink& s) { put(s, mine(device_member("dev/null", entry_kind::char_device, 1, 3))); }},
  };
  for (auto const& loss : losses) {
    temp_dir const dir;
    auto const said = as_nobody(dir.path(), [&] {
      file_descriptor const fd{dir.path(), O_RDONLY | O_DIRECTORY};
      collected findings;
      auto const sink = output::make_tree_sink(fd.get(), {.sync = false, .stop_on_loss = true}, findings);
      return thrown_by([&] { loss.fill(*sink); });
    });
    CHECK(said == loss.text);
  }
}

TEST_CASE("without root a tree that loses nothing is written, stopping on a loss or not") {
  temp_dir const dir;
  auto const said = as_nobody(dir.path(), [&] {
    file_descriptor const fd{dir.path(), O_RDONLY | O_DIRECTORY};
    collected findings;
    auto const sink = output::make_tree_sink(fd.get(), {.sync = false, .stop_on_loss = true}, findings);
    auto e = file("f", 5, 0104644);
    e.uid = e.gid = 65534;
    e.acl = {std::byte{1}};  // a note
    put(*sink, e, "hello");
    sink->finish();
    return concat(findings.text, slurp(dir / "f"));
  });
  CHECK(said.find("OUT-007 f") == 0);
  CHECK(count(said, "OUT-") == 1);
  CHECK(said.substr(said.size() - 5) == "hello");
}

}  // namespace tree_rootless_test
