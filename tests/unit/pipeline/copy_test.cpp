// SPDX-License-Identifier: Apache-2.0
#include "pipeline/pipeline.hpp"

#include <doctest/doctest.h>

#include "core/fatal_error.hpp"
#include "fakes.hpp"

namespace copy_test {

using namespace sysb;
using namespace sysb::pipeline;
using namespace sysb::test;

namespace {

struct result {
  copy_summary sum;
  std::vector<std::string> lines, ids;
  std::map<std::string, std::string> content;
};

result copy(fake_reader& r, copy_options o, bool concurrent = false) {
  keep_all plan;
  recording_sink sink{concurrent, !concurrent};
  collected d;
  result out;
  out.sum = copy_members(r, plan, sink, o, d);
  out.lines = sink.lines;
  out.content = sink.content;
  out.ids = d.ids;
  return out;
}

void make_linked(entry& e, std::uint32_t ino, std::uint32_t nlink = 2) {
  e.ino = ino;
  e.nlink = nlink;
}

// Small and long, plain and packed, in an order that keeps every path of the code busy.
void fill_mixed(fake_reader& r) {
  r.add(entry_kind::directory, "./");
  r.add(entry_kind::directory, "./d");
  std::string big;
  for (int i = 0; big.size() < (3u << 20); ++i) { big += concat("line ", i, " of a long member\n"); }
  for (int i = 0; i < 200; ++i) {
    r.add(entry_kind::file, concat("./d/f", i),
          concat("content ", i, std::string(static_cast<std::size_t>(i) * 7, 'x')), i % 3 == 0);
  }
  r.add(entry_kind::file, "./big-packed", big, true);
  r.add(entry_kind::file, "./big-plain", big, false);
  r.add(entry_kind::file, "./empty");
  for (int i = 0; i < 50; ++i) { r.add(entry_kind::file, concat("./d/g", i), concat("more ", i), i % 2 == 0); }
}

}  // namespace

TEST_CASE("the output is the same for 1, 2 and 4 threads, from a file and from a pipe") {
  fake_reader first_image;
  fill_mixed(first_image);
  auto const one = copy(first_image, {.threads = 1});
  CHECK(one.sum.complete);
  CHECK(one.sum.entries == 255);
  CHECK(one.ids.empty());
  for (unsigned threads : {2u, 4u}) {
    for (bool seek : {true, false}) {
      fake_reader image;
      fill_mixed(image);
      image.can_seek = seek;
      auto const many = copy(image, {.threads = threads});
      CHECK(many.lines == one.lines);
      CHECK(many.content == one.content);
      CHECK(many.sum.bytes == one.sum.bytes);
    }
  }
}

TEST_CASE("a concurrent sink gets every file once and whole, after its directory") {
  fake_reader a;
  fill_mixed(a);
  auto const one = copy(a, {.last_name_wins = true, .threads = 1});
  fake_reader b;
  fill_mixed(b);
  auto const many = copy(b, {.last_name_wins = true, .threads = 3}, true);
  CHECK(many.content == one.content);
}

TEST_CASE("a sink that takes content out of turn gets the same entries and bytes, told of in image order") {
  for (bool digests : {false, true}) {
    fake_reader a;
    fill_mixed(a);
    make_linked(a.add(entry_kind::file, "./l1", std::string(100000, 'l')).about, 7);
    make_linked(a.add(entry_kind::file, "./l2", std::string(100000, 'l')).about, 7);  // repeated data
    std::vector<std::string> told_one;
    std::vector<std::string> told;
    keep_all plan;
    recording_sink expected{false, digests};
    collected d;
    copy_options how{.digests = digests, .threads = 1};
    how.on_member = [&](member_event const& m) { told_one.push_back(m.member.path); };
    auto const one = copy_members(a, plan, expected, how, d);
    for (unsigned threads : {1u, 2u, 4u}) {
      fake_reader b;
      fill_mixed(b);
      make_linked(b.add(entry_kind::file, "./l1", std::string(100000, 'l')).about, 7);
      make_linked(b.add(entry_kind::file, "./l2", std::string(100000, 'l')).about, 7);
      b.put_into_file();
      placed_sink sink;
      told.clear();
      copy_options many_how{.digests = digests, .threads = threads};
      many_how.on_member = [&](member_event const& m) { told.push_back(m.member.path); };
      auto const many = copy_members(b, plan, sink, many_how, d);
      CHECK(many.complete);
      CHECK(many.bytes == one.bytes);
      CHECK(sink.lines == expected.lines);
      CHECK(sink.content() == expected.content);
      CHECK(told == told_one);
      CHECK(sink.placed > sink.copied);  // what is packed is unpacked
      CHECK(sink.copied != 0);
      CHECK(sink.at_once != 0);
    }
    CHECK(d.ids.empty());
  }
}

TEST_CASE("content that a worker finds cut or damaged ends a run out of turn as it ends any other") {
  for (bool cut : {false, true}) {
    fake_reader r;
    fill_mixed(r);
    auto& m = r.add(entry_kind::file, "./bad", std::string(300000, 'b'), !cut);
    if (cut) {
      m.stored.resize(1000);  // the file ends here
    } else {
      m.stored[m.stored.size() / 2] ^= std::byte{0x55};
    }
    r.put_into_file();
    keep_all plan;
    placed_sink sink;
    collected d;
    auto const sum = copy_members(r, plan, sink, {.threads = 3}, d);
    CHECK_FALSE(sum.complete);
    CHECK_FALSE(sum.content_verified);
    CHECK(d.ids.size() == (cut ? 0 : 1));
  }
}

TEST_CASE("of a name that comes twice the later file is put later, whoever puts it") {
  for (int round = 0; round < 3; ++round) {
    fake_reader r;
    for (int i = 0; i < 300; ++i) {
      // Long ones first, so that whoever takes the short one is done before.
      r.add(entry_kind::file, concat("./f", i / 3),
            std::string(i % 3 == 2 ? 10 : 30000, static_cast<char>('a' + i % 3)), true);
    }
    auto const out = copy(r, {.threads = 4}, true);
    CHECK(out.content.size() == 100);
    for (auto const& [name, content] : out.content) { CHECK(content == std::string(10, 'c')); }
  }
}

namespace {
struct counting_sink final : entry_sink {
  std::uint64_t bytes = 0, pieces = 0, digests = 0;
  [[nodiscard]] wants needs() const noexcept override { return {.content = false}; }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& /*e*/) override { return std::make_unique<counted>(*this); }
  void finish() override {}

