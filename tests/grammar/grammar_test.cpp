// SPDX-License-Identifier: Apache-2.0
// What is never broken, whatever the grammar of an image and whatever damage it took: every content given
// out is right, or its member is named; every record boundary is right, or the walk says where it
// stopped. And how much of the space of deviations is read whole.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/fatal_error.hpp"
#include "core/image_reader.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "support/deviating_image.hpp"
#include "support/thinned.hpp"

namespace {

using namespace sysb;
using namespace sysb::test;
using scope = deviating_block::scope;

// Bytes in memory, like a file or like a pipe with a window.
class memory_source final : public byte_source {
 public:
  enum class like : std::uint8_t { file, pipe };
  memory_source(test::bytes const& whole, like how) : whole_{whole}, how_{how} {}

  std::span<std::byte const> peek(std::size_t want) override {
    return std::span{whole_}.subspan(at_, std::min(want, whole_.size() - at_));
  }
  void consume(std::size_t n) override { at_ += n; }
  std::uint64_t skip(std::uint64_t n) override {
    auto const now = static_cast<std::size_t>(std::min<std::uint64_t>(n, whole_.size() - at_));
    at_ += now;
    return now;
  }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < at_) { throw fatal_error{fatal_error::kind::internal, "probe before the position"}; }
    if (offset >= whole_.size()) { return 0; }
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), whole_.size() - offset));
    std::memcpy(out.data(), whole_.data() + offset, n);
    return n;
  }
  std::uint64_t position() const noexcept override { return at_; }
  std::optional<std::uint64_t> size() const noexcept override {
    return how_ == like::file ? std::optional<std::uint64_t>{whole_.size()} : std::nullopt;
  }
  bool seekable() const noexcept override { return how_ == like::file; }
  void seek(std::uint64_t offset) override { at_ = static_cast<std::size_t>(offset); }

 private:
  test::bytes const& whole_;
  like how_;
  std::size_t at_ = 0;
};

bool trace() {
  static auto const wanted = std::getenv("SYSB_GRAMMAR_TRACE") != nullptr;
  return wanted;
}

class counter final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    if (trace()) { std::cout << d.code->id << ' ' << d.path << ": " << d.text() << '\n'; }
    if (d.effective() != severity::error) { return; }
    ++errors;
    if (first.empty()) { first = std::string{d.code->id} + " " + d.path + ": " + d.text(); }
    if (!d.path.empty()) { named.insert({d.path, true}); }
  }
  std::size_t errors = 0;
  std::string first;
  std::map<std::string, bool> named;
};

struct outcome {
  bool complete = false;  // no error, all members, all contents
  std::string wrong;      // a property that was broken
  std::string first_error;
  std::size_t given = 0;
};

