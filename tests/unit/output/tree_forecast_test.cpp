// SPDX-License-Identifier: Apache-2.0
// What is said of a tree before it is written, held against what is said when it is.
#include <doctest/doctest.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <array>
#include <random>

#include "output/output.hpp"
#include "output/privileges.hpp"
#include "support.hpp"
#include "support/thinned.hpp"

namespace tree_forecast_test {

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
  // Names of what is no file, and of what could not be made.
  auto to_link = at(hard_link("link2", "link"));
  to_link.kind = entry_kind::symlink;
  put(s, to_link);
  put(s, at(hard_link("pipe2", "fifo")));
  auto to_device = at(hard_link("dev/y", "dev/x"));
  to_device.kind = entry_kind::char_device;
  put(s, to_device);
  put(s, at(hard_link("to-long", std::string(256, 'n'))));
  put(s, at(hard_link("to-long-parent", std::string(300, 'd') + "/below")));
  put(s, at(hard_link("to-directory", "d")));
  put(s, at(hard_link("through-link", "link/owned")));
  put(s, at(symbolic_link("far", std::string(5000, 't'))));
  // Names that come again, and parents that are none.
  put(s, at(file("link/below", 1)), "x");
  put(s, at(directory("first/below/deeper")));
  put(s, at(file("d", 1)), "x");
  put(s, at(symbolic_link("second", "d")));
  put(s, at(hard_link("third-of-link", "second")));
  put(s, at(directory("empty-one")));
  put(s, at(file("empty-one", 1)), "x");
  put(s, at(hard_link("of-it", "empty-one")));
  put(s, at(directory("empty-one")));
  put(s, at(file("empty-one/below", 1)), "x");
}

// Members that no tree has, and a hostile image may have: any kind under any of few names, links to any of them.
fill anything(std::uint64_t seed) {
  return [seed](entry_sink& s) {
    std::mt19937_64 next{seed};
    auto const one_of = [&](auto const& all) { return all[next() % std::size(all)]; };
    std::array<std::string, 7> const names{"a", "b", "c", "d", "..", std::string(255, 'n'), std::string(256, 'n')};
    auto const path = [&] {
      auto text = names[next() % 4];
      for (auto deeper = next() % 4; deeper > 0; --deeper) {
        text += concat('/', next() % 16 == 0 ? one_of(names) : names[next() % 4]);
      }
      return next() % 100 == 0 ? std::string{} : text;
    };
    constexpr std::array kinds{entry_kind::file,   entry_kind::file,        entry_kind::directory,
                               entry_kind::fifo,   entry_kind::directory,   entry_kind::symlink,
                               entry_kind::socket, entry_kind::char_device, entry_kind::block_device};
    constexpr std::array<std::uint32_t, 4> ids{0, 0, 7, 4294967295u};
    for (std::uint64_t i = 1; i <= 300; ++i) {
      auto e = member(one_of(kinds), path(), 0);
      e.mode = static_cast<std::uint32_t>(next() % 010000);
      e.offset = i * 512;
      e.uid = one_of(ids);
      e.gid = one_of(ids);
      if (next() % 8 == 0) { e.acl = {std::byte{1}}; }
      if (next() % 4 == 0) { e.link_to = path(); }
      if (e.kind == entry_kind::symlink) { e.target = next() % 8 == 0 ? std::string{} : path(); }
      e.rdev = {next() % 8 == 0 ? 5000u : 1u, 3};
      if (e.kind == entry_kind::file && e.link_to.empty()) { e.size = e.stored = next() % 2; }
      put(s, e, e.size != 0 ? "x" : "");
    }
  };
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
  auto const told = said_of(
      [&](diagnostic_sink& d) { return output::make_tree_forecast(dir / "no/such/target", dir.path(), how, d); }, what);
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

// Root whom the kernel does not let give files away or make devices, and who is in a group of the image.
std::string without_capabilities(std::function<std::string()> const& work) {
  return in_child([&] {
    gid_t const groups[]{7};
    __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> held{};
    if (::setgroups(1, groups) != 0 || ::syscall(SYS_capget, &head, held.data()) != 0) {
      return std::string{"not allowed"};
    }
    held[0].effective &= ~(1u << CAP_CHOWN | 1u << CAP_MKNOD);
    return ::syscall(SYS_capset, &head, held.data()) != 0 ? "not allowed" : work();
  });
}

TEST_CASE("whatever comes in whatever order: what is said beforehand is what is said") {
  std::size_t ended = 0;
  for (std::uint64_t seed = 1; seed <= 60; seed += stride(7)) {
    CAPTURE(seed);
    bool const stop = seed % 6 == 0;
    auto const same = [&](char const* who, std::string const& said) {
      if (said == "not allowed") { return; }
      CAPTURE(who);
      INFO(said);
      CHECK(said.find("same\n") == 0);
      ended += said.find("none\n") != std::string::npos;
    };
    temp_dir const theirs;
    same("nobody", as_nobody(theirs.path(), [&] { return both(theirs, false, stop, anything(seed)); }));
    if (::geteuid() != 0) { continue; }
    temp_dir const ours;
    same("root", both(ours, true, stop, anything(seed)));
    temp_dir const bound;
    same("bound root", without_capabilities([&] { return both(bound, true, stop, anything(seed)); }));
  }
  CHECK(ended != 0);  // directories are set there
}

TEST_CASE("what is told of a million names beforehand takes no more memory than a table of them") {
  if (sanitized) {
    MESSAGE("skipped: a sanitizer has memory of its own");
    return;
  }
  temp_dir const dir;
  auto const peak = [] {
    auto const status = slurp("/proc/self/status");
    return std::stoul(status.substr(status.find("VmHWM:") + 6));
  };
  auto const said = in_child([&] {
    collected findings;
    auto const before = peak();
    auto const sink = output::make_tree_forecast(dir.path(), dir.path(), {.privileged = true}, findings);
    for (unsigned i = 0; i < 1000000; ++i) {
      put(*sink, i % 50 == 0 ? directory(concat("d", i / 50)) : file(concat("d", i / 50, "/name", i), 0));
    }
    sink->finish();
    return concat(peak() - before, " KiB", findings.text);
  });
  MESSAGE("a million names: " << said);
  CHECK(std::stoul(said) < 24u << 10);
  CHECK(said.substr(said.find(' ')) == " KiB");
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
  constexpr std::string_view member{"Name:\tx\nGroups:\t5 70000 \nCapEff:\t0000000000000000\n"};
  CHECK(privileges{all, all, member}.may_give_to(::geteuid(), 70000));
  CHECK(privileges{all, all, member}.may_give_to(::geteuid(), 5));
  CHECK_FALSE(privileges{all, all, member}.may_give_to(::geteuid(), 7));
  CHECK_FALSE(privileges{all, all, member}.may_give_to(::geteuid() + 1, 5));
  privileges const unknown{"", "", ""};
  CHECK(unknown.may_give_to(99, 99));
  CHECK(unknown.may_make_devices());
}

}  // namespace tree_forecast_test
