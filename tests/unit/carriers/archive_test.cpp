// SPDX-License-Identifier: Apache-2.0
// tar and cpio archives around an image, made by the real tools.
#include "base/text.hpp"
#include "formats/cpio/cpio.hpp"
#include "formats/tar/tar.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace archive_test {

using namespace sysb;
using namespace carrier_test;

namespace {

// Begins like a volume, which is all that a carrier looks at.
bytes image_like(std::size_t size, unsigned seed) {
  auto out = mixed(size, seed);
  std::string_view const magic{"\x09\0\x6b\xea", 4};
  std::copy_n(as_bytes(magic).begin(), 4, out.begin());
  return out;
}

struct archive_kind {
  carrier_format const& carrier;
  std::string tool;
  std::string command;  // of the files in list.txt to packed
};

std::vector<archive_kind> kinds() {
  auto const& t = tar::carrier();
  auto const& c = cpio::carrier();
  return {
      {t, "tar", "tar --format=gnu -cf packed -T list.txt"},
      {t, "tar", "tar --format=posix -cf packed -T list.txt"},
      {t, "tar", "tar --format=ustar -cf packed -T list.txt"},
      {t, "tar", "tar --format=v7 -cf packed -T list.txt"},
      {t, "tar", "tar --format=posix --pax-option=size:=150001 -cf packed -T list.txt"},
      {t, "bsdtar", "bsdtar --format=pax -cf packed -T list.txt"},
      {c, "cpio", "cpio -o -H newc < list.txt > packed"},
      {c, "cpio", "cpio -o -H crc < list.txt > packed"},
      {c, "cpio", "cpio -o -H odc < list.txt > packed"},
      {c, "cpio", "cpio -o -H bin < list.txt > packed"},
      {c, "bsdtar", "bsdtar --format=newc -cf packed -T list.txt"},
  };
}

outcome from_file(archive_kind const& k, scratch::folder const& f, std::string member = {}) {
  return unwrap(k.carrier, io::open_file(f.path() + "/packed", {}), {}, {.member = std::move(member)});
}

outcome from_pipe(archive_kind const& k, scratch::folder& f, std::string member = {}) {
  auto pipe = io::open_descriptor(f.feed(read_file(f.path() + "/packed"), scratch::channel::pipe), {});
  return unwrap(k.carrier, std::move(pipe), {}, {.member = std::move(member)});
}

bool make(archive_kind const& k, scratch::folder const& f, std::string const& list) {
  if (!has_tool(k.tool)) { return false; }  // which is told; one that is there must do its work
  REQUIRE_MESSAGE(run(f, "mkdir -p d && printf '%s\\n' " + list + " > list.txt && " + k.command), k.command);
  return true;
}

}  // namespace