  class counted final : public slot {
   public:
    explicit counted(counting_sink& to) : to_{to} {}
    [[nodiscard]] order when() const noexcept override { return order::in_turn; }
    void fill(content_feed& /*from*/) override { ++to_.pieces; }
    void close(content_result const& r) override {
      to_.bytes += r.bytes;
      to_.digests += r.digest ? 1u : 0u;
    }

   private:
    counting_sink& to_;
  };
};
}  // namespace

TEST_CASE("a sink that wants no data gets none, and every byte is unpacked and digested all the same") {
  for (unsigned threads : {1u, 3u}) {
    fake_reader r;
    fill_mixed(r);
    keep_all plan;
    counting_sink sink;
    collected d;
    auto const sum = copy_members(r, plan, sink, {.digests = true, .threads = threads}, d);
    CHECK(sink.pieces == 0);
    CHECK(sink.bytes == sum.bytes);
    CHECK(sink.digests == 253);
    CHECK(sum.content_verified);
  }
}

TEST_CASE("hard links: repeated data, no data, and data that comes last become one file") {
  fake_reader r;
  make_linked(r.add(entry_kind::file, "./a", "data").about, 7, 3);
  make_linked(r.add(entry_kind::file, "./b", "data").about, 7, 3);  // repeated
  auto& c = r.add(entry_kind::file, "./c").about;                   // size kept, no data
  make_linked(c, 7, 3);
  c.size = 4;
  c.content = content_state::elsewhere;
  make_linked(r.add(entry_kind::file, "./e1").about, 9);  // empty first, data last
  make_linked(r.add(entry_kind::file, "./e2", "late").about, 9);
  auto const out = copy(r, {});
  CHECK(out.lines == std::vector<std::string>{"file a", "file b -> a", "file c -> a", "file e2", "file e1 -> e2"});
  CHECK(out.ids.empty());
  CHECK(out.sum.bytes == 8);
}

TEST_CASE("empty files that share an inode stay empty and linked, at the end of the stream") {
  fake_reader r;
  make_linked(r.add(entry_kind::file, "./x").about, 5);
  make_linked(r.add(entry_kind::file, "./y").about, 5);
  auto const out = copy(r, {});
  CHECK(out.lines == std::vector<std::string>{"file x", "file y -> x"});
}

