// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "core/piece_store.hpp"
#include "pipeline/name_table.hpp"
#include "pipeline/select.hpp"

namespace tables_test {

using namespace sysb;
using namespace sysb::pipeline;

TEST_CASE("the name table agrees with a map over many names, replacements included") {
  name_table t;
  std::map<std::string, std::uint64_t> model;
  std::mt19937 random{1};
  for (std::uint64_t i = 1; i <= 20000; ++i) {
    auto const name = concat("d", random() % 50, "/n", random() % 9000);
    auto const outcome = t.record(name, entry_kind::file, i * 8);
    CHECK((outcome == name_table::outcome::again) == (model.count(name) != 0));
    model[name] = i * 8;
  }
  for (auto const& [name, offset] : model) {
    CHECK(t.is_final(name, offset));
    CHECK_FALSE(t.is_final(name, offset + 8));
    CHECK(t.replaced_later(name, offset - 8));
  }
  CHECK(t.size() == model.size() + 50);  // the directories that the names imply
}

TEST_CASE("a parent that is a link or a file blocks what stands below it") {
  name_table t;
  (void)t.record("a", entry_kind::symlink, 8);
  (void)t.record("a/b/c", entry_kind::file, 16);
  CHECK(t.blocking_parent("a/b/c") == "a");
  (void)t.record("a", entry_kind::directory, 24);  // the link was replaced: now it is safe
  CHECK(t.blocking_parent("a/b/c").empty());
  CHECK(t.record("a/b", entry_kind::symlink, 32) == name_table::outcome::refused_directory);
  CHECK(t.record("a/b", entry_kind::directory, 40) == name_table::outcome::fresh);
  CHECK(t.record("a/b/c", entry_kind::symlink, 48) == name_table::outcome::again);
}

TEST_CASE("names come back from memory and from the spill file") {
  piece_store s{"/tmp"};
  std::vector<piece_store::ref> refs;
  for (int i = 0; i < 9000; ++i) { refs.push_back(s.add(concat(i, std::string(1000, 'n')))); }
  for (int i = 0; i < 9000; i += 97) {
    CHECK(s.get(refs[static_cast<std::size_t>(i)]) == concat(i, std::string(1000, 'n')));
  }
}

TEST_CASE("names come back in any order while more are added") {
  piece_store s{"/tmp"};
  std::vector<std::pair<piece_store::ref, std::string>> added;
  std::mt19937 random{7};
  std::size_t wrong = 0;
  for (int i = 0; i < 30'000; ++i) {
    auto name = concat(i, std::string(random() % 300, 'n'));
    added.emplace_back(s.add(name), name);
    auto const& [ref, text] = added[random() % added.size()];
    wrong += s.get(ref) == text ? 0u : 1u;
    auto const& [near, its] = added[added.size() - 1 - std::min<std::size_t>(added.size() - 1, random() % 9000)];
    wrong += s.get(near) == its ? 0u : 1u;
  }
  std::string const large(50'000, 'l');
  for (int i = 0; i < 50; ++i) { added.emplace_back(s.add(large), large); }
  for (auto const& [ref, text] : added) { wrong += s.get(ref) == text ? 0u : 1u; }
  CHECK(wrong == 0);
}

TEST_CASE("patterns are shell globs on normal paths, and a directory stands for all below it") {
  selection const s{{"./etc/*.conf", "usr/lib", "[ab]?"}, {"usr/lib/secret"}};
  CHECK(s.matches("./etc/deep/resolv.conf"));  // * matches /
  CHECK(s.matches("/usr/lib/libc.a"));
  CHECK(s.matches("usr/lib"));
  CHECK_FALSE(s.matches("usr/libexec"));
  CHECK_FALSE(s.matches("./usr/lib/secret/key"));
  CHECK_FALSE(s.matches("etc/passwd"));
  CHECK(s.unmatched() == std::vector<std::string>{"[ab]?"});
  CHECK(s.matches("b1/below"));
  CHECK(s.unmatched().empty());
  selection const only_exclude{{}, {"*.o"}};
  CHECK(only_exclude.matches("x.c"));
  CHECK_FALSE(only_exclude.matches("./y/x.o"));
  CHECK(selection{{}, {}}.everything());
  CHECK(selection{{"./"}, {}}.matches("anything"));
}

}  // namespace tables_test
