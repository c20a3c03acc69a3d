// SPDX-License-Identifier: Apache-2.0
// Evidence is sent to public places: nothing that identifies may get into it, whatever the image looks like.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/backup_by_name/evidence.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace evidence_test {

using namespace sysb;

namespace {

struct counted final : diagnostic_sink {
  explicit counted(backup_by_name::evidence& e) : found{e} {}
  void report(diagnostic const& d) override { found.found(*d.code); }
  backup_by_name::evidence& found;
};

std::string evidence_of(test::bytes const& image) {
  backup_by_name::evidence found;
  counted sink{found};
  auto const source = io::from_memory({image.begin(), image.end()});
  auto const reader = backup_by_name::format().open(*source, {}, sink);
  found.volume(reader->volume_header(), {});
  entry e;
  std::vector<std::byte> head;
  while (reader->next(e)) {
    head.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(backup_by_name::evidence::head_bytes, std::max<std::uint64_t>(e.record_bytes, 64))));
    head.resize(source->probe(e.offset, head));
    found.member(e, head);
  }
  if (!reader->complete()) {
    head.resize(256);
    source->seek(reader->end_offset());
    head.resize(source->probe(reader->end_offset(), head));
    found.stopped(reader->end_offset(), head);
  }
  return found.text("0", "", reader->complete());
}

constexpr std::string_view mark = "MARK";
constexpr std::uint32_t number = 0x4d41524b;  // the same bytes as a number

test::member_options marked() {
  test::member_options o;
  o.uid = o.gid = number;
  o.mtime = o.atime = o.ctime = number;
  o.ino = number;
  o.dev = o.rdev = {number, number};
  return o;
}

std::string marks(std::size_t n) {
  std::string out;
  while (out.size() < n) { out += mark; }
  return out.substr(0, n);
}

void check_clean(std::string const& text) {
  CAPTURE(text);
  // As text, as hexadecimal in both orders, as decimal in both orders.
  for (auto const* const form :
       {"MARK", "mark", "ARKM", "4d41524b", "4b52414d", "1296126539", "1263681869", "0x4d41", "0x524b"}) {
    CHECK(text.find(form) == std::string::npos);
  }
  for (auto const c : text) { CHECK(((c >= 0x20 && c < 0x7f) || c == '\n')); }
}

test::image_builder marked_image() {
  test::image_builder b;
  test::volume_fields v;
  v.date = number;
  v.user = marks(16);
  b.volume(v);
  auto o = marked();
  b.directory("./" + marks(40), o);
  b.file("./" + marks(13) + "/MARK", marks(1000), o);
  b.packed_file("./" + marks(8) + ".MARK", test::prose(20'000) + marks(4000), o);
  b.symlink("./" + marks(9), marks(77), test::symlink_layout::target, o);
  b.char_device("./dev/" + marks(5), {number, number}, o);
  b.fifo("./" + marks(6), o);
  auto acl = marked();
  acl.acl = {test::ace{.kind = test::ace_kind::permit, .access = 4, .ids = {{test::id_kind::user, number}}}};
  acl.acl_reserved = 0x4b52;
  b.file("./" + marks(20), marks(50), acl);
  auto padded = marked();
  padded.name_padding = test::to_bytes(mark);
  padded.data_padding = test::to_bytes(marks(7));
  b.file("./" + marks(3), marks(41), padded);
  return b;
}

}  // namespace

TEST_CASE("no byte of a name, content, user, id, device, time or padding gets into the evidence") {
  check_clean(evidence_of(marked_image().end().bytes()));
  // Security records that are not one, blocks that nobody knows, and an end that is none.
  for (auto const magic : {0xea6f, 0xea6b}) {
    auto b = marked_image();
    auto o = marked();
    o.header.magic = static_cast<std::uint16_t>(magic);
    o.opaque_before = test::to_bytes(marks(64));
    o.opaque_after = test::to_bytes(marks(24));
    for (int i = 0; i < 9; ++i) { b.file(concat("./MARK", i), marks(100), o); }
    check_clean(evidence_of(b.end().bytes()));
    auto c = marked_image();
    auto broken = marked();
    broken.security = test::raw_security{.acl_words = 2, .pcl_words = 2, .body = test::to_bytes(marks(32))};
    for (int i = 0; i < 9; ++i) { c.file(concat("./MARK", i), marks(100), broken); }
    check_clean(evidence_of(c.end().bytes()));
    auto d = marked_image();
    d.raw(test::to_bytes(marks(4096)));
    auto const text = evidence_of(d.bytes());
    check_clean(text);
    CHECK(text.find("stopped: at byte ") != std::string::npos);
  }
}

TEST_CASE("the evidence tells layouts and counts, and reading it tells what they settle") {
  test::image_builder b;
  b.volume();
  for (int i = 0; i < 5; ++i) { b.symlink(concat("./link", i), "target", test::symlink_layout::target); }
  b.file("./a", "content").fifo("./f");
  auto const text = evidence_of(b.end().bytes());
  CHECK(
      text.find("pattern: 5 x symlink, type 11, magic 0xea6b, checksum right, fixed 64, beside header and target 0") !=
      std::string::npos);
  CHECK(text.find("end record: reached") != std::string::npos);
  auto const settled = backup_by_name::what_evidence_settles(text);
  CHECK(settled.find("symbolic links: where target and security record stand:\n  5 x symlink") != std::string::npos);
  CHECK(settled.find("one pattern: settled for this image") != std::string::npos);
  CHECK(settled.find("no device in it") != std::string::npos);
  CHECK(backup_by_name::what_evidence_settles(text.substr(0, text.size() - 20)).find("the bundle is cut") !=
        std::string::npos);
  CHECK_THROWS_AS((void)backup_by_name::what_evidence_settles("something else"), fatal_error);
  // A bundle comes from a stranger: what it says is shown without its control characters.
  CHECK(backup_by_name::what_evidence_settles("sysb evidence 1\nlevel: \x1b[2J\n").find('\x1b') == std::string::npos);
}

}  // namespace evidence_test
