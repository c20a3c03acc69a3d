// SPDX-License-Identifier: Apache-2.0
// The writer and the .bff sink, held against records laid down by hand and against the reader.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include "by_name_support.hpp"
#include "support/temp_dir.hpp"

namespace writer_test {

using namespace by_name_test;
using sysb::backup_by_name::writer;

namespace {

struct sink_file {
  ~sink_file() { ::close(fd); }
  bytes content() const {
    std::ifstream in{name, std::ios::binary};
    std::vector<char> const text{std::istreambuf_iterator<char>{in}, {}};
    return of({text.data(), text.size()});
  }
  sysb::test::temp_dir dir{};
  std::string name = dir / "out";
  int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
};

sysb::entry motd(std::uint64_t size) {
  sysb::entry e;
  e.path = "./file";
  e.mode = 0100644;
  e.uid = 200;
  e.gid = 1;
  e.size = size;
  e.nlink = 1;
  e.mtime = 1'600'000'000;
  e.atime = 1'600'000'002;
  e.ctime = 1'600'000'001;
  e.dev = {10, 7};
  return e;
}

}  // namespace

TEST_CASE("a plain record is written as AIX lays it down, with zeros where AIX leaves memory") {
  bytes out;
  writer w{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }};
  w.volume({.date = 1'600'000'000, .user = "root"});
  w.begin_member(motd(5), 5, false);
  w.data(sysb::as_bytes("hello"));
  w.end_member();
  w.finish();
  auto const r = header({.size = 5}) + security(0100644) + pad8(of("hello"));
  auto const expected = volume() + r + end_record();
  REQUIRE(out.size() == 51200);
  CHECK(bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(expected.size())) == expected);
  CHECK(bytes(out.begin() + static_cast<std::ptrdiff_t>(expected.size()), out.end()) == zeros(51200 - expected.size()));
}

TEST_CASE("every kind that is written is read back as it was") {
  bytes out;
  writer w{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }};
  w.volume({.date = 5, .user = "a user name too long for it"});
  std::vector<sysb::entry> all;
  auto const add = [&](std::string path, sysb::entry_kind k, std::uint32_t mode) -> sysb::entry& {
    auto e = motd(0);
    e.path = std::move(path);
    e.kind = k;
    e.mode = mode;
    return all.emplace_back(std::move(e));
  };
  add("./d", sysb::entry_kind::directory, 0240755);
  add("./empty", sysb::entry_kind::file, 0100600);
  add("./l", sysb::entry_kind::symlink, 0120777).target = "../some/where";
  add("./c", sysb::entry_kind::char_device, 0020666).rdev = {2, 3};
  add("./b", sysb::entry_kind::block_device, 0060600).rdev = {40000, 70000};
  add("./p", sysb::entry_kind::fifo, 0010644);
  add("./s", sysb::entry_kind::socket, 0140777);
  add("./old", sysb::entry_kind::file, 0104755).mtime = -5;
  for (auto const& e : all) {
    w.begin_member(e, 0, false);
    w.end_member();
  }
  w.finish();
  auto const seen = walk(out);
  CHECK(seen.errors() == 0);
  CHECK(seen.complete);
  REQUIRE(seen.members.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& e = seen.members[i].about;
    CHECK(e.path == all[i].path);
    CHECK(e.kind == all[i].kind);
    CHECK(e.mode == all[i].mode);
    CHECK(e.target == all[i].target);
    CHECK(e.rdev == all[i].rdev);
    CHECK(e.mtime == all[i].mtime);
    auto const list = e.kind == sysb::entry_kind::symlink ? 0u : 16u;
    CHECK(e.acl.size() == list);
    CHECK(e.pcl.size() == list);
  }
}

TEST_CASE("a list that fits the new record is kept, a privilege list of another mode is made anew") {
  bytes out;
  writer w{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }};
  w.volume({});
  auto e = motd(0);
  e.mode = 0x02000000 | 0100644;
  e.acl = u32(28) + u32(0x02000000) + zeros(8) + of("\x0c\x00\x06\x40\x08\x00\x02\x00\x00\x00\x00\xd6"sv);
  e.pcl = u32(16) + u32(0777) + zeros(8);
  w.begin_member(e, 0, false);
  w.end_member();
  w.finish();
  auto const seen = walk(out);
  CHECK(seen.ids().empty());
  REQUIRE(seen.members.size() == 1);
  CHECK(seen.members[0].about.acl == e.acl);
  CHECK(seen.members[0].about.acl_text.find("permit rw- g:214") != std::string::npos);
}

