// SPDX-License-Identifier: Apache-2.0
// Disc images around an image, made by genisoimage and xorriso.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/endian.hpp"
#include "base/text.hpp"
#include "formats/iso9660/iso9660.hpp"
#include "formats/iso9660/layout.hpp"
#include "formats/udf/library_messages.hpp"
#include "formats/udf/udf.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace disc_test {

using namespace sysb;
using namespace carrier_test;

namespace {

bytes image_like(std::size_t size, unsigned seed) {
  auto out = mixed(size, seed);
  std::string_view const magic{"\x09\0\x6b\xea", 4};
  std::copy_n(as_bytes(magic).begin(), 4, out.begin());
  return out;
}

struct disc_kind {
  carrier_format const& carrier;
  std::string tool;
  std::string command;  // of folder "top" to "disc"
};

std::vector<disc_kind> kinds() {
  return {
      {iso9660::carrier(), "genisoimage", "genisoimage -quiet -R -o disc top"},
      {iso9660::carrier(), "genisoimage", "genisoimage -quiet -o disc top"},
      {iso9660::carrier(), "genisoimage", "genisoimage -quiet -R -J -o disc top"},
      {iso9660::carrier(), "xorriso", "xorriso -as mkisofs -quiet -R -o disc top"},
      {udf::carrier(), "genisoimage", "genisoimage -quiet -udf -R -o disc top"},
  };
}

// False where the tool is missing, which is told; one that is there must do its work.
bool make(disc_kind const& k, scratch::folder const& f) {
  if (!has_tool(k.tool)) { return false; }
  REQUIRE_MESSAGE(run(f, k.command), k.command);
  return true;
}

outcome read_disc(disc_kind const& k, scratch::folder const& f, std::string member = {}) {
  return unwrap(k.carrier, io::open_file(f.path() + "/disc", {}), {}, {.member = std::move(member)});
}

}  // namespace