// What is read comes from `image`, which may be damaged; `made` says where it has what. Of a member in `hurt` only its
// name counts.
outcome judge(deviating_image const& made, test::bytes const& image, memory_source::like how,
              std::set<std::string> const& hurt = {}, on_damage what_to_do = on_damage::stop) {
  outcome out;
  memory_source source{image, how};
  counter findings;
  std::map<std::uint64_t, deviating_member const*> known;
  for (auto const& m : made.members) { known.emplace(m.offset, &m); }
  bool stopped = false;
  std::size_t contents = 0;
  std::string end_of_last;
  std::vector<std::pair<std::string, std::string>> suspects;  // path, what is wrong unless it is named
  try {
    auto const reader = backup_by_name::format().open(source, {}, findings, what_to_do);
    entry e;
    while (reader->next(e)) {
      ++out.given;
      auto const about = e;
      auto const place = known.find(about.offset);
      if (trace()) {
        std::cout << about.offset << " to " << about.offset + about.record_bytes << ", content at "
                  << about.content_offset << ": " << about.path << (about.damaged ? ", damaged" : "") << '\n';
      }
      if (place == known.end()) {
        for (auto const& m : made.members) {
          if (trace() && m.offset <= about.offset && about.offset < m.end) {
            std::cout << "  in " << m.path << ", " << m.offset << " to " << m.end << ", content at " << m.content_offset
                      << ", " << m.stored << " bytes\n";
          }
        }
        suspects.emplace_back(about.path, "a member where none stands, at " + std::to_string(about.offset));
        reader->skip();
        continue;
      }
      auto const& m = *place->second;
      test::bytes content;
      for (auto p = reader->read_stored(); !p.empty(); p = reader->read_stored()) {
        content.insert(content.end(), p.begin(), p.end());
      }
      auto const is_file = about.kind == entry_kind::file;
      // The last one, where the walk stopped right after it, was said to end there.
      if (!end_of_last.empty()) { suspects.emplace_back(about.path, end_of_last); }
      end_of_last.clear();
      // Where a record ends that bytes follow which nothing explains, salvage says no more than that it skips them.
      if (what_to_do == on_damage::stop && about.offset + about.record_bytes != m.end && !about.damaged &&
          hurt.count(m.path) == 0) {
        end_of_last = "after " + m.path + ", which ends at " + std::to_string(about.offset + about.record_bytes);
      }
      if (hurt.count(m.path) != 0) { continue; }
      if (is_file && about.content == content_state::here && !about.damaged) {
        auto const from = static_cast<std::size_t>(std::min<std::uint64_t>(m.content_offset, image.size()));
        auto const n = std::min<std::size_t>(m.stored, image.size() - from);
        if (content.size() != n || std::memcmp(content.data(), image.data() + from, n) != 0) {
          suspects.emplace_back(about.path, "wrong content from " + std::to_string(about.content_offset) + " for " +
                                                std::to_string(m.content_offset));
        }
        if (about.packed != m.packed) { suspects.emplace_back(about.path, "packed or not"); }
        ++contents;
      }
      if (about.kind == entry_kind::symlink && !about.damaged && about.target != m.target && &image == &made.image) {
        suspects.emplace_back(about.path, "target " + about.target);
      }
      if (about.path != m.path && !about.damaged) { suspects.emplace_back(about.path, "is named " + m.path); }
    }
    stopped = !reader->complete();
  } catch (fatal_error const& e) {
    stopped = true;
    findings.first = e.what();
    ++findings.errors;
  }
  if (!stopped && !end_of_last.empty()) { out.wrong = end_of_last; }
  std::size_t files = 0;
  for (auto const& m : made.members) {
    files += (m.mode & mode_bits::type_mask) == mode_bits::file && m.stored != 0 ? 1U : 0U;
  }
  for (auto const& [path, what] : suspects) {
    if (findings.named.count(path) == 0) {
      out.wrong = path + ": " + what;
      break;
    }
  }
  if (out.wrong.empty() && !stopped && findings.errors == 0 && out.given != made.members.size()) {
    out.wrong = "silently " + std::to_string(out.given) + " of " + std::to_string(made.members.size()) + " members";
  }
  out.complete = !stopped && findings.errors == 0 && out.given == made.members.size() && contents == files;
  out.first_error = findings.first;
  return out;
}

std::size_t wanted_images() {
  if (auto const* const n = std::getenv("SYSB_GRAMMAR_IMAGES")) {
    return static_cast<std::size_t>(std::strtoul(n, nullptr, 10));
  }
  return std::getenv("SYSB_CAMPAIGN") != nullptr ? 2000 : 40 / test::stride(5);
}

deviating_options options_for(std::mt19937& random) {
  deviating_options o;
  o.seed = static_cast<std::uint32_t>(random());
  o.members = 150 + random() % 700;
  o.packed = random() % 4 != 0;
  o.directories = random() % 6 != 0;
  o.hostile = random() % 2 == 0;
  o.symlinks = random() % 2 == 0;
  return o;
}

struct damage_done {
  std::string what;
  std::size_t at = 0, lost = 0;  // bytes
};

damage_done damage(test::bytes& image, std::mt19937& random) {
  auto const at = 72 + random() % (image.size() - 72);
  switch (random() % 4) {
    case 0: image[at] ^= static_cast<std::byte>(1u << (random() % 8)); return {"bit at " + std::to_string(at), at, 0};
    case 1: image.resize(at); return {"cut at " + std::to_string(at), at, 0};
    case 2:
      for (std::size_t i = at; i < std::min(image.size(), at + 512); ++i) { image[i] = std::byte{0}; }
      return {"zeros at " + std::to_string(at), at, 0};
    default: {
      auto const n = std::min<std::size_t>(image.size() - at, 8 * (1 + random() % 64));
      image.erase(image.begin() + static_cast<std::ptrdiff_t>(at), image.begin() + static_cast<std::ptrdiff_t>(at + n));
      return {std::to_string(n) + " bytes lost at " + std::to_string(at), at, n};
    }
  }
}

