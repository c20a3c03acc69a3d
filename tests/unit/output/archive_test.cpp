// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <locale.h>
#include <signal.h>

#include "archive_reading.hpp"
#include "base/file_copy.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace archive_test {

using namespace sysb;
using namespace sysb::test;
using output::archive_options;
using output::compression;

namespace {

using filler = std::function<void(entry_sink&)>;

std::string archive_of(std::string_view format, filler const& fill, collected& findings,
                       compression c = compression::none, unsigned threads = 1) {
  temp_dir const dir;
  // Appending, so that everything comes in turn.
  file_descriptor const fd{dir / "out", O_RDWR | O_CREAT | O_APPEND};
  auto const sink =
      output::make_archive_sink(fd.get(), {.format = format, .compress = c, .threads = threads}, findings);
  fill(*sink);
  sink->finish();
  return slurp(dir / "out");
}

entry rich_file() {
  auto e = file("etc/security/passwd", 5, 0x02000000u | 0106755u);
  e.uid = 4294967294u;
  e.gid = 3000000;
  e.mtime = -5;
  e.atime = -6;
  e.ctime = -7;
  e.acl = {std::byte{0}, std::byte{1}, std::byte{0xff}};
  e.pcl = {std::byte{0}, std::byte{'='}, std::byte{'\n'}};
  e.acl_extended = true;
  e.acl_text = "permit rw- g:214\n";
  return e;
}

class kernel_feed final : public content_feed {
 public:
  kernel_feed(int fd, std::uint64_t bytes) : fd_{fd}, bytes_{bytes} {}
  [[nodiscard]] bool stream(piece_target const& /*to*/) override { return false; }
  [[nodiscard]] std::optional<bool> copy_to(int fd, std::uint64_t at) override {
    return copy_file_bytes(fd_, 0, fd, at, bytes_).bytes == bytes_;
  }

 private:
  int fd_;
  std::uint64_t bytes_;
};

}  // namespace

TEST_CASE("an archive whose content comes out of turn has the same bytes") {
  for (std::string_view format : {"pax", "ustar", "gnutar", "newc"}) {
    std::string const small = "hello";
    std::string const large(200001, 'x');
    collected findings;
    auto const expected = archive_of(
        format,
        [&](entry_sink& s) {
          put(s, directory("d"));
          put(s, file("d/a", small.size()), small);
          put(s, file("d/b", large.size()), large);
          put(s, file("d/c", large.size()), large);
          put(s, file("d/e", 0), "");
        },
        findings);
    temp_dir const dir;
    file_descriptor const source{dir / "in", O_RDWR | O_CREAT};
    REQUIRE(::write(source.get(), large.data(), large.size()) == static_cast<ssize_t>(large.size()));
    file_descriptor const fd{dir / "out", O_RDWR | O_CREAT};
    // What stands there already stays.
    REQUIRE(::write(fd.get(), "before", 6) == 6);
    auto const sink = output::make_archive_sink(fd.get(), {.format = format, .threads = 2}, findings);
    put(*sink, directory("d"));
    put(*sink, file("d/a", small.size()), small);
    auto const b = file("d/b", large.size());
    auto const c = file("d/c", large.size());
    auto const first = sink->place(b);
    auto const second = sink->place(c);
    REQUIRE(first->when() == slot::order::any);
    put(*sink, file("d/e", 0), "");
    kernel_feed copied{source.get(), large.size()};
    second->fill(copied);
    auto const bytes = as_bytes(large);
    memory_feed pieces{{bytes.first(1000), bytes.subspan(1000)}};
    first->fill(pieces);
    first->close({.bytes = large.size(), .digest = {}});
    CHECK(thrown_by([&] { second->close({.bytes = large.size() - 1, .digest = {}}); }).find("internal") == 0);
    second->close({.bytes = large.size(), .digest = {}});
    sink->finish();
    CHECK(slurp(dir / "out") == "before" + expected);
    CHECK(::lseek(fd.get(), 0, SEEK_CUR) == static_cast<off_t>(6 + expected.size()));
    CHECK(findings.text == "");
  }
}