TEST_CASE("repeated data that differs is damage, never a silent link") {
  fake_reader r;
  make_linked(r.add(entry_kind::file, "./a", "data").about, 7);
  make_linked(r.add(entry_kind::file, "./b", "dat!").about, 7);
  auto const out = copy(r, {});
  CHECK(out.ids == std::vector<std::string>{"LNK-003"});
  CHECK_FALSE(out.sum.complete);
}

TEST_CASE("an empty name whose metadata differs is neither a link nor an empty file") {
  fake_reader r;
  make_linked(r.add(entry_kind::file, "./a", "data").about, 7);
  auto& b = r.add(entry_kind::file, "./b").about;
  make_linked(b, 7);
  b.mode = 0100600;
  auto const out = copy(r, {});
  CHECK(out.ids == std::vector<std::string>{"LNK-001"});
  CHECK(out.lines == std::vector<std::string>{"file a"});
}

TEST_CASE("a selection that drops the name with the data gives the data to the first kept name") {
  fake_reader r;
  make_linked(r.add(entry_kind::file, "./usr/a", "data", true).about, 7, 3);
  for (auto const* name : {"./etc/b", "./etc/c"}) {
    auto& e = r.add(entry_kind::file, name).about;
    make_linked(e, 7, 3);
    e.size = 4;
    e.content = content_state::elsewhere;
  }
  r.add(entry_kind::file, "./etc/d", "after");
  for (unsigned threads : {1u, 2u}) {
    selection const s{{"etc"}, {}};
    r.seek_record(72);
    auto const out = copy(r, {.select = &s, .threads = threads});
    CHECK(out.lines == std::vector<std::string>{"file etc/b", "file etc/c -> etc/b", "file etc/d"});
    CHECK(out.content.at("etc/b") == "data");
    CHECK(out.content.at("etc/d") == "after");
    CHECK(out.sum.dropped == 1);
  }
}

TEST_CASE("hostile names are refused, one finding each, and the rest is written") {
  fake_reader r;
  r.add(entry_kind::file, "./../outside", "x");
  r.add(entry_kind::file, "a/../../b", "x");
  r.add(entry_kind::symlink, "./link").about.target = "/etc";
  r.add(entry_kind::file, "./link/passwd", "x");
  r.add(entry_kind::file, "./file", "x");
  r.add(entry_kind::file, "./file/below", "x");
  r.add(entry_kind::directory, "./full");
  r.add(entry_kind::file, "./full/member", "x");
  r.add(entry_kind::file, "./full", "x");
  r.add(entry_kind::file, "./", "x");
  r.add(entry_kind::file, "/absolute", "x");
  for (bool two_pass : {false, true}) {
    r.seek_record(72);
    auto const out = copy(r, {.last_name_wins = two_pass});
    CHECK(out.ids ==
          std::vector<std::string>{"SEL-001", "SEL-001", "SEL-002", "SEL-002", "SEL-003", "SEL-006", "SEL-004"});
    CHECK(out.lines ==
          std::vector<std::string>{"symlink link", "file file", "directory full", "file full/member", "file absolute"});
    CHECK(out.sum.refused == 6);
    CHECK(out.sum.complete);
  }
}

TEST_CASE("a name that comes twice: convert writes both, a tree gets the later one") {
  fake_reader r;
  r.add(entry_kind::file, "./a", "old");
  r.add(entry_kind::file, "./b", "x");
  r.add(entry_kind::file, "a", "new");
  auto const both = copy(r, {});
  CHECK(both.lines == std::vector<std::string>{"file a", "file b", "file a"});
  CHECK(both.ids == std::vector<std::string>{"SEL-005"});
  r.seek_record(72);
  auto const last = copy(r, {.last_name_wins = true});
  CHECK(last.lines == std::vector<std::string>{"file b", "file a"});
  CHECK(last.content.at("a") == "new");
  CHECK(last.ids == std::vector<std::string>{"SEL-005"});
}

TEST_CASE("a damaged packed member ends a conversion, and not a check") {
  fake_reader r;
  auto& m = r.add(entry_kind::file, "./p", std::string(5000, 'a') + "b", true);
  m.stored.back() = std::byte{0xff};
  r.add(entry_kind::file, "./q", "fine");
  for (unsigned threads : {1u, 2u}) {
    r.seek_record(72);
    auto const stops = copy(r, {.threads = threads});
    CHECK_FALSE(stops.sum.complete);
    CHECK(stops.ids.size() == 1);
    CHECK(stops.ids.front().substr(0, 3) == "PCK");
    r.seek_record(72);
    auto const goes_on = copy(r, {.keep_going = true, .threads = threads});
    CHECK(goes_on.sum.complete);
    CHECK(goes_on.ids == stops.ids);
    CHECK(goes_on.content.count("q") == 1);
  }
}

