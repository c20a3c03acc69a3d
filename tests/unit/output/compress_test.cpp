// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <zstd.h>

#include "archive_reading.hpp"
#include "output/compress.hpp"
#include "support.hpp"

namespace compress_test {

using namespace sysb;
using namespace sysb::test;
using output::compression;

namespace {

class into_string final : public output::byte_writer {
 public:
  explicit into_string(std::string& out) : out_{&out} {}
  void write(std::span<std::byte const> piece) override { out_->append(as_text(piece)); }
  void finish() override {}

 private:
  std::string* out_;
};

std::string compressed(std::string_view content, compression c, unsigned threads, std::size_t piece, int level = -1) {
  std::string out;
  auto const w = output::make_compressor(std::make_unique<into_string>(out), c, level, threads);
  for (std::size_t at = 0; at < content.size(); at += piece) { w->write(as_bytes(content.substr(at, piece))); }
  w->finish();
  return out;
}

std::string sample() {
  std::string text;
  std::uint64_t x = 88172645463325252u;
  while (text.size() < 5u << 20) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    text += concat(x % 1000, " word ", x % 7, '\n');
  }
  return text;
}

std::string expanded(std::string const& bytes) {
  std::string out;
  auto* const a = ::archive_read_new();
  ::archive_read_support_format_raw(a);
  ::archive_read_support_filter_all(a);
  REQUIRE(::archive_read_open_memory(a, bytes.data(), bytes.size()) == ARCHIVE_OK);
  ::archive_entry* e = nullptr;
  REQUIRE(::archive_read_next_header(a, &e) == ARCHIVE_OK);
  std::string buffer(1 << 16, '\0');
  la_ssize_t n = 0;
  while ((n = ::archive_read_data(a, buffer.data(), buffer.size())) > 0) {
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
  CHECK(n == 0);
  ::archive_read_free(a);
  return out;
}

}  // namespace

TEST_CASE("the bytes do not depend on the number of threads or the size of pieces") {
  auto const text = sample();
  for (auto const c : {compression::gzip, compression::zstd}) {
    auto const reference = compressed(text, c, 1, text.size());
    CHECK(reference.size() < text.size() / 2);
    CHECK(expanded(reference) == text);
    for (unsigned const threads : {1u, 2u, 4u}) {
      for (std::size_t const piece : {4096u, 1000003u}) { CHECK(compressed(text, c, threads, piece) == reference); }
    }
    CHECK(compressed(text, c, 0, 1 << 16) == reference);
  }
  auto const part = std::string_view{text}.substr(0, 1 << 20);
  auto const xz = compressed(part, compression::xz, 1, part.size());
  CHECK(expanded(xz) == part);
  CHECK(compressed(part, compression::xz, 4, 5000) == xz);
}

TEST_CASE("a zstd frame has a checksum, and a level changes the bytes") {
  auto const text = sample();
  auto const normal = compressed(text, compression::zstd, 2, 1 << 16);
  CHECK((static_cast<unsigned char>(normal[4]) & 4) != 0);  // frame header descriptor
  CHECK(compressed(text, compression::zstd, 2, 1 << 16, 3) == normal);
  CHECK(compressed(text, compression::zstd, 2, 1 << 16, 1) != normal);
  auto const at_level = [&](int level) { return compressed(text, compression::gzip, 1, 1 << 16, level); };
  CHECK(at_level(1) != at_level(9));
}

TEST_CASE("zstd frames hold a fixed part of the stream each, and tell their length") {
  auto const text = sample();
  auto const whole = compressed(text, compression::zstd, 4, 777'777);
  std::string_view rest = whole;
  std::vector<unsigned long long> lengths;
  while (!rest.empty()) {
    lengths.push_back(::ZSTD_getFrameContentSize(rest.data(), rest.size()));
    auto const n = ::ZSTD_findFrameCompressedSize(rest.data(), rest.size());
    REQUIRE(::ZSTD_isError(n) == 0);
    rest.remove_prefix(n);
  }
  auto const mib = 1ull << 20;
  CHECK(lengths == std::vector{2 * mib, 2 * mib, text.size() - 4 * mib});
  // A stream that ends with a frame has no empty one after it.
  auto const two = compressed(std::string_view{text}.substr(0, 2u << 20), compression::zstd, 4, 1 << 16);
  CHECK(::ZSTD_findFrameCompressedSize(two.data(), two.size()) == two.size());
}

TEST_CASE("an output that fails ends the compression, with workers and without") {
  class full final : public output::byte_writer {
   public:
    void write(std::span<std::byte const>) override { throw fatal_error{fatal_error::kind::io, "no space"}; }
    void finish() override {}
  };
  auto const text = sample();
  for (unsigned const threads : {1u, 4u}) {
    auto const w = output::make_compressor(std::make_unique<full>(), compression::zstd, -1, threads);
    auto const all = [&] {
      for (int i = 0; i < 4; ++i) { w->write(as_bytes(text)); }
      w->finish();
    };
    CHECK_THROWS_AS(all(), fatal_error);
  }
}

TEST_CASE("a gzip header carries no time") {
  auto const bytes = compressed("hello", compression::gzip, 1, 5);
  REQUIRE(bytes.size() > 10);
  CHECK(bytes.substr(4, 4) == std::string(4, '\0'));
}

TEST_CASE("nothing at all is a valid stream") {
  for (auto const c : {compression::gzip, compression::xz, compression::zstd}) {
    auto const bytes = compressed("", c, 2, 1);
    CHECK(bytes.size() > 8);
  }
  auto const frame = compressed("", compression::zstd, 2, 1);
  CHECK(::ZSTD_findFrameCompressedSize(frame.data(), frame.size()) == frame.size());
}

}  // namespace compress_test
