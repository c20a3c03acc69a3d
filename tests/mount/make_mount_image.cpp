// SPDX-License-Identifier: Apache-2.0
// make_mount_image KIND FILE [MEMBERS]: images that a mount is tried with.
//   tree    everything that a tree can have, names of one file far from each other, directories that are no members
//   links   symbolic links that lead out of the tree, one way or another
//   names   names that no directory holds, and such that are hard to print
//   damage  a packed member that does not unpack, small and large, and a link without content
//   many    MEMBERS files in directories of 1,000, every fifth with a second name
#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#include "support/image_builder.hpp"

namespace {

using namespace sysb::test;

member_options linked(std::uint32_t ino, std::uint32_t names = 2) {
  member_options o;
  o.ino = ino;
  o.nlink = names;
  o.perm = 0755;
  return o;
}

void tree(image_builder& b) {
  b.directory("./").directory("./etc", {.perm = 0750, .uid = 3, .gid = 7});
  b.file("./etc/motd", "welcome\n", {.perm = 0644, .uid = 2, .gid = 5});
  b.file("./etc/empty", "").file("./etc/set-id", "x", {.perm = 04755});
  b.packed_file("./etc/small", letters(5'000, 1));
  b.file("./usr/lib/boot/unix", letters(300'000, 2));  // usr, usr/lib and usr/lib/boot are no members
  b.packed_file("./usr/lib/large", letters(9'000'000, 3));
  b.file("./usr/lib/plain", letters(6'000'000, 4));
  b.symlink("./absolute", "/usr/lib/plain").symlink("./usr/relative", "lib/plain");
  b.symlink("./usr/lib/deep", "/etc/motd").symlink("./usr/up", "../etc/motd");
  auto const two = letters(40'000, 5);
  b.file("./etc/first", two, linked(77)).directory("./bin", {.perm = 0755});
  b.hard_link("./bin/second", two, link_layout::empty, linked(77));
  b.char_device("./dev/null", {2, 2}).fifo("./bin/pipe").socket("./bin/socket");
  b.file("./etc/twice", "earlier").file("./etc/twice", "later, and longer");
  member_options acl;
  acl.acl = {{.kind = ace_kind::permit, .access = 4, .ids = {{.kind = id_kind::group, .id = 214}}}};
  b.file("./etc/acl", "guarded", acl);
}

void links(image_builder& b) {
  b.directory("./").directory("./a").directory("./a/b").directory("./a/b/c").directory("./q");
  b.file("./q/inside", "inside");
  b.symlink("./top", "../../../../../../../../etc/passwd").symlink("./a/b/up", "../../../etc/passwd");
  b.symlink("./a/b/inside", "../../q/inside").symlink("./absolute", "/etc/passwd").symlink("./a/b/c/root", "/");
  b.symlink("./absolute-up", "/../etc/passwd");
  // "flat" is a directory of less depth than its name: what goes up behind it leaves.
  b.symlink("./a/b/flat", "../../q").symlink("./a/b/trick", "flat/../../etc/passwd");
  b.symlink("./a/b/fine", "flat/../q/inside");
  b.symlink("./loop", "loop/../x").symlink("./a/chain", "b/flat/../../../x");
  b.symlink("./to-root", "/a/b/c/root/q/inside");
}

void names(image_builder& b) {
  b.directory("./").file("./a\nb", "newline").file("./\x1b[31mred", "escape").file("./sp ace'\"$(id)`", "quotes");
  b.file("./bytes\xff\xfe", "bytes").file("./../outside", "no").file("./in/../../outside", "no");
  b.file("/absolute/name", "yes").file("./file", "plain").file("./file/below", "no");
  b.symlink("./dir", "/etc")
      .file("./dir/passwd", "no")
      .file("./-rf", "dash")
      .file("./" + std::string(255, 'n'), "long");
  b.file("./" + std::string(1'200, 'x'), "no");
}

void damage(image_builder& b) {
  b.directory("./").file("./good", "good").packed_file("./packed", letters(5'000, 6));
  image_builder other;
  other.packed_file("./x", letters(8'000, 7)).packed_file("./y", letters(4'000'000, 8));
  auto const all = other.bytes();
  for (auto const& m : other.members()) {
    bytes stored(all.begin() + static_cast<std::ptrdiff_t>(m.content_offset),
                 all.begin() + static_cast<std::ptrdiff_t>(m.content_offset + m.stored));
    stored.resize(stored.size() - 8);
    b.packed_stream(m.size > 1'000'000 ? "./large-damaged" : "./small-damaged", stored, m.size);
  }
  b.packed_file("./large", letters(5'000'000, 9)).file("./last", "last");
}

void many(image_builder& b, std::uint64_t members) {
  b.directory("./");
  for (std::uint64_t i = 0; i < members; ++i) {
    auto const directory = "./d" + std::to_string(i / 1'000);
    if (i % 1'000 == 0) { b.directory(directory); }
    auto const path = directory + "/a-name-of-the-usual-length-" + std::to_string(i);
    auto const ino = static_cast<std::uint32_t>(i / 5 + 1);
    if (i % 5 == 1) {
      b.file(path, "content " + std::to_string(i), linked(ino));
    } else if (i % 5 == 3) {
      b.hard_link(path, "content " + std::to_string(i - 2), link_layout::empty, linked(ino));
    } else {
      b.file(path, "content " + std::to_string(i));
    }
  }
}

void write(std::string const& kind, char const* name, std::uint64_t members) {
  auto const fd = ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) { throw std::runtime_error("cannot write the file"); }
  image_builder b{fd};
  b.volume();
  if (kind == "tree") {
    tree(b);
  } else if (kind == "links") {
    links(b);
  } else if (kind == "names") {
    names(b);
  } else if (kind == "damage") {
    damage(b);
  } else if (kind == "many") {
    many(b, members);
  } else {
    throw std::runtime_error("no such kind of image");
  }
  b.end();
  ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: make_mount_image tree|links|names|damage|many FILE [MEMBERS]\n";
    return 2;
  }
  try {
    write(argv[1], argv[2], argc == 4 ? std::stoull(argv[3]) : 50'000);
    return 0;
  } catch (std::exception const& e) {
    std::cerr << "make_mount_image: " << e.what() << '\n';
    return 1;
  }
}