// Where members stand when bytes are gone. Of the one that they were part of nothing can be said: in an archive where
// some members have a block after them, another one that is shorter by such a block looks whole. Nor of members
// that are exactly as long as what is gone: the hurt one may have `swallowed` them.
deviating_image moved(deviating_image const& made, damage_done const& d, bool may_swallow,
                      std::set<std::string>& hurt) {
  deviating_image out;
  std::uint64_t headless = 0;
  std::uint64_t after = 0;
  std::set<std::string> swallowed;  // the hurt member ends where they do
  for (auto const& m : made.members) {
    headless += m.offset >= d.at && m.offset < d.at + d.lost ? m.end - m.offset : 0;
    if (m.offset >= d.at && after < d.lost) {
      after += m.end - m.offset;
      swallowed.insert(m.path);
    }
  }
  if (after != d.lost || !may_swallow) { swallowed.clear(); }
  for (auto m : made.members) {
    if (headless == d.lost && m.offset >= d.at && m.offset < d.at + d.lost) { continue; }
    if (swallowed.count(m.path) != 0) { continue; }
    if (m.offset >= d.at + d.lost) {
      m.offset -= d.lost;
      m.content_offset -= d.lost;
      m.end -= d.lost;
    } else if (m.offset >= d.at || m.end > d.at) {
      hurt.insert(m.path);
    }
    out.members.push_back(std::move(m));
  }
  return out;
}

}  // namespace

TEST_CASE("any regular deviation: right, or named, or stopped") {
  auto const* const only = std::getenv("SYSB_GRAMMAR_SEED");
  auto const verbose = std::getenv("SYSB_GRAMMAR_VERBOSE") != nullptr;
  std::size_t complete = 0;
  std::size_t complete_pipe = 0;
  std::size_t wrong = 0;
  auto const n = wanted_images();
  auto const first = only != nullptr ? std::strtoul(only, nullptr, 10) : 0;
  auto const last = only != nullptr ? first + 1 : n;
  for (auto seed = first; seed < last; ++seed) {
    std::mt19937 random{static_cast<std::uint32_t>(seed + 1)};
    auto const d = draw_deviation(random);
    auto const o = options_for(random);
    auto const made = make_deviating(d, o);
    auto const whole = judge(made, made.image, memory_source::like::file);
    auto const piped = judge(made, made.image, memory_source::like::pipe);
    complete += whole.complete ? 1U : 0U;
    complete_pipe += piped.complete ? 1U : 0U;
    INFO("seed " << seed << ": " << d.text());
    CHECK_MESSAGE(whole.wrong.empty(), whole.wrong);
    CHECK_MESSAGE(piped.wrong.empty(), "pipe: " << piped.wrong);
    wrong += whole.wrong.empty() ? 0U : 1U;
    if (verbose && (!whole.complete || !piped.complete)) {
      std::cout << "seed " << seed << (whole.complete ? " (pipe only)" : "") << ": " << d.text() << " [" << o.members
                << (o.packed ? " packed" : "") << (o.directories ? " dirs" : "") << (o.hostile ? " hostile" : "")
                << "] given " << whole.given << ": " << (whole.complete ? piped.first_error : whole.first_error)
                << '\n';
    }
    // Who asks for what is left of an image that is whole gets all of it.
    if (whole.complete) {
      auto const salvaged = judge(made, made.image, memory_source::like::file, {}, on_damage::salvage);
      CHECK_MESSAGE(salvaged.wrong.empty(), "salvage: " << salvaged.wrong);
      CHECK_MESSAGE(salvaged.complete, "salvage, given " << salvaged.given << ": " << salvaged.first_error);
    }
    auto image = made.image;
    auto const done = damage(image, random);
    auto const after_damage = [&](memory_source::like how, bool may_swallow) {
      std::set<std::string> hurt;
      auto const expected = done.lost != 0 ? moved(made, done, may_swallow, hurt) : made;
      return judge(expected, image, how, hurt);
    };
    for (auto const how : {memory_source::like::file, memory_source::like::pipe}) {
      auto after = after_damage(how, true);
      if (done.lost != 0 && !after.wrong.empty()) { after = after_damage(how, false); }
      CHECK_MESSAGE(after.wrong.empty(),
                    (done.what + (how == memory_source::like::pipe ? " (pipe): " : ": ") + after.wrong));
    }
  }
  if (verbose) {
    std::cout << complete << " of " << last - first << " complete, " << complete_pipe << " from a pipe, " << wrong
              << " wrong\n";
  }
}

