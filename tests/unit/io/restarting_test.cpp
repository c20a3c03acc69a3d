// SPDX-License-Identifier: Apache-2.0
// How often a stream that can begin again does so.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include "core/fatal_error.hpp"
#include "io/io.hpp"

namespace restarting_test {

namespace {

using namespace sysb;

// Each eight bytes hold their offset.
class numbered_producer final : public io::byte_producer {
 public:
  numbered_producer(std::uint64_t length, std::uint64_t& made, unsigned& starts, bool broken)
      : length_{length}, made_{made}, starts_{starts}, broken_{broken} {
    starts_ = 1;
  }
  std::size_t produce(std::span<std::byte> out) override {
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), length_ - at_));
    if (n == 0 && broken_) { throw fatal_error{fatal_error::kind::damaged, "the rest is damaged", at_}; }
    for (std::size_t i = 0; i < n; ++i, ++at_) { out[i] = static_cast<std::byte>(at_ / 8 >> 8 * (at_ % 8)); }
    made_ += n;
    return n;
  }
  bool restartable() const noexcept override { return true; }
  void restart() override {
    at_ = 0;
    ++starts_;
  }

 private:
  std::uint64_t length_;
  std::uint64_t& made_;
  unsigned& starts_;
  bool broken_;
  std::uint64_t at_ = 0;
};

std::uint64_t number(byte_source& s, std::uint64_t offset) {
  std::array<std::byte, 8> out{};
  if (s.probe(offset, out) != out.size()) { return ~std::uint64_t{0}; }
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < out.size(); ++i) { n |= std::to_integer<std::uint64_t>(out[i]) << 8 * i; }
  return n;
}

}  // namespace

TEST_CASE("far places in ascending order cost no start, a step back to one of them costs one") {
  constexpr std::uint64_t mib = 1u << 20;
  constexpr std::uint64_t length = 60 * mib + 16;
  for (auto const broken : {false, true}) {
    std::uint64_t made = 0;
    unsigned starts = 0;
    auto const s = io::from_producer(std::make_unique<numbered_producer>(length, made, starts, broken), {});
    CHECK_FALSE(s->size());
    CHECK_FALSE(s->cheap_seek());
    (void)s->peek(256);
    for (std::uint64_t at = 9 * mib; at < length; at += 10 * mib) { CHECK(number(*s, at) == at / 8); }
    CHECK(number(*s, 69 * mib) == ~std::uint64_t{0});  // after the end
    CHECK(starts == 1);
    CHECK(made == length);
    CHECK(number(*s, 8) == 1);  // what was peeked is still there
    CHECK(number(*s, 19 * mib) == 19 * mib / 8);
    CHECK(starts == 2);
    CHECK(s->skip(19 * mib) == 19 * mib);
    CHECK(s->peek(8).size() >= 8);
    CHECK(number(*s, 29 * mib) == 29 * mib / 8);
    CHECK(starts == 2);
    CHECK(made < length + 30 * mib);
  }
}

TEST_CASE("a look over the border of two such streams costs no start, and finds where the border is") {
  constexpr std::uint64_t mib = 1u << 20;
  std::uint64_t made = 0;
  unsigned starts = 0;
  std::uint64_t made_behind = 0;
  unsigned starts_behind = 0;
  std::vector<std::unique_ptr<byte_source>> parts;
  parts.push_back(io::from_producer(std::make_unique<numbered_producer>(40 * mib, made, starts, false), {}));
  auto behind = std::make_unique<numbered_producer>(80 * mib + 72, made_behind, starts_behind, false);
  parts.push_back(io::slice(io::from_producer(std::move(behind), {}), 72, ~std::uint64_t{0}));
  auto const s = io::concatenate(std::move(parts));
  (void)s->peek(256);
  for (std::uint64_t at = 55 * mib; at < 120 * mib; at += 10 * mib) {
    CHECK(number(*s, at) == (at - 40 * mib + 72) / 8);
  }
  CHECK(number(*s, 121 * mib) == ~std::uint64_t{0});
  CHECK(starts == 1);
  CHECK(starts_behind == 1);
  CHECK(made + made_behind == 120 * mib + 72);
  CHECK(s->skip(115 * mib) == 115 * mib);
  CHECK(number(*s, 115 * mib) == (75 * mib + 72) / 8);
  CHECK(starts == 1);
}

}  // namespace restarting_test