TEST_CASE("content out of turn is for regular files only, uncompressed and not appended to") {
  temp_dir const dir;
  auto const order_in = [](int fd, output::archive_options const& o) {
    collected findings;
    auto const sink = output::make_archive_sink(fd, o, findings);
    auto const large = file("f", 100000);
    return sink->place(large)->when();
  };
  file_descriptor const appended{dir / "a", O_WRONLY | O_CREAT | O_APPEND};
  CHECK(order_in(appended.get(), {.format = "pax"}) == slot::order::in_turn);
  file_descriptor const file_{dir / "b", O_RDWR | O_CREAT};
  CHECK(order_in(file_.get(), {.format = "pax", .compress = compression::zstd}) == slot::order::in_turn);
  CHECK(order_in(file_.get(), {.format = "pax"}) == slot::order::any);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  file_descriptor const in{ends[0]};
  file_descriptor const out{ends[1]};
  CHECK(order_in(out.get(), {.format = "pax"}) == slot::order::in_turn);
}

TEST_CASE("a pax archive gives back every property of a member") {
  collected findings;
  auto const bytes = archive_of(
      "pax",
      [](entry_sink& s) {
        put(s, directory(""));
        put(s, directory("etc"));
        put(s, rich_file(), "hello");
        put(s, symbolic_link("etc/link", "../../outside"));
        put(s, device_member("dev/hdisk0", entry_kind::block_device, 40000, 70000));
        put(s, member(entry_kind::fifo, "pipe", 010644));
      },
      findings);
  CHECK(findings.text == "");
  CHECK(bytes.size() % 10240 == 0);
  auto const seen = read_archive(bytes);
  REQUIRE(seen.size() == 6);
  CHECK(seen[0].path == "./");
  CHECK(seen[1].path == "etc/");
  auto const& f = seen[2];
  CHECK(f.path == "etc/security/passwd");
  CHECK(f.content == "hello");
  CHECK(f.mode == 06755);
  CHECK(f.uid == 4294967294);
  CHECK(f.gid == 3000000);
  CHECK(f.mtime == -5);
  CHECK(f.atime == -6);
  CHECK(f.ctime == -7);
  CHECK(f.xattrs.at("user.aix.mode") == "02008ded");
  CHECK(f.xattrs.at("user.aix.acl") == std::string("\0\1\xff", 3));
  CHECK(f.xattrs.at("user.aix.pcl") == std::string("\0=\n", 3));
  CHECK(f.xattrs.at("user.aix.acl_text") == "permit rw- g:214\n");
  CHECK(seen[1].xattrs.size() == 1);
  CHECK(seen[3].xattrs.empty());  // its mode stands in the header
  CHECK(seen[3].symlink == "../../outside");
  CHECK(seen[4].type == AE_IFBLK);
  CHECK(seen[4].major == 40000);
  CHECK(seen[4].minor == 70000);
  CHECK(seen[5].type == AE_IFIFO);
}

TEST_CASE("names come out byte for byte and the archive is the same in every locale") {
  std::vector<std::string> const names{"caf\xc3\xa9", "latin\xe9", "del\x7f\x7f",
                                       "new\nline",   "\xff\xfe",  "\xf0\x9f\x90\xa7"};
  auto const fill = [&](entry_sink& s) {
    for (auto const& n : names) { put_file(s, n, "x"); }
    put(s, symbolic_link("link", "t\xe9rget"));
    put(s, symbolic_link("link8", "t\xc3\xa9rget"));
    auto first = file("h\xe9", 1);
    first.nlink = 2;
    put(s, first, "y");
    put(s, hard_link("h2\xe9", "h\xe9"));
  };
  for (std::string_view const format : {"pax", "ustar", "gnutar", "newc"}) {
    CAPTURE(format);
    collected findings;
    REQUIRE(::setlocale(LC_ALL, "C") != nullptr);
    auto const plain = archive_of(format, fill, findings);
    REQUIRE(::setlocale(LC_ALL, "C.UTF-8") != nullptr);
    auto const utf8 = archive_of(format, fill, findings);
    // A UTF-8 reader gives names that are not UTF-8 as they are when it reads them as bytes.
    ::setlocale(LC_ALL, "C");
    CHECK(plain == utf8);
    CHECK(findings.text == "");
    auto const marker = std::string{"hdrcharset=BINARY"};
    if (format == "pax") { CHECK(plain.find(marker) != std::string::npos); }
    for (auto const& n : names) { CHECK(plain.find(n) != std::string::npos); }
    auto const seen = read_archive(format == "pax" ? plain : utf8);
    REQUIRE(seen.size() == names.size() + 4);
    CHECK(seen[1].path == "latin\xe9");
    CHECK(seen[2].path == "del\x7f\x7f");
    CHECK(seen[names.size()].symlink == "t\xe9rget");
  }
}