TEST_CASE("what a record cannot hold is refused, and short or long content is an internal error") {
  writer w{[](std::span<std::byte const>) {}};
  auto e = motd(std::uint64_t{1} << 32);
  CHECK_THROWS_AS(w.begin_member(e, e.size, false), sysb::fatal_error);
  e = motd(0);
  e.path = std::string(1976, 'n');
  CHECK_THROWS_AS(w.begin_member(e, 0, false), sysb::fatal_error);
  e.path = std::string(1975, 'n');
  w.begin_member(e, 2, false);
  CHECK_THROWS_AS(w.data(of("abc")), sysb::fatal_error);
  CHECK_THROWS_AS(w.end_member(), sysb::fatal_error);
}

namespace {

// Pieces of a record, or of plain content.
class record_feed final : public sysb::content_feed {
 public:
  explicit record_feed(std::function<std::span<std::byte const>()> next, bool whole = true)
      : record_{std::move(next)}, whole_{whole} {}
  bool stream(sysb::piece_target const& to) override { return record_.stream(to); }
  record* whole_record() override { return whole_ ? &record_ : nullptr; }

 private:
  struct pieces final : record {
    explicit pieces(std::function<std::span<std::byte const>()> n) : next{std::move(n)} {}
    std::optional<run> in_file() override { return std::nullopt; }
    bool stream(sysb::piece_target const& to) override {
      for (auto p = next(); !p.empty(); p = next()) { to(p); }
      return true;
    }
    std::function<std::span<std::byte const>()> next;
  };
  pieces record_;
  bool whole_;
};

}  // namespace

TEST_CASE("unchanged records pass through the .bff sink byte for byte, new ones follow") {
  auto const dirty = file("./kept", "content");  // its padding is not zero
  auto const whole = image(directory("./d") + dirty + link_to("./l", "target"));
  test_source source{whole};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings);
  sink_file file;
  auto const sink = sysb::backup_by_name::make_bff_sink(file.fd, r->volume_header(), findings);
  CHECK(sink->needs().records);
  sysb::entry e;
  while (r->next(e)) {
    auto const s = sink->place(e);
    record_feed feed{[&] { return r->read_raw(); }};
    s->fill(feed);
    s->close({});
  }
  auto added = motd(3);
  added.path = "etc/added";
  auto const s = sink->place(added);
  record_feed feed{[first = true]() mutable {
                     return std::exchange(first, false) ? sysb::as_bytes("new") : std::span<std::byte const>{};
                   },
                   false};
  s->fill(feed);
  s->close({});
  sink->finish();
  auto const out = file.content();
  CHECK(out.size() == 51200);
  auto const kept = static_cast<std::ptrdiff_t>(r->end_offset() - 8);
  CHECK(bytes(out.begin(), out.begin() + kept) == bytes(whole.begin(), whole.begin() + kept));
  auto const seen = walk(out);
  CHECK(seen.errors() == 0);
  CHECK(seen.names() == std::vector{"./d"s, "./kept"s, "./l"s, "./etc/added"s});
  CHECK(seen.content("./etc/added") == "new");
}

TEST_CASE("a record copied in part is refused, and so is a new hard link") {
  sink_file file;
  collector findings;
  auto const sink = sysb::backup_by_name::make_bff_sink(file.fd, {}, findings);
  sysb::entry e = motd(0);
  e.record_bytes = 128;
  auto const part = zeros(120);
  record_feed feed{[&, first = true]() mutable {
    return std::exchange(first, false) ? std::span<std::byte const>{part} : std::span<std::byte const>{};
  }};
  auto const s = sink->place(e);
  CHECK_THROWS_AS(s->fill(feed), sysb::fatal_error);
  e.link_to = "first";
  CHECK_THROWS_AS((void)sink->place(e), sysb::fatal_error);
}

}  // namespace writer_test
