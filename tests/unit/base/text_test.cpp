// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <doctest/doctest.h>

#include "base/checked.hpp"

namespace text_test {

using namespace sysb;

TEST_CASE("names that mean one member have one normal path") {
  for (auto const* name : {"./etc/motd", "etc/motd", "/etc/motd", "//etc//motd", "./etc/./motd/"}) {
    CHECK(normal_path(name) == "etc/motd");
  }
  CHECK(normal_path("./").empty());
  CHECK(normal_path(".").empty());
  CHECK(normal_path("/").empty());
  CHECK(normal_path("../x") == "../x");
  CHECK(normal_path("a/../b") == "a/../b");
}

TEST_CASE("every byte at every place of a name is escaped exactly where it must be") {
  CHECK(printable({}).empty());
  for (std::size_t length : {1u, 7u, 8u, 9u, 16u, 19u}) {
    for (std::size_t at = 0; at < length; ++at) {
      for (int b = 0; b < 256; ++b) {
        for (auto const around : {'a', ' ', '~'}) {
          std::string name(length, around);
          name[at] = static_cast<char>(b);
          auto const plain = b >= 0x20 && b < 0x7f && b != '\\';
          CAPTURE(b);
          REQUIRE((printable(name) == name) == plain);
          std::string behind = "x";
          append_printable(behind, name);
          REQUIRE(behind == "x" + printable(name));
        }
      }
    }
  }
}

TEST_CASE("only whole components count as .. and as below") {
  CHECK(has_dotdot("a/../b"));
  CHECK(has_dotdot(".."));
  CHECK(has_dotdot("/.."));
  CHECK_FALSE(has_dotdot("..a/b.."));
  CHECK(is_below("usr/lib", "usr"));
  CHECK_FALSE(is_below("usrlocal", "usr"));
  CHECK_FALSE(is_below("usr", "usr"));
  CHECK(is_below("usr", ""));
  CHECK_FALSE(is_below("", ""));
  CHECK(parent_path("a/b/c") == "a/b");
  CHECK(parent_path("a").empty());
}

TEST_CASE("what is printed can neither drive a terminal nor break UTF-8") {
  CHECK(printable("a\x1b[31m") == "a\\x1b[31m");
  CHECK(printable("\x7f\x7f") == "\\x7f\\x7f");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");  // U+009B is CSI
  CHECK(printable("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(printable("a\\b\n") == "a\\\\b\\n");
  // What turns the direction of text, or ends a line, on a terminal; their neighbours are letters like others.
  CHECK(printable("x\xe2\x80\xaegpj") == "x\\xe2\\x80\\xaegpj");  // U+202E
  for (auto const* mark :
       {"\xd8\x9c", "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xaa", "\xe2\x81\xa6", "\xe2\x81\xa9"}) {
    CHECK(printable(mark) != mark);
  }
  for (auto const* letter :
       {"\xd8\x9b", "\xe2\x80\x8d", "\xe2\x80\x90", "\xe2\x80\xaf", "\xe2\x81\xa5", "\xe2\x81\xaa", "\xe2\x82\xac"}) {
    CHECK(printable(letter) == letter);
  }
}

TEST_CASE("UTF-8 is judged strictly") {
  CHECK(is_utf8("\xf4\x8f\xbf\xbf"));
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // surrogate
  CHECK_FALSE(is_utf8("\xc0\x80"));          // overlong
  CHECK_FALSE(is_utf8("\xe2\x82"));          // cut
}

TEST_CASE("times of any sign become UTC dates") {
  CHECK(utc_time(0) == "1970-01-01 00:00:00");
  CHECK(utc_time(-1) == "1969-12-31 23:59:59");
  CHECK(utc_time(1782216660) == "2026-06-23 12:11:00");
  CHECK(utc_time(951782400) == "2000-02-29 00:00:00");
}

TEST_CASE("numbers in the bases people use for them") {
  CHECK(hex(0x1f3a40) == "1f3a40");
  CHECK(hex(0xb, 4) == "000b");
  CHECK(octal(0644) == "0644");
  CHECK(octal(04755) == "4755");
  CHECK(human_size(512) == "512 B");
  CHECK(human_size(1536) == "1.5 KiB");
}

TEST_CASE("arithmetic that would wrap gives nothing") {
  CHECK_FALSE(checked_add(~0ull, 1));
  CHECK(checked_add(1, 2) == 3u);
  CHECK_FALSE(checked_mul(1ull << 33, 1ull << 33));
  CHECK_FALSE(checked_round_up(~0ull - 3, 8));
  CHECK(checked_round_up(9, 8) == 16u);
  CHECK(checked_round_up(16, 8) == 16u);
  CHECK_FALSE(checked_round_up(1, 0));
}

TEST_CASE("an errno is never an empty text") {
  CHECK_FALSE(os_text(2).empty());
  CHECK_FALSE(os_text(99999).empty());
}

}  // namespace text_test