TEST_CASE("a sink leaves the locale of its thread as it was") {
  auto const before = ::uselocale(nullptr);
  collected findings;
  static_cast<void>(archive_of(
      "pax", [](entry_sink& s) { put_file(s, "caf\xc3\xa9", ""); }, findings));
  CHECK(::uselocale(nullptr) == before);
}

TEST_CASE("content that is short or long is truncated data, not padding") {
  for (std::string_view const format : {"pax", "newc"}) {
    collected findings;
    CHECK(thrown_by([&] {
            auto const fill = [](entry_sink& s) { put(s, file("f", 10), "12345678"); };
            static_cast<void>(archive_of(format, fill, findings));
          }) == "internal: truncated data: expected 10 bytes, found 8");
    CHECK(thrown_by([&] {
            auto const fill = [](entry_sink& s) { put(s, file("f", 3), "12345678"); };
            static_cast<void>(archive_of(format, fill, findings));
          }) == "internal: truncated data: expected 3 bytes, found at least 8");
    CHECK(thrown_by([&] {
            auto const fill = [](entry_sink& s) { put(s, hard_link("g", "f"), "1"); };
            static_cast<void>(archive_of(format, fill, findings));
          }).find("internal: truncated data") == 0);
  }
}

TEST_CASE("large and small pieces end up in order") {
  std::string content;
  for (unsigned i = 0; content.size() < 3u << 20; ++i) { content += concat(i, ','); }
  collected findings;
  auto const bytes = archive_of(
      "pax",
      [&](entry_sink& s) {
        put_file(s, "small", "abc");
        std::vector<std::span<std::byte const>> pieces;
        std::size_t at = 0;
        for (std::size_t n = 1; at < content.size(); n = n * 7 % 300007 + 1) {
          auto const piece = std::string_view{content}.substr(at, n);
          pieces.push_back(as_bytes(piece));
          at += piece.size();
        }
        put_pieces(s, file("mixed", content.size()), std::move(pieces));
        put_file(s, "whole", content);
      },
      findings);
  auto const seen = read_archive(bytes);
  REQUIRE(seen.size() == 3);
  CHECK(seen[1].content == content);
  CHECK(seen[2].content == content);
}

TEST_CASE("hard links are links in every format") {
  for (std::string_view const format : {"pax", "ustar", "gnutar", "newc"}) {
    CAPTURE(format);
    collected findings;
    auto const bytes = archive_of(
        format,
        [](entry_sink& s) {
          auto first = file("bin/ls", 4);
          first.nlink = 3;
          put(s, first, "data");
          put_file(s, "other", "o");
          put(s, hard_link("bin/ll", "bin/ls"));
          put(s, hard_link("bin/l", "bin/ls"));
        },
        findings);
    CHECK(findings.text == "");
    auto const seen = read_archive(bytes);
    REQUIRE(seen.size() == 4);
    CHECK(seen[0].content == "data");
    CHECK(seen[2].path == "bin/ll");
    CHECK(seen[2].hardlink == "bin/ls");
    CHECK(seen[3].hardlink == "bin/ls");
    CHECK(seen[1].hardlink == "");
  }
}

TEST_CASE("what a format cannot hold is left out and said, and the archive stays whole") {
  collected findings;
  auto const bytes = archive_of(
      "ustar",
      [](entry_sink& s) {
        put(s, member(entry_kind::socket, "sock", 0140666));
        auto gone = file(std::string(120, 'n'), 1);
        gone.nlink = 2;
        put(s, gone, "x");
        put(s, hard_link("short", std::string(120, 'n')));
        put(s, symbolic_link("l", std::string(101, 't')));
        put(s, device_member("d", entry_kind::char_device, 1u << 20, 1));
        auto odd = file("odd", 2);
        odd.uid = 4294967294u;
        odd.mtime = -1;
        put(s, odd, "ab");
      },
      findings);
  CHECK(findings.ids ==
        std::vector<std::string>{"OUT-001", "OUT-001", "OUT-004", "OUT-001", "OUT-001", "OUT-009", "OUT-009"});
  auto const seen = read_archive(bytes);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].path == "odd");
  CHECK(seen[0].uid == 65534);  // never 0: a set-id program must not become root's
  CHECK(seen[0].mtime == 0);
}