// Each is told by what its members are made of; nothing else deviates.
TEST_CASE("kinds that evidence settles are read whole, by salvage too") {
  std::vector<deviation> kinds(31);
  kinds[0].fixed_less = 4;
  kinds[1].word_width = 2;
  kinds[2].word_width = 2;
  kinds[2].unit = 1;
  kinds[2].word_big_endian = true;
  kinds[2].head_bytes = 8;
  kinds[3].word_width = 8;
  kinds[4].between = {3};
  kinds[5].between = {2, 5, 40};
  kinds[5].between_per_mille = 100;
  kinds[6].records = deviating_records{.type = 31, .magic = 0x1234, .has = deviating_records::body::none};
  kinds[7].records = deviating_records{.type = 13, .magic = 0xeb01, .has = deviating_records::body::said};
  kinds[8].records = deviating_records{.type = 60, .per_mille = 300, .has = deviating_records::body::constant};
  kinds[9].preamble = {56};
  kinds[10].preamble = {16, 40, 520};
  kinds[10].preamble_per_mille = 150;
  kinds[11].privileges_first = true;
  kinds[12].leading = 0xea01;
  kinds[13].words = 7;
  kinds[13].further = {{0}, {0}, {0, 2, 5}, {0}, {0}};
  // A word that counts the privilege list is no length of a block as long as that.
  kinds[14].word_big_endian = true;
  kinds[14].blocks = {{.before = false, .lengths = {16, 24, 40, 104}}};
  // One block with its length in a word beyond the first, and blocks of members without content alone.
  kinds[15].blocks = {{.before = true, .lengths = {24, 48, 72, 400}, .field_at = 8, .on = scope::files}};
  kinds[16].blocks = {{.is = deviating_block::form::blind, .lengths = {40}, .on = scope::directories}};
  kinds[17].plain_magic = record_magic::packed;
  kinds[17].packed_magic = record_magic::plain;
  kinds[18].packed_magic = record_magic::plain;
  kinds[19].plain_magic = kinds[19].packed_magic = 0x7a31;
  kinds[20].records = deviating_records{.type = 2, .per_mille = 100, .has = deviating_records::body::said};
  // Words in any order, among them some that count nothing.
  kinds[21].words = 7;
  kinds[21].unit = 1;
  kinds[21].word_order = {3, 0, 4, 2, 5, 1, 6};
  kinds[22].words = 4;
  kinds[22].further = {{5, 6, 9}, {0}};
  kinds[22].word_order = {3, 1, 2, 0};
  // Fields that are not there, and names that begin at any byte.
  kinds[23].fixed_less = 8;
  kinds[24].fixed_less = 16;
  kinds[25].fixed_extra = 6;
  kinds[25].fixed_extra_zero = false;
  // Several blocks in a row, on one side, and not all of one form.
  kinds[26].blocks = {{.before = true, .lengths = {24, 40, 72}, .in_a_row = 3}};
  kinds[27].blocks = {{.before = false, .lengths = {16, 56, 88, 104}, .unit = 8, .per_mille = 500, .in_a_row = 4}};
  kinds[28].blocks = {{.before = true, .lengths = {24, 40, 64}, .unit = 4},
                      {.before = true, .lengths = {16, 48, 120}, .counts_itself = false}};
  // Bytes before the head of the security record and between its lists, too.
  kinds[29].preamble = {40, 64, 104};
  kinds[29].between = {4};
  // A further block in every record, and after it blocks that say their lengths: the word that counts it tells them apart.
  kinds[30].words = 3;
  kinds[30].word_width = 2;
  kinds[30].head_bytes = 8;
  kinds[30].further = {{2, 11, 27}};
  kinds[30].blocks = {{.before = true, .lengths = {24, 40, 72}, .in_a_row = 2}};
  for (auto const& d : kinds) {
    for (bool const packed : {true, false}) {
      CAPTURE(d.text());
      CAPTURE(packed);
      auto const made = make_deviating(d, {.packed = packed});
      for (auto const how : {memory_source::like::file, memory_source::like::pipe}) {
        auto const seen = judge(made, made.image, how);
        CHECK_MESSAGE(seen.complete, seen.first_error);
        CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
      }
      auto const salvaged = judge(made, made.image, memory_source::like::file, {}, on_damage::salvage);
      CHECK_MESSAGE(salvaged.complete, "salvage, given " << salvaged.given << ": " << salvaged.first_error);
    }
  }
}