TEST_CASE("the image on a disc is found by its first bytes and read in place") {
  auto const image = image_like(1'500'001, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    scratch::folder f;
    REQUIRE(run(f, "mkdir -p top/usr/sys/inst.images top/empty"));
    f.file("top/usr/sys/inst.images/mksysb_image", image);
    f.file("top/readme", mixed(1'000, 2));
    if (!make(k, f)) { continue; }
    auto const disc = read_file(f.path() + "/disc");
    CHECK(k.carrier.bid(std::span{disc}.first(68u << 10)) != 0);
    CHECK(k.carrier.bid(std::span{disc}.first(4096)) == 0);
    auto const seen = read_disc(k, f);
    CHECK(seen.error == "");
    CHECK(seen.content == image);
    CHECK(seen.findings.ids.empty());
    finding_list findings;
    auto const s = k.carrier.open(io::open_file(f.path() + "/disc", {}), {}, {}, findings);
    CHECK(s->seekable());
    CHECK(s->size() == image.size());
    auto pipe = io::open_descriptor(f.feed(disc, scratch::channel::pipe), {});
    CHECK(unwrap(k.carrier, std::move(pipe), {}, {.tmpdir = f.path()}).content == image);
    auto no_spool = io::open_descriptor(f.feed(disc, scratch::channel::pipe), {});
    CHECK(unwrap(k.carrier, std::move(no_spool)).error.find("--tmpdir") != std::string::npos);
  }
}

TEST_CASE("several images on a disc are listed by their names, and --member chooses") {
  auto const one = image_like(5'000, 1);
  auto const two = image_like(6'000, 2);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("-R") == std::string::npos) { continue; }
    scratch::folder f;
    REQUIRE(run(f, "mkdir -p top/sub"));
    f.file("top/sub/first image of two", one);
    f.file("top/sub/Second.Image", two);
    if (!make(k, f)) { continue; }
    auto const seen = read_disc(k, f);
    CHECK(seen.kind == fatal_error::kind::usage);
    CHECK(seen.error.find("holds 2 images; choose one with --member: ") != std::string::npos);
    CHECK(seen.error.find("sub/first image of two") != std::string::npos);
    CHECK(read_disc(k, f, "sub/Second.Image").content == two);
    CHECK(read_disc(k, f, "/sub/first image of two").content == one);
    CHECK(read_disc(k, f, "sub/third").kind == fatal_error::kind::usage);
  }
}

TEST_CASE("many files in many directories do not hide the image") {
  auto const image = image_like(5'000, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("-R") == std::string::npos) { continue; }
    scratch::folder f;
    REQUIRE(run(f,
                "for d in a b c; do mkdir -p top/$d; i=0; while [ $i -lt 200 ]; do"
                " echo $i > top/$d/file_number_$i; i=$((i+1)); done; done"));
    f.file("top/c/zz_image", image);
    if (!make(k, f)) { continue; }
    CHECK(read_disc(k, f).content == image);
  }
}

TEST_CASE("a disc that is cut short or damaged is told, and never hangs") {
  auto const image = image_like(20'000, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    scratch::folder f;
    REQUIRE(run(f, "mkdir -p top/sub"));
    f.file("top/sub/image", image);
    if (!make(k, f)) { continue; }
    auto const disc = read_file(f.path() + "/disc");
    auto const at =
        static_cast<std::size_t>(std::search(disc.begin(), disc.end(), image.begin(), image.end()) - disc.begin());
    REQUIRE(at < disc.size());
    unsigned whole = 0, in_part = 0;
    for (std::size_t n = 33'000; n < disc.size(); n += 4'001) {
      CAPTURE(n);
      auto cut = disc;
      cut.resize(n);
      auto const seen = unwrap(k.carrier, io::from_memory(cut));
      if (seen.content.empty()) {
        CHECK(seen.error != "");
        continue;
      }
      // All of the image that the disc has; that it is cut is told by its own reader.
      CHECK(seen.content.size() == std::min(n - at, image.size()));
      CHECK(is_prefix(seen.content, image));
      ++(seen.content == image ? whole : in_part);
    }
    CHECK(whole != 0);  // after the image a disc is padding
    CHECK(in_part != 0);
    for (unsigned seed = 0; seed < 100; ++seed) {
      auto broken = disc;
      auto const noise = scratch::pattern(16, seed);
      auto const sector = 16 + seed % 40;
      for (std::size_t i = 0; i < 4; ++i) {
        auto const place = sector * 2048 + (seed * 53 + i * 17) % 400;
        if (place < broken.size()) { broken[place] = noise[i]; }
      }
      CHECK(unwrap(k.carrier, io::from_memory(broken)).content.size() <= disc.size());
    }
  }
}

namespace {

// A disc whose reading looks at the process's stderr by the way, as another part of a program may.
class watching_source final : public byte_source {
 public:
  explicit watching_source(bytes content) : inner_{io::from_memory(std::move(content))} {}
  std::span<std::byte const> peek(std::size_t n) override { return inner_->peek(n); }
  void consume(std::size_t n) override { inner_->consume(n); }
  std::uint64_t skip(std::uint64_t n) override { return inner_->skip(n); }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    CHECK(stderr == usual_);
    // As the command does that owns its process: a message of the library is kept, and nothing else.
    if (hand_over) {
      CHECK(udf::library_messages::offer("udfread ERROR: a test\n"));
      CHECK_FALSE(udf::library_messages::offer("somebody else\n"));
    }
    return inner_->probe(offset, out);
  }
  std::uint64_t position() const noexcept override { return inner_->position(); }
  std::optional<std::uint64_t> size() const noexcept override { return inner_->size(); }
  bool seekable() const noexcept override { return true; }
  void seek(std::uint64_t offset) override { inner_->seek(offset); }

  bool hand_over = false;

 private:
  std::unique_ptr<byte_source> inner_;
  std::FILE* usual_ = stderr;
};

// What is written to descriptor 2 meanwhile.
template <typename Work>
std::string written_to_stderr(scratch::folder const& f, Work const& work) {
  auto const path = f.path() + "/stderr";
  std::fflush(stderr);
  auto const kept = ::dup(2);
  auto const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, 2);
  work();
  std::fflush(stderr);
  ::dup2(kept, 2);
  ::close(file);
  ::close(kept);
  auto const said = read_file(path);
  return std::string{as_text(said)};
}

}  // namespace

TEST_CASE("reading a damaged disc leaves the stderr of the process alone") {
  auto const k = kinds().back();
  scratch::folder f;
  REQUIRE(run(f, "mkdir -p top/sub top/two"));
  f.file("top/sub/image", image_like(20'000, 1));
  f.file("top/two/file", mixed(1'000, 1));
  if (!make(k, f)) { return; }
  auto const disc = read_file(f.path() + "/disc");
  std::size_t talked = 0;
  std::size_t survived = 0;
  for (std::size_t sector = 17; sector < 400 && (sector + 1) * 2048 < disc.size(); ++sector) {
    auto broken = disc;
    std::fill_n(broken.begin() + static_cast<std::ptrdiff_t>(sector * 2048), 2048, std::byte{0x5a});
    outcome seen;
    auto const printed =
        written_to_stderr(f, [&] { seen = unwrap(k.carrier, std::make_unique<watching_source>(std::move(broken))); });
    CAPTURE(sector);
    // The library's own words, as for everybody who uses it.
    CHECK((printed.empty() || printed.find("udfread") == 0));
    talked += printed.empty() ? 0u : 1u;
    survived += !printed.empty() && seen.error.empty() ? 1u : 0u;
  }
  CHECK(talked != 0);
  CHECK(survived != 0);  // the image is read all the same
}

TEST_CASE("messages of libudfread that the owner of the process hands over are a finding, once") {
  auto const k = kinds().back();
  scratch::folder f;
  REQUIRE(run(f, "mkdir -p top"));
  f.file("top/image", image_like(20'000, 1));
  if (!make(k, f)) { return; }
  CHECK_FALSE(udf::library_messages::offer("udfread ERROR: nobody listens\n"));
  auto disc = std::make_unique<watching_source>(read_file(f.path() + "/disc"));
  disc->hand_over = true;
  auto const seen = unwrap(k.carrier, std::move(disc));
  CHECK(seen.error == "");
  auto const& ids = seen.findings.ids;
  CHECK(std::count(ids.begin(), ids.end(), "UDF-002") == 1);
  for (auto const& text : seen.findings.texts) { CHECK(text.find("udfread") == std::string::npos); }
}

TEST_CASE("a file in several records is read, in a row or apart") {
  scratch::folder f;
  auto const image = image_like(8'192, 1);
  REQUIRE(run(f, "mkdir -p top"));
  f.file("top/a", bytes(image.begin(), image.begin() + 4096));
  f.file("top/b", bytes(image.begin() + 4096, image.end()));
  auto const k = kinds()[1];
  if (!make(k, f)) { return; }
  // The record of A gets the flag "goes on", and that of B the same name.
  auto disc = read_file(f.path() + "/disc");
  std::size_t flagged = 0;
  for (std::size_t at = 18 * 2048; at + 35 < disc.size() && flagged == 0; ++at) {
    if (disc[at] == std::byte{'A'} && disc[at + 1] == std::byte{'.'} && disc[at - 1] == std::byte{4}) {
      flagged = at - 33;
    }
  }
  REQUIRE(flagged != 0);
  disc[flagged + 25] |= std::byte{iso9660::record_flag::more_extents};
  auto const seen = unwrap(k.carrier, io::from_memory(disc));
  CHECK(seen.error == "");
  CHECK(seen.content == image);
  // The parts change places: the second stands before the first.
  auto const sector = std::to_integer<unsigned>(disc[flagged + 2]) + std::to_integer<unsigned>(disc[flagged + 3]) * 256;
  auto const a = disc.begin() + static_cast<std::ptrdiff_t>(sector * 2048);
  std::swap_ranges(a, a + 4096, a + 4096);
  auto const b_record = flagged + std::to_integer<std::size_t>(disc[flagged]);
  std::swap(disc[flagged + 2], disc[b_record + 2]);
  std::swap(disc[flagged + 6], disc[b_record + 6]);
  auto const apart = unwrap(k.carrier, io::from_memory(disc));
  CHECK(apart.error == "");
  CHECK(apart.content == image);
  auto pipe = io::open_descriptor(f.feed(disc, scratch::channel::pipe), {.tmpdir = f.path()});
  CHECK(unwrap(k.carrier, std::move(pipe), {}, {.tmpdir = f.path()}).content == image);
  disc[b_record + 2] = disc[flagged + 2];  // both the same sectors
  disc[b_record + 6] = disc[flagged + 6];
  auto const twice = unwrap(k.carrier, io::from_memory(disc), {}, {.member = "A."});
  CHECK(twice.kind == fatal_error::kind::unsupported);
}

}  // namespace disc_test
