// SPDX-License-Identifier: Apache-2.0
// Archives that AIX wrote: exact listings, every truncation, every flipped bit of a header.
#include <doctest/doctest.h>

#include "by_name_support.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "support/thinned.hpp"

namespace samples_test {

using namespace by_name_test;

namespace {

struct line {
  char const* path;
  std::uint32_t mode;
  std::uint32_t uid, gid;
  std::uint64_t size, stored, offset;
};

void check_listing(walk_result const& seen, std::vector<line> const& expected, std::uint64_t end) {
  REQUIRE(seen.members.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    auto const& e = seen.members[i].about;
    auto const& x = expected[i];
    CAPTURE(x.path);
    CHECK(e.path == x.path);
    CHECK(e.mode == x.mode);
    CHECK(e.uid == x.uid);
    CHECK(e.gid == x.gid);
    CHECK(e.size == x.size);
    CHECK(e.stored == x.stored);
    CHECK(e.packed == (x.size != x.stored));
    CHECK(e.offset == x.offset);
    CHECK(seen.members[i].content.size() == x.stored);
  }
  CHECK(seen.findings.empty());
  CHECK(seen.fatal.empty());
  CHECK(seen.complete);
  CHECK(seen.end == end);
}

std::vector<std::string> const real{"test.bff", "acl_aixc_nfs4.bff", "PkgA.1.0.0.0.bff", "aixtools.libffi.3.2.1.0.I"};

bool absent() {
  if (std::getenv("SYSB_SAMPLES_DIR") != nullptr) { return false; }
  MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
  return true;
}

}  // namespace

TEST_CASE("test.bff is listed exactly, and the stale headers after its end record are not") {
  if (absent()) { return; }
  auto const seen = walk(sample("test.bff"));
  check_listing(seen,
                {{"backup", 0240755, 388113, 21803, 0, 0, 0x48},
                 {"backup/file.txt", 0100644, 388113, 21803, 3, 3, 0xb8},
                 {"backup/folder", 0240755, 388113, 21803, 0, 0, 0x138},
                 {"backup/folder/file_in_folder.txt", 0100644, 388113, 21803, 3, 3, 0x1b0}},
                0x250);
}

TEST_CASE("acl_aixc_nfs4.bff is listed exactly, with its lists and the name of two DEL characters") {
  if (absent()) { return; }
  auto const seen = walk(sample("acl_aixc_nfs4.bff"));
  check_listing(seen,
                {{"acl", 0240755, 388113, 21803, 0, 0, 0x48},
                 {"acl/aixc", 0200244750, 388113, 21803, 0, 0, 0xb8},
                 {"acl/aixc.txt", 0100644, 388113, 21803, 202, 202, 0x148},
                 {"acl/nfs4", 0200240770, 388113, 21803, 0, 0, 0x290},
                 {"acl/nfs4.txt", 0100644, 388113, 21803, 397, 397, 0x320},
                 {"acl/\x7f\x7f", 0100644, 388113, 21803, 394, 394, 0x528}},
                0x730);
  auto const& aixc = seen.member("acl/aixc");
  CHECK(aixc.acl_extended);
  CHECK(aixc.acl_text == "permit rw- g:214\npermit rw- g:21800");
  CHECK(aixc.acl.size() == 40);
  CHECK(aixc.pcl.size() == 16);
  CHECK(aixc.mtime == 1782205693);
  CHECK(aixc.atime == 1782216660);
  CHECK(aixc.ctime == 1782206530);
  CHECK(aixc.dev == sysb::device_number{38, 1});
  CHECK(aixc.ino == 0xfffffffe);
  CHECK(aixc.nlink == 2);
  CHECK(seen.member("acl/nfs4").acl_text == "deny rwx u:204\ndeny rwx g:21800");
  CHECK_FALSE(seen.member("acl").acl_extended);
}

TEST_CASE("an installp package is listed exactly") {
  if (absent()) { return; }
  auto const seen = walk(sample("PkgA.1.0.0.0.bff"));
  check_listing(seen,
                {{"./", 0240755, 2, 2, 0, 0, 0x48},
                 {"./lpp_name", 0100644, 0, 0, 159, 159, 0xb8},
                 {"./usr", 0240755, 0, 0, 0, 0, 0x1d0},
                 {"./usr/lpp", 0240755, 0, 0, 0, 0, 0x240},
                 {"./usr/lpp/PkgA", 0240755, 0, 0, 0, 0, 0x2b8},
                 {"./usr/lpp/PkgA/liblpp.a", 0100644, 0, 0, 1628, 1628, 0x330},
                 {"./usr/doc/PkgA", 0240755, 0, 0, 0, 0, 0xa10},
                 {"./usr/doc/PkgA/README", 0100644, 0, 0, 24, 24, 0xa88},
                 {"./usr/PkgA", 0240755, 0, 0, 0, 0, 0xb20},
                 {"./usr/PkgA/bin", 0240755, 0, 0, 0, 0, 0xb98},
                 {"./usr/PkgA/bin/acommand", 0100744, 0, 0, 42, 42, 0xc10}},
                0xcc8);
  CHECK(seen.content("./lpp_name").substr(0, 2) == "4 ");
}

TEST_CASE("an installp package with packed members is listed exactly and its members unpack") {
  if (absent()) { return; }
  auto const seen = walk(sample("aixtools.libffi.3.2.1.0.I"));
  CHECK(seen.members.size() == 23);
  CHECK(seen.findings.empty());
  CHECK(seen.complete);
  CHECK(seen.end == 0x11e80);
  std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> packed;
  for (auto const& m : seen.members) {
    if (m.about.packed) { packed.emplace_back(m.about.path, m.about.size, m.about.stored); }
  }
  std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> const expected{
      {"./usr/lpp/aixtools.libffi/liblpp.a", 5882, 3301},
      {"./opt/lib/libffi.a", 52113, 31256},
      {"./opt/lib/libffi-3.2.1/include/ffitarget.h", 5547, 3832},
      {"./opt/lib/libffi-3.2.1/include/ffi.h", 13348, 8894},
      {"./opt/share/info/libffi/libffi.info", 26833, 15747}};
  CHECK(packed == expected);
  test_source source{sample("aixtools.libffi.3.2.1.0.I")};
  collector findings;
  auto const reader = sysb::backup_by_name::format().open(source, {}, findings);
  auto const decoder = reader->make_decoder();
  for (auto const& m : seen.members) {
    if (!m.about.packed) { continue; }
    decoder->reset(m.about.stored, m.about.size);
    bytes plain(m.about.size);
    std::span<std::byte const> in{m.content};
    std::span<std::byte> out{plain};
    CHECK(decoder->decode(in, out) == sysb::content_decoder::status::done);
    CHECK(out.empty());
  }
}

TEST_CASE("an archive without checksums is refused with a clear message") {
  if (absent()) { return; }
  auto const seen = walk(sample("synthetic_inconsistent.bff"));
  CHECK(seen.fatal.find("no checksum") != std::string::npos);
  CHECK(seen.members.empty());
}

TEST_CASE("reading, skipping and copying of real archives end at the same bytes, from file and pipe") {
  if (absent()) { return; }
  for (auto const& name : real) {
    CAPTURE(name);
    auto const image = sample(name);
    auto const read = walk(image, mode::read);
    auto const piped = walk(image, mode::read, test_source::like::pipe);
    auto const skipped = walk(image, mode::skip);
    auto const raw = walk(image, mode::raw);
    CHECK(read.names() == skipped.names());
    CHECK(read.names() == raw.names());
    CHECK(read.names() == piped.names());
    CHECK(read.end == skipped.end);
    CHECK(read.end == raw.end);
    bytes copy(image.begin(), image.begin() + 72);
    for (std::size_t i = 0; i < raw.members.size(); ++i) {
      CHECK(read.members[i].content == piped.members[i].content);
      CHECK(skipped.members[i].left_at == raw.members[i].about.offset + raw.members[i].about.record_bytes);
      copy = std::move(copy) + raw.members[i].content;
    }
    auto const end_at = static_cast<std::ptrdiff_t>(copy.size());
    copy = std::move(copy) + bytes(image.begin() + end_at, image.begin() + static_cast<std::ptrdiff_t>(raw.end));
    CHECK(copy == bytes(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(raw.end)));
  }
}

TEST_CASE("every cut before the last byte of the end record is an error, every later one is none") {
  if (absent()) { return; }
  for (auto const& name : {"test.bff"s, "PkgA.1.0.0.0.bff"s}) {
    CAPTURE(name);
    auto const image = sample(name);
    auto const whole = walk(image);
    for (std::size_t n = 0; n <= image.size(); n += sysb::test::stride(13)) {
      bytes const cut(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(n));
      for (auto const how : {mode::read, mode::skip}) {
        for (auto const as : {test_source::like::file, test_source::like::pipe}) {
          auto const seen = walk(cut, how, as);
          auto const sound = n >= whole.end;
          CHECK_MESSAGE((seen.errors() == 0) == sound, "cut at " << n);
          CHECK(seen.complete == sound);
          if (n >= 72 && !sound) {
            CHECK_MESSAGE(seen.findings.size() == 1, "cut at " << n);
            CHECK(seen.findings[0].id == "BBN-001");
            CHECK(seen.findings[0].offset == n);
          }
          auto const names = whole.names();
          CHECK(seen.members.size() <= names.size());
          for (std::size_t i = 0; i < seen.members.size(); ++i) { CHECK(seen.members[i].about.path == names[i]); }
        }
      }
    }
  }
}

TEST_CASE("every flipped bit of a header is an error") {
  if (absent()) { return; }
  for (auto const& name : real) {
    CAPTURE(name);
    auto image = sample(name);
    auto const whole = walk(image, mode::skip);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> headers{{0, 72}, {whole.end - 8, 8}};
    for (auto const& m : whole.members) {
      headers.emplace_back(m.about.offset, std::to_integer<std::uint64_t>(image[m.about.offset]) * 8);
    }
    for (auto const& [at, length] : headers) {
      for (auto i = at; i < at + length; i += sysb::test::stride(7)) {
        for (unsigned bit = 0; bit < 8; ++bit) {
          image[i] ^= std::byte{1} << bit;
          auto const seen = walk(image, mode::skip);
          if (seen.errors() == 0) { CHECK_MESSAGE(false, "byte " << i << " bit " << bit); }
          // A member is left out only by name, for a file type that does not exist.
          auto const left_out = seen.has("BBN-017") ? 1u : 0u;
          if (seen.complete && seen.members.size() + left_out != whole.members.size()) {
            CHECK_MESSAGE(false, "a member was lost, byte " << i << " bit " << bit);
          }
          image[i] ^= std::byte{1} << bit;
        }
      }
    }
  }
}

TEST_CASE("every flipped bit of a security record is an error, or changes nothing but what it says") {
  if (absent()) { return; }
  auto image = sample("acl_aixc_nfs4.bff");
  auto const whole = walk(image);
  for (auto const& m : whole.members) {
    auto const start = m.about.offset + std::to_integer<std::uint64_t>(image[m.about.offset]) * 8;
    auto const end = m.about.offset + m.about.record_bytes - (m.about.stored + 7) / 8 * 8;
    for (auto i = start; i < end; ++i) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        image[i] ^= std::byte{1} << bit;
        auto const seen = walk(image);
        if (seen.errors() == 0) {
          CHECK(seen.names() == whole.names());
          for (std::size_t k = 0; k < whole.members.size(); ++k) {
            CHECK(seen.members[k].content == whole.members[k].content);
          }
        }
        image[i] ^= std::byte{1} << bit;
      }
    }
  }
}

}  // namespace samples_test
