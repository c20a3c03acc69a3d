// SPDX-License-Identifier: Apache-2.0
// Members, findings and folders for the tests of the sinks.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "core/entry.hpp"
#include "core/entry_sink.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"
#include "support/temp_dir.hpp"

namespace sysb::test {

class file_descriptor {
 public:
  explicit file_descriptor(int fd) : fd_{fd} {}
  file_descriptor(std::string const& path, int flags, mode_t mode = 0600)
      : fd_{::open(path.c_str(), flags | O_CLOEXEC, mode)} {
    if (fd_ < 0) { throw std::runtime_error{"open " + path + ": " + os_text(errno)}; }
  }
  ~file_descriptor() { ::close(fd_); }
  file_descriptor(file_descriptor const&) = delete;
  file_descriptor& operator=(file_descriptor const&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

inline std::string slurp(std::string const& path) {
  file_descriptor const fd{path, O_RDONLY};
  std::string out;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(n));
  }
  return out;
}

inline struct stat stat_of(std::string const& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) { throw std::runtime_error{"lstat " + path + ": " + os_text(errno)}; }
  return st;
}
inline bool exists(std::string const& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0;
}
inline std::string link_target(std::string const& path) {
  char buffer[8192];
  auto const n = ::readlink(path.c_str(), buffer, sizeof buffer);
  return n < 0 ? std::string{} : std::string{buffer, static_cast<std::size_t>(n)};
}

class collected : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    ids.emplace_back(d.code->id);
    paths.push_back(d.path);
    text += concat(d.code->id, ' ', d.path, ' ', d.text(), '\n');
  }
  std::vector<std::string> ids, paths;
  std::string text;
};

inline entry member(entry_kind kind, std::string path, std::uint32_t mode) {
  entry e;
  e.path = std::move(path);
  e.kind = kind;
  e.mode = mode;
  e.uid = 0;
  e.gid = 0;
  e.mtime = 1000000000;
  e.atime = 1000000001;
  e.ctime = 1000000002;
  e.nlink = 1;
  return e;
}
inline entry file(std::string path, std::uint64_t size, std::uint32_t mode = 0100644) {
  auto e = member(entry_kind::file, std::move(path), mode);
  e.size = e.stored = size;
  return e;
}
inline entry directory(std::string path, std::uint32_t mode = 040755) {
  return member(entry_kind::directory, std::move(path), mode);
}
inline entry symbolic_link(std::string path, std::string target) {
  auto e = member(entry_kind::symlink, std::move(path), 0120777);
  e.target = std::move(target);
  e.size = e.target.size();
  return e;
}
inline entry hard_link(std::string path, std::string first) {
  auto e = member(entry_kind::file, std::move(path), 0100644);
  e.link_to = std::move(first);
  e.nlink = 2;
  return e;
}
inline entry device_member(std::string path, entry_kind kind, std::uint32_t major, std::uint32_t minor) {
  auto e = member(kind, std::move(path), kind == entry_kind::char_device ? 020660u : 060660u);
  e.rdev = {major, minor};
  return e;
}

// Content in memory, in the pieces given.
class memory_feed final : public content_feed {
 public:
  explicit memory_feed(std::vector<std::span<std::byte const>> pieces, bool whole = true)
      : pieces_{std::move(pieces)}, whole_{whole} {}
  [[nodiscard]] bool stream(piece_target const& to) override {
    for (auto const p : pieces_) { to(p); }
    return whole_;
  }

 private:
  std::vector<std::span<std::byte const>> pieces_;
  bool whole_;
};

// As the pipeline does with one thread. `e` lives long enough: slots are filled and closed here.
inline void put_pieces(entry_sink& sink, entry const& e, std::vector<std::span<std::byte const>> pieces,
                       content_result r = {}) {
  auto const s = sink.place(e);
  if (!s) { return; }
  digester all;
  for (auto const p : pieces) {
    r.bytes += p.size();
    all.update(p);
  }
  if (sink.needs().digest) { r.digest = all.value(); }
  if (!pieces.empty() && sink.needs().content) {
    memory_feed feed{std::move(pieces)};
    s->fill(feed);
  }
  s->close(r);
}
inline void put(entry_sink& sink, entry const& e, std::string_view content = {}) {
  put_pieces(sink, e, content.empty() ? std::vector<std::span<std::byte const>>{} : std::vector{as_bytes(content)});
}

inline void put_file(entry_sink& sink, std::string path, std::string_view content, std::uint32_t mode = 0100644) {
  put(sink, file(std::move(path), content.size(), mode), content);
}

// Runs `work` in a child, which may give up what the tests have; its text comes back.
inline std::string in_child(std::function<std::string()> const& work) {
  int ends[2];
  if (::pipe(ends) != 0) { return "pipe failed"; }
  auto const child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    std::string text;
    try {
      text = work();
    } catch (std::exception const& x) { text = concat("exception: ", std::string_view{x.what()}); }
    std::size_t at = 0;
    while (at < text.size()) {
      auto const n = ::write(ends[1], text.data() + at, text.size() - at);
      if (n <= 0) { break; }
      at += static_cast<std::size_t>(n);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return out;
}

// In a child that is not root, when we are.
inline std::string as_nobody(std::string const& own_dir, std::function<std::string()> const& work) {
  if (::geteuid() == 0 && ::chown(own_dir.c_str(), 65534, 65534) != 0) { return "chown failed"; }
  return in_child([&] {
    if (::geteuid() == 0 && (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 65534) != 0)) {
      return std::string{"setresuid failed"};
    }
    return work();
  });
}

// The kind of fatal_error that `work` throws, or "none".
inline std::string thrown_by(std::function<void()> const& work) {
  try {
    work();
  } catch (fatal_error const& e) { return concat(to_text(e.what_kind()), ": ", std::string_view{e.what()}); }
  return "none";
}

}  // namespace sysb::test
