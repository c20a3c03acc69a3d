// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/os/descriptor.hpp"
#include "base/os/temporary_file.hpp"
#include "base/os/thread.hpp"
#include "base/os/transfer.hpp"

namespace os_test {

using namespace sysb;

namespace {

std::vector<std::byte> numbered(std::size_t n) {
  std::vector<std::byte> out(n);
  for (std::size_t i = 0; i < n; ++i) { out[i] = static_cast<std::byte>(i * 31 % 251); }
  return out;
}

struct pipe_ends {
  explicit pipe_ends(int flags) {
    std::array<int, 2> fds{};
    REQUIRE(::pipe2(fds.data(), flags | O_CLOEXEC) == 0);
    in = unique_fd{fds[0]};
    out = unique_fd{fds[1]};
  }
  unique_fd in, out;
};

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner, and errno survives") {
  int number = -1;
  {
    unique_fd a{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    REQUIRE(a.ok());
    number = a.get();
    unique_fd b{std::move(a)};
    CHECK_FALSE(a.ok());  // NOLINT(bugprone-use-after-move): what a moved one is, is the question
    CHECK(b.get() == number);
    errno = ENOSPC;
  }
  CHECK(errno == ENOSPC);
  CHECK(::fcntl(number, F_GETFD) == -1);
  unique_fd given{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  auto const released = given.release();
  CHECK_FALSE(given.ok());
  CHECK(::close(released) == 0);
}

TEST_CASE("writes and reads are complete on a pipe that nobody may wait in") {
  auto const sent = numbered(1 << 20);  // many times what the pipe holds
  pipe_ends p{O_NONBLOCK};
  std::vector<std::byte> got(sent.size() + 1);
  read_bytes read;
  std::thread reader{[&] { read = read_fully(p.in.get(), got); }};
  std::optional<std::uint64_t> nowhere;
  CHECK(write_fully(p.out.get(), std::span{sent}.first(1000)) == 0);
  CHECK(write_fully(p.out.get(), std::span{sent}.subspan(1000, 500'000), std::span{sent}.subspan(501'000), nowhere) ==
        0);
  p.out.reset();
  reader.join();
  CHECK(read.error == 0);
  REQUIRE(read.bytes == sent.size());
  CHECK(std::memcmp(got.data(), sent.data(), sent.size()) == 0);
}

TEST_CASE("a place in a file is written and read without moving its position") {
  auto const fd = make_temporary_file(std::filesystem::temp_directory_path());
  REQUIRE(fd.ok());
  auto const bytes = numbered(100);
  std::optional<std::uint64_t> at = 10;
  CHECK(write_fully(fd.get(), std::span{bytes}.first(60), std::span{bytes}.subspan(60), at) == 0);
  CHECK(at == 110);
  CHECK(write_fully_at(fd.get(), std::span{bytes}.first(10), 0) == 0);
  CHECK(::lseek(fd.get(), 0, SEEK_CUR) == 0);
  std::vector<std::byte> got(200);
  auto const all = read_fully_at(fd.get(), got, 5);
  CHECK(all.bytes == 105);  // the file ends there, which is no error
  CHECK(all.error == 0);
  CHECK(got[5] == bytes[0]);
  CHECK(got[104] == bytes[99]);
}

TEST_CASE("the errno of the call that failed comes back") {
  unique_fd const reading{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  CHECK(write_fully(reading.get(), numbered(1)) == EBADF);
  CHECK(write_fully_at(reading.get(), numbered(1), 0) == EBADF);
  unique_fd const full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
  std::optional<std::uint64_t> nowhere;
  CHECK(write_fully(full.get(), numbered(1), {}, nowhere) == ENOSPC);
  std::array<std::byte, 1> one{};
  CHECK(read_fully(full.get(), one).error == EBADF);
}

TEST_CASE("a temporary file has no name and is for its owner alone") {
  auto const folder = std::filesystem::temp_directory_path() / "sysb-os-test";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  unique_fd const dir{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  for (auto const& fd : {make_temporary_file(folder), make_temporary_file(dir.get(), ".")}) {
    REQUIRE(fd.ok());
    struct stat st {};
    REQUIRE(::fstat(fd.get(), &st) == 0);
    CHECK(st.st_nlink == 0);
    CHECK((st.st_mode & 07777) == 0600);
    CHECK(std::filesystem::is_empty(folder));
  }
  std::filesystem::remove(folder);
  CHECK_FALSE(make_temporary_file(folder).ok());
  CHECK(errno == ENOENT);
}

TEST_CASE("a thread that can be started runs") {
  bool ran = false;
  auto t = start_thread([&] { ran = true; });
  REQUIRE(t.joinable());
  t.join();
  CHECK(ran);
}

}  // namespace os_test
