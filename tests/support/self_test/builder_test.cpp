// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "support/damage.hpp"
#include "support/image_builder.hpp"

namespace builder_test {

using namespace sysb::test;

TEST_CASE("the published checksums of end records come out") {
  CHECK(end_record({0x01, 0x00}, {}) == to_bytes(std::string_view{"\x01\x07\x6b\xea\x84\x0a\x01\x00", 8}));
  CHECK(end_record({0x70, 0x86}, {}) == to_bytes(std::string_view{"\x01\x07\x6b\xea\x72\x2c\x70\x86", 8}));
}

TEST_CASE("the builder knows where everything is that it wrote") {
  auto b = image_builder{};
  b.volume().directory("./etc").file("./etc/motd", "hello").end();
  auto const image = b.bytes();
  CHECK(image.size() == 51200);
  REQUIRE(b.members().size() == 2);
  auto const& motd = b.members()[1];
  CHECK(b.members()[0].offset == 72);
  CHECK(b.members()[0].end == motd.offset);
  CHECK(motd.header_bytes == 80);
  CHECK(motd.content_offset == motd.offset + 80 + 40);
  CHECK(image.at(motd.content_offset) == std::byte{'h'});
  CHECK(motd.end == motd.content_offset + 8);
  CHECK(b.end_record_offset() == motd.end);
}

TEST_CASE("layouts of symbolic links differ where they should") {
  auto const size_of = [](symlink_layout l) {
    auto b = image_builder{};
    b.volume().symlink("./a", "12345678", l);
    auto const& m = b.members()[0];
    return m.end - m.offset - m.header_bytes;
  };
  CHECK(size_of(symlink_layout::target) == 8);
  CHECK(size_of(symlink_layout::security_target) == 48);
  CHECK(size_of(symlink_layout::target_security) == 48);
  CHECK(size_of(symlink_layout::target_nul_security) == 56);
  CHECK(size_of(symlink_layout::target_dsize) == 8);
  CHECK(size_of(symlink_layout::target_nul) == 16);
}

TEST_CASE("an image in a file has the bytes of the one in memory, stale tail included") {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), &std::fclose};
  REQUIRE(file != nullptr);
  image_builder::end_options e;
  e.cluster = 512;
  e.fill = tail::stale;
  auto const build = [&](image_builder& b) {
    b.volume().directory("./d").huge_file("./d/huge", 100'000, large_layout::wrapped);
    b.generated_file("./g", 3'000'000, [](std::uint64_t at, std::span<std::byte> out) {
      for (auto& c : out) { c = static_cast<std::byte>((at++ >> 4) & 0xff); }
    });
    b.end(e);
  };
  image_builder memory;
  build(memory);
  image_builder disk{fileno(file.get())};
  build(disk);
  auto const expected = memory.bytes();
  CHECK(disk.position() == expected.size());
  CHECK_THROWS_AS((void)disk.bytes(), std::logic_error);
  std::rewind(file.get());
  bytes found(expected.size() + 1);
  found.resize(std::fread(found.data(), 1, found.size(), file.get()));
  CHECK(found == expected);
}

TEST_CASE("a file of more than 4 GiB takes no room on disk") {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), &std::fclose};
  REQUIRE(file != nullptr);
  image_builder b{fileno(file.get())};
  auto const size = (std::uint64_t{5} << 30) + 24;
  b.volume().huge_file("./huge", size, large_layout::dsize_pad).file("./after", "x").end();
  auto const& m = b.members()[0];
  CHECK(m.stored == size);
  CHECK(m.end == m.content_offset + size);
}

TEST_CASE("volumes of a set join to the image they were cut from") {
  auto b = image_builder{};
  volume_fields label;
  b.volume(label).file("./a", prose(2000)).end();
  auto const image = b.bytes();
  auto const volumes = cut_volumes(image, label, 1024, 512);
  REQUIRE(volumes.size() > 2);
  bytes joined;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    auto const skip = i == 0 ? 0u : 72u;
    append(joined, std::span{volumes[i]}.subspan(skip));
    CHECK(volumes[i].at(0) == std::byte{9});
    CHECK(volumes[i].at(6) == static_cast<std::byte>(i + 1));
  }
  joined.resize(image.size());
  CHECK(joined == image);
}

TEST_CASE("every damage says what it does, and does only that") {
  auto const image = noise(64);
  auto const flips = bit_flips(8, 10);
  CHECK(flips.size() == 16);
  CHECK(flips[11].name() == "flip bit 3 at 0x9");
  auto const flipped = damaged(image, flips[11]);
  CHECK(flipped != image);
  CHECK(damaged(flipped, flips[11]) == image);
  CHECK(truncations(0, 64).size() == 64);
  CHECK(truncated(image, 5).size() == 5);
  CHECK(zeroings(0, 64, 16, 8).size() == 7);
  CHECK(zeroed(image, 60, 4)[63] == std::byte{0});
  CHECK_THROWS_AS((void)truncated(image, 65), std::out_of_range);
  CHECK_THROWS_AS((void)zeroed(image, 60, 5), std::out_of_range);
  CHECK_THROWS_AS((void)patched(image, 63, image), std::out_of_range);
}

TEST_CASE("a listing line has every property, with an escaped name") {
  auto b = image_builder{};
  member_options o;
  o.perm = 04755;
  o.uid = 7;
  o.gid = 8;
  o.mtime = 0xffffffff;
  b.volume().file("./a\x7f", "x", o).symlink("./s", "tar get").directory("./d");
  auto const digest = sysb::to_text(sysb::digest_of(to_bytes("x")));
  CHECK(listing_line(b.members()[0]) == "file 000089ed 7 8 1 1 plain -1 " + digest + " ./a\\x7f\n");
  CHECK(listing_line(b.members()[1]) == "symlink 0000a1ff 0 0 7 7 plain 1357002000 - ./s -> tar get\n");
  CHECK(listing_line(b.members()[2]) == "directory 000141ed 0 0 0 0 plain 1357002000 - ./d\n");
}

}  // namespace builder_test
