// SPDX-License-Identifier: Apache-2.0
// Cuts and flipped bits: an error each time, never a crash, never a good verdict.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "contract/walk.hpp"
#include "support/damage.hpp"
#include "support/thinned.hpp"

namespace damage_test {

using namespace sysb;
using namespace sysb::contract;

namespace {

std::vector<named_image> small_images(std::size_t limit) {
  std::vector<named_image> out;
  for (auto const* folder : {"backup_by_name/good", "backup_by_name/compat"}) {
    for (auto& i : images_of(folder)) {
      if (i.image.size() < limit) { out.push_back(std::move(i)); }
    }
  }
  for (auto& i : real_samples()) {
    if (i.image.size() < limit) { out.push_back(std::move(i)); }
  }
  REQUIRE(out.size() > 10);
  return out;
}

}  // namespace

TEST_CASE("every cut before the last byte of the end record is an error, every later one is none") {
  for (auto const& i : small_images(8192)) {
    CAPTURE(i.name);
    auto const whole = walk(i.image, mode::read);
    REQUIRE(whole.complete);
    for (std::size_t n = 0; n <= i.image.size(); n += test::stride(13)) {
      CAPTURE(n);
      auto const cut = test::truncated(i.image, n);
      auto const seen = walk(cut, n % 2 == 0 ? mode::read : mode::skip, n % 3 == 0 ? medium::pipe : medium::file);
      if (n < whole.end_offset) {
        CHECK(seen.has_error());
        CHECK_FALSE(seen.complete);
      } else {
        CHECK_FALSE(seen.has_error());
        CHECK(seen.complete);
        CHECK(seen.end_offset == whole.end_offset);
      }
    }
  }
}

TEST_CASE("no flipped bit of a header goes unnoticed") {
  for (auto const& i : small_images(2560)) {
    CAPTURE(i.name);
    auto const whole = walk(i.image, mode::skip);
    REQUIRE(whole.complete);
    // After an unknown block nothing says where a header must stand: a damaged one is part of it.
    auto const opaque = [](auto const& e) { return !e.about.opaque.empty(); };
    if (std::any_of(whole.entries.begin(), whole.entries.end(), opaque)) { continue; }
    std::vector<test::damage> flips = test::bit_flips(0, 72);
    for (auto const& e : whole.entries) {
      auto const length = std::to_integer<std::uint64_t>(i.image[static_cast<std::size_t>(e.about.offset)]) * 8;
      auto const more = test::bit_flips(e.about.offset, e.about.offset + length);
      flips.insert(flips.end(), more.begin(), more.end());
    }
    auto const end = test::bit_flips(whole.end_offset - 8, whole.end_offset);
    flips.insert(flips.end(), end.begin(), end.end());
    for (std::size_t k = 0; k < flips.size(); k += test::stride(13)) {
      auto const& flip = flips[k];
      auto const seen = walk(test::damaged(i.image, flip), mode::read);
      if (!seen.has_error()) {
        CAPTURE(flip.name());
        INFO(describe(seen));
        CHECK(seen.has_error());
      }
    }
  }
}

TEST_CASE("bits flipped and ranges zeroed anywhere never end in anything but findings") {
  for (auto const& i : small_images(4096)) {
    CAPTURE(i.name);
    auto const size = i.image.size();
    auto damages = test::zeroings(0, size, 8, 8);
    auto const wide = test::zeroings(0, size, 96, 56);
    damages.insert(damages.end(), wide.begin(), wide.end());
    for (std::uint64_t at = 0; at < size; ++at) {
      damages.push_back({test::damage::how::flip_bit, at, (at * 5 + at / 8) % 8});
    }
    for (std::size_t k = 0; k < damages.size(); k += test::stride(13)) {
      auto const& d = damages[k];
      CAPTURE(d.name());
      auto const image = test::damaged(i.image, d);
      auto const file = walk(image, mode::read);
      auto const pipe = walk(image, mode::skip, medium::pipe);
      CHECK(file.fatal == pipe.fatal);
      CHECK(file.end_offset == pipe.end_offset);
      CHECK(file.findings == pipe.findings);
    }
  }
}

}  // namespace damage_test
