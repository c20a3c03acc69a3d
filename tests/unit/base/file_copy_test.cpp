// SPDX-License-Identifier: Apache-2.0
#include "base/file_copy.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <thread>

namespace file_copy_test {

using namespace sysb;

namespace {

struct memory_file {
  explicit memory_file(std::string const& text = {}) : fd{::memfd_create("t", MFD_CLOEXEC)} {
    REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  ~memory_file() { ::close(fd); }
  memory_file(memory_file const&) = delete;
  memory_file& operator=(memory_file const&) = delete;
  [[nodiscard]] std::string text() const {
    std::string out(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
    REQUIRE(::pread(fd, out.data(), out.size(), 0) == static_cast<ssize_t>(out.size()));
    return out;
  }
  int fd;
};

std::string sample(std::size_t n) {
  std::string out(n, ' ');
  for (std::size_t i = 0; i < n; ++i) { out[i] = static_cast<char>('a' + i * 7 % 26); }
  return out;
}

}  // namespace

TEST_CASE("bytes of a file come to their place in another, and its position does not move") {
  auto const text = sample(300000);
  memory_file const from{text};
  memory_file const to{"0123456789"};
  auto const done = copy_file_bytes(from.fd, 5, to.fd, 4, 250000);
  CHECK(done.bytes == 250000);
  CHECK(done.error == 0);
  CHECK(::lseek(to.fd, 0, SEEK_CUR) == 10);
  CHECK(to.text() == "0123" + text.substr(5, 250000));
}

TEST_CASE("a file that ends early gives what it has") {
  auto const text = sample(1000);
  memory_file const from{text};
  memory_file const to;
  auto const done = copy_file_bytes(from.fd, 900, to.fd, std::nullopt, 5000);
  CHECK(done.bytes == 100);
  CHECK(done.error == 0);
  CHECK(to.text() == text.substr(900));
  CHECK(copy_file_bytes(from.fd, 2000, to.fd, std::nullopt, 1).bytes == 0);
}

TEST_CASE("what the kernel does not copy goes through memory: pipes, files opened for appending") {
  auto const text = sample(200000);
  memory_file const from{text};
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::string seen;
  std::thread reader{[&] {
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = ::read(ends[0], piece.data(), piece.size())) > 0;) {
      seen.append(piece.data(), static_cast<std::size_t>(n));
    }
  }};
  auto const piped = copy_file_bytes(from.fd, 0, ends[1], std::nullopt, text.size());
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  CHECK(piped.bytes == text.size());
  CHECK(seen == text);

  memory_file const to{"begin"};
  REQUIRE(::fcntl(to.fd, F_SETFL, O_APPEND) == 0);
  auto const appended = copy_file_bytes(from.fd, 10, to.fd, std::nullopt, 100);
  CHECK(appended.bytes == 100);
  CHECK(to.text() == "begin" + text.substr(10, 100));
}

TEST_CASE("an error of the output is told, with what was copied before") {
  memory_file const from{sample(100)};
  auto const closed = copy_file_bytes(from.fd, 0, -1, std::nullopt, 100);
  CHECK(closed.bytes == 0);
  CHECK(closed.error == EBADF);
}

}  // namespace file_copy_test
