// SPDX-License-Identifier: Apache-2.0
// Hard links whose names come twice: every sequence of a few names and kinds, in every layout of the data,
// must unpack to what the image says.
#include <doctest/doctest.h>

#include <memory>

#include "core/fatal_error.hpp"
#include "fakes.hpp"
#include "pipeline/pipeline.hpp"
#include "support/thinned.hpp"

namespace links_test {

using namespace sysb;
using namespace sysb::pipeline;
using namespace sysb::test;

namespace {

// What stands under each name when the members are unpacked one after the other. Late: as GNU cpio does it, which puts
// links off to the end and links them to the first name of their inode then.
class unpacking_sink final : public entry_sink {
 public:
  explicit unpacking_sink(bool concurrent, bool late = false) : concurrent_{concurrent}, late_{late} {}
  std::string faults;

  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    return std::make_unique<taken>(*this, e,
                                   concurrent_ && e.link_to.empty() ? slot::order::any : slot::order::in_turn);
  }
  void finish() override {
    for (auto const& [path, first] : put_off_) {
      auto const at = names_.find(first);
      if (names_.count(path) != 0 || at == names_.end()) {
        faults += concat("cannot link ", path, " to ", first, " in the end; ");
      } else {
        names_[path] = at->second;
      }
    }
  }
  [[nodiscard]] std::string tree() const {
    std::string out;
    for (auto const& [name, what] : names_) { out += concat(name, '=', *what, ' '); }
    return out;
  }

 private:
  // Files are there when they are filled, everything else when it is closed.
  class taken final : public slot {
   public:
    taken(unpacking_sink& to, entry const& e, order when) : to_{to}, member_{e}, when_{when} {}
    [[nodiscard]] order when() const noexcept override { return when_; }
    void fill(content_feed& from) override {
      std::string bytes;
      if (from.stream([&](std::span<std::byte const> p) { bytes += as_text(p); })) { to_.unpack(member_, bytes); }
      filled_ = true;
    }
    void close(content_result const& /*r*/) override {
      if (!filled_) { to_.unpack(member_, {}); }
    }

   private:
    unpacking_sink& to_;
    entry const& member_;
    order when_;
    bool filled_ = false;
  };
  void unpack(entry const& e, std::string const& bytes) {
    std::lock_guard const lock{mutex_};
    if (!e.link_to.empty()) {
      auto const at = names_.find(e.link_to);
      if (at == names_.end() || at->second->front() != '\'' || e.link_to == e.path) {
        faults += concat("cannot link ", e.path, " to ", e.link_to, "; ");
        return;
      }
      if (late_) {
        names_.erase(e.path);  // what stood there goes at once
        put_off_.emplace_back(e.path, e.link_to);
      } else {
        names_[e.path] = at->second;
      }
      return;
    }
    if (e.kind == entry_kind::file && bytes.size() != e.size) { faults += concat("short ", e.path, "; "); }
    names_[e.path] = std::make_shared<std::string>(e.kind == entry_kind::file ? concat('\'', bytes, '\'')
                                                                              : std::string{to_text(e.kind)});
  }
  bool concurrent_;
  bool late_;
  std::vector<std::pair<std::string, std::string>> put_off_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<std::string>> names_;
};

enum class layout { repeated, with_first, with_last, kept_size };
constexpr std::array layouts{layout::repeated, layout::with_first, layout::with_last, layout::kept_size};

// "a" and so on is a name of the linked file, "A" a file of that name of its own, "a>" a symbolic link,
// "a/" a directory.
struct sequence {
  std::vector<std::string> members;
  layout how;

  [[nodiscard]] static bool linked(std::string const& m) { return m.size() == 1 && m[0] >= 'a'; }
  [[nodiscard]] std::size_t index_of_data() const {
    std::size_t at = members.size();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (linked(members[i]) && (at == members.size() || how == layout::with_last)) { at = i; }
    }
    return at;
  }
  void fill(fake_reader& r, bool pack) const {
    auto const with_data = index_of_data();
    std::uint32_t links = 0;
    for (auto const& m : members) { links += linked(m) ? 1U : 0U; }
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto const& m = members[i];
      auto const path = concat("./", static_cast<char>(m[0] | 0x20));
      if (linked(m)) {
        bool const data = how == layout::repeated || i == with_data;
        auto& e = r.add(entry_kind::file, path, data ? content : "", pack && data).about;
        e.ino = 502;
        e.nlink = std::max(links, 2u);
        if (how == layout::kept_size && !data) {
          e.size = content.size();
          e.content = content_state::elsewhere;
        }
      } else if (m.size() == 1) {
        r.add(entry_kind::file, path, concat("own ", i), pack);
      } else if (m[1] == '>') {
        r.add(entry_kind::symlink, path).about.target = "elsewhere";
      } else {
        r.add(entry_kind::directory, path);
      }
    }
  }
  [[nodiscard]] std::string expected() const {
    std::map<std::string, std::string> names;
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto const& m = members[i];
      auto const name = std::string(1, static_cast<char>(m[0] | 0x20));
      names[name] = linked(m)       ? concat('\'', content, '\'')
                    : m.size() == 1 ? concat("'own ", i, '\'')
                    : m[1] == '>'   ? "symlink"
                                    : "directory";
    }
    std::string out;
    for (auto const& [name, what] : names) { out += concat(name, '=', what, ' '); }
    return out;
  }
  [[nodiscard]] std::string text() const {
    std::string out = concat("layout ", static_cast<int>(how), ':');
    for (auto const& m : members) { out += concat(' ', m); }
    return out;
  }

 private:
  static inline std::string const content = "the linked file";
};

