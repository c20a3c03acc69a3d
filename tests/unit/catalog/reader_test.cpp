// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "catalog/comparison.hpp"
#include "catalog/diagnostics.hpp"
#include "contract/walk.hpp"
#include "fixture.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"
#include "unit/io/scratch.hpp"

namespace reader_test {

using namespace sysb;
using namespace sysb::index;
using namespace sysb::index::testing;
using test::image_builder;

namespace {

std::vector<contract::named_image> sound_images() {
  std::vector<contract::named_image> out;
  for (auto const* folder : {"backup_by_name/good", "backup_by_name/compat"}) {
    for (auto& i : contract::images_of(folder)) { out.push_back(std::move(i)); }
  }
  return out;
}

bytes many_members(std::uint32_t n) {
  image_builder b;
  b.volume();
  for (std::uint32_t i = 0; i < n; ++i) {
    auto const name = concat("./dir/file", i % 700);  // the later ones come twice
    test::member_options o;
    o.mtime = 1'000'000 + i;
    b.file(name, concat("content of ", i), o);
  }
  return b.end().bytes();
}

std::string content_of(image_reader& r) {
  std::string out;
  for (auto p = r.read_stored(); !p.empty(); p = r.read_stored()) { out += as_text(p); }
  return out;
}

}  // namespace

TEST_CASE("through its index an image gives what a walk gives: members, contents, records, findings") {
  for (auto const& sample : sound_images()) {
    INFO(sample.name);
    by_index with{sample.image, make_index(sample.image)};
    REQUIRE(with.reader);
    CHECK(walk(*with.reader, with.findings) == plain_walk(sample.image));
    CHECK(with.reader->uses_index());
  }
}

TEST_CASE("real archives: the same") {
  for (auto const& sample : contract::real_samples()) {
    if (contract::walk(sample.image, contract::mode::read).has_error()) { continue; }
    INFO(sample.name);
    by_index with{sample.image, make_index(sample.image)};
    REQUIRE(with.reader);
    CHECK(walk(*with.reader, with.findings) == plain_walk(sample.image));
  }
}

TEST_CASE("content stands in the file where the index says, for workers that read it by themselves") {
  auto const image = many_members(300);
  scratch::folder f;
  auto const path = f.file("image", image);
  collector findings;
  auto const source = io::open_file(path, {});
  indexed_reader reader{backup_by_name::format().open(*source, {}, findings), *source,
                        open_index(io::from_memory(make_index(image)), "x", code_of, findings), findings};
  REQUIRE(reader.file());
  entry e;
  for (int i = 0; i < 300; ++i) {
    REQUIRE(reader.next(e));
    REQUIRE(reader.may_read_apart());
    std::string seen(e.stored, '\0');
    auto const at = static_cast<off_t>(reader.file()->base + e.content_offset);
    CHECK(::pread(reader.file()->fd, seen.data(), seen.size(), at) == static_cast<ssize_t>(seen.size()));
    CHECK(seen == concat("content of ", i));
    CHECK(reader.take_digest(e.content_offset) == digest_of(as_bytes(seen)));
    CHECK(content_of(reader) == seen);  // and by the reader all the same
  }
  CHECK(reader.uses_index());
  CHECK(findings.all.empty());
}

TEST_CASE("every record is reached by its offset, and the walk goes on after it") {
  auto const image = many_members(1000);
  by_index with{image, make_index(image)};
  REQUIRE(with.reader);
  std::vector<std::uint64_t> offsets;
  entry e;
  while (with.reader->next(e)) { offsets.push_back(e.offset); }
  REQUIRE(offsets.size() == 1000);
  for (std::size_t i = 0; i < offsets.size(); i += 37) {
    with.reader->seek_record(offsets[i]);
    REQUIRE(with.reader->next(e));
    CHECK(e.offset == offsets[i]);
    CHECK(content_of(*with.reader) == concat("content of ", i));
    with.reader->seek_record(offsets[i] - 8);  // no record there: the next one
    REQUIRE(with.reader->next(e));
    CHECK(e.offset == offsets[i]);
    if (i + 1 < offsets.size()) {
      REQUIRE(with.reader->next(e));
      CHECK(e.offset == offsets[i + 1]);
    }
  }
  with.reader->seek_record(offsets.back() + 8);
  CHECK_FALSE(with.reader->next(e));
  CHECK(with.findings.all.empty());
}

TEST_CASE("a name alone: all members of it, in order, and nothing else") {
  auto const image = many_members(1000);
  auto const index = make_index(image);
  auto const contents = [&](std::string_view name) {
    by_index with{image, index};
    REQUIRE(with.reader);
    REQUIRE(with.reader->only(name));
    std::vector<std::string> out;
    entry e;
    while (with.reader->next(e)) { out.push_back(content_of(*with.reader)); }
    CHECK(with.reader->complete());
    return out;
  };
  for (unsigned i = 0; i < 700; i += 23) {
    std::vector<std::string> want{concat("content of ", i)};
    if (i + 700 < 1000) { want.push_back(concat("content of ", i + 700)); }
    CHECK(contents(concat("dir/file", i)) == want);
  }
  CHECK(contents("dir").empty());
  CHECK(contents("dir/file").empty());
}

TEST_CASE("a hard link brings the first member that has its data") {
  test::member_options o;
  o.ino = 77;
  o.nlink = 2;
  auto const image = image_builder{}
                         .volume()
                         .file("./a", "shared", o)
                         .file("./b", "other")
                         .hard_link("./c", "shared", test::link_layout::empty, o)
                         .file("./d", "again.", o)
                         .end()
                         .bytes();
  by_index with{image, make_index(image)};
  REQUIRE(with.reader);
  REQUIRE(with.reader->only("c"));
  entry e;
  REQUIRE(with.reader->next(e));
  CHECK(e.path == "./a");
  CHECK(content_of(*with.reader) == "shared");
  REQUIRE(with.reader->next(e));
  CHECK(e.path == "./c");
  CHECK_FALSE(with.reader->next(e));
}

TEST_CASE("a record that changed is found before a byte of it is given out") {
  auto image = image_builder{}.volume().file("./a", "one").file("./b", "two").end().bytes();
  auto const index = make_index(image);
  collector unheard;
  auto const members = plain_walk(image).entries.size();
  REQUIRE(members == 2);
  by_index with{image, index};
  REQUIRE(with.reader);
  // Swapped behind the back of the reader that has proven the samples.
  auto changed = image;
  changed[72 + 20] ^= std::byte{1};
  auto const source = io::from_memory(changed);
  struct nothing final : image_reader {
    image_description about;
    image_description const& description() const noexcept override { return about; }
    bool next(entry&) override { return false; }
    std::span<std::byte const> read_stored() override { return {}; }
    std::span<std::byte const> read_raw() override { return {}; }
    void skip() override {}
    bool complete() const noexcept override { return false; }
    std::uint64_t end_offset() const noexcept override { return 0; }
    std::span<std::byte const> volume_header() const noexcept override { return {}; }
    bool seekable() const noexcept override { return true; }
    void seek_record(std::uint64_t) override {}
    void rewind() override {}
    std::unique_ptr<content_decoder> make_decoder() const override { return nullptr; }
  };
  auto const open = [&] {
    return std::make_unique<indexed_reader>(std::make_unique<nothing>(), *source,
                                            open_index(io::from_memory(index), "x", code_of, unheard), unheard);
  };
  auto reader = open();
  entry e;
  REQUIRE(reader->next(e));
  CHECK(content_of(*reader).empty());
  CHECK(content_of(*reader).empty());
  CHECK(unheard.ids() == std::vector<std::string>{"IDX-006"});
  CHECK_FALSE(reader->may_read_apart());
  CHECK(unheard.ids().size() == 1);
  REQUIRE(reader->next(e));
  CHECK(content_of(*reader) == "two");
  CHECK(reader->may_read_apart());
  unheard.all.clear();
  reader = open();
  REQUIRE(reader->next(e));
  CHECK_FALSE(reader->may_read_apart());
  CHECK(content_of(*reader).empty());
  CHECK(unheard.ids() == std::vector<std::string>{"IDX-006"});
  unheard.all.clear();
  CHECK_FALSE(open()->only("a"));
  CHECK(unheard.ids() == std::vector<std::string>{"IDX-001"});
  CHECK(open()->only("b"));
}

TEST_CASE("an index belongs to the image it was made of, and to a copy") {
  auto const image = many_members(500);
  auto const identity_of = [](bytes const& b, std::int64_t time) {
    auto const source = io::from_memory(b);
    return identify(*source, time);
  };
  auto const kept = identity_of(image, 7);
  CHECK(difference(kept, identity_of(image, 8)).empty());
  auto changed = image;
  changed[100] ^= std::byte{1};
  CHECK(difference(kept, identity_of(changed, 7)) == "samples of the image differ");
  changed = image;
  changed.back() ^= std::byte{1};
  CHECK(difference(kept, identity_of(changed, 7)) == "samples of the image differ");
  changed = image;
  changed.push_back(std::byte{0});
  CHECK(difference(kept, identity_of(changed, 7)) ==
        concat("made of ", image.size(), " bytes, the image has ", image.size() + 1));
  CHECK(difference(identity_of({}, 0), identity_of({}, 0)).empty());
}

TEST_CASE("a comparison names content that differs, and members on one side only") {
  auto const image = image_builder{}.volume().file("./a", "one").file("./b", "two").file("./c", "three").end().bytes();
  auto const file = make_index(image);
  collector c;
  auto const index = open_index(io::from_memory(file), "x", code_of, c);
  REQUIRE(index);
  index_comparison compare{*index, c};
  entry a;
  a.path = "./a";
  a.offset = 72;
  compare.member(a, digest_of(as_bytes("one")));
  CHECK(c.all.empty());
  entry strange;
  strange.path = "./strange";
  strange.offset = 80;
  compare.member(strange, digest_of(as_bytes("x")));
  by_index with{image, file};
  entry e;
  while (with.reader->next(e)) {
    if (e.path == "./c") { compare.member(e, digest_of(as_bytes("threE"))); }
  }
  compare.finish();
  CHECK(c.ids() == std::vector<std::string>{"IDX-008", "IDX-009", "IDX-007"});
  CHECK(compare.compared() == 2);
}

TEST_CASE("a comparison takes no member for another one that stands at its place") {
  auto const image = image_builder{}.volume().file("./a", "one").end().bytes();
  collector c;
  auto const index = open_index(io::from_memory(make_index(image)), "x", code_of, c);
  REQUIRE(index);
  index_comparison compare{*index, c};
  entry other;
  other.path = "./other";
  other.offset = 72;
  compare.member(other, digest_of(as_bytes("one")));
  compare.finish();
  CHECK(c.ids() == std::vector<std::string>{"IDX-008", "IDX-009"});
  CHECK(compare.compared() == 0);
}

}  // namespace reader_test
