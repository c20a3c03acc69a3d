// SPDX-License-Identifier: Apache-2.0
// Threads that the system does not give: the run goes on with those it has.
#include <doctest/doctest.h>

#include "fakes.hpp"
#include "pipeline/pipeline.hpp"

namespace workers_test {

using namespace sysb;
using namespace sysb::pipeline;
using namespace sysb::test;

namespace {

struct copied {
  std::map<std::string, std::string> content;
  std::vector<std::string> told;
  std::uint64_t bytes = 0;
  unsigned started = 0;
};

copied copy_with(unsigned threads, unsigned given, bool concurrent, bool in_file) {
  fake_reader r;
  r.add(entry_kind::directory, "./d");
  for (int i = 0; i < 100; ++i) {
    r.add(entry_kind::file, concat("./d/f", i), std::string(static_cast<std::size_t>(i) * 997, 'x'), i % 2 == 0);
  }
  r.add(entry_kind::file, "./long", std::string(5u << 20, 'l'), true);
  if (in_file) { r.put_into_file(); }
  keep_all plan;
  recording_sink sink{concurrent, !concurrent};
  collected d;
  copied out;
  copy_options o{.threads = threads};
  o.start_thread = [&](std::function<void()> work) {
    if (out.started == given) { return std::thread{}; }
    ++out.started;
    return std::thread{std::move(work)};
  };
  o.on_member = [&](member_event const& m) { out.told.push_back(m.member.path); };
  out.bytes = copy_members(r, plan, sink, o, d).bytes;
  out.content = sink.content;
  CHECK(d.ids.empty());
  return out;
}

}  // namespace

TEST_CASE("where threads cannot be started, the run goes on with those it has, or with none of its own") {
  for (bool concurrent : {false, true}) {
    for (bool in_file : {false, true}) {
      auto const alone = copy_with(1, 0, concurrent, in_file);
      for (unsigned given : {0u, 1u, 3u}) {
        auto const got = copy_with(6, given, concurrent, in_file);
        CHECK(got.started == given);
        CHECK(got.content == alone.content);
        CHECK(got.told == alone.told);
        CHECK(got.bytes == alone.bytes);
      }
    }
  }
}

TEST_CASE("a pool that starts nothing is empty") {
  worker_pool pool;
  pool.start(
      4, [] {}, [](std::function<void()>) { return std::thread{}; });
  CHECK(pool.empty());
}

}  // namespace workers_test