// Some members have one of a fixed length beside blocks that say theirs: what packed ones show of it holds for all.
TEST_CASE("a block of one length beside blocks in a row stands where packed members show it") {
  for (bool const before : {true, false}) {
    CAPTURE(before);
    deviation d;
    d.blocks = {{.before = false, .lengths = {24, 48, 64, 88}, .per_mille = 700, .in_a_row = 2},
                {.before = before, .is = deviating_block::form::blind, .lengths = {336}, .per_mille = 150}};
    if (!before) { std::swap(d.blocks[0], d.blocks[1]); }  // it stands next to the content
    auto const made = make_deviating(d, {.members = 700, .hostile = false});
    auto const seen = judge(made, made.image, memory_source::like::file);
    CHECK_MESSAGE(seen.complete, seen.first_error);
    CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
  }
}

// Nothing but the contents themselves says on which side of them such a block stands.
TEST_CASE("contents that equal the checksums of the software inventory prove where contents begin") {
  using form = deviating_block::form;
  for (bool const before : {true, false}) {
    CAPTURE(before);
    for (auto const& lengths : {std::vector<std::uint32_t>{24}, std::vector<std::uint32_t>{16, 48, 112}}) {
      deviation d;
      d.blocks = {{.before = before, .is = form::blind, .lengths = lengths, .zeros = true}};
      auto const bare = make_deviating(d, {.members = 200, .packed = false});
      CHECK_FALSE(judge(bare, bare.image, memory_source::like::file).complete);
      auto made = make_deviating(d, {.members = 200, .packed = false, .inventory = 40});
      for (auto const what_to_do : {on_damage::stop, on_damage::salvage}) {
        auto const seen = judge(made, made.image, memory_source::like::file, {}, what_to_do);
        CHECK_MESSAGE(seen.complete, seen.first_error);
        CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
      }
    }
  }
}

// Most packed members show blocks before the content, and a few lengths are those of blocks after it.
TEST_CASE("packed members of a frequent length say nothing of a seldom one") {
  for (std::uint32_t const seed : {4U, 16U, 21U, 28U, 53U}) {
    CAPTURE(seed);
    deviation d;
    d.blocks = {{.before = false, .is = deviating_block::form::blind, .lengths = {32, 336, 304}, .per_mille = 15},
                {.before = true, .lengths = {104}, .tagged = true, .zeros = true, .per_mille = 500, .in_a_row = 2}};
    auto const made = make_deviating(d, {.members = 700, .seed = seed});
    auto const seen = judge(made, made.image, memory_source::like::file);
    CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
  }
}

// Members without content show how the blocks before contents begin, and nothing of how many bytes of a record are theirs.
TEST_CASE("how blocks begin is no proof where others stand on the other side of the content") {
  for (bool const packed : {true, false}) {
    for (std::uint32_t seed = 1; seed <= 30; seed += static_cast<std::uint32_t>(test::stride(11))) {
      CAPTURE(packed);
      CAPTURE(seed);
      deviation d;
      d.blocks = {{.before = true,
                   .is = deviating_block::form::blind,
                   .lengths = {40, 64, 224, 240, 280},
                   .tagged = true,
                   .per_mille = 60},
                  {.before = false, .is = deviating_block::form::blind, .lengths = {104}, .per_mille = 500}};
      auto const made = make_deviating(d, {.members = 600, .packed = packed, .seed = seed});
      for (auto const what_to_do : {on_damage::stop, on_damage::salvage}) {
        auto const seen = judge(made, made.image, memory_source::like::file, {}, what_to_do);
        CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
      }
    }
  }
}

// Where the records' chain breaks, those of an archive in a content are sampled, too; their names begin elsewhere.
TEST_CASE("damage hides no other length of the fixed part") {
  deviation d;
  d.fixed_extra = 12;
  d.fixed_extra_zero = false;
  auto const made = make_deviating(d, {.members = 300, .packed = false});
  std::size_t tried = 0;
  for (std::size_t i = 20; i < made.members.size() && tried < 20; ++i) {
    auto const& m = made.members[i];
    if (m.stored < 500 || made.image[static_cast<std::size_t>(m.content_offset)] != std::byte{9}) { continue; }
    CAPTURE(i);
    auto image = made.image;
    std::fill(image.begin() + static_cast<std::ptrdiff_t>(m.offset),
              image.begin() + static_cast<std::ptrdiff_t>(m.content_offset), std::byte{0});
    for (auto const what_to_do : {on_damage::stop, on_damage::salvage}) {
      auto const seen = judge(made, image, memory_source::like::file, {m.path}, what_to_do);
      CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
    }
    ++tried;
  }
  CHECK(tried > 4);
}

