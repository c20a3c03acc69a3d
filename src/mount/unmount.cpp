// SPDX-License-Identifier: Apache-2.0
#include "mount/unmount.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

#include "base/os/descriptor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "mount/file_system.hpp"

namespace sysb::mount {

namespace {

[[noreturn]] void fail(std::string const& directory, std::string_view why) {
  throw fatal_error{fatal_error::kind::io, concat("cannot unmount ", quoted(directory), ": ", why), std::nullopt,
                    directory};
}

// The name by which the kernel knows it. The last part is not looked at: nobody may answer there any more.
[[nodiscard]] std::string real_name(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/') { directory.pop_back(); }
  auto const slash = directory.rfind('/');
  auto const last = slash == std::string::npos ? directory : directory.substr(slash + 1);
  auto const plain = !last.empty() && last != "." && last != "..";
  auto const folder = !plain                       ? directory
                      : slash == std::string::npos ? "."
                      : slash == 0                 ? "/"
                                                   : directory.substr(0, slash);
  std::array<char, PATH_MAX> real{};
  if (::realpath(folder.c_str(), real.data()) == nullptr) { fail(directory, os_text(errno)); }
  std::string out{real.data()};
  return plain ? concat(out == "/" ? "" : out, '/', last) : out;
}

// "\040" and the like, as mountinfo has them.
[[nodiscard]] std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const digits = text.substr(i + 1, 3);
    if (text[i] == '\\' && digits.size() == 3 && digits.find_first_not_of("01234567") == std::string_view::npos) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The type of what is mounted there, on top; empty: nothing.
[[nodiscard]] std::string type_at(std::string const& name) {
  std::ifstream all{"/proc/self/mountinfo"};
  std::string line;
  std::string out;
  while (std::getline(all, line)) {
    // id parent device root MOUNTPOINT options [field...] - TYPE source options
    std::istringstream words{line};
    std::string word;
    std::string where;
    for (unsigned i = 0; words >> word && word != "-"; ++i) {
      if (i == 4) { where = unescaped(word); }
    }
    if (words >> word && where == name) { out = word; }
  }
  return out;
}

// Of the process that serves it, where it says so.
[[nodiscard]] unique_fd server_of(std::string const& name) {
  std::array<char, 16> text{};
  auto const n = ::getxattr(name.c_str(), server_attribute, text.data(), text.size() - 1);
  auto const pid = n > 0 ? std::strtol(text.data(), nullptr, 10) : 0;
  return pid > 0 ? unique_fd{static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0))} : unique_fd{};
}

// As a user that may not unmount: the helper of FUSE may.
[[nodiscard]] bool unmount_by_helper(std::string const& name, bool lazy) {
  std::string program{"fusermount3"};
  std::string flag{lazy ? "-uz" : "-u"};
  std::string quiet{"-q"};
  std::string end{"--"};
  std::string target{name};
  std::array<char*, 6> arguments{program.data(), flag.data(), quiet.data(), end.data(), target.data(), nullptr};
  pid_t child = 0;
  if (::posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) != 0) { return false; }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) { return false; }
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void unmount(std::string const& directory, bool lazy, progress const& counters) {
  auto const name = real_name(directory);
  auto const type = type_at(name);
  if (type.empty()) { fail(directory, "nothing is mounted there"); }
  if (type != file_system_type) {
    fail(directory, concat("what is mounted there is no image of sysb but ", quoted(type)));
  }
  auto const server = lazy ? unique_fd{} : server_of(name);
  if (::umount2(name.c_str(), UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) != 0) {
    auto const error = errno;
    auto const helped = error == EPERM && unmount_by_helper(name, lazy);
    if (!helped && (error == EBUSY || error == EPERM) && type_at(name) == file_system_type) {
      fail(directory, error == EPERM && lazy
                          ? os_text(error)
                          : concat(error == EPERM ? "somebody uses it, or it is another user's" : "somebody uses it",
                                   "; --lazy takes it away from all but them"));
    }
    if (!helped) { fail(directory, os_text(error)); }
  }
  if (!server.ok()) { return; }
  pollfd ended{server.get(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) { counters.stop_if_asked(); }
}

}  // namespace sysb::mount
