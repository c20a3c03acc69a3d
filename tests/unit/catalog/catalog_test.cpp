// SPDX-License-Identifier: Apache-2.0
// Questions about an image, asked of its catalog: by path, by directory, by link group.
#include "catalog/catalog.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "base/text.hpp"
#include "catalog/builder.hpp"
#include "catalog/catalog_reader.hpp"
#include "catalog/recorder.hpp"
#include "core/fatal_error.hpp"
#include "core/link_identity.hpp"
#include "fixture.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace catalog_test {

using namespace sysb;
using namespace sysb::index::testing;
using test::image_builder;

namespace {

// Members that no image is needed for; each has the record after the last one's.
class synthetic {
 public:
  entry& next(std::string path, entry_kind kind = entry_kind::file) {
    flush();
    pending_.clear();
    pending_.path = std::move(path);
    pending_.kind = kind;
    pending_.offset = pending_.content_offset = at_;
    pending_.record_bytes = 80;
    has_pending_ = true;
    at_ += 80;
    return pending_;
  }
  entry& with_data(std::string path, std::uint64_t size) {
    auto& e = next(std::move(path));
    e.size = e.stored = size;
    e.content = content_state::here;
    e.record_bytes += size;
    at_ += size;
    return e;
  }
  std::unique_ptr<catalog> finish() {
    flush();
    index_.finish(at_, true);
    std::rewind(out_.get());
    collector findings;
    auto file = index::open_index(io::open_descriptor(::dup(::fileno(out_.get())), {}), "x", code_of, findings);
    REQUIRE(file);
    return std::make_unique<catalog>(std::move(file));
  }