template <typename Visit>
void for_every_sequence(std::size_t length, Visit const& visit) {
  static std::vector<std::string> const kinds{"a", "b", "c", "A", "B", "a>", "a/", "b/"};
  std::vector<std::size_t> at(length, 0);
  auto const step = length < 4 ? 1 : test::stride(11);
  for (std::size_t number = 0;; ++number) {
    sequence s;
    for (auto const i : at) { s.members.push_back(kinds[i]); }
    for (auto const how : layouts) {
      s.how = how;
      if (number % step == 0) { visit(s); }
    }
    std::size_t place = 0;
    while (place < length && ++at[place] == kinds.size()) { at[place++] = 0; }
    if (place == length) { return; }
  }
}

struct unpacked {
  std::string tree, faults;
  std::vector<std::string> ids;
  bool complete = false;
};

unpacked unpack(sequence const& s, bool two_pass, unsigned threads, bool concurrent, bool seekable = true,
                bool late = false) {
  fake_reader r;
  r.can_seek = seekable;
  s.fill(r, concurrent);
  keep_all plan;
  unpacking_sink sink{concurrent, late};
  collected d;
  output_kind any{"any", "", {}};
  any.holds.late_links = late;
  auto const sum = copy_members(r, plan, sink, {.target = &any, .last_name_wins = two_pass, .threads = threads}, d);
  if (sum.complete) { sink.finish(); }
  return {sink.tree(), sink.faults, d.ids, sum.complete};
}

void check_right(sequence const& s, unpacked const& got) {
  INFO(s.text());
  CHECK(got.tree == s.expected());
  CHECK(got.faults == "");
  CHECK(got.complete);
  for (auto const& id : got.ids) { CHECK(id == "SEL-005"); }
}

}  // namespace

TEST_CASE("names that come twice among hard links: each holds what the last member of its name says") {
  for (std::size_t length = 1; length <= 4; ++length) {
    for_every_sequence(length, [](sequence const& s) {
      check_right(s, unpack(s, false, 1, false));
      check_right(s, unpack(s, true, 1, false));
    });
  }
}

TEST_CASE("likewise where workers write") {
  for_every_sequence(3, [](sequence const& s) { check_right(s, unpack(s, false, 3, true)); });
}

TEST_CASE("likewise in an archive whose readers make links in the end, as those of cpio do") {
  for (std::size_t length = 1; length <= 4; ++length) {
    for_every_sequence(length, [](sequence const& s) { check_right(s, unpack(s, false, 1, false, true, true)); });
  }
}

TEST_CASE("from a pipe, content that has passed by is not invented: the run ends, and says why") {
  std::size_t ended = 0;
  for_every_sequence(3, [&](sequence const& s) {
    auto const got = unpack(s, false, 1, false, false);
    if (std::find(got.ids.begin(), got.ids.end(), "LNK-006") != got.ids.end()) {
      ++ended;
      CHECK(s.how != layout::repeated);
      return;
    }
    check_right(s, got);
  });
  CHECK(ended > 0);
  CHECK(ended < 100);
}

TEST_CASE("names of one inode whose sizes differ are files of their own") {
  fake_reader r;
  for (auto const* content : {"short", "rather longer"}) {
    auto& e = r.add(entry_kind::file, concat("./", std::string_view{content}.substr(0, 1)), content).about;
    e.ino = 502;
    e.nlink = 2;
  }
  keep_all plan;
  unpacking_sink sink{false};
  collected d;
  CHECK(copy_members(r, plan, sink, {}, d).complete);
  CHECK(sink.tree() == "r='rather longer' s='short' ");
  CHECK(d.ids == std::vector<std::string>{"LNK-002"});
}

}  // namespace links_test