TEST_CASE("an archive stops at the first loss where it must") {
  auto const stopped = [](std::string_view format, filler const& fill) {
    temp_dir const dir;
    file_descriptor const fd{dir / "out", O_RDWR | O_CREAT};
    collected findings;
    auto const sink = output::make_archive_sink(fd.get(), {.format = format, .stop_on_loss = true}, findings);
    auto said = thrown_by([&] {
      fill(*sink);
      sink->finish();
    });
    return said + findings.text;
  };
  CHECK(stopped("pax", [](entry_sink& s) {
          put_file(s, "f", "x");
          put(s, member(entry_kind::socket, "sock", 0140600));
        }) == "loss: output pax: member left out: the output format cannot hold it (\"sock\": socket)");
  CHECK(stopped("newc",
                [](entry_sink& s) {
                  put_file(s, "first", "x");  // says that it has no other name
                  put(s, hard_link("second", "first"));
                }) ==
        "loss: output newc: hard link refused: its first name is not in the output (\"second\": first "
        "name \"first\")");
  CHECK(stopped("pax", [](entry_sink& s) { put(s, rich_file(), "hello"); }) == "none");
  // Damage is told as such, and values moved into range only as a note.
  CHECK(stopped("pax", [](entry_sink& s) { put(s, hard_link("f", "f")); }).find("noneOUT-004 f") == 0);
  CHECK(stopped("gnutar", [](entry_sink& s) { put(s, rich_file(), "hello"); }).find("noneOUT-009 ") == 0);
}

TEST_CASE("names that leave the target are refused in archives too") {
  collected findings;
  auto const bytes = archive_of(
      "pax",
      [](entry_sink& s) {
        put_file(s, "a/../../b", "x");
        put_file(s, std::string("nul\0byte", 8), "x");
        put(s, hard_link("h", "../../etc/passwd"));
        put_file(s, "", "x");
        put_file(s, "good", "x");
      },
      findings);
  CHECK(findings.ids == std::vector<std::string>{"OUT-002", "OUT-002", "OUT-002", "OUT-002"});
  CHECK(read_archive(bytes).size() == 1);
}

TEST_CASE("the same members give the same bytes") {
  collected findings;
  auto const fill = [](entry_sink& s) {
    put(s, directory("etc"));
    put(s, rich_file(), "hello");
  };
  for (std::string_view const format : {"pax", "ustar", "gnutar", "newc"}) {
    CHECK(archive_of(format, fill, findings) == archive_of(format, fill, findings));
  }
}

TEST_CASE("an abandoned archive is not ended") {
  temp_dir const dir;
  file_descriptor const fd{dir / "out", O_RDWR | O_CREAT};
  collected findings;
  {
    auto const sink = output::make_archive_sink(fd.get(), {.format = "pax"}, findings);
    auto const f = file("f", 1000);
    auto const s = sink->place(f);
    memory_feed cut{{as_bytes("only this")}, false};
    s->fill(cut);
  }
  CHECK(stat_of(dir / "out").st_size == 0);
}

TEST_CASE("a closed pipe and a full disk are told apart") {
  ::signal(SIGPIPE, SIG_IGN);
  std::string const content(4u << 20, 'c');
  collected findings;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  for (auto const c : {compression::none, compression::gzip, compression::xz, compression::zstd}) {
    CHECK(thrown_by([&] {
            auto const sink = output::make_archive_sink(ends[1], {.format = "pax", .compress = c}, findings);
            put_file(*sink, "f", content);
            sink->finish();
          }).find("closed_pipe: ") == 0);
  }
  ::close(ends[1]);
  file_descriptor const full{"/dev/full", O_WRONLY};
  auto const text = thrown_by([&] {
    auto const sink = output::make_archive_sink(full.get(), {.format = "newc"}, findings);
    put_file(*sink, "f", content);
    sink->finish();
  });
  CHECK(text == "io: write failed: No space left on device");
}

}  // namespace archive_test
