// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"

namespace digest_test {

using namespace sysb;

TEST_CASE("XXH3-128 in canonical order, the same streamed and at once") {
  // The published value of the empty input.
  CHECK(to_text(digest_of({})) == "99aa06d3014798d86001c324468d497f");
  digester d;
  d.update(as_bytes("hello "));
  d.update(as_bytes("world"));
  CHECK(d.value() == digest_of(as_bytes("hello world")));
  d.reset();
  CHECK(d.value() == digest_of({}));
}

}  // namespace digest_test
