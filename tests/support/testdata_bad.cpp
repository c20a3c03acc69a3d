// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "formats/packed/packed.hpp"
#include "support/damage.hpp"
#include "support/testdata_cases.hpp"

namespace sysb::test {
namespace {

data_case bad(std::string_view name, std::string_view shows, std::string_view expected, bytes image) {
  return {concat("backup_by_name/bad/", name),
          {{"image.bff", std::move(image)}, {"expected.txt", to_bytes(concat(expected, "\n"))}, origin(shows)}};
}

// A sound image that most faults are made from, with what the builder knows of it.
struct sound_image {
  image_builder b;
  sound_image() {
    b.volume().directory("./etc").file("./etc/motd", "hello, this is the message of the day\n");
    b.directory("./etc/security").packed_file("./etc/big", prose(1500, 9)).file("./etc/last", prose(90, 8));
    b.end(small_end());
  }
  bytes image() const { return b.bytes(); }
  known_member const& member(std::string_view path) const {
    for (auto const& m : b.members()) {
      if (m.path == path) { return m; }
    }
    throw std::logic_error{"no such member"};
  }
};

void add_cuts(std::vector<data_case>& out, sound_image const& s) {
  auto const cut = [&](std::string_view name, std::string_view shows, std::uint64_t at) {
    out.push_back(bad(name, shows, "BBN-001", truncated(s.image(), at)));
  };
  out.push_back(bad("truncated-volume", "Cut inside the volume header.", "fatal damaged", truncated(s.image(), 40)));
  cut("truncated-header", "Cut inside the header of a member.", s.member("./etc/motd").offset + 20);
  cut("truncated-name", "Cut inside the name of a member.", s.member("./etc/security").offset + 68);
  cut("truncated-security", "Cut inside a security record.", s.member("./etc/motd").content_offset - 12);
  cut("truncated-data", "Cut inside the content of a plain member.", s.member("./etc/motd").content_offset + 5);
  cut("truncated-packed", "Cut inside the content of a packed member.", s.member("./etc/big").content_offset + 200);
  cut("truncated-padding", "Cut inside the padding after the content of the last member.",
      s.member("./etc/last").end - 3);
  cut("truncated-end", "Cut inside the end record.", s.b.end_record_offset() + 4);
  cut("no-end", "The input stops where the end record should stand.", s.b.end_record_offset());
}

void add_headers(std::vector<data_case>& out, sound_image const& s) {
  auto const& motd = s.member("./etc/motd");
  out.push_back(bad("checksum", "One bit of a member's name is flipped; the record can be walked over.", "BBN-003",
                    flip_bit(s.image(), motd.offset + 64 + 3, 1)));
  out.push_back(
      bad("checksum-volume", "One bit of the volume's date is flipped.", "BBN-003", flip_bit(s.image(), 8, 2)));
  out.push_back(bad("checksum-end", "One bit of the end record's checksum is flipped.", "BBN-003",
                    flip_bit(s.image(), s.b.end_record_offset() + 4, 0)));
  out.push_back(bad("damaged-header", "The length byte of a member's header is 0: it cannot be walked over.", "BBN-004",
                    zeroed(s.image(), motd.offset, 1)));
  out.push_back(bad("header-zeros", "The whole header of a member is zeros.", "BBN-002",
                    zeroed(s.image(), motd.offset, motd.header_bytes)));
  auto image = s.image();
  auto const hole = image.begin() + static_cast<std::ptrdiff_t>(motd.content_offset);
  image.erase(hole, hole + 8);
  out.push_back(bad("lost-sync", "Eight bytes of a member's content are missing.", "BBN-014\nBBN-002", image));
  image_builder no_end;
  no_end.volume().file("./a", "a").fill_cluster(512);
  out.push_back(
      bad("no-end-zeros", "Zeros to the end of the cluster instead of an end record.", "BBN-002", no_end.bytes()));

  image_builder zero;
  volume_fields v;
  member_options o;
  v.header.checksum = 0;
  o.header.checksum = 0;
  auto e = small_end();
  e.header.checksum = 0;
  zero.volume(v).directory("./etc", o).file("./etc/motd", "hello\n", o).end(e);
  out.push_back(bad("zero-checksums", "A writer that leaves all checksums 0.", "fatal damaged", zero.bytes()));

  image_builder kind;
  member_options odd;
  odd.mode = 0170644;
  kind.volume().file("./a", "a").file("./odd", "", odd).file("./b", "b").end(small_end());
  out.push_back(bad("unknown-kind", "File type bits that mean nothing.", "BBN-017", kind.bytes()));
  image_builder unnamed;
  unnamed.volume().file("./a", "a").file("", "nameless").file("./b", "b").end(small_end());
  out.push_back(bad("name-empty", "A member without a name.", "BBN-015", unnamed.bytes()));
}

void add_security(std::vector<data_case>& out, sound_image const& s) {
  auto const& motd = s.member("./etc/motd");
  auto const security = motd.offset + motd.header_bytes;
  out.push_back(bad("security-mismatch",
                    "One bit of the mode in a privilege list is flipped: it does not repeat the "
                    "header's.",
                    "BBN-005", flip_bit(s.image(), security + 8 + 16 + 4, 3)));
  out.push_back(bad("acl-words",
                    "The ACL's count of words is 0 where 2 stand, and the member still seems to end "
                    "at a header.",
                    "BBN-005", [&] {
                      image_builder b;
                      member_options o;
                      auto body = acl({});
                      append(body, pcl(mode_bits::file | 0644));
                      o.security = raw_security{0, 2, body};
                      std::string_view const content = "the content is not where the counts say\n";
                      o.size = o.dsize = static_cast<std::uint32_t>(content.size() + 16);
                      b.volume().file("./a", "a").file("./shifted", content, o);
                      b.file("./b", "b").end(small_end());
                      return b.bytes();
                    }()));
  out.push_back(bad("acl-too-long", "An ACL of more than 128 KiB by its count of words.", "BBN-006",
                    patched(s.image(), security, to_bytes(std::string_view{"\xff\xff\x01\x00", 4}))));
}

void add_sizes(std::vector<data_case>& out) {
  image_builder b;
  member_options o;
  o.pad = 7;
  b.volume().file("./odd", "content\n", o).file("./x", "x").end(small_end());
  out.push_back(bad("pad-past-end",
                    "The field that may be the high half of a file's size is set, and the input is far "
                    "shorter than that size.",
                    "BBN-001", b.bytes()));
}

void add_changed(std::vector<data_case>& out) {
  auto const with = [&](std::string_view content, std::uint32_t size) {
    image_builder b;
    member_options o;
    o.size = size;
    b.volume().file("./a", "a").file("./var/adm/log", content, o).file("./b", "b").end(small_end());
    return b.bytes();
  };
  out.push_back(bad("changed-grown", "A log that grew while it was saved: more bytes are stored than its size.",
                    "BBN-060", with("line 1\nline 2\nline 3\nline 4\n", 7)));
  out.push_back(bad("changed-padding", "A log that grew by less than its padding: the same end for both lengths.",
                    "BBN-060", with("line 1\nline 2\n", 13)));
  out.push_back(bad("changed-shrunk", "A log that was emptied and began anew while it was saved.", "BBN-060",
                    with("line 1\n", 100)));
}

void add_packed(std::vector<data_case>& out) {
  auto const text = prose(900, 6);
  auto const plain = to_bytes(text);
  auto const stored = packed::pack(plain).value();
  auto const with = [&](bytes const& stream, std::uint64_t size) {
    image_builder b;
    b.volume().file("./a", "a").packed_stream("./packed", stream, size).file("./b", "b").end(small_end());
    return b.bytes();
  };
  auto longer = stored;
  longer.resize(longer.size() + 3);
  out.push_back(bad("packed-early-end", "The end mark comes 10 bytes before the recorded size, and bytes follow it.",
                    "PCK-001", with(longer, plain.size() + 10)));
  out.push_back(bad("packed-late-end",
                    "More content stands in a packed member than its recorded size, and bytes after it.", "PCK-002",
                    with(longer, plain.size() - 10)));
  out.push_back(bad("changed-packed-shrunk", "A packed file that had 10 bytes more when its size was noted.", "PCK-011",
                    with(stored, plain.size() + 10)));
  out.push_back(bad("changed-packed-grown", "A packed file that had 10 bytes fewer when its size was noted.", "PCK-011",
                    with(stored, plain.size() - 10)));
  out.push_back(bad("changed-packed-emptied", "A packed file that had 10 MB when its size was noted.", "BBN-060",
                    with(stored, 10'000'000)));
  out.push_back(bad("packed-bytes-left", "Bytes follow the end mark.", "PCK-003", with(longer, plain.size())));
  auto shorter = stored;
  shorter.resize(shorter.size() - 20);
  out.push_back(bad("packed-cut", "The stored bytes end before the end mark.", "PCK-005", with(shorter, plain.size())));
  auto levels = stored;
  levels[0] = std::byte{25};
  out.push_back(bad("bad-packed-levels", "A code tree of 25 levels.", "PCK-006", with(levels, plain.size())));
  auto leaves = stored;
  leaves[std::to_integer<std::size_t>(stored[0])] = std::byte{255};
  leaves[std::to_integer<std::size_t>(stored[0]) - 1] = std::byte{255};
  out.push_back(
      bad("bad-packed-leaves", "A code tree of more than 257 leaves.", "PCK-007", with(leaves, plain.size())));
  auto table = stored;
  table[1] = std::byte{1};
  table[2] = std::byte{3};
  out.push_back(
      bad("bad-packed-table", "Leaf counts that make no complete tree.", "PCK-008", with(table, plain.size())));
  out.push_back(bad("packed-sizes", "A packed member that would become more than 8 bytes for each stored one.",
                    "BBN-013", with(shorter, shorter.size() * 8 + 1)));
  // {a, end mark}: one bit for each byte, the end mark last; the bit after it is set.
  bytes const bits{std::byte{1}, std::byte{0}, std::byte{'a'}, std::byte{0x11}};
  out.push_back(bad("packed-bits-left", "A bit after the end mark is set.", "PCK-004", with(bits, 3)));
}

void add_layouts(std::vector<data_case>& out) {
  image_builder symlinks;
  symlinks.volume().symlink("./a", "/usr/bin", symlink_layout::target);
  symlinks.symlink("./b", "/usr/lib", symlink_layout::target).file("./x", "x");
  symlinks.symlink("./c", "/usr/sbin", symlink_layout::security_target).file("./y", "y").end(small_end());
  out.push_back(bad("second-symlink-layout", "Symbolic links in two layouts.", "BBN-010", symlinks.bytes()));

  image_builder nul;
  nul.volume().file("./x", "x").symlink("./a", std::string_view{"/usr\0bin", 8}).file("./y", "y");
  nul.end(small_end());
  out.push_back(bad("symlink-nul", "A NUL inside the target of a symbolic link.", "BBN-011", nul.bytes()));

  image_builder links;
  member_options o;
  o.nlink = 2;
  o.ino = 99;
  auto other = o;
  other.uid = 77;
  links.volume().file("./one", "content\n", o).hard_link("./two", "", link_layout::empty, other);
  links.file("./x", "x").end(small_end());
  out.push_back(bad("link-mismatch", "A further name without data whose owner differs from the file's.", "BBN-012",
                    links.bytes()));

  volume_fields later;
  later.number = 2;
  image_builder b;
  b.volume(later).raw(to_bytes(prose(64, 3))).file("./rest", "rest\n").end(small_end());
  out.push_back(bad("later-volume", "The second volume of a set by itself: it begins with the rest of a member.",
                    "fatal damaged", b.bytes()));
  image_builder aligned;
  aligned.volume(later).file("./rest", "rest\n").end(small_end());
  out.push_back(bad("later-volume-aligned", "The second volume of a set by itself, cut between two members.", "BBN-007",
                    aligned.bytes()));
  image_builder twice;
  twice.volume().file("./a", "a").volume().file("./b", "b").end(small_end());
  out.push_back(bad("volume-inside", "A second volume header between two members.", "BBN-008", twice.bytes()));
}

// Type 1 record of a dump by inode, big-endian; its words add up to 84446.
bytes by_inode_record() {
  bytes out;
  put_be32(out, 1);           // [0x00] volume label
  put_be32(out, 1357002000);  // [0x04] date
  put_be32(out, 0);           // [0x08] date of the level before
  put_be32(out, 1);           // [0x0c] volume
  put_be32(out, 0);           // [0x10] record
  put_be32(out, 0);           // [0x14] inode
  put_be32(out, 60011);       // [0x18] magic
  put_be32(out, 0);           // [0x1c] checksum
  out.resize(676);
  put_be32(out, 60013);  // [0x2a4] JFS
  out.resize(1024);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < out.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k) { sum += std::to_integer<std::uint32_t>(out[i + k]) << (8 * (3 - k)); }
  }
  bytes check;
  put_be32(check, 84446u - sum);
  return patched(out, 0x1c, check);
}