TEST_CASE("findings come in image order, however far the reader is ahead") {
  fake_reader r;
  auto& m = r.add(entry_kind::file, "./p", std::string(5000, 'a') + "b", true);
  m.stored.back() = std::byte{0xff};
  r.add(entry_kind::file, "./../q", "hostile");
  std::vector<std::string> const expected = copy(r, {.keep_going = true, .threads = 1}).ids;
  CHECK(expected.size() == 2);
  CHECK(expected.back() == "SEL-001");
  r.seek_record(72);
  CHECK(copy(r, {.keep_going = true, .threads = 4}).ids == expected);
}

TEST_CASE("what an output cannot hold is counted once a cause, and stops on request") {
  output_kind small{"ustar", "", {}};
  small.holds.max_size = 3;
  small.holds.sockets = false;
  small.holds.max_id = 100;
  fake_reader r;
  r.add(entry_kind::file, "./a", "four");
  r.add(entry_kind::socket, "./s");
  r.add(entry_kind::socket, "./t");
  r.add(entry_kind::file, "./b", "ok").about.uid = 4294967294u;
  auto const out = copy(r, {.target = &small});
  CHECK(out.ids == std::vector<std::string>{"LOS-001", "LOS-002"});
  CHECK(out.lines == std::vector<std::string>{"file b"});
  r.seek_record(72);
  CHECK_THROWS_AS(copy(r, {.target = &small, .stop_on_loss = true}), fatal_error);
}

namespace {
struct etc_plan final : member_plan {
  decision decide(entry const& e) override {
    if (e.path == "./usr/x") { return {plan_action::drop, "V12", "shared"}; }
    if (e.path == "./etc/CuDv") { return {plan_action::replace, "V25", "emptied"}; }
    return {};
  }
  bool wants_content(entry const&) const override { return true; }
  generated_member replace(entry const& e, std::span<std::byte const> original) override {
    generated_member g{e, {original.begin(), original.end()}, "V25", "emptied"};
    g.content.push_back(std::byte{'!'});
    return g;
  }
  std::vector<generated_member> additions() override {
    generated_member g;
    g.about.path = "./opt";
    g.about.kind = entry_kind::directory;
    g.rule = "V12";
    return {g};
  }
};
}  // namespace

TEST_CASE("a plan drops, replaces and adds, and every member is told of in image order") {
  fake_reader r;
  r.add(entry_kind::file, "./usr/x", "gone");
  r.add(entry_kind::file, "./etc/CuDv", "devices", true);
  r.add(entry_kind::file, "./etc/motd", "hello");
  for (unsigned threads : {1u, 2u}) {
    r.seek_record(72);
    etc_plan plan;
    recording_sink sink;
    collected d;
    std::vector<std::string> told;
    copy_options o{.last_name_wins = true, .threads = threads};
    o.on_member = [&](member_event const& e) {
      told.push_back(concat(to_text(e.what.action), ' ', e.member.path, ' ', e.what.rule));
    };
    std::uint64_t announced = 0;
    o.before_writing = [&](std::uint64_t bytes, std::uint64_t entries) { announced = bytes * 10 + entries; };
    auto const sum = copy_members(r, plan, sink, o, d);
    CHECK(told ==
          std::vector<std::string>{"drop ./usr/x V12", "replace ./etc/CuDv V25", "keep ./etc/motd ", "add ./opt V12"});
    CHECK(sink.content.at("etc/CuDv") == "devices!");
    CHECK(announced == (7 + 5) * 10 + 2);
    CHECK(sum.kept == 1);
    CHECK(sum.dropped == 1);
    CHECK(sum.replaced == 1);
    CHECK(sum.added == 1);
  }
}

TEST_CASE("an image that is not whole writes nothing in a run of two passes") {
  fake_reader r;
  r.add(entry_kind::file, "./a", "x");
  r.ends_well = false;
  auto const out = copy(r, {.last_name_wins = true});
  CHECK(out.lines.empty());
  CHECK_FALSE(out.sum.complete);
}

TEST_CASE("a signal stops the run") {
  fake_reader r;
  r.add(entry_kind::file, "./a", "x");
  progress p;
  p.stop_signal = 2;
  CHECK_THROWS_AS(copy(r, {.counters = &p}), fatal_error);
}

}  // namespace copy_test
