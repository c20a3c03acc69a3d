// SPDX-License-Identifier: Apache-2.0
// Every kind of source against a model: the same bytes for any mix of calls.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <random>
#include <thread>

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "unit/io/scratch.hpp"

namespace source_test {

using namespace sysb;
using scratch::pattern;

namespace {

// Gives its bytes in pieces of changing length, as a decompressor does.
class uneven_producer final : public io::byte_producer {
 public:
  explicit uneven_producer(std::vector<std::byte> bytes, bool break_at_end = false)
      : bytes_{std::move(bytes)}, breaks_{break_at_end} {}
  std::size_t produce(std::span<std::byte> out) override {
    auto const left = bytes_.size() - at_;
    if (left == 0 && breaks_) { throw fatal_error{fatal_error::kind::damaged, "broken on purpose", at_}; }
    step_ = step_ * 7 % 4099 + 1;
    auto const n = std::min({step_, left, out.size()});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    return n;
  }

 private:
  std::vector<std::byte> bytes_;
  bool breaks_;
  std::size_t at_ = 0;
  std::size_t step_ = 13;
};

// The same, and it can begin again; counts what it gives.
class starting_producer final : public io::byte_producer {
 public:
  explicit starting_producer(std::vector<std::byte> bytes, std::uint64_t* given = nullptr)
      : bytes_{std::move(bytes)}, given_{given}, inner_{bytes_} {}
  std::size_t produce(std::span<std::byte> out) override {
    auto const n = inner_.produce(out);
    if (given_ != nullptr) { *given_ += n; }
    return n;
  }
  bool restartable() const noexcept override { return true; }
  void restart() override { inner_ = uneven_producer{bytes_}; }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t* given_;
  uneven_producer inner_;
};

struct setup {
  char const* name;
  std::function<std::unique_ptr<byte_source>(std::vector<std::byte> const&, scratch::folder&)> make;
};

std::vector<std::byte> part_of(std::vector<std::byte> const& b, std::size_t from, std::size_t to) {
  return {b.begin() + static_cast<std::ptrdiff_t>(std::min(from, b.size())),
          b.begin() + static_cast<std::ptrdiff_t>(std::min(to, b.size()))};
}

io::source_options small_window(scratch::folder& f) {
  return {.tmpdir = f.path(), .counters = nullptr, .window_bytes = 10000};
}

std::vector<std::unique_ptr<byte_source>> in_parts(
    std::vector<std::byte> const& b, std::function<std::unique_ptr<byte_source>(std::vector<std::byte>)> const& make) {
  std::vector<std::unique_ptr<byte_source>> parts;
  std::array<std::size_t, 7> const cuts{0, 1, 1, 5000, 5003, 70000, b.size() + 70000};
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) { parts.push_back(make(part_of(b, cuts[i], cuts[i + 1]))); }
  return parts;
}

std::vector<setup> all_setups() {
  std::vector<setup> all;
  all.push_back({"memory", [](auto const& b, auto&) { return io::from_memory(b); }});
  all.push_back({"file", [](auto const& b, auto& f) { return io::open_file(f.file("file", b), {}); }});
  all.push_back({"pipe", [](auto const& b, auto& f) {
                   return io::open_descriptor(f.feed(b, scratch::channel::pipe), small_window(f));
                 }});
  all.push_back({"socket", [](auto const& b, auto& f) {
                   return io::open_descriptor(f.feed(b, scratch::channel::socket), small_window(f));
                 }});
  all.push_back({"producer", [](auto const& b, auto& f) {
                   return io::from_producer(std::make_unique<uneven_producer>(b), small_window(f));
                 }});
  all.push_back({"restarting producer", [](auto const& b, auto& f) {
                   return io::from_producer(std::make_unique<starting_producer>(b), small_window(f));
                 }});
  all.push_back({"row of restarting producers", [](auto const& b, auto& f) {
                   return io::concatenate(in_parts(b, [&](auto p) {
                     return io::from_producer(std::make_unique<starting_producer>(std::move(p)), small_window(f));
                   }));
                 }});
  all.push_back({"slice of a restarting producer", [](auto const& b, auto& f) {
                   auto whole = pattern(9000, 5);
                   whole.insert(whole.end(), b.begin(), b.end());
                   whole.resize(whole.size() + 3000);
                   return io::slice(
                       io::from_producer(std::make_unique<starting_producer>(std::move(whole)), small_window(f)), 9000,
                       b.size());
                 }});
  all.push_back({"spooled pipe", [](auto const& b, auto& f) {
                   io::source_options const o{.tmpdir = f.path()};
                   auto s = io::open_descriptor(f.feed(b, scratch::channel::pipe), o);
                   (void)s->peek(3000);
                   return io::make_seekable(std::move(s), o);
                 }});
  all.push_back({"row of memory", [](auto const& b, auto&) {
                   return io::concatenate(in_parts(b, [](auto p) { return io::from_memory(std::move(p)); }));
                 }});
  all.push_back({"row of files", [](auto const& b, auto& f) {
                   int n = 0;
                   return io::concatenate(
                       in_parts(b, [&](auto p) { return io::open_file(f.file(concat("part", n++), p), {}); }));
                 }});
  all.push_back({"row of streams", [](auto const& b, auto& f) {
                   return io::concatenate(in_parts(b, [&](auto p) {
                     return io::from_producer(std::make_unique<uneven_producer>(std::move(p)), small_window(f));
                   }));
                 }});
  all.push_back({"slice of a file", [](auto const& b, auto& f) {
                   auto whole = pattern(9000, 5);
                   whole.insert(whole.end(), b.begin(), b.end());
                   whole.resize(whole.size() + 3000);
                   return io::slice(io::open_file(f.file("whole", whole), {}), 9000, b.size());
                 }});
  all.push_back({"slice of a pipe", [](auto const& b, auto& f) {
                   auto whole = pattern(9000, 5);
                   whole.insert(whole.end(), b.begin(), b.end());
                   whole.resize(whole.size() + 3000);
                   auto pipe = io::open_descriptor(f.feed(whole, scratch::channel::pipe), small_window(f));
                   return io::slice(std::move(pipe), 9000, b.size());
                 }});
  return all;
}

std::uint64_t pick(std::mt19937& random, std::uint64_t left) {
  switch (random() % 8) {
    case 0: return 0;
    case 1: return 1;
    case 2: return left;
    case 3: return left + 1 + random() % 100;
    case 4: return random() % 5000;
    case 5: return random() % 70000;
    default: return random() % 64;
  }
}

bool holds(std::span<std::byte const> seen, std::vector<std::byte> const& all, std::uint64_t at, std::size_t n) {
  return seen.size() >= n && at + n <= all.size() &&
         std::equal(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(n),
                    all.begin() + static_cast<std::ptrdiff_t>(at));
}

// True when every answer was the model's.
bool follow_model(byte_source& s, std::vector<std::byte> const& all, unsigned seed) {
  std::mt19937 random{seed};
  std::uint64_t at = 0;
  for (int step = 0; step < 400; ++step) {
    auto const left = all.size() - at;
    if (s.position() != at) { return false; }
    switch (random() % (s.seekable() ? 5 : 4)) {
      case 0: {
        auto const picked = std::min<std::uint64_t>(pick(random, left), byte_source::max_peek);
        auto const n = static_cast<std::size_t>(picked);
        auto const seen = s.peek(n);
        if (seen.size() < std::min<std::uint64_t>(n, left) || seen.size() > left) { return false; }
        if (!holds(seen, all, at, seen.size())) { return false; }
        break;
      }
      case 1: {
        auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(random() % 3000, left));
        if (s.peek(n).size() < n) { return false; }
        s.consume(n);
        at += n;
        break;
      }
      case 2: {
        auto const n = random() % 4 == 0 ? pick(random, left) : random() % 300;
        if (s.skip(n) != std::min<std::uint64_t>(n, left)) { return false; }
        at += std::min<std::uint64_t>(n, left);
        break;
      }
      case 3: {
        auto const offset = at + pick(random, left);
        std::vector<std::byte> out(random() % 9 == 0 ? random() % 9000 : random() % 80);
        auto const rest = all.size() - std::min<std::uint64_t>(offset, all.size());
        auto const there = std::min<std::uint64_t>(out.size(), rest);
        if (s.probe(offset, out) != there) { return false; }
        if (!holds(out, all, std::min<std::uint64_t>(offset, all.size()), static_cast<std::size_t>(there))) {
          return false;
        }
        break;
      }
      default: {
        at = all.empty() ? 0 : random() % (all.size() + 1);
        s.seek(at);
        break;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("every source gives the model's answers for any mix of calls") {
  for (auto const& each : all_setups()) {
    CAPTURE(each.name);
    for (std::size_t const size : {0u, 1u, 4096u, 4097u, 300000u}) {
      CAPTURE(size);
      auto const bytes = pattern(size, 1);
      for (unsigned seed = 0; seed < 8; ++seed) {
        CAPTURE(seed);
        scratch::folder f;
        auto const s = each.make(bytes, f);
        CHECK(follow_model(*s, bytes, seed));
      }
    }
  }
}

TEST_CASE("every source, read in order, gives all its bytes and then nothing") {
  auto const bytes = pattern(3'000'001, 2);
  for (auto const& each : all_setups()) {
    CAPTURE(each.name);
    scratch::folder f;
    auto const s = each.make(bytes, f);
    std::vector<std::byte> seen;
    for (auto p = s->peek(1000); !p.empty(); p = s->peek(1000)) {
      seen.insert(seen.end(), p.begin(), p.end());
      s->consume(p.size());
    }
    CHECK(seen == bytes);
    CHECK(s->peek(1).empty());
    CHECK(s->skip(1) == 0);
  }
}

TEST_CASE("a file tells its size, its descriptor and where its bytes stand in it") {
  scratch::folder f;
  auto const bytes = pattern(50000, 3);
  auto const s = io::open_file(f.file("a", bytes), {});
  CHECK(s->size() == 50000);
  CHECK(s->medium_size() == 50000);
  REQUIRE(s->file());
  CHECK(s->file()->base == 0);
  auto const piece = io::slice(io::open_file(f.path() + "/a", {}), 1234, 1000);
  REQUIRE(piece->file());
  CHECK(piece->file()->base == 1234);
  std::array<std::byte, 10> out{};
  CHECK(::pread(piece->file()->fd, out.data(), out.size(), 1234) == 10);
  CHECK(std::equal(out.begin(), out.end(), piece->peek(10).begin()));
}

TEST_CASE("a descriptor in the middle of a file means the rest of the file") {
  scratch::folder f;
  auto const bytes = pattern(50000, 3);
  int const fd = ::open(f.file("a", bytes).c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(::lseek(fd, 72, SEEK_SET) == 72);
  auto const s = io::open_descriptor(fd, {});
  CHECK(s->size() == 50000 - 72);
  CHECK(s->file()->base == 72);
  CHECK(follow_model(*s, part_of(bytes, 72, 50000), 4));
}

TEST_CASE("a walk over headers reads a few kilobytes a record, not the file") {
  scratch::folder f;
  auto const path = f.sparse_file("big", 256u << 20);
  auto const s = io::open_file(path, {});
  auto const before = scratch::bytes_read();
  std::array<std::byte, 8> successor{};
  int records = 0;
  while (s->position() + (1u << 20) < 256u << 20) {
    CHECK(s->peek(128).size() >= 128);
    CHECK(s->probe(s->position() + (1u << 20), successor) == 8);
    CHECK(s->skip(1u << 20) == 1u << 20);
    ++records;
  }
  auto const read = scratch::bytes_read() - before;
  CHECK(records == 255);
  CHECK(read <= 260u * 4096);
}

TEST_CASE("a file that changes while it is read is told from one that does not") {
  scratch::folder f;
  auto const path = f.file("a", pattern(10000, 3));
  auto const s = io::open_file(path, {});
  (void)s->peek(100);
  s->check_unchanged();
  f.append(path, pattern(10, 1));
  CHECK_THROWS_WITH_AS(s->check_unchanged(), doctest::Contains("changed"), fatal_error);
}

TEST_CASE("a file that becomes shorter is an error, not an end of input") {
  scratch::folder f;
  auto const path = f.file("a", pattern(100000, 3));
  auto const s = io::open_file(path, {});
  REQUIRE(::truncate(path.c_str(), 5000) == 0);
  (void)s->skip(6000);
  CHECK_THROWS_WITH_AS((void)s->peek(10), doctest::Contains("shorter"), fatal_error);
}

TEST_CASE("what cannot be an image is refused with its name and the cause") {
  scratch::folder f;
  auto const kind_of = [](std::string const& path) {
    try {
      (void)io::open_file(path, {});
    } catch (fatal_error const& e) {
      CHECK(e.what_kind() == fatal_error::kind::io);
      CHECK(e.path() == path);
      return std::string{e.what()};
    }
    return std::string{};
  };
  CHECK(kind_of(f.path()) == "is a directory, not an image file");
  CHECK(kind_of(f.path() + "/none") == "cannot open: No such file or directory");
}

TEST_CASE("a kernel file without a size is read as a stream") {
  auto const s = io::open_file("/proc/self/status", {});
  CHECK_FALSE(s->seekable());
  CHECK(as_text(s->peek(5)).substr(0, 5) == "Name:");
}

TEST_CASE("a far probe in a pipe without a folder for the spool names the option") {
  scratch::folder f;
  auto const bytes = pattern(6u << 20, 3);
  auto const s = io::open_descriptor(f.feed(bytes, scratch::channel::pipe), {});
  std::array<std::byte, 8> out{};
  CHECK(s->probe((4u << 20) - 8, out) == 8);
  CHECK(holds(out, bytes, (4u << 20) - 8, 8));
  CHECK_THROWS_WITH_AS((void)s->probe(5u << 20, out), doctest::Contains("--tmpdir"), fatal_error);
}

TEST_CASE("a spool leaves nothing in its folder, and needs one that exists") {
  scratch::folder f;
  auto const bytes = pattern(6u << 20, 3);
  {
    auto const s = io::open_descriptor(f.feed(bytes, scratch::channel::pipe), {.tmpdir = f.path()});
    std::array<std::byte, 8> out{};
    CHECK(s->probe((6u << 20) - 3, out) == 3);
    CHECK(f.names().empty());
  }
  auto const s = io::open_descriptor(f.feed(bytes, scratch::channel::pipe), {.tmpdir = f.path() + "/none"});
  std::array<std::byte, 8> out{};
  CHECK_THROWS_WITH_AS((void)s->probe(5u << 20, out), doctest::Contains("--tmpdir"), fatal_error);
}

TEST_CASE("a stream that can begin again is read twice without a spool, and probed far ahead") {
  auto const bytes = pattern(20u << 20, 3);
  std::uint64_t given = 0;
  auto s = io::make_seekable(io::from_producer(std::make_unique<starting_producer>(bytes, &given), {}), {});
  CHECK(s->seekable());
  CHECK_FALSE(s->cheap_seek());
  for (int pass = 0; pass < 3; ++pass) {
    std::uint64_t seen = 0;
    for (auto p = s->peek(1000); !p.empty(); p = s->peek(1000)) {
      CHECK(holds(p, bytes, seen, p.size()));
      seen += p.size();
      s->consume(p.size());
    }
    CHECK(seen == bytes.size());
    s->seek(0);
  }
  CHECK(given == 3 * bytes.size());
  // A header and its successor test: the window stays, and the skip leads to what was probed.
  given = 0;
  std::array<std::byte, 100> successor{};
  CHECK(holds(s->peek(64), bytes, 0, 64));
  CHECK(s->probe(15u << 20, successor) == successor.size());
  CHECK(holds(successor, bytes, 15u << 20, successor.size()));
  CHECK(holds(s->peek(64), bytes, 0, 64));
  CHECK(s->skip(15u << 20) == 15u << 20);
  CHECK(holds(s->peek(200), bytes, 15u << 20, 200));
  CHECK(given < 17u << 20);
}

TEST_CASE("jumping to and fro in a stream that can begin again ends in a spool") {
  scratch::folder f;
  auto const bytes = pattern(80u << 20, 3);
  std::uint64_t given = 0;
  auto const jump = [&](byte_source& s) {
    for (std::uint64_t i = 0; i < 200; ++i) {
      auto const at = (i % 2 == 0 ? 70u << 20 : 60u << 20) + i * 1000;
      s.seek(at);
      if (!holds(s.peek(64), bytes, at, 64) || s.position() != at) { FAIL("other bytes at " << at); }
    }
  };
  {
    auto const s = io::from_producer(std::make_unique<starting_producer>(bytes, &given), {.tmpdir = f.path()});
    jump(*s);
    CHECK(given < 8 * bytes.size());
    CHECK(f.names().empty());
    s->seek(bytes.size() - 10);
    CHECK(s->peek(100).size() == 10);
    CHECK_FALSE(s->size());
  }
  auto const none = io::from_producer(std::make_unique<starting_producer>(bytes, &given), {});
  CHECK_THROWS_WITH_AS(jump(*none), doctest::Contains("--tmpdir"), fatal_error);
  auto const bad =
      io::from_producer(std::make_unique<starting_producer>(bytes, &given), {.tmpdir = f.path() + "/none"});
  CHECK_THROWS_WITH_AS(jump(*bad), doctest::Contains("--tmpdir"), fatal_error);
  CHECK_THROWS_AS(jump(*bad), fatal_error);
}

TEST_CASE("a full spool is told as missing space") {
  scratch::folder f;
  scratch::file_size_limit const limit{1u << 20};
  io::source_options const o{.tmpdir = f.path()};
  auto s = io::from_producer(std::make_unique<uneven_producer>(pattern(3u << 20, 1)), o);
  CHECK_THROWS_WITH_AS((void)io::make_seekable(std::move(s), o), doctest::Contains("no space"), fatal_error);
}

TEST_CASE("spooling counts the medium and stops when it is asked to") {
  scratch::folder f;
  progress counters;
  io::source_options const o{.tmpdir = f.path(), .counters = &counters};
  auto const bytes = pattern(2u << 20, 3);
  auto s = io::make_seekable(io::open_descriptor(f.feed(bytes, scratch::channel::pipe), o), o);
  CHECK(counters.bytes.load() == bytes.size());
  CHECK(std::string_view{counters.phase.load()} == "spool");
  CHECK(s->size() == bytes.size());
  auto other = io::open_descriptor(f.feed(bytes, scratch::channel::pipe), o);
  counters.stop_signal.store(SIGINT);
  try {
    (void)io::make_seekable(std::move(other), o);
    FAIL("not stopped");
  } catch (fatal_error const& e) { CHECK(e.what_kind() == fatal_error::kind::interrupted); }
}

TEST_CASE("a read that a signal interrupts stops when a stop was asked for, and goes on otherwise") {
  struct sigaction quiet {};
  quiet.sa_handler = [](int) {};  // without SA_RESTART: read(2) returns EINTR
  struct sigaction before {};
  REQUIRE(::sigaction(SIGUSR2, &quiet, &before) == 0);
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  progress counters;
  auto const s = io::open_descriptor(ends[0], {.counters = &counters});
  auto const reader = ::pthread_self();
  std::thread helper{[&] {
    ::usleep(50000);
    ::pthread_kill(reader, SIGUSR2);
    ::usleep(50000);
    CHECK(::write(ends[1], "x", 1) == 1);
    ::usleep(50000);
    counters.stop_signal.store(SIGUSR2);
    ::pthread_kill(reader, SIGUSR2);
  }};
  CHECK(as_text(s->peek(1)) == "x");
  CHECK_THROWS_WITH_AS((void)s->peek(2), "interrupted", fatal_error);
  helper.join();
  ::close(ends[1]);
  ::sigaction(SIGUSR2, &before, nullptr);
}

TEST_CASE("bytes before damage are delivered before the damage is told") {
  scratch::folder f;
  auto const bytes = pattern(700000, 3);
  auto const broken = [&] {
    return io::from_producer(std::make_unique<uneven_producer>(bytes, true), {.tmpdir = f.path()});
  };
  auto const drain = [](byte_source& s) {
    std::vector<std::byte> seen;
    try {
      for (auto p = s.peek(1000); !p.empty(); p = s.peek(1000)) {
        seen.insert(seen.end(), p.begin(), p.end());
        s.consume(p.size());
      }
      FAIL("no error");
    } catch (fatal_error const& e) {
      CHECK(e.what_kind() == fatal_error::kind::damaged);
      CHECK(e.offset() == 700000);
    }
    return seen;
  };
  CHECK(drain(*broken()) == bytes);
  CHECK(drain(*io::make_seekable(broken(), {.tmpdir = f.path()})) == bytes);
  CHECK(drain(*io::slice(broken(), 0, 800000)) == bytes);
  std::vector<std::unique_ptr<byte_source>> parts;
  parts.push_back(broken());
  parts.push_back(io::from_memory(pattern(100, 9)));
  CHECK(drain(*io::concatenate(std::move(parts))) == bytes);

  auto const s = broken();
  std::array<std::byte, 8> out{};
  CHECK(s->probe(bytes.size() - 3, out) == 3);
  CHECK(s->skip(800000) == 700000);
  CHECK_THROWS_AS((void)s->skip(1), fatal_error);
}

TEST_CASE("a device gives its bytes as a stream of unknown size") {
  auto const s = io::open_file("/dev/zero", {});
  CHECK_FALSE(s->seekable());
  CHECK_FALSE(s->size());
  CHECK(s->skip(5u << 20) == 5u << 20);
  CHECK(s->peek(100).size() >= 100);
  CHECK(io::open_file("/dev/null", {})->peek(1).empty());
}

TEST_CASE("calls that break the contract are internal errors and touch nothing") {
  auto const s = io::from_memory(pattern(100, 1));
  CHECK_THROWS_AS((void)s->peek(byte_source::max_peek + 1), fatal_error);
  CHECK_THROWS_AS(s->consume(101), fatal_error);
  CHECK_THROWS_AS(s->seek(101), fatal_error);
  s->consume(50);
  std::array<std::byte, 4> out{};
  CHECK_THROWS_AS((void)s->probe(49, out), fatal_error);
  CHECK(s->position() == 50);
}

TEST_CASE("what a forerunner read is not read again, wherever the two stand") {
  scratch::folder here;
  auto const content = pattern(200'000, 5);
  auto const path = here.file("f", content);
  auto const source = io::open_file(path, {});
  auto const ahead = source->make_forerunner();
  REQUIRE(ahead != nullptr);
  CHECK(*ahead->size() == content.size());
  // The places of a walk over headers, seen by the forerunner before the file is written over.
  for (std::uint64_t at = 10'000; at < 150'000; at += 7'000) {
    ahead->seek(at);
    REQUIRE(ahead->peek(200).size() >= 200);
  }
  here.file("f", std::vector<std::byte>(content.size()));
  auto const is = [&](std::uint64_t at, std::size_t n, bool old) {
    source->seek(at);
    auto const seen = source->peek(n).first(n);
    for (std::size_t i = 0; i < n; ++i) {
      if (seen[i] != (old ? content[at + i] : std::byte{0})) { return false; }
    }
    return true;
  };
  CHECK(is(5'000, 200, false));  // before the forerunner's first look
  CHECK(is(10'000, 200, true));
  CHECK(is(17'300, 100, true));   // from the middle of what was seen
  CHECK(is(20'000, 200, false));  // between two looks
  CHECK(is(31'000, 200, true));
  CHECK(is(10'000, 200, false));  // a step back: given up
  CHECK(is(143'000, 200, true));
  CHECK(is(190'000, 200, false));  // after its last look
}

TEST_CASE("a forerunner may end before its source, and a source before its forerunner") {
  scratch::folder here;
  auto const content = pattern(100'000, 6);
  auto const path = here.file("f", content);
  auto source = io::open_file(path, {});
  {
    auto const ahead = source->make_forerunner();
    ahead->seek(50'000);
    CHECK(ahead->peek(100)[0] == content[50'000]);
  }
  source->seek(50'000);
  CHECK(source->peek(100)[0] == content[50'000]);
  auto const ahead = source->make_forerunner();
  source.reset();
  ahead->seek(60'000);
  CHECK(ahead->peek(100)[0] == content[60'000]);
}

TEST_CASE("more short reads than are kept are read again") {
  scratch::folder here;
  auto const content = pattern(8u << 20, 7);
  auto const source = io::open_file(here.file("f", content), {});
  auto const ahead = source->make_forerunner();
  REQUIRE(ahead != nullptr);
  for (std::uint64_t at = 0; at + 5'000 < content.size(); at += 5'000) {
    ahead->seek(at);
    REQUIRE(ahead->peek(8)[0] == content[at]);
  }
  for (std::uint64_t at = 0; at + 5'000 < content.size(); at += 5'000) {
    source->seek(at);
    auto const seen = source->peek(300);
    REQUIRE(std::equal(seen.begin(), seen.begin() + 300, content.begin() + static_cast<std::ptrdiff_t>(at)));
  }
}

}  // namespace source_test
