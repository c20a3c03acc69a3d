// SPDX-License-Identifier: Apache-2.0
// What is said of a tree before it is written, held against what is said when it is.
#include <doctest/doctest.h>

#include "output/output.hpp"
#include "output/privileges.hpp"
#include "support.hpp"

using namespace sysb;
using namespace sysb::test;
using output::privileges;

namespace {

using fill = std::function<void(entry_sink&)>;

// Every case that needs no trial. Names of one file come in order, as the pipeline gives them.
void everything(entry_sink& s) {
  std::uint64_t offset = 100;
  auto const at = [&](entry e) {
    e.offset = offset += 100;
    return e;
  };
  put(s, at(directory("")));
  put(s, at(directory("d")));
  auto other = at(directory("d/other"));
  other.uid = 4294967295u;
  put(s, other);
  auto owned = at(file("d/owned", 3));
  owned.uid = 12345;
  put(s, owned, "abc");
  auto nobody = at(file("d/nobody", 0));
  nobody.gid = 4294967295u;
  put(s, nobody);
  put(s, at(file(std::string(255, 'n'), 1)), "x");
  put(s, at(file(std::string(256, 'n'), 1)), "x");
  put(s, at(file(std::string(257, 'w'), 1)), "x");
  put(s, at(directory(std::string(300, 'd'))));
  put(s, at(file(std::string(300, 'd') + "/below", 1)), "x");
  put(s, at(file(concat("a/", std::string(300, 'm'), "/below"), 1)), "x");
  put(s, at(symbolic_link("empty", "")));
  put(s, at(symbolic_link("link", "d")));
  put(s, at(symbolic_link("nul", std::string{"a\0b", 3})));
  put(s, at(file(std::string{"c\0d", 3}, 0)));
  put(s, at(file("d/../up", 0)));
  auto first = at(file("first", 2));
  first.nlink = 2;
  first.acl = {std::byte{1}};
  put(s, first, "ab");
  auto second = at(hard_link("second", "first"));
  second.acl = {std::byte{1}};
  put(s, second);
  put(s, at(hard_link("third", "nothing")));
  put(s, at(hard_link("self", "self")));
  put(s, at(hard_link(std::string(256, 'h'), "first")));
  put(s, at(device_member("dev/x", entry_kind::char_device, 1, 3)));
  put(s, at(device_member("dev/wide", entry_kind::block_device, 5000, 3)));
  put(s, at(device_member(std::string(256, 'c'), entry_kind::char_device, 1, 3)));
  put(s, at(member(entry_kind::fifo, "fifo", 010644)));
  put(s, at(member(entry_kind::socket, "sock", 0140644)));
}

template <typename Make>
std::string said_of(Make const& make, fill const& what) {
  collected findings;
  auto const thrown = thrown_by([&] {
    auto const sink = make(findings);
    what(*sink);
    sink->finish();
  });
  return concat(findings.text, thrown, '\n');
}

// Real and foretold, for the user that runs this.
std::string both(temp_dir const& dir, bool privileged, bool stop, fill const& what) {
  ::mkdir((dir / "root").c_str(), 0700);
  file_descriptor const root{dir / "root", O_RDONLY | O_DIRECTORY};
  output::tree_options const how{.privileged = privileged, .sync = false, .stop_on_loss = stop};
  auto const told =
      said_of([&](diagnostic_sink& d) { return output::make_tree_forecast(dir / "no/such/target", how, d); }, what);
  auto const real = said_of([&](diagnostic_sink& d) { return output::make_tree_sink(root.get(), how, d); }, what);
  return told == real ? concat("same\n", real) : concat("foretold:\n", told, "real:\n", real);
}

}  // namespace

TEST_CASE("a tree that is not written is told of as one that is: without root") {
  temp_dir const dir;
  auto const said = as_nobody(dir.path(), [&] { return both(dir, false, false, everything); });
  INFO(said);
  CHECK(said.find("same\n") == 0);
  for (char const* id : {"OUT-002", "OUT-004", "OUT-005", "OUT-006", "OUT-007", "OUT-008"}) {
    CAPTURE(id);
    CHECK(said.find(id) != std::string::npos);
  }
}

TEST_CASE("a tree that is not written is told of as one that is: as root") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: not root");
    return;
  }
  temp_dir const dir;
  auto const said = both(dir, true, false, everything);
  INFO(said);
  CHECK(said.find("same\n") == 0);
  CHECK(said.find("OUT-005") != std::string::npos);
}

TEST_CASE("a loss that stops the tree stops what is told of it, with the same words") {
  std::vector<fill> const losses{
      [](entry_sink& s) { put(s, directory("d")); },
      [](entry_sink& s) { put_file(s, std::string(256, 'n'), "x"); },
      [](entry_sink& s) { put(s, symbolic_link("l", "")); },
      [](entry_sink& s) { put(s, device_member("x", entry_kind::char_device, 1, 3)); },
      [](entry_sink& s) {
        auto e = file("f", 1);
        e.uid = 4294967295u;
        put(s, e, "x");
      },
  };
  for (auto const& loss : losses) {
    temp_dir const dir;
    auto const said = as_nobody(dir.path(), [&] { return both(dir, false, true, loss); });
    INFO(said);
    CHECK(said.find("same\n") == 0);
    CHECK(said.find("loss: output tree: ") != std::string::npos);
  }
}

TEST_CASE("what the kernel allows is read from what it says of the process") {
  constexpr std::string_view all = "         0          0 4294967295\n";
  constexpr std::string_view few = "         0     100000      65536\n     70000     200000          1\n";
  constexpr std::string_view every = "Name:\tx\nCapEff:\t000001ffffffffff\n";
  privileges const root{all, all, every};
  CHECK(root.may_give_to(4294967294u, 12));
  CHECK(root.may_make_devices());
  privileges const inside{few, all, every};
  CHECK(inside.may_give_to(65535, 4000000000u));
  CHECK(inside.may_give_to(70000, 0));
  CHECK_FALSE(inside.may_give_to(65536, 0));
  CHECK_FALSE(inside.may_give_to(70001, 0));
  CHECK_FALSE(inside.may_make_devices());
  CHECK_FALSE(privileges{all, few, every}.may_give_to(0, 65536));
  CHECK(privileges{all, few, every}.may_make_devices());
  privileges const bound{all, all, "Name:\tx\nCapEff:\t000001fff7fffffe\n"};
  CHECK_FALSE(bound.may_make_devices());
  CHECK_FALSE(bound.may_give_to(::geteuid() + 1, ::getegid()));
  CHECK(bound.may_give_to(::geteuid(), ::getegid()));
  privileges const unknown{"", "", ""};
  CHECK(unknown.may_give_to(99, 99));
  CHECK(unknown.may_make_devices());
}
