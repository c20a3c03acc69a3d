// SPDX-License-Identifier: Apache-2.0
// Bytes are given out once they are proven, and the cache keeps to its limit.
#include "mount/contents.hpp"

#include <cerrno>

#include "base/text.hpp"
#include "fixture.hpp"
#include "mount/cache.hpp"
#include "mount/file_system.hpp"

namespace contents_test {

using namespace sysb;
using namespace sysb::mount;
using mount::testing::mounted;
using test::image_builder;

namespace {

content_piece piece(std::size_t bytes) { return std::make_shared<std::vector<std::byte> const>(bytes); }

std::string text_of(std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; out.size() < bytes; ++i) { out += concat("line ", i % 991, '\n'); }
  out.resize(bytes);
  return out;
}

}  // namespace

TEST_CASE("the cache forgets what was used longest ago, and never holds more than its limit") {
  piece_cache c{10'000};
  c.put(1, 0, piece(4000));
  c.put(2, 0, piece(4000));
  CHECK(c.get(1, 0));
  c.put(3, 0, piece(4000));
  CHECK(c.get(1, 0));
  CHECK_FALSE(c.get(2, 0));
  CHECK(c.get(3, 0));
  c.put(4, 0, piece(20'000));
  CHECK_FALSE(c.get(4, 0));
  CHECK(c.get(3, 0));
  CHECK_FALSE(c.get(3, 1));
  for (std::uint64_t i = 0; i < 1000; ++i) { c.put(100 + i, 0, piece(1)); }
  CHECK_FALSE(c.get(100, 0));  // empty ones cost something, too
  CHECK(c.get(1099, 0));
}

TEST_CASE("small and large, plain and packed: the bytes of the member, through a cache that is smaller") {
  auto const large = text_of(3'000'000);
  mounted m{image_builder{}
                .volume()
                .file("./small", "hello")
                .file("./plain", large)
                .packed_file("./packed", large)
                .packed_file("./packed-small", text_of(5000))
                .file("./empty", "")
                .end(),
            512u << 10};
  for (int round = 0; round < 2; ++round) {
    CHECK(m.content("small") == "hello");
    CHECK(m.content("plain") == large);
    CHECK(m.content("packed") == large);
    CHECK(m.content("packed-small") == text_of(5000));
    CHECK(m.content("empty").empty());
  }
  CHECK(m.log.empty());
}

TEST_CASE("a packed stream that does not decode is EIO, and one line however often it is opened") {
  mounted m{image_builder{}
                .volume()
                .packed_stream("./broken", as_bytes(std::string_view{"\x1f\x1e is no packed stream"}), 1000)
                .file("./fine", "fine")
                .end()};
  CHECK(m.content("broken") == concat("errno ", EIO));
  CHECK(m.content("broken") == concat("errno ", EIO));
  CHECK(m.content("fine") == "fine");
  REQUIRE(m.log.size() == 1);
  CHECK(m.log.front().find("broken") != std::string::npos);
}

TEST_CASE("an image with another time gives nothing any more, and says so once") {
  mounted m{image_builder{}.volume().file("./a", "first").file("./b", "second").end()};
  CHECK(m.content("a") == "first");
  m.overwrite(0, "", false);
  CHECK(m.content("a") == concat("errno ", EIO));
  CHECK(m.content("b") == concat("errno ", EIO));
  CHECK(m.log.size() == 1);
}

TEST_CASE("a record that changed behind the catalog's back is EIO, though the time is the old one") {
  image_builder image;
  image.volume().file("./a", "first").file("./b", "second").end();
  mounted m{image};
  m.overwrite(image.members().at(1).offset + 20, "\x7f", true);
  CHECK(m.content("a") == "first");
  CHECK(m.content("b") == concat("errno ", EIO));
  CHECK(m.log.size() == 1);
}

TEST_CASE("options of mount(8) that would lift what the mount promises are named") {
  CHECK(refused_option("noatime").empty());
  CHECK(refused_option("noatime,max_read=131072").empty());
  CHECK(refused_option("noatime,rw") == "rw");
  CHECK(refused_option("suid") == "suid");
  CHECK(refused_option("fsname=x") == "fsname=x");
  CHECK_FALSE(refused_option("a\\,suid").empty());
}

}  // namespace contents_test