// The records after them moved into a content that is longer by its header; an archive in the next content does not lead
// out of that.
TEST_CASE("where bytes of a content are lost, the records that moved into it are the next members") {
  deviation d;
  d.word_width = 2;
  auto const made = make_deviating(d, {.members = 400, .packed = false, .directories = false, .symlinks = false});
  std::size_t tried = 0;
  for (std::size_t i = 200; i + 1 < made.members.size(); ++i) {
    auto const& m = made.members[i];
    auto const next_at = static_cast<std::size_t>(made.members[i + 1].content_offset);
    constexpr std::size_t lost = 224;
    if (m.stored < 400 || made.image[next_at] != std::byte{9} || made.members[i + 1].stored < 500) { continue; }
    CAPTURE(i);
    auto image = made.image;
    auto const from = image.begin() + static_cast<std::ptrdiff_t>(m.content_offset) + 64;
    image.erase(from, from + lost);
    std::set<std::string> hurt;
    auto const expected =
        moved(made, {.at = static_cast<std::size_t>(m.content_offset) + 64, .lost = lost}, false, hurt);
    for (auto const how : {memory_source::like::file, memory_source::like::pipe}) {
      auto const seen = judge(expected, image, how, hurt);
      CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
      CHECK(seen.given == made.members.size());
    }
    ++tried;
  }
  CHECK(tried >= 4);
}

// The samples end at the first damaged header, and here too few of them show what the links have.
TEST_CASE("salvage learns what damage hides at first, and takes no archive inside a content for the archive") {
  for (std::uint32_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    deviation d;
    d.unit = 4;
    d.privileges_first = true;
    d.blocks = {{.before = false, .lengths = {24, 40, 56}, .on = scope::with_acl}};
    auto const made = make_deviating(d, {.members = 300, .packed = false, .seed = seed});
    auto image = made.image;
    std::set<std::string> hurt;
    for (std::size_t const n : {14u, 40u, 41u, 90u, 200u, 201u, 202u}) {
      image[static_cast<std::size_t>(made.members[n].offset) + 20] ^= std::byte{1};
      hurt.insert(made.members[n].path);
    }
    auto const seen = judge(made, image, memory_source::like::file, hurt, on_damage::salvage);
    CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
    CHECK(seen.given + 2 * hurt.size() >= made.members.size());
  }
}

TEST_CASE("records of unknown type before the first member hide no shorter fixed part") {
  deviation d;
  d.fixed_less = 8;
  d.records = deviating_records{.type = 79, .per_mille = 1000, .has = deviating_records::body::constant};
  auto const made = make_deviating(d, {.members = 60, .packed = false, .directories = false});
  auto const seen = judge(made, made.image, memory_source::like::file);
  CHECK_MESSAGE(seen.complete, seen.first_error);
  CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
}

// Sums prove on which side blocks of one length stand. A member with as many bytes may have them on both: a shorter
// block before its content that says its length, and another one after it.
TEST_CASE("what sums prove of blocks of one length says nothing of a member that may begin with another block") {
  using form = deviating_block::form;
  deviation d;
  d.blocks = {{.before = true, .lengths = {24, 32, 64, 72}, .per_mille = 100},
              {.before = false, .is = form::blind, .lengths = {32, 64, 96, 104, 128}}};
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    auto const made = make_deviating(d, {.members = 250, .packed = false, .inventory = 40, .seed = seed});
    for (auto const what_to_do : {on_damage::stop, on_damage::salvage}) {
      auto const seen = judge(made, made.image, memory_source::like::file, {}, what_to_do);
      CHECK_MESSAGE(seen.wrong.empty(), seen.wrong);
    }
  }
}

TEST_CASE("the documented grammar learns nothing") {
  deviating_options o;
  auto const made = make_deviating({}, o);
  auto const seen = judge(made, made.image, memory_source::like::file);
  CHECK(seen.complete);
  CHECK(seen.wrong.empty());
}
