// SPDX-License-Identifier: Apache-2.0
// What happens to images on their way: each fault is made here, and must be named by its cause, with the way out.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"
#include "unit/carriers/carrier_test.hpp"

namespace transfer_test {

using namespace sysb;
using carrier_test::finding_list;
using carrier_test::run;
using bytes = std::vector<std::byte>;

namespace {

// Every pair of bytes occurs, which test::noise does not promise.
bytes random_bytes(std::size_t size, std::uint32_t seed) {
  std::mt19937 engine{seed};
  bytes out(size);
  for (auto& b : out) { b = static_cast<std::byte>(engine() >> 24); }
  return out;
}

bytes system_image(std::uint32_t seed = 1, test::tail fill = test::tail::zeros) {
  test::image_builder b;
  b.volume().directory("./").file("./bosinst.data", test::prose(6000, seed)).directory("./etc");
  b.file("./etc/passwd", test::prose(900, seed)).packed_file("./etc/words", test::prose(60'000, seed));
  for (int i = 0; i < 60; ++i) {
    b.directory(concat("./usr/lib/objects/", i));
    b.file(concat("./usr/lib/objects/", i, "/name.o"),
           random_bytes(9'000 + 137 * static_cast<unsigned>(i), seed + static_cast<unsigned>(i)));
    b.file(concat("./usr/lib/objects/", i, "/text"), test::prose(2'000, seed + static_cast<unsigned>(i)));
  }
  test::image_builder::end_options o;
  o.fill = fill;
  return b.end(o).bytes();
}

struct seen {
  std::vector<std::string> names;
  std::vector<std::string> ids, texts;
  std::string refusal;
  fatal_error::kind kind = fatal_error::kind::internal;
  bool complete = false;
  [[nodiscard]] std::string text(std::string_view id) const {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (ids[i] == id) { return texts[i]; }
    }
    return {};
  }
  [[nodiscard]] bool says(std::string_view id, std::string_view what) const {
    return text(id).find(what) != std::string::npos;
  }
  [[nodiscard]] std::ptrdiff_t faults() const {
    return std::count_if(ids.begin(), ids.end(), [](auto const& id) { return id.substr(0, 3) == "XFR"; });
  }
};

seen read(registry::image_spec const& spec) {
  seen out;
  finding_list findings;
  try {
    auto const image = registry::open_image(spec, {}, findings);
    entry e;
    while (image.reader->next(e)) {
      out.names.push_back(e.path);
      image.reader->skip();
    }
    out.complete = image.reader->complete();
  } catch (fatal_error const& e) {
    out.refusal = e.what();
    out.kind = e.what_kind();
  }
  out.ids = findings.ids;
  out.texts = findings.texts;
  return out;
}

seen read(scratch::folder& f, bytes const& image) { return read({.volumes = {f.file("image", image)}}); }

seen read_pipe(scratch::folder& f, bytes const& image) {
  int const fd = f.feed(image, scratch::channel::pipe);
  auto out = read({.volumes = {concat("/dev/fd/", fd)}});
  ::close(fd);
  return out;
}

bytes added_returns(bytes const& in) {
  bytes out;
  for (auto const b : in) {
    if (b == std::byte{'\n'}) { out.push_back(std::byte{'\r'}); }
    out.push_back(b);
  }
  return out;
}

// All carriage returns, or only those before a line feed.
bytes without_returns(bytes const& in, bool all) {
  bytes out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    auto const before_feed = i + 1 < in.size() && in[i + 1] == std::byte{'\n'};
    if (in[i] == std::byte{'\r'} && (all || before_feed)) { continue; }
    out.push_back(in[i]);
  }
  return out;
}

bytes swapped(bytes in) {
  for (std::size_t i = 0; i + 1 < in.size(); i += 2) { std::swap(in[i], in[i + 1]); }
  return in;
}

bytes padded(bytes const& in, std::size_t data, std::size_t block) {
  bytes out;
  for (std::size_t at = 0; at < in.size(); at += data) {
    auto const n = std::min(data, in.size() - at);
    out.insert(out.end(), in.begin() + static_cast<std::ptrdiff_t>(at),
               in.begin() + static_cast<std::ptrdiff_t>(at + n));
    out.resize(out.size() + block - n);
  }
  return out;
}

bytes joined(bytes a, bytes const& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

bytes part(bytes const& in, std::size_t from, std::size_t to) {
  to = std::min(to, in.size());
  return {in.begin() + static_cast<std::ptrdiff_t>(from), in.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST_CASE("a sound image says nothing of its way") {
  scratch::folder f;
  for (auto const fill : {test::tail::none, test::tail::zeros, test::tail::stale}) {
    auto const found = read(f, system_image(1, fill));
    CHECK(found.complete);
    CHECK(found.faults() == 0);
    CHECK(read_pipe(f, system_image(1, fill)).faults() == 0);
  }
}

TEST_CASE("a transfer in text mode that added carriage returns is named") {
  scratch::folder f;
  auto const image = added_returns(system_image());
  auto const found = read(f, image);
  CHECK_FALSE(found.complete);
  CHECK(found.says("XFR-001", "binary mode"));
  CHECK(read_pipe(f, image).says("XFR-001", "binary mode"));
  // The advice that `sysb explain` gives brings the image back.
  f.file("image", image);
  REQUIRE(run(f, "LC_ALL=C sed 's/\\r$//' image >fixed"));
  CHECK(carrier_test::read_file(f.path() + "/fixed") == system_image());
}

TEST_CASE("text mode is told of a pipe that is at its end when the walk loses its way") {
  scratch::folder f;
  auto const small = test::image_builder{}.volume().file("./text", test::prose(9000, 1)).end({.cluster = 512}).bytes();
  CHECK(read_pipe(f, added_returns(small)).says("XFR-001", "binary mode"));
}

TEST_CASE("a transfer in text mode that took carriage returns out is named") {
  scratch::folder f;
  for (bool const all : {false, true}) {
    auto const image = without_returns(system_image(), all);
    REQUIRE(image.size() < system_image().size());
    auto const found = read(f, image);
    CHECK_FALSE(found.complete);
    CHECK(found.says("XFR-002", "binary mode"));
  }
}

TEST_CASE("a compressed image that went through text mode is named") {
  scratch::folder f;
  test::image_builder b;
  auto content = random_bytes(6'000'000, 1);
  for (auto& c : content) { c &= std::byte{0x1f}; }  // so that it is packed, and a fault in it shows
  f.file("plain", b.volume().file("./noise", content).end().bytes());
  REQUIRE(run(f, "gzip -c plain >packed"));
  auto const packed = carrier_test::read_file(f.path() + "/packed");
  auto const added = read(f, added_returns(packed));
  CAPTURE(added.refusal);
  CHECK(added.says("XFR-001", "binary mode"));
  CHECK(read(f, without_returns(packed, false)).says("XFR-002", "binary mode"));
  // Another fault of the packed data is not put down to it.
  auto broken = packed;
  broken[broken.size() / 2] ^= std::byte{0x10};
  auto const found = read(f, broken);
  CHECK_FALSE(found.complete);
  CHECK(found.faults() == 0);
}

TEST_CASE("a flipped bit and a lost byte are not put down to text mode") {
  scratch::folder f;
  auto image = system_image();
  auto const mid = image.size() / 2 / 8 * 8;
  auto lost = image;
  lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(mid), lost.begin() + static_cast<std::ptrdiff_t>(mid) + 3);
  auto const found = read(f, lost);
  CHECK(found.text("XFR-001").empty());
  CHECK(found.text("XFR-002").empty());
  CHECK(found.says("XFR-010", "copy it again"));
  for (auto at = mid; at < mid + 400'000 && at < image.size(); at += 64) { image[at] ^= std::byte{0x40}; }
  CHECK(read(f, image).faults() == 0);
}

TEST_CASE("an archive at an odd place inside a content is no sign of lost bytes") {
  scratch::folder f;
  test::image_builder inner;
  inner.volume();
  for (int i = 0; i < 6; ++i) { inner.file(concat("./inner", i), test::prose(90, 1)); }
  auto content = test::noise(1003);
  auto const nested = inner.end({.fill = test::tail::none}).bytes();
  content.insert(content.end(), nested.begin(), nested.end());
  test::image_builder b;
  b.volume().file("./a", test::prose(300, 1)).file("./holder", content);
  for (int i = 0; i < 20; ++i) { b.file(concat("./after", i), test::prose(700, 2)); }
  auto image = b.end().bytes();
  for (std::size_t at = 72; at < 72 + 48; ++at) { image[at] = std::byte{0}; }
  auto const found = read(f, image);
  CHECK_FALSE(found.complete);
  CHECK(found.text("XFR-010").empty());
}

TEST_CASE("swapped bytes are named, with the command that puts them back") {
  scratch::folder f;
  auto const image = system_image();
  auto const found = read(f, swapped(image));
  CHECK(found.kind == fatal_error::kind::unsupported);
  CHECK(found.refusal.find("bytes swapped in pairs") != std::string::npos);
  CHECK(found.says("XFR-003", "conv=swab"));
  f.file("plain", image);
  REQUIRE(run(f, "gzip -c plain >packed"));
  CHECK(read(f, swapped(carrier_test::read_file(f.path() + "/packed"))).says("XFR-003", "conv=swab"));
  f.file("image", swapped(image));
  REQUIRE(run(f, "dd if=image of=fixed conv=swab"));
  CHECK(carrier_test::read_file(f.path() + "/fixed") == image);
  CHECK(read(f, test::noise(5000)).faults() == 0);
}

TEST_CASE("blocks padded by dd conv=sync are read without the padding, with one word on it") {
  scratch::folder f;
  auto const image = system_image();
  auto const whole = read(f, image).names;
  struct length {
    std::size_t data, block;
  };
  for (auto const& l : {length{51'200, 65'536},
                        {512, 1024},
                        {10'240, 20'480},
                        {51'200, 262'144},
                        {1024, 51'200},
                        {32'768, 33'280},
                        {1000, 1024},
                        {500, 512},
                        {51'200, 51'201},
                        {2048, 2056},
                        {51'200, 1'048'576},
                        {262'144, 1'048'576}}) {
    CAPTURE(l.data);
    auto const found = read(f, padded(image, l.data, l.block));
    CHECK(found.complete);
    CHECK(found.names == whole);
    CHECK(found.faults() == 1);
    CHECK(found.says("XFR-004", concat("of every ", l.block, " bytes the last ", l.block - l.data, " are padding")));
  }
  CHECK(read_pipe(f, padded(image, 51'200, 65'536)).names == whole);
}

TEST_CASE("zeros at regular places inside a sound image are no padding") {
  scratch::folder f;
  std::string content;
  for (int i = 0; i < 300; ++i) { content += test::prose(512, 1) + std::string(512, '\0'); }
  auto const found = read(f, test::image_builder{}.volume().file("./a", content).file("./b", "x").end().bytes());
  CHECK(found.complete);
  CHECK(found.faults() == 0);
  auto const small = read(f, test::image_builder{}.volume().file("./a", "x").end().bytes());
  CHECK(small.complete);
  CHECK(small.faults() == 0);
}

TEST_CASE("an image cut at a limit of file sizes is told the limit") {
  scratch::folder f;
  auto const path = f.path() + "/image";
  int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  {
    test::image_builder b{fd};
    b.volume().huge_file("./big", 3'500'000'000, test::large_layout::dsize_pad).end();
  }
  struct expected {
    std::uint64_t size;
    char const* says;
  };
  for (auto const& e : {expected{0x7fffffff, "2^31-1"},
                        {0x7fffffff - 511, "2^31-512"},
                        {(1u << 30) - 512, "2097151 blocks"},
                        {100u << 20, "100 MiB"},
                        {(100u << 20) - 512, "100 MiB less 512 bytes"}}) {
    REQUIRE(::ftruncate(fd, static_cast<off_t>(e.size)) == 0);
    auto const found = read({.volumes = {path}});
    CHECK_FALSE(found.complete);
    CHECK(found.says("XFR-005", e.says));
    CHECK(found.says("XFR-005", "ulimit -f unlimited"));
  }
  REQUIRE(::ftruncate(fd, 51'200 * 1001) == 0);
  CHECK(read({.volumes = {path}}).faults() == 0);
  ::close(fd);
}

TEST_CASE("encrypted files are named by what encrypted them") {
  scratch::folder f;
  auto const with = [&](std::string_view start) {
    auto const some = as_bytes(start);
    bytes out{some.begin(), some.end()};
    return read(f, joined(out, test::noise(4000)));
  };
  using namespace std::string_view_literals;
  auto const openssl = with("Salted__");
  CHECK(openssl.kind == fatal_error::kind::unsupported);
  CHECK(openssl.refusal.find("encrypted by OpenSSL") != std::string::npos);
  CHECK(openssl.says("XFR-006", "openssl enc -d"));
  CHECK(with("U2FsdGVkX18rc0h").says("XFR-006", "openssl enc -d -a"));
  CHECK(with("-----BEGIN PGP MESSAGE-----\n").says("XFR-006", "gpg -d"));
  CHECK(with("age-encryption.org/v1\n-> X25519 ").says("XFR-006", "age -d"));
  CHECK(with("-----BEGIN AGE ENCRYPTED FILE-----\n").says("XFR-006", "age -d"));
  // To an RSA key of 2048 bits, to a curve key, by a passphrase (old and new packets).
  CHECK(with("\x85\x01\x0c\x03"
             "ABCDEFGH\x01\x08\x00"sv)
            .says("XFR-006", "gpg -d"));
  CHECK(with("\x84\x5e\x03"
             "ABCDEFGH\x12\x01\x07\x40"sv)
            .says("XFR-006", "gpg -d"));
  CHECK(with("\x8c\x0d\x04\x09\x03\x08saltsalt\xff"sv).says("XFR-006", "gpg -d"));
  CHECK(with("\xc3\x0d\x04\x09\x03\x08saltsalt\xff"sv).says("XFR-006", "gpg -d"));
  CHECK(with("\x85\x01\x0c\x04"
             "ABCDEFGH"sv)
            .faults() == 0);
}

TEST_CASE("a second image after the end record is told, and --member reads it") {
  scratch::folder f;
  for (auto const fill : {test::tail::zeros, test::tail::stale}) {
    auto const one = system_image(1, fill);
    auto const two = test::image_builder{}.volume().file("./second", "2").end().bytes();
    auto const three = test::image_builder{}.volume().file("./third", "3").end().bytes();
    auto const all = joined(joined(one, two), three);
    auto const found = read(f, all);
    CHECK(found.complete);
    CHECK(found.faults() == 1);
    CHECK(found.says("XFR-007", concat("at byte ", one.size())));
    CHECK(found.says("XFR-007", "--member 2"));
    auto const path = f.path() + "/image";
    auto const second = read({.volumes = {path}, .member = "2"});
    CHECK(second.names == std::vector<std::string>{"./second"});
    CHECK(second.complete);
    CHECK(second.says("XFR-007", "--member 3"));
    auto const third = read({.volumes = {path}, .member = "3"});
    CHECK(third.names == std::vector<std::string>{"./third"});
    CHECK(third.faults() == 0);
    auto const first = read({.volumes = {path}, .member = "1"});
    CHECK(first.names == found.names);
    auto const fourth = read({.volumes = {path}, .member = "4"});
    CHECK(fourth.kind == fatal_error::kind::usage);
    CHECK(fourth.refusal.find("the file holds 3 images") != std::string::npos);
  }
  // At once, at an odd place, after the rest of a block of any length, or of one that a medium filled.
  auto const one = system_image(1, test::tail::none);
  auto const two = test::image_builder{}.volume().file("./second", "2").end().bytes();
  for (std::size_t const zeros : {0u, 1u, 16u, 5'000'003u, 9u << 20}) {
    CAPTURE(zeros);
    auto const all = joined(joined(one, bytes(zeros)), two);
    CHECK(read(f, all).says("XFR-007", concat("at byte ", one.size() + zeros)));
    CHECK(read({.volumes = {f.path() + "/image"}, .member = "2"}).names == std::vector<std::string>{"./second"});
    if (zeros < 1000) { CHECK(read_pipe(f, all).says("XFR-007", "--member 2")); }
  }
  // What follows an image that breaks off is not known: that is no usage of the command line.
  auto const cut = joined(one, joined(bytes(two.begin(), two.begin() + 200), one));
  CHECK(read(f, cut).complete);
  auto const third = read({.volumes = {f.path() + "/image"}, .member = "3"});
  CHECK(third.kind == fatal_error::kind::damaged);
  CHECK(third.refusal.find("--member 2 --salvage") != std::string::npos);

  auto const twice = joined(system_image(), system_image());
  CHECK(read(f, twice).says("XFR-007", "--member 2"));
  CHECK(read_pipe(f, twice).says("XFR-007", "--member 2"));
}

TEST_CASE("a stale tail with valid headers in it, even a volume's, is not a second image") {
  scratch::folder f;
  // An archive inside a member, so placed that its volume header stands at a block of the stale tail.
  auto const nested = test::image_builder{}.volume().file("./nested", "n").end().bytes();
  for (std::size_t shift = 0; shift < 512; shift += 8) {
    auto const filler = std::string(1024 + shift, 'x');
    test::image_builder b;
    b.volume().file("./filler", filler).file("./nested.bff", std::span<std::byte const>{nested}.first(2048));
    b.file("./more", std::string(51'200 - b.position() % 51'200, 'm'));
    test::image_builder::end_options o;
    o.fill = test::tail::stale;
    auto const found = read(f, b.end(o).bytes());
    CHECK(found.complete);
    CHECK(found.faults() == 0);
  }
}

TEST_CASE("an image that does not begin with its volume header is told, with the way to read it") {
  scratch::folder f;
  auto const image = system_image();
  for (std::size_t const before : {1u, 36u, 512u}) {
    auto const found = read(f, joined(bytes(before, std::byte{'x'}), image));
    CHECK(found.kind == fatal_error::kind::unsupported);
    CHECK(found.says("XFR-011", concat("tail -c +", before + 1, " IMAGE")));
  }
  for (std::size_t const lost : {3u, 72u, 512u, 7000u}) {
    auto const rest = bytes(image.begin() + static_cast<std::ptrdiff_t>(lost), image.end());
    CHECK(read(f, rest).says("XFR-011", "--salvage"));
    auto zeros = image;
    std::fill_n(zeros.begin(), lost, std::byte{0});
    CHECK(read(f, zeros).says("XFR-011", "--salvage"));
    CHECK(read_pipe(f, zeros).says("XFR-011", "--salvage"));
  }
  CHECK(read(f, random_bytes(200'000, 7)).faults() == 0);
}

TEST_CASE("what an archive holds instead of an image is told, and carriers with swapped bytes") {
  scratch::folder f;
  auto const in_tar = [&](bytes const& member) {
    f.file("member", member);
    REQUIRE(run(f, "tar cf packed member"));
    return carrier_test::read_file(f.path() + "/packed");
  };
  auto salted = random_bytes(20'000, 5);
  auto const salt = std::as_bytes(std::span{std::string_view{"Salted__"}});
  std::copy(salt.begin(), salt.end(), salted.begin());
  CHECK(read(f, in_tar(salted)).says("XFR-006", "OpenSSL"));
  CHECK(read(f, in_tar(swapped(system_image()))).says("XFR-003", "conv=swab"));
  CHECK(read(f, swapped(in_tar(system_image()))).says("XFR-003", "conv=swab"));
  f.file("plain", system_image());
  for (std::string const program : {"bzip2", "lz4"}) {
    CAPTURE(program);
    if (!carrier_test::has_tool(program)) { continue; }
    REQUIRE(run(f, program + " -c <plain >packed"));
    CHECK(read(f, swapped(carrier_test::read_file(f.path() + "/packed"))).says("XFR-003", "conv=swab"));
  }
}

TEST_CASE("pieces in another order than their names say, or with one left out, are told") {
  scratch::folder f;
  auto const whole = system_image();
  auto const third = whole.size() / 3;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 3; ++i) {
    auto const name = concat("image.a", std::string(1, static_cast<char>('a' + i)));
    names.push_back(f.file(name, part(whole, i * third, i == 2 ? whole.size() : (i + 1) * third)));
  }
  CHECK(read({.volumes = names}).complete);
  auto const all = concat("--volumes ", quoted(names[0]), " ", quoted(names[1]), " ", quoted(names[2]));
  CHECK(read({.volumes = {names[1], names[2], names[0]}}).says("XFR-009", all));
  CHECK(read({.volumes = {names[0], names[2], names[1]}}).says("XFR-009", all));
  CHECK(read({.volumes = {names[0], names[2]}}).says("XFR-009", all));
  CHECK(read({.volumes = {names[0], names[1]}}).says("XFR-009", all));
  // Names that say nothing: the one that begins as an image does is the first.
  auto const second = f.file("second", part(whole, third, 2 * third));
  auto const first = f.file("first", part(whole, 0, third));
  CHECK(read({.volumes = {second, first}}).says("XFR-009", "wants it first"));
}

TEST_CASE("tape file 2 given alone is told from a backup") {
  scratch::folder f;
  test::image_builder b;
  b.volume().file("./image.data", "x").file("./tapeblksz", "1024\n").file("./bosinst.data", "y");
  auto const found = read(f, b.end().bytes());
  CHECK(found.complete);
  CHECK(found.faults() == 1);
  CHECK(found.says("XFR-008", "second file of a mksysb tape"));
  // A system may hold that file as well.
  test::image_builder c;
  c.volume().file("./tapeblksz", "1024\n").file("./etc/passwd", "root:!:0:0::/:/usr/bin/ksh\n");
  CHECK(read(f, c.end().bytes()).faults() == 0);
}

TEST_CASE("one piece of a split image names the others and --volumes") {
  scratch::folder f;
  auto const image = system_image();
  auto const third = image.size() / 3 / 8 * 8;
  struct naming {
    std::string one, two, three;
  };
  for (auto const& n : {naming{"img.aa", "img.ab", "img.ac"},
                        {"xaa", "xab", "xac"},
                        {"i.part1", "i.part2", "i.part3"},
                        {"v_08.bff", "v_09.bff", "v_10.bff"},
                        {"n.0", "n.1", "n.2"}}) {
    CAPTURE(n.one);
    auto const a = f.file(n.one, part(image, 0, third));
    auto const b = f.file(n.two, part(image, third, 2 * third));
    auto const c = f.file(n.three, part(image, 2 * third, image.size()));
    for (auto const& given : {a, b, c}) {
      auto const found = read({.volumes = {given}});
      CHECK_FALSE(found.complete);
      CHECK(found.says("XFR-009", concat("--volumes ", sysb::quoted(a), " ", sysb::quoted(b), " ", sysb::quoted(c))));
    }
    CHECK(read({.volumes = {a, b, c}}).complete);
    std::filesystem::remove(a);
    std::filesystem::remove(b);
    std::filesystem::remove(c);
  }
}

TEST_CASE("a later volume with a header of its own names the set") {
  scratch::folder f;
  auto const set = test::cut_volumes(system_image(), {}, 204'800, 51'200);
  REQUIRE(set.size() > 2);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < set.size(); ++i) { names.push_back(f.file(concat("disc", i + 1, ".img"), set[i])); }
  CHECK(read({.volumes = {names[1]}}).says("XFR-009", "--volumes"));
  CHECK(read({.volumes = {names[0]}}).says("XFR-009", "--volumes"));
}

TEST_CASE("whole images that are numbered are no pieces of each other") {
  scratch::folder f;
  auto cut = system_image(1);
  cut.resize(cut.size() / 2);
  auto const one = f.file("host1.mksysb", cut);
  f.file("host2.mksysb", system_image(2));
  auto const found = read({.volumes = {one}});
  CHECK_FALSE(found.complete);
  CHECK(found.faults() == 0);
}

TEST_CASE("a directory of images is listed, and nothing is chosen by a number without a word") {
  scratch::folder f;
  f.file("alpha.mksysb", system_image(1));
  f.file("beta.mksysb", system_image(2));
  f.file("readme", bytes(5, std::byte{'x'}));
  auto found = read({.volumes = {f.path()}});
  CHECK(found.kind == fatal_error::kind::usage);
  CHECK(found.refusal.find("2 images") != std::string::npos);
  CHECK(found.refusal.find("alpha.mksysb") != std::string::npos);
  CHECK(found.refusal.find("beta.mksysb") != std::string::npos);
  CHECK(found.refusal.find("readme") == std::string::npos);
  f.file("gamma.3", system_image(3));
  found = read({.volumes = {f.path()}});
  CHECK(found.kind == fatal_error::kind::usage);
  CHECK(found.refusal.find("3 images") != std::string::npos);
  std::filesystem::remove(f.path() + "/alpha.mksysb");
  std::filesystem::remove(f.path() + "/beta.mksysb");
  found = read({.volumes = {f.path()}});
  CHECK(found.complete);
  CHECK(found.says("SET-003", "gamma.3"));
}

TEST_CASE("a volume header with a wrong checksum is no reason to speak of volume sets") {
  scratch::folder f;
  for (std::size_t const at : {std::size_t{6}, std::size_t{7}, std::size_t{9}, std::size_t{30}}) {
    auto image = system_image();
    image[at] ^= std::byte{0x06};
    auto const found = read(f, image);
    CHECK(std::find(found.ids.begin(), found.ids.end(), "BBN-003") != found.ids.end());
    for (auto const& t : found.texts) { CHECK(t.find("volumes") == std::string::npos); }
    CHECK(found.refusal.find("volumes") == std::string::npos);
    CHECK(found.faults() == 0);
  }
}

}  // namespace transfer_test
