// SPDX-License-Identifier: Apache-2.0
#include "base/endian.hpp"

#include <cstring>

#include <doctest/doctest.h>

#include "base/cursor.hpp"

namespace endian_test {

using namespace sysb;

TEST_CASE("file integers stand in the file's order, whatever the host's") {
  le32 const l{0x01020304u};
  be32 const b{0x01020304u};
  unsigned char raw[4];
  std::memcpy(raw, &l, 4);
  CHECK(raw[0] == 4);
  std::memcpy(raw, &b, 4);
  CHECK(raw[0] == 1);
  CHECK(l.value() == b.value());
}

TEST_CASE("a cursor never reads past its span, and remembers that it was asked to") {
  std::byte const bytes[6] = {};
  byte_cursor c{bytes};
  CHECK(c.take<le32>() == 0u);
  CHECK(c.ok());
  CHECK(c.take<le32>() == 0u);
  CHECK_FALSE(c.ok());
  CHECK(c.left() == 0);
  CHECK(c.bytes(1).empty());
}

}  // namespace endian_test
