// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "fake_image.hpp"
#include "wpar/request.hpp"

namespace request_test {

using namespace sysb;
using namespace sysb::wpar;

TEST_CASE("a specification file fills what the command line left open") {
  fake::collector d;
  request r;
  r.name = "cli";
  apply_spec(r, "w.spec",
             "general:\n\tname = \"spec\"\n\thostname = \"host\"\n\tprivateusr = \"yes\"\n\n"
             "network:\n\taddress = \"192.0.2.1\"\n\ncopy_controls:\n\tpreserve_private = "
             "\"yes\"\n\tpreserve_wpars = \"no\"\n",
             d);
  CHECK(d.all.empty());
  CHECK(r.name == "cli");
  CHECK(r.hostname == "host");
  CHECK(r.kind == wpar_kind::private_usr);
  CHECK(r.kind_from_spec);
  CHECK(r.preserve_private == true);
  CHECK(r.preserve_wpars == false);
}

TEST_CASE("the command line wins over a specification file") {
  fake::collector d;
  request r;
  r.kind = wpar_kind::shared;
  r.preserve_private = false;
  apply_spec(r, "w.spec", "general:\n\tprivateusr = yes\ncopy_controls:\n\tpreserve_private = yes\n", d);
  CHECK(r.kind == wpar_kind::shared);
  CHECK_FALSE(r.kind_from_spec);
  CHECK(r.preserve_private == false);
}

TEST_CASE("values that are not understood are named, and so is a file that says nothing") {
  fake::collector d;
  request r;
  apply_spec(r, "w.spec", "copy_controls:\n\tpreserve_private = \"maybe\"\n", d);
  CHECK(d.ids == std::vector<std::string>{"WPR-001"});
  CHECK_FALSE(r.preserve_private.has_value());
  fake::collector e;
  apply_spec(r, "w.spec", "mount:\n\tdirectory = /\n", e);
  CHECK(e.ids == std::vector<std::string>{"WPR-002"});
}

TEST_CASE("-T takes two attributes with yes or no") {
  request r;
  CHECK(apply_copy_control(r, "preserve_private=yes"));
  CHECK(r.preserves_private());
  CHECK(apply_copy_control(r, "preserve_wpars=no"));
  CHECK(r.preserve_wpars == false);
  for (auto const* bad : {"preserve_private", "preserve_private=1", "preserve=yes", "=yes", ""}) {
    CHECK_FALSE(apply_copy_control(r, bad));
  }
}

TEST_CASE("a flag bit is exactly one bit") {
  CHECK(parse_flag_bit("0x400") == 0x400u);
  CHECK(parse_flag_bit("1024") == 1024u);
  CHECK(parse_flag_bit("0x80000000") == 0x80000000u);
  for (auto const* bad : {"", "0", "3", "0x", "0x401", "x", "0x100000000", "-1", "4 "}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_flag_bit(bad).has_value());
  }
}

TEST_CASE("a list of filesets has one a line, comments apart") {
  CHECK(parse_name_list("# mine\nbos.mp64\n\n  devices.x.rte  \n") ==
        std::vector<std::string>{"bos.mp64", "devices.x.rte"});
}

}  // namespace request_test
