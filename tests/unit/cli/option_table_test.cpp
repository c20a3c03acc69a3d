// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "cli/listing.hpp"
#include "cli/option_table.hpp"
#include "core/fatal_error.hpp"

namespace option_table_test {

using namespace sysb;
using namespace sysb::cli;

namespace {

struct parsed {
  bool long_form = false;
  std::string out, how;
  std::optional<std::uint64_t> level;
  std::optional<std::string> name;
  std::vector<std::string> exclude, volumes, words;
  bool help = false;
};

parsed parse(std::vector<std::string> const& args) {
  parsed p;
  option_table t;
  t.positionals(p.words);
  t.flag("-l,--long", p.long_form, "long");
  t.text("-o,--output", p.out, "OUT", "where to");
  t.choice("--how", p.how, "HOW", {"a", "b"}, "how");
  t.number("--level", p.level, "N", 1, 9, "level");
  t.optional_text("-n", p.name, "NAME", "name");
  t.list("--exclude", p.exclude, "PATTERN", "not these");
  t.run_of_values("--volumes", p.volumes, "FILE...", "volumes");
  p.help = t.parse(args);
  return p;
}

}  // namespace

TEST_CASE("one --exclude takes one word, the next word is a positional") {
  auto const p = parse({"--exclude", "usr", "image", "--exclude", "opt", "etc"});
  CHECK(p.exclude == std::vector<std::string>{"usr", "opt"});
  CHECK(p.words == std::vector<std::string>{"image", "etc"});
}

TEST_CASE("--volumes takes all words up to the next option or --") {
  auto const p = parse({"--volumes", "a", "b", "c", "--", "etc"});
  CHECK(p.volumes == std::vector<std::string>{"a", "b", "c"});
  CHECK(p.words == std::vector<std::string>{"etc"});
  CHECK(parse({"--volumes", "a", "b", "-l", "etc"}).volumes.size() == 2);
}

TEST_CASE("a dash alone is a positional, and -- ends the options") {
  CHECK(parse({"-", "-l"}).words == std::vector<std::string>{"-"});
  auto const p = parse({"image", "--", "-l", "--how"});
  CHECK_FALSE(p.long_form);
  CHECK(p.words == std::vector<std::string>{"image", "-l", "--how"});
}

TEST_CASE("a pattern in brackets stays one word") {
  CHECK(parse({"image", "[ab,c]"}).words == std::vector<std::string>{"image", "[ab,c]"});
  CHECK(parse({"--exclude", "[ab]", "image"}).exclude == std::vector<std::string>{"[ab]"});
}

TEST_CASE("options are found in front of, between and after the positionals") {
  auto const p = parse({"-l", "image", "-o", "x.tar", "etc", "--level=3", "-n", ""});
  CHECK(p.long_form);
  CHECK(p.out == "x.tar");
  CHECK(p.level == 3);
  CHECK(p.name == "");
  CHECK(p.words.size() == 2);
}

TEST_CASE("what is wrong with a command line is a usage error with a text") {
  for (auto const& args : std::vector<std::vector<std::string>>{{"--nonsense"},
                                                                {"--level", "10"},
                                                                {"--level", "x"},
                                                                {"--how", "c"},
                                                                {"-o"},
                                                                {"--level", "-1"},
                                                                {"-o", "a", "-o", "b"}}) {
    try {
      parse(args);
      FAIL("accepted: " << args[0]);
    } catch (fatal_error const& e) {
      CHECK(e.what_kind() == fatal_error::kind::usage);
      CHECK_FALSE(std::string_view{e.what()}.empty());
    }
  }
}

TEST_CASE("help is asked for before anything is missing") {
  CHECK(parse({"--help"}).help);
  CHECK(parse({"-h"}).help);
}

TEST_CASE("help fits 80 columns and wraps at words") {
  option_table t;
  bool b = false;
  std::string s;
  t.flag("-x,--extraordinarily-long-name", b, "a text that is much longer than what is left of a line of 80 columns");
  t.text("--out", s, "OUT", "short");
  auto const text = t.help();
  CHECK(text.find("      --out OUT           short\n") != std::string::npos);
  for (std::size_t at = 0; at < text.size();) {
    auto const end = text.find('\n', at);
    CHECK(end - at <= 80);
    at = end + 1;
  }
}

TEST_CASE("modes read as ls prints them, set-id and sticky bits included") {
  entry e;
  e.mode = 0104755;
  CHECK(mode_text(e) == "-rwsr-xr-x");
  e.mode = 0102644;
  CHECK(mode_text(e) == "-rw-r-Sr--");
  e.kind = entry_kind::directory;
  e.mode = 0041777;
  CHECK(mode_text(e) == "drwxrwxrwt");
  e.mode = 0041776;
  CHECK(mode_text(e) == "drwxrwxrwT");
}

TEST_CASE("a listing line shows ids, size or device numbers, UTC time, name and target") {
  entry e;
  e.path = "./etc/motd";
  e.mode = 0100644;
  e.uid = 2;
  e.gid = 3;
  e.size = 42;
  e.mtime = 86400;
  CHECK(listing_line(e) == "-rw-r--r-- 2/3              42 1970-01-02 00:00:00 ./etc/motd");
  e.link_to = "./etc/issue";
  CHECK(listing_line(e).find("./etc/motd link to ./etc/issue") != std::string::npos);
  e.link_to.clear();
  e.kind = entry_kind::symlink;
  e.target = "/a\nb";
  CHECK(listing_line(e).find("./etc/motd -> /a\\nb") != std::string::npos);
  e.kind = entry_kind::char_device;
  e.rdev = {10, 4};
  CHECK(listing_line(e).find(" 10,4 1970") != std::string::npos);
}

TEST_CASE("a listing names the first name of a link group, of one device only") {
  first_names names{"/tmp"};
  entry e;
  e.nlink = 2;
  e.ino = 7;
  e.path = "./a";
  names.resolve(e);
  CHECK(e.link_to.empty());
  e.path = "./b";
  names.resolve(e);
  CHECK(e.link_to == "./a");
  e.dev = {1, 2};
  names.resolve(e);
  CHECK(e.link_to.empty());
  e.ino = 0;
  names.resolve(e);
  names.resolve(e);
  CHECK(e.link_to.empty());
}

}  // namespace option_table_test