 private:
  void flush() {
    if (!has_pending_) { return; }
    auto const digest = digest_of(as_bytes(pending_.path));
    index_.add(pending_, {}, has_data(pending_) ? &digest : nullptr);
  }
  struct closer {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, closer> out_{std::tmpfile()};  // not memory, which is measured
  index::builder index_{[this](std::span<std::byte const> b) { std::fwrite(b.data(), 1, b.size(), out_.get()); },
                        {.stream_bytes = 1ull << 50, .changed = 0, .samples = {}}};
  entry pending_;
  bool has_pending_ = false;
  std::uint64_t at_ = 72;
};

using children = std::map<std::string, std::optional<std::uint64_t>>;
children children_of(catalog const& c, std::string_view directory) {
  children out;
  c.children(directory, [&](std::string_view name, std::optional<std::uint64_t> ordinal) {
    CHECK(out.emplace(name, ordinal).second);
  });
  return out;
}

void be_linked(entry& e, std::uint32_t ino) {
  e.nlink = 2;
  e.ino = ino;
  e.mode = 0100644;
}

}  // namespace

TEST_CASE("members are found by path, however it is spelled, and by ordinal") {
  synthetic s;
  s.next(".", entry_kind::directory);
  s.next("./etc", entry_kind::directory);
  s.with_data("./etc/motd", 5);
  auto const c = s.finish();
  CHECK(c->size() == 3);
  CHECK(c->find("/etc//motd") == 2);
  CHECK(c->find("./etc/") == 1);
  CHECK(c->find("") == 0);
  CHECK_FALSE(c->find("etc/mot"));
  CHECK(c->at(2).path == "./etc/motd");
  CHECK(c->at(0).path == ".");
  CHECK(c->digest(2) == digest_of(as_bytes("./etc/motd")));
  CHECK_FALSE(c->digest(1));
}

TEST_CASE("a directory has each of its names once, and directories that are no member too") {
  synthetic s;
  s.next("./etc", entry_kind::directory);
  s.with_data("./etc/motd", 5);
  s.with_data("./usr/lib/boot/unix", 7);
  s.with_data("./usr/lib/libc.a", 7);
  s.with_data("./etc/motd", 9);
  s.next("./usr/bin", entry_kind::directory);
  auto const c = s.finish();
  CHECK(children_of(*c, "") == children{{"etc", 0}, {"usr", std::nullopt}});
  CHECK(children_of(*c, "etc") == children{{"motd", 4}});
  CHECK(children_of(*c, "/usr/") == children{{"lib", std::nullopt}, {"bin", 5}});
  CHECK(children_of(*c, "usr/lib") == children{{"boot", std::nullopt}, {"libc.a", 3}});
  CHECK(children_of(*c, "usr/lib/boot") == children{{"unix", 2}});
  CHECK(children_of(*c, "usr/lib/boot/unix").empty());
  CHECK(children_of(*c, "none").empty());
  CHECK(c->find("etc/motd") == 4);
}

TEST_CASE("the tree is walked a few children at a time, and every directory in it has one node") {
  synthetic s;
  s.next(".", entry_kind::directory);
  s.with_data("./a/b/one", 1);
  s.next("./a/sub", entry_kind::directory);
  s.with_data("./a/sub/x", 1);
  s.with_data("./c/two", 1);
  s.with_data("./a/b/three", 1);
  s.with_data("./a/b/one", 2);
  s.next("./a/other", entry_kind::directory);
  auto const c = s.finish();
  auto const names_of = [&](std::string_view directory) {
    std::vector<std::string> out;
    std::uint64_t from = 0;
    for (bool more = true; more;) {
      more = false;
      c->children(directory, from, [&](catalog::child const& x) {
        if (more) { return false; }  // one at a time
        out.emplace_back(x.name);
        CHECK(c->node(concat(directory, '/', x.name)) == x.node);
        CHECK(c->path_of(x.node) == normal_path(concat(directory, '/', x.name)));
        from = x.next;
        return more = true;
      });
    }
    return out;
  };
  CHECK(names_of("a") == std::vector<std::string>{"sub", "other", "b"});
  CHECK(names_of("a/b") == std::vector<std::string>{"three", "one"});
  CHECK(names_of("").size() == 2);
  CHECK(names_of("none").empty());
  CHECK(c->subdirectories("") == 2);
  CHECK(c->subdirectories("a") == 3);
  CHECK(c->subdirectories("a/b") == 0);
  CHECK_FALSE(c->node("a/b/two"));
  CHECK(c->node("a/b")->depth == 2);
  auto const place = c->at(4).offset;
  CHECK(c->at_record(place) == 4);
  CHECK_FALSE(c->at_record(place + 1));
}

TEST_CASE("what would replace a directory that has members stands for nothing") {
  synthetic s;
  s.next("./full", entry_kind::directory);
  s.with_data("./full/a", 1);
  s.with_data("./full", 2);
  s.next("./empty", entry_kind::directory);
  s.with_data("./empty", 3);
  auto const c = s.finish();
  CHECK(c->find("full") == 0);
  CHECK(c->find("empty") == 4);
  CHECK(children_of(*c, "") == children{{"full", 0}, {"empty", 4}});
}

TEST_CASE("names of one file agree in more than the inode") {
  synthetic s;
  be_linked(s.next("./first"), 7);
  be_linked(s.with_data("./data", 5), 7);
  be_linked(s.next("./other-owner"), 7);
  auto& other = s.next("./of-another");
  be_linked(other, 7);
  other.uid = 12;
  be_linked(s.with_data("./longer", 6), 7);
  be_linked(s.with_data("./alone", 3), 8);
  s.with_data("./plain", 3);
  auto const c = s.finish();
  auto const names = [&](std::string_view path) { return c->group(*c->find(path)).names; };
  CHECK(names("first") == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(names("data") == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(c->group(0).data == 1);
  CHECK(c->digest(0) == digest_of(as_bytes("./data")));
  CHECK(names("of-another") == std::vector<std::uint64_t>{3});
  CHECK_FALSE(c->group(3).data);
  CHECK(names("longer") == std::vector<std::uint64_t>{4});
  CHECK(c->group(4).data == 4);
  CHECK(names("alone") == std::vector<std::uint64_t>{5});
  CHECK(names("plain") == std::vector<std::uint64_t>{6});
}

TEST_CASE("a name that was replaced is no name of its file, but may have its data") {
  synthetic s;
  be_linked(s.with_data("./a", 5), 7);
  be_linked(s.next("./b"), 7);
  s.with_data("./a", 3);
  auto const c = s.finish();
  CHECK(c->group(1).names == std::vector<std::uint64_t>{1});
  CHECK(c->group(1).data == 0);
  CHECK(c->group(2).names == std::vector<std::uint64_t>{2});
}

TEST_CASE("the same image gives the same index, byte for byte") {
  test::member_options o;
  o.ino = 9;
  o.nlink = 3;
  image_builder b;
  b.volume();
  for (int i = 0; i < 500; ++i) {
    o.ino = static_cast<std::uint32_t>(1 + i / 3);
    b.file(concat("./d/", i), concat("content ", i / 3), o);
  }
  auto const image = b.end().bytes();
  CHECK(make_index(image) == make_index(image));
}

TEST_CASE("what a walk recorded gives every member and every byte once more") {
  image_builder b;
  b.volume().directory("./d");
  for (int i = 0; i < 700; ++i) { b.file(concat("./d/", i), concat("content of ", i)); }
  b.packed_file("./text", test::prose(9000)).symlink("./link", "text");
  auto const image = b.end().bytes();
  auto const want = plain_walk(image);
  collector findings;
  auto source = io::from_memory(image);
  auto walked = backup_by_name::format().open(*source, {}, findings);
  index::recorder record{"/tmp"};
  entry e;
  while (walked->next(e)) { record.add(e); }
  auto file = record.finish(*walked, [](int fd) { return io::open_descriptor(fd, {}); });
  REQUIRE(file);
  findings.all.clear();
  index::catalog_reader again{std::move(walked), *source, std::move(file)};
  auto got = walk(again, findings);
  CHECK(got.findings.empty());
  got.findings = want.findings;  // were told by the walk
  CHECK(got == want);
}

TEST_CASE("what goes by the recorded members unpacks a compressed image twice in all") {
  struct counted final : io::byte_producer {
    counted(bytes const& content, unsigned& starts) : content_{content}, starts_{starts} {}
    std::size_t produce(std::span<std::byte> out) override {
      if (at_ == 0) { ++starts_; }
      auto const n = std::min({out.size(), content_.size() - at_, std::size_t{4096}});
      std::copy_n(content_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
      at_ += n;
      return n;
    }
    bool restartable() const noexcept override { return true; }
    void restart() override { at_ = 0; }
    bytes const& content_;
    unsigned& starts_;
    std::size_t at_ = 0;
  };
  image_builder b;
  b.volume();
  for (int i = 0; i < 100; ++i) { b.file(concat("./", i), std::string(100'000, 'x')); }
  auto const image = b.end().bytes();
  unsigned starts = 0;
  auto source = io::from_producer(std::make_unique<counted>(image, starts), {.tmpdir = {}, .window_bytes = 64u << 10});
  collector findings;
  auto walked = backup_by_name::format().open(*source, {}, findings);
  index::recorder record{"/tmp"};
  entry e;
  while (walked->next(e)) { record.add(e); }
  auto file = record.finish(*walked, [](int fd) { return io::open_descriptor(fd, {}); });
  REQUIRE(file);
  index::catalog_reader again{std::move(walked), *source, std::move(file)};
  while (again.next(e)) {}  // as a plan is made, before anything is written
  again.rewind();
  std::uint64_t read = 0;
  while (again.next(e)) {
    for (auto p = again.read_stored(); !p.empty(); p = again.read_stored()) { read += p.size(); }
  }
  CHECK(read == 100 * 100'000);
  CHECK(starts == 2);
}

TEST_CASE("of a damaged or cut image nothing is recorded, nor where there is no room") {
  auto image = image_builder{}.volume().file("./a", "one").file("./b", "two").end().bytes();
  auto const recorded = [&](bytes const& what, std::string const& folder) {
    collector findings;
    auto source = io::from_memory(what);
    auto walked = backup_by_name::format().open(*source, {}, findings);
    index::recorder record{folder};
    entry e;
    while (walked->next(e)) { record.add(e); }
    return record.finish(*walked, [](int fd) { return io::open_descriptor(fd, {}); }) != nullptr;
  };
  CHECK(recorded(image, "/tmp"));
  CHECK_FALSE(recorded(image, "/tmp/no/such/folder"));
  CHECK_FALSE(recorded({image.begin(), image.begin() + 200}, "/tmp"));
}

TEST_CASE("blocks of any size, asked for in any order, give what they were made of") {
  synthetic s;
  constexpr std::uint64_t count = 4'000;
  // The same list a thousand times is coded once a block; decoded, such a block is too large to be kept.
  auto const list = [](std::uint64_t i) {
    return std::vector<std::byte>(i % 1000 < 300 ? 8000 : i % 7, static_cast<std::byte>(i / 1000 + 1));
  };
  for (std::uint64_t i = 0; i < count; ++i) { s.with_data(concat("./", i), i + 1).acl = list(i); }
  auto const c = s.finish();
  REQUIRE(c->size() == count);
  std::uint64_t wrong = 0;
  for (std::uint64_t n = 0; n < 3 * count; ++n) {
    auto const i = n < count ? n : n < 2 * count ? 2 * count - 1 - n : n * 2'654'435'761u % count;
    auto const e = c->at(i);
    wrong += e.path == concat("./", i) && e.size == i + 1 && e.acl == list(i) ? 0u : 1u;
  }
  CHECK(wrong == 0);
  CHECK_THROWS_AS((void)c->at(count), fatal_error);
}

// 20,000 members; SYSB_CATALOG_MEMBERS=1000000 is for tests/bench/memory.py, which bounds the memory.
TEST_CASE("many members: every one is found, by threads too") {
  auto const* const env = std::getenv("SYSB_CATALOG_MEMBERS");
  auto const count = env != nullptr ? std::strtoull(env, nullptr, 10) : 20'000;
  synthetic s;
  constexpr std::uint64_t a_directory = 500;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto& e = s.with_data(concat("./dir", i / a_directory, "/file-with-a-name-", i), 10);
    if (i % 5 == 0) { be_linked(e, static_cast<std::uint32_t>(1 + i / 10)); }
  }
  auto const c = s.finish();
  REQUIRE(c->size() == count);
  std::uint64_t directories = 0;
  c->children("", [&](std::string_view, std::optional<std::uint64_t> o) { directories += o ? 0u : 1u; });
  CHECK(directories == (count + a_directory - 1) / a_directory);
  auto const ask = [&](std::uint64_t from, std::uint64_t& wrong) {
    for (std::uint64_t i = from; i < count; i += count / 500) {
      auto const path = concat("dir", i / a_directory, "/file-with-a-name-", i);
      wrong += c->find(path) == i && normal_path(c->at(i).path) == path ? 0u : 1u;
      wrong += c->digest(i) == digest_of(as_bytes(concat("./", path))) ? 0u : 1u;
      if (i % 10 == 0) { wrong += c->group(i).names == std::vector<std::uint64_t>{i, i + 5} ? 0u : 1u; }
    }
  };
  std::uint64_t wrong_here = 0;
  std::uint64_t wrong_there = 0;
  std::thread other{[&] { ask(3, wrong_there); }};
  ask(0, wrong_here);
  other.join();
  CHECK(wrong_here == 0);
  CHECK(wrong_there == 0);
  std::uint64_t n = 0;
  c->children("dir3", [&](std::string_view, std::optional<std::uint64_t>) { ++n; });
  CHECK(n == a_directory);
}

}  // namespace catalog_test