TEST_CASE("the image in an archive is found by its first bytes, from a file and from a pipe") {
  auto const image = image_like(150'001, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("size:") != std::string::npos) { continue; }
    scratch::folder f;
    f.file("boot.img", mixed(70'000, 2));
    f.file("empty", {});
    f.file("rootvg.mksysb", image);
    f.file("rest", mixed(3'000, 3));
    if (!make(k, f, "boot.img empty d rootvg.mksysb rest")) { continue; }
    auto const packed = read_file(f.path() + "/packed");
    CHECK(k.carrier.bid(std::span{packed}.first(4096)) != 0);
    auto const seen = from_file(k, f);
    CHECK(seen.error == "");
    CHECK(seen.content == image);
    CHECK(seen.findings.ids.empty());
    auto const piped = from_pipe(k, f);
    CHECK(piped.error == "");
    CHECK(piped.content == image);
  }
}

TEST_CASE("several images are listed, and --member chooses, by its name in any spelling") {
  auto const one = image_like(5'000, 1);
  auto const two = image_like(6'000, 2);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("size:") != std::string::npos) { continue; }
    scratch::folder f;
    f.file("one", one);
    f.file("two", two);
    if (!make(k, f, "./one ./two")) { continue; }
    auto const seen = from_file(k, f);
    CHECK(seen.kind == fatal_error::kind::usage);
    CHECK(seen.error.find("holds 2 images; choose one with --member: ") != std::string::npos);
    CHECK(seen.error.find("two\"") != std::string::npos);
    CHECK(from_file(k, f, "two").content == two);
    CHECK(from_pipe(k, f, "/two").content == two);
    CHECK(from_file(k, f, "./one").content == one);
    auto const none = from_file(k, f, "three");
    CHECK(none.kind == fatal_error::kind::usage);
    CHECK(none.error.find("no member \"three\"") == 0);
  }
}

TEST_CASE("an image in a file is a plain run of it, ready for random access") {
  scratch::folder f;
  auto const image = image_like(150'001, 1);
  f.file("image", image);
  auto const k = kinds().front();
  if (!make(k, f, "image")) { return; }
  finding_list findings;
  auto const s = k.carrier.open(io::open_file(f.path() + "/packed", {}), {}, {}, findings);
  CHECK(s->seekable());
  CHECK(s->size() == image.size());
  REQUIRE(s->file());
  CHECK(s->file()->base == 512);
}

TEST_CASE("names of any length come whole") {
  scratch::folder f;
  auto const image = image_like(3'000, 1);
  std::string const folder = std::string(120, 'd') + "/" + std::string(130, 'e');
  REQUIRE(run(f, "mkdir -p " + folder));
  auto const name = folder + "/" + std::string(90, 'n');
  f.file(name, image);
  f.file("other", image);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("v7") != std::string::npos || k.command.find("ustar") != std::string::npos ||
        k.command.find("size:") != std::string::npos) {
      continue;
    }
    if (!make(k, f, "other " + name)) { continue; }
    CHECK(from_file(k, f, name).content == image);
  }
}

namespace {

struct sparse_kind {
  std::string options;
};

// GNU tar looks for holes only in a file that has some.
std::string sparse_tar(std::string const& options, std::string const& more = {}) {
  return "cp --sparse=always dense image && tar " + options + " -S --hole-detection=raw -cf packed image " + more;
}

std::vector<sparse_kind> sparse_kinds() {
  return {{"--format=gnu"},
          {"--format=posix --sparse-version=0.0"},
          {"--format=posix --sparse-version=0.1"},
          {"--format=posix --sparse-version=1.0"}};
}

// Islands of data in a sea of zeros: more of them than the header of the old form holds.
bytes islands(unsigned count) {
  auto out = image_like(5'000, 1);
  for (unsigned i = 1; i < count; ++i) {
    out.resize(out.size() + 100'000 + i * 512);
    auto const more = scratch::pattern(3'000 + i, i);
    out.insert(out.end(), more.begin(), more.end());
  }
  out.resize(out.size() + 50'000);
  return out;
}

}  // namespace

TEST_CASE("a sparse member is read whole, in every form that GNU tar writes, from a file and from a pipe") {
  if (!has_tool("tar")) { return; }
  for (unsigned const count : {1u, 3u, 4u, 5u, 70u}) {
    CAPTURE(count);
    auto const image = islands(count);
    for (auto const& kind : sparse_kinds()) {
      CAPTURE(kind.options);
      scratch::folder f;
      f.file("dense", image);
      f.file("readme", mixed(3'000, 2));
      REQUIRE(run(f, sparse_tar(kind.options, "readme")));
      CHECK(read_file(f.path() + "/packed").size() < 1'300'000);
      auto const k = kinds().front();
      auto const seen = from_file(k, f);
      CHECK(seen.error == "");
      CHECK(seen.content == image);
      CHECK(seen.findings.ids.empty());
      CHECK(from_pipe(k, f).content == image);
      CHECK(from_file(k, f, "image").content == image);
      CHECK(from_file(k, f, "readme").content == mixed(3'000, 2));  // the walk goes on after the map
    }
  }
}

TEST_CASE("holes are held to the limits of what a few bytes may become") {
  if (!has_tool("tar")) { return; }
  for (auto const& kind : sparse_kinds()) {
    CAPTURE(kind.options);
    scratch::folder f;
    f.file("dense", image_like(5'000, 1));
    REQUIRE(run(f, "cp dense image && truncate -s 900G image && tar " + kind.options +
                       " -S --hole-detection=seek -cf packed image"));
    auto const packed = read_file(f.path() + "/packed");
    auto const seen = unwrap(tar::carrier(), io::from_memory(packed));
    CHECK(seen.kind == fatal_error::kind::unsupported);
    CHECK(seen.error.find("which --ratio-limit can raise") != std::string::npos);
    limits l;
    l.expansion_ratio = 0;
    finding_list findings;
    auto const open = tar::carrier().open(io::from_memory(packed), l, {}, findings);
    auto const head = open->peek(5'000);
    CHECK(bytes(head.begin(), head.begin() + 5'000) == image_like(5'000, 1));
    l.expansion_bytes = 100u << 20;
    CHECK(unwrap(tar::carrier(), io::from_memory(packed), l).error.find("--size-limit") != std::string::npos);
  }
}

TEST_CASE("a sparse member that is cut or has a map that cannot be is told, and never read beyond its size") {
  if (!has_tool("tar")) { return; }
  auto const image = islands(30);
  for (auto const& kind : sparse_kinds()) {
    CAPTURE(kind.options);
    scratch::folder f;
    f.file("dense", image);
    REQUIRE(run(f, sparse_tar(kind.options)));
    auto const packed = read_file(f.path() + "/packed");
    auto const open = [&](bytes const& b) {
      return unwrap(tar::carrier(), io::from_memory(b), {}, {.member = "image"});
    };
    for (std::size_t n = 600; n < packed.size(); n += 4'001) {
      auto const seen = open(bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(n)));
      CHECK(is_prefix(seen.content, image));
    }
    for (unsigned seed = 0; seed < 200; ++seed) {
      auto broken = packed;
      auto const noise = scratch::pattern(8, seed);
      for (std::size_t i = 0; i < 3; ++i) { broken[512 + (seed * 53 + i * 211) % 3'000] = noise[i]; }
      auto const seen = open(broken);
      CHECK(seen.content.size() <= 2 * image.size());
    }
  }
  // Where the map says more than there is room for, nothing is read.
  scratch::folder f;
  f.file("dense", image);
  REQUIRE(run(f, sparse_tar("--format=posix --sparse-version=0.1")));
  auto packed = read_file(f.path() + "/packed");
  auto const text = std::string{as_text(packed)};
  auto const second = text.find(',', text.find("GNU.sparse.map=0,") + 17) + 1;
  REQUIRE(text.substr(second, 7) == "105472,");
  packed[second] = packed[second + 2] = std::byte{'0'};  // the second piece begins inside the first
  auto const seen = unwrap(tar::carrier(), io::from_memory(packed), {}, {.member = "image"});
  CHECK(seen.kind == fatal_error::kind::unsupported);
  CHECK(seen.error.find("without a sound list") != std::string::npos);
}

TEST_CASE("an archive cut anywhere gives the start of the image or says what is wrong") {
  auto const image = image_like(1'500, 1);
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (k.command.find("size:") != std::string::npos) { continue; }
    scratch::folder f;
    f.file("a", mixed(600, 2));
    f.file("image", image);
    if (!make(k, f, "a image")) { continue; }
    auto const packed = read_file(f.path() + "/packed");
    for (std::size_t n = 0; n < packed.size(); n += 7) {
      auto cut = packed;
      cut.resize(n);
      auto const seen = unwrap(k.carrier, io::from_memory(cut));
      CHECK(is_prefix(seen.content, image));
      bool const told = !seen.error.empty() || seen.content == image || !seen.findings.ids.empty();
      if (!told) {
        CAPTURE(n);
        FAIL_CHECK("a cut was not told");
      }
    }
  }
}

TEST_CASE("an archive without an image says how many files it has") {
  scratch::folder f;
  f.file("a", mixed(600, 2));
  f.file("b", mixed(600, 3));
  auto const k = kinds().front();
  if (!make(k, f, "a b")) { return; }
  auto const seen = from_file(k, f);
  CHECK(seen.kind == fatal_error::kind::unsupported);
  CHECK(seen.error == "a tar archive of 2 files without an image inside");
}

TEST_CASE("a big-endian binary cpio archive, as AIX writes, is read") {
  if (!has_tool("cpio")) { return; }
  scratch::folder f;
  auto const image = image_like(5'000, 1);
  f.file("image", image);
  REQUIRE(run(f, "echo image | cpio -o -H bin > packed"));
  auto packed = read_file(f.path() + "/packed");
  // Header fields change their byte order, names and content do not.
  std::size_t at = 0;
  for (std::size_t const content : {5'000u, 0u}) {
    for (std::size_t i = at; i < at + 26; i += 2) { std::swap(packed[i], packed[i + 1]); }
    at += 26 + (content != 0 ? 6 : 12) + content;
  }
  CHECK(cpio::carrier().bid(packed) == 24);
  auto const seen = unwrap(cpio::carrier(), io::from_memory(packed));
  CHECK(seen.error == "");
  CHECK(seen.content == image);
}

TEST_CASE("hostile sizes in headers are told and never followed") {
  scratch::folder f;
  f.file("a", mixed(600, 2));
  f.file("image", image_like(1'000, 1));
  for (auto const& k : kinds()) {
    CAPTURE(k.command);
    if (!make(k, f, "a image")) { continue; }
    auto const packed = read_file(f.path() + "/packed");
    for (unsigned seed = 0; seed < 200; ++seed) {
      auto broken = packed;
      auto const noise = scratch::pattern(4, seed);
      for (std::size_t i = 0; i < 4; ++i) { broken[(seed * 37 + i * 11) % 2048 % broken.size()] = noise[i]; }
      auto const seen = unwrap(k.carrier, io::from_memory(broken));
      CHECK(seen.content.size() <= packed.size());
    }
  }
}

}  // namespace archive_test
