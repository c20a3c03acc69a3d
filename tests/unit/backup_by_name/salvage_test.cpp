// SPDX-License-Identifier: Apache-2.0
// Salvage: which members are whole where the image is damaged, where the archive goes on, and what is not taken for it.
#include <doctest/doctest.h>

#include <algorithm>

#include "by_name_support.hpp"
#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/lookahead.hpp"
#include "formats/backup_by_name/resync.hpp"

namespace salvage_test {

using namespace by_name_test;
using sysb::on_damage;

namespace {

struct salvaged {
  walk_result first;  // of the pass that looks
  walk_result again;  // of the pass that writes
  bytes header;
};

walk_result pass(sysb::image_reader& r) {
  walk_result out;
  sysb::entry e;
  while (r.next(e)) {
    seen_member m{.about = e, .content = {}};
    for (auto p = r.read_stored(); !p.empty(); p = r.read_stored()) {
      m.content.insert(m.content.end(), p.begin(), p.end());
    }
    out.members.push_back(std::move(m));
  }
  out.complete = r.complete();
  out.end = r.end_offset();
  return out;
}

salvaged salvage(bytes image) {
  test_source source{std::move(image)};
  collector findings;
  auto const r = sysb::backup_by_name::format().open(source, {}, findings, on_damage::salvage);
  salvaged out;
  out.first = pass(*r);
  auto const said = findings.all.size();
  r->rewind();
  out.again = pass(*r);
  CHECK(findings.all.size() == said);  // everything is said once
  out.first.findings = findings.all;
  CHECK(out.again.names() == out.first.names());
  auto const h = r->volume_header();
  out.header.assign(h.begin(), h.end());
  return out;
}

finding const& of_id(walk_result const& w, std::string_view id) {
  for (auto const& f : w.findings) {
    if (f.id == id) { return f; }
  }
  static finding const none;
  return none;
}

bytes lost(bytes const& record) { return zeros(record.size()); }
using list = std::vector<std::string>;

}  // namespace

TEST_CASE("salvage of a sound image says nothing and changes nothing") {
  auto const whole = image(directory("./d") + file("./a", "alpha") + link_to("./l", "a") + file("./b", "beta"));
  auto const seen = salvage(whole);
  CHECK(seen.first.errors() == 0);
  CHECK(seen.first.complete);
  CHECK(seen.first.names() == list{"./d", "./a", "./l", "./b"});
  CHECK(seen.header == volume());
  for (auto const& m : seen.again.members) { CHECK_FALSE(m.about.incomplete); }
}

TEST_CASE("salvage goes on after a lost record, and tells how much was skipped and what it leaves in doubt") {
  auto const a = file("./a", "alpha");
  auto const b = file("./b", std::string(1000, 'b'));
  auto const seen = salvage(image(a + lost(b) + file("./c", "gamma") + file("./d", "delta")));
  CHECK(seen.first.names() == list{"./a", "./c", "./d"});
  CHECK(seen.first.complete);
  auto const& skipped = of_id(seen.first, "BBN-050");
  CHECK(skipped.offset == 72 + a.size());
  CHECK(skipped.text.find(std::to_string(b.size()) + " bytes") != std::string::npos);
  CHECK(of_id(seen.first, "BBN-051").path == "./a");  // no header proves its end
  CHECK(seen.again.member("./a").incomplete);
  CHECK_FALSE(seen.again.member("./c").incomplete);
  CHECK(seen.again.content("./a") == "alpha");
  CHECK(seen.again.content("./d") == "delta");
  auto const& sum = of_id(seen.first, "BBN-054");
  CHECK(sum.text.find("1 gap, " + std::to_string(b.size()) + " bytes skipped, 1 incomplete member") !=
        std::string::npos);
}

TEST_CASE("salvage goes on where records have a magic of their own, too") {
  auto const plain = [](std::string const& name, std::string const& text) {
    return header({.name = name, .size = static_cast<std::uint32_t>(text.size()), .magic = 0x3f21}) +
           security(0100644) + pad8(of(text));
  };
  auto const b = plain("./b", std::string(1000, 'b'));
  auto const seen = salvage(image(plain("./a", "alpha") + lost(b) + plain("./c", "gamma") + plain("./d", "delta")));
  CHECK(seen.first.names() == list{"./a", "./c", "./d"});
  CHECK(seen.again.content("./d") == "delta");
  CHECK(of_id(seen.first, "BBN-050").text.find(std::to_string(b.size()) + " bytes") != std::string::npos);
}

TEST_CASE("salvage: a member that lost bytes inside ends where the next record stands") {
  auto const a = file("./a", std::string(4000, 'a'));
  bytes shorter{a.begin(), a.end() - 1600};
  auto const seen = salvage(image(shorter + file("./b", "beta") + file("./c", "gamma")));
  CHECK(seen.first.names() == list{"./a", "./b", "./c"});
  CHECK(of_id(seen.first, "BBN-051").text.find("the next record stands before its end") != std::string::npos);
  CHECK(seen.again.member("./a").incomplete);
  CHECK(seen.again.content("./a") == std::string(2400, 'a'));
  CHECK(seen.again.content("./b") == "beta");
  CHECK_FALSE(seen.first.has("BBN-050"));  // nothing was skipped
}

TEST_CASE("salvage finds records again where a number of bytes was lost that is no multiple of 8") {
  auto const a = file("./a", std::string(4000, 'a'));
  bytes const shorter{a.begin(), a.end() - 1603};
  auto const seen = salvage(volume() + shorter + file("./b", "beta") + file("./c", "gamma") + file("./d", "delta") +
                            end_record() + zeros(512));
  CHECK(seen.first.names() == list{"./a", "./b", "./c", "./d"});
  CHECK(seen.again.content("./b") == "beta");
  CHECK(seen.first.complete);
}

TEST_CASE("salvage: the archive's end is found in the last bytes of the input") {
  auto const c = file("./c", "gamma");
  auto const whole = volume() + file("./a", "alpha") + lost(c) + end_record();
  auto const seen = salvage(whole);
  CHECK(seen.first.names() == list{"./a"});
  CHECK(seen.first.complete);
  CHECK(seen.first.end == whole.size());
}

TEST_CASE("salvage: a volume header that is no first one, or does not fit its checksum, is mended") {
  auto const members = file("./a", "alpha") + end_record() + zeros(512);
  auto later = volume(3);
  auto broken = volume();
  broken[20] = std::byte{'x'};
  for (auto const& head : {later, broken}) {
    auto const seen = salvage(head + members);
    CHECK(seen.first.names() == list{"./a"});
    CHECK(seen.header == volume());  // number 1, "by name", its own date, a checksum that fits
  }
}

TEST_CASE("salvage: an image without its volume header begins with the first records found") {
  auto const seen = salvage(lost(volume()) + file("./a", "alpha") + file("./b", "beta") + end_record() + zeros(512));
  CHECK(seen.first.names() == list{"./a", "./b"});
  CHECK(of_id(seen.first, "BBN-052").id == "BBN-052");
  CHECK(seen.header.empty());
}

TEST_CASE("salvage: a member whose security record fails counts as incomplete, unless all of its kind are so") {
  auto const doubtful = [](std::string name) {
    return header({.name = std::move(name), .size = 4}) + security(0100600) + pad8(of("text"));
  };
  auto const seen = salvage(image(file("./a", "alpha") + doubtful("./x") + file("./b", "beta")));
  CHECK(seen.again.member("./x").incomplete);
  CHECK_FALSE(seen.again.member("./a").incomplete);
  CHECK_FALSE(seen.again.member("./b").incomplete);

  bytes all;
  for (int i = 0; i < 8; ++i) { all = all + doubtful("./x" + std::to_string(i)); }
  auto const variant = salvage(image(all));
  CHECK(variant.first.has("BBN-026"));
  CHECK(variant.again.members.size() == 8);
  for (auto const& m : variant.again.members) { CHECK_FALSE(m.about.incomplete); }
}

TEST_CASE("a member with a damaged header is walked over only where its name and its security record agree") {
  auto const record = [](std::size_t at) {
    auto b = file("./b", "beta");
    b[at] ^= std::byte{1};
    return b;
  };
  constexpr std::size_t uid = 16;
  auto const head = header({.name = "./b"}).size();
  CHECK(walk(image(file("./a", "x") + record(uid) + file("./c", "x"))).names() == list{"./a", "./b", "./c"});
  // Mode: the privilege list repeats it, and that it differs is what the damage did.
  CHECK(walk(image(file("./a", "x") + record(12) + file("./c", "x"))).names() == list{"./a", "./b", "./c"});
  auto both = record(uid);
  both[head + 24] ^= std::byte{1};  // the length of the privilege list
  auto const seen = walk(image(file("./a", "x") + both + file("./c", "x")));
  CHECK(seen.has("BBN-004"));
  CHECK(seen.names() == list{"./a"});
  auto name = record(uid);
  std::fill_n(name.begin() + 67, 5, std::byte{'z'});  // the name has no end any more
  CHECK(walk(image(file("./a", "x") + name + file("./c", "x"))).names() == list{"./a"});
}

// --- where the archive goes on ------------------------------------------------------------------

TEST_CASE("resync: one header that leads nowhere is chance") {
  auto const chance = header({.name = "./chance", .size = 100}) + security(0100644) + zeros(64);
  auto const b = file("./b", std::string(1000, 'b'));
  auto const seen =
      salvage(image(file("./a", "alpha") + lost(b) + chance + file("./c", "gamma") + file("./d", "delta")));
  CHECK(seen.first.names() == list{"./a", "./c", "./d"});
}

TEST_CASE("resync: two records that lead nowhere are enough in step with the archive, three out of step") {
  auto const broken = header({.name = "./broken", .size = 100}) + security(0100644) + zeros(64);
  auto const b = file("./b", std::string(1000, 'b'));
  auto const rest = file("./y", "yps") + file("./z", "zet");
  auto const at = [&](std::size_t shift, bytes const& records) {
    return salvage(image(file("./a", "alpha") + lost(b) + zeros(shift) + records + zeros(8 - shift % 8) + rest))
        .first.names();
  };
  auto const one = file("./1", "eins");
  auto const two = file("./2", "zwei");
  CHECK(at(8, one + broken) == list{"./a", "./1", "./broken", "./y", "./z"});
  CHECK(at(3, one + broken) == list{"./a", "./y", "./z"});
  CHECK(at(3, one + two + broken) == list{"./a", "./1", "./2", "./broken", "./y", "./z"});
}

TEST_CASE("resync: an archive inside a content is not the archive that holds it") {
  auto const nested = volume() + file("./in1", "inner") + file("./in2", "inner") + end_record();
  auto const holder = file("./holder", sysb::as_text(nested));
  auto const b = file("./b", "beta");
  SUBCASE("the holder's header is lost") {
    auto gone = holder;
    std::fill_n(gone.begin(), 64, std::byte{0});
    auto const seen = salvage(image(file("./a", "alpha") + gone + b + file("./c", "gamma")));
    CHECK(seen.first.names() == list{"./a", "./b", "./c"});
  }
  SUBCASE("nothing proves where the holder ends") {
    auto const seen =
        salvage(image(file("./a", "alpha") + holder + lost(b) + file("./c", "gamma") + file("./d", "delta")));
    CHECK(seen.first.names() == list{"./a", "./holder", "./c", "./d"});
    CHECK(seen.again.content("./holder") == sysb::as_text(nested));
  }
}

TEST_CASE("resync: where the archive's records lead nowhere, those inside a content are not taken for it") {
  // Too few samples for a grammar, and each of them different.
  unsigned n = 0;
  auto const odd = [&n] {
    ++n;
    bytes noise(40 + 8 * (n * 7 % 11));
    for (std::size_t i = 0; i < noise.size(); ++i) { noise[i] = static_cast<std::byte>(1 + (i * 31 + n * 17) % 251); }
    return header({.name = "./odd" + std::to_string(n), .size = 9}) + noise + pad8(of("some text"));
  };
  bytes before;
  bytes after;
  for (int i = 0; i < 9; ++i) { before = before + odd(); }
  auto holder = file("./holder", sysb::as_text(file("./in1", "inner") + file("./in2", "inner") + file("./in3", "x")));
  std::fill_n(holder.begin(), 64, std::byte{0});  // what says how far the content reaches is lost
  for (int i = 0; i < 4; ++i) { after = after + odd(); }
  auto const seen = salvage(image(before + holder + after));
  for (auto const& name : seen.again.names()) {
    CAPTURE(name);
    CHECK(name.substr(0, 4) != "./in");
  }
}

TEST_CASE("resync: a record that leads nowhere still says how far its content reaches") {
  auto const inner = file("./in1", "inner") + file("./in2", "inner") + file("./in3", "inner");
  auto const holder = file("./holder", sysb::as_text(inner));
  auto const b = file("./b", std::string(500, 'b'));
  // Only the holder's own header is left of what stood there, and a record after it is lost.
  auto const gone = lost(b) + holder + lost(b);
  auto const seen = salvage(image(file("./a", "alpha") + gone + file("./c", "gamma") + file("./d", "delta")));
  for (auto const& name : seen.again.names()) { CHECK(name.substr(0, 4) != "./in"); }
  CHECK(seen.again.content("./d") == "delta");
}

TEST_CASE("a search for the next record passes what is no more than a prefix, and stops at a damaged header") {
  using namespace sysb::backup_by_name;
  auto const found_after = [](bytes const& between) {
    auto const record = file("./next", "text") + by_name_test::end_record();
    test_source source{between + record};
    sysb::limits const bounds;
    lookahead ahead{source, bounds};
    return ahead.find_record(0, 4096);
  };
  bytes noise(400);
  for (std::size_t i = 0; i < noise.size(); ++i) { noise[i] = static_cast<std::byte>(1 + i * 37 % 255); }
  auto prefix = header({.name = "./x"});
  std::copy_n(prefix.begin(), 4, noise.begin() + 80);
  CHECK(found_after(noise) == noise.size());
  // The rest of a header was overwritten with zeros, or one bit of it is wrong.
  bytes zeroed(400);
  std::copy_n(prefix.begin(), 4, zeroed.begin() + 80);
  CHECK_FALSE(found_after(zeroed).has_value());
  bytes flipped = noise;
  prefix[20] ^= std::byte{4};
  std::copy(prefix.begin(), prefix.end(), flipped.begin() + 80);
  CHECK_FALSE(found_after(flipped).has_value());
}

TEST_CASE("resync: what an archive inside a content leaves open ends with the content") {
  // The inner archive has no end; after the holder stand records of the outer one, and another damaged place.
  auto const nested = volume() + header({.name = "./in", .size = 4096}) + security(0100644) + zeros(128);
  auto const holder = file("./holder", sysb::as_text(nested));
  auto const b = file("./b", std::string(500, 'b'));
  auto const seen = salvage(image(holder + lost(b) + file("./c", "gamma") + file("./d", "delta") + lost(b) +
                                  file("./e", "epsilon") + file("./f", "phi")));
  CHECK(seen.first.names() == list{"./holder", "./c", "./d", "./e", "./f"});
}

TEST_CASE("resync: bytes of the writer's buffer before are stale, the same header elsewhere is a member") {
  auto const twice = file("./twice", std::string(100, 't'));
  auto const again = [&](std::size_t distance) {  // from the first header to the second
    auto const gap = zeros(distance - twice.size());
    return salvage(image(twice + gap + twice + file("./z", "zet"))).first.names();
  };
  CHECK(again(1024 + 8) == list{"./twice", "./twice", "./z"});
  CHECK(again(1024) == list{"./twice", "./z"});
  CHECK(again((1u << 20) + 512) == list{"./twice", "./twice", "./z"});  // further away than any buffer reaches
}

TEST_CASE("resync: a further volume's header is stepped over, where the files of a set were joined as they are") {
  auto const b = file("./b", std::string(1000, 'b'));
  auto const seen =
      salvage(image(file("./a", "alpha") + lost(b) + volume(2) + file("./c", "gamma") + file("./d", "delta")));
  CHECK(seen.first.names() == list{"./a", "./c", "./d"});
  CHECK(seen.first.complete);
}

TEST_CASE("resync: every record is found wherever the pieces of the search begin and end") {
  using namespace sysb::backup_by_name;
  constexpr std::size_t piece = 256u << 10;
  auto const record = file("./record", "text") + file("./next", "text") + by_name_test::end_record();
  for (auto const at : {piece - 72, piece - 8, piece - 1, piece, piece + 1, piece + max_header_bytes, 2 * piece - 8}) {
    CAPTURE(at);
    test_source source{zeros(at) + record};
    sysb::limits const bounds;
    lookahead ahead{source, bounds};
    resync search{ahead};
    auto const found = search.next_header(0);
    REQUIRE(found.has_value());
    CHECK(found->at == at);
    CHECK(found->type == 11);
    auto const last = search.next_header(at + record.size() - 8);
    REQUIRE(last.has_value());
    CHECK(last->at == at + record.size() - 8);
    CHECK_FALSE(search.next_header(at + record.size() - 7).has_value());
  }
}

}  // namespace salvage_test