void add_relatives(std::vector<data_case>& out) {
  auto dump = by_inode_record();
  dump.resize(2048);
  out.push_back(bad("by-inode", "The first record of a dump by inode (AIX 3 and later): another format.",
                    "fatal unsupported", dump));
  image_builder rt;
  volume_fields v;
  v.disk = "/dev/rhd7";
  v.filesystem = "/u";
  v.increment = '0';
  bytes bits;
  put_u8(bits, 2);
  put_u8(bits, record_type::bits);
  put_le16(bits, record_magic::plain);
  put_le16(bits, 0);
  bits.resize(16);
  bytes sum;
  put_le16(sum, header_checksum(bits));
  rt.volume(v).raw(patched(bits, 4, sum)).raw(bytes(64)).end(small_end());
  out.push_back(bad("by-inode-rt", "A dump by inode of AIX/RT: the volume label names a device.", "fatal unsupported",
                    rt.bytes()));
}

void add_hostile_names(std::vector<data_case>& out) {
  auto const named = [&](std::string_view name, std::string_view shows, image_builder& b) {
    b.end(small_end());
    out.push_back(bad(name, shows, "-", b.bytes()));
  };
  image_builder dotdot;
  dotdot.volume().directory("./etc").file("./etc/../../outside", "x").file("../outside", "x");
  dotdot.file("./etc/inside", "x").directory("./..");
  named("name-dotdot", "Names with '..' components: nothing may be written outside the target.", dotdot);

  image_builder parent;
  parent.volume().symlink("./escape", "/tmp").file("./escape/file", "through a link\n").file("./ok", "x");
  named("name-symlink-parent", "A member whose parent is a symbolic link of the image.", parent);

  image_builder file_parent;
  file_parent.volume().file("./file", "x").file("./file/below", "y").file("./ok", "x");
  named("name-file-parent", "A member whose parent is a regular file of the image.", file_parent);

  image_builder outside;
  member_options o;
  o.nlink = 2;
  o.ino = 5;
  outside.volume().file("../../etc/shadow", "content\n", o).hard_link("./harmless", "content\n", link_layout::empty, o);
  outside.file("./ok", "x");
  named("hardlink-outside", "A further name of a file whose first name leads outside.", outside);

  image_builder replaces;
  replaces.volume().directory("./etc").file("./etc/passwd", "root:!:0:0::/:/bin/sh\n").symlink("./etc", "/tmp");
  replaces.file("./ok", "x");
  named("name-replaces-directory", "A symbolic link in place of a directory that is not empty.", replaces);
}

}  // namespace

std::vector<data_case> bad_cases() {
  std::vector<data_case> out;
  sound_image const s;
  add_cuts(out, s);
  add_headers(out, s);
  add_security(out, s);
  add_sizes(out);
  add_changed(out);
  add_packed(out);
  add_layouts(out);
  add_relatives(out);
  add_hostile_names(out);
  return out;
}

data_file origin(std::string_view shows) {
  return {"origin.txt", to_bytes(concat("synthetic: written by tests/support/make_testdata, nothing in it comes from "
                                        "an AIX system\n\n",
                                        shows, "\n"))};
}

std::vector<data_case> all_cases() {
  std::vector<data_case> out;
  for (auto const& part : {good_cases(), compat_cases(), bad_cases(), volume_set_cases()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace sysb::test
