// SPDX-License-Identifier: Apache-2.0
// The project's writer and the test builder were written apart from the same tables: where they
// write the same members they write the same bytes.
#include <doctest/doctest.h>

#include <string>

#include "base/text.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/packed/packed.hpp"
#include "support/image_builder.hpp"

namespace writer_test {

using namespace sysb;
using namespace sysb::test;

namespace {

struct written {
  bytes image;
  backup_by_name::writer out{[this](std::span<std::byte const> b) { append(image, b); }};
};

entry about(std::string const& path, entry_kind kind, std::uint32_t mode, std::uint64_t size) {
  entry e;
  e.path = path;
  e.kind = kind;
  e.mode = mode;
  e.uid = 201;
  e.gid = 7;
  e.size = size;
  e.mtime = 1300000000;
  e.atime = 1300000001;
  e.ctime = 1300000002;
  e.nlink = 1;
  e.dev = {10, 8};
  return e;
}

member_options same_options(std::uint32_t mode) {
  member_options o;
  o.mode = mode;
  o.uid = 201;
  o.gid = 7;
  o.mtime = 1300000000;
  o.atime = 1300000001;
  o.ctime = 1300000002;
  o.nlink = 1;
  o.ino = 0;
  o.dev = {10, 8};
  return o;
}

volume_label label() {
  volume_label l;
  l.date = 1357002000;
  l.disk = "by name";
  l.filesystem = "by name";
  l.user = "root";
  return l;
}

}  // namespace

TEST_CASE("writer and builder agree on plain members, byte for byte") {
  written w;
  w.out.volume(label());
  image_builder b;
  b.volume();
  for (std::size_t n : {0u, 1u, 7u, 8u, 9u, 5000u}) {
    auto const path = concat("./file", n);
    auto const content = prose(n, 3);
    w.out.begin_member(about(path, entry_kind::file, 0104755, n), n, false);
    w.out.data(as_bytes(content));
    w.out.end_member();
    b.file(path, content, same_options(0104755));
  }
  w.out.finish();
  b.end();
  CHECK(w.image == b.bytes());
}

TEST_CASE("writer and builder agree on packed members, byte for byte") {
  auto const content = prose(20000, 5);
  auto const stored = packed::pack(as_bytes(content)).value();
  written w;
  w.out.volume(label());
  w.out.begin_member(about("./big", entry_kind::file, 0100644, content.size()), stored.size(), true);
  w.out.data(stored);
  w.out.end_member();
  w.out.finish();
  image_builder b;
  b.volume().packed_file("./big", content, same_options(0100644)).end();
  CHECK(w.image == b.bytes());
}

TEST_CASE("writer and builder agree on symbolic links, devices and FIFOs, byte for byte") {
  written w;
  w.out.volume(label());
  image_builder b;
  b.volume();
  auto link = about("./bin", entry_kind::symlink, 0120777, 8);
  link.target = "/usr/bin";
  w.out.begin_member(link, 0, false);
  w.out.end_member();
  b.symlink("./bin", "/usr/bin", symlink_layout::target, same_options(0120777));
  auto null = about("./dev/null", entry_kind::char_device, 0020666, 0);
  null.rdev = {2, 2};
  w.out.begin_member(null, 0, false);
  w.out.end_member();
  b.char_device("./dev/null", {2, 2}, same_options(0020666));
  w.out.begin_member(about("./fifo", entry_kind::fifo, 0010600, 0), 0, false);
  w.out.end_member();
  b.fifo("./fifo", same_options(0010600));
  w.out.finish();
  b.end();
  CHECK(w.image == b.bytes());
}

TEST_CASE("writer and builder agree on a directory, byte for byte") {
  written w;
  w.out.volume(label());
  w.out.begin_member(about("./etc", entry_kind::directory, 0x000141ed, 0), 0, false);
  w.out.end_member();
  w.out.finish();
  image_builder b;
  auto o = same_options(0x000141ed);
  o.dsize = 0;  // st_size of a directory that never was on a disk
  b.volume().directory("./etc", o).end();
  CHECK(w.image == b.bytes());
}

}  // namespace writer_test
