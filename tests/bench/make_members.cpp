// SPDX-License-Identifier: Apache-2.0
// Makes a synthetic by-name image of many small members, for the measurements of memory:
//   make_members MEMBERS LINKED NAME-BYTES IMAGE [EVERY]
// MEMBERS files in directories of 1000, of which LINKED are further names of another file (without
// data, as AIX 5 and later record them); names of NAME-BYTES on average, half of it to half more. Every EVERYth
// file has another content: an image that differs from the one without.
#include <algorithm>
#include <cstdio>
#include <string>

#include "base/text.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "image_file.hpp"

namespace {

using namespace sysb;

constexpr std::uint64_t in_directory = 1000;
constexpr std::size_t longest_part = 255;  // of a path, on every file system
constexpr std::size_t longest_name = 1900;

std::string name_of(std::uint64_t n, std::size_t bytes) {
  auto const wanted = std::min(bytes / 2 + n * 7919 % (bytes + 1), longest_name);
  auto out = concat("./d", n / in_directory, "/f", n);
  // Longer names go on in the same directory up to what a part may have.
  auto const part = std::to_string(n).size() + 1;
  if (wanted > out.size()) { out += std::string(std::min(wanted - out.size(), longest_part - part), 'n'); }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::fputs("usage: make_members MEMBERS LINKED NAME-BYTES IMAGE [EVERY]\n", stderr);
    return 2;
  }
  std::uint64_t const members = std::stoull(argv[1]);
  std::uint64_t const linked = std::stoull(argv[2]);
  std::size_t const name_bytes = std::stoul(argv[3]);
  std::uint64_t const every = argc == 6 ? std::stoull(argv[5]) : 0;
  bench::image_file out{argv[4]};
  backup_by_name::writer w{[&](std::span<std::byte const> bytes) { out.put(bytes); }};
  w.volume({.number = 1, .date = 1'700'000'000, .disk = "by name", .filesystem = "by name", .user = "root"});
  // Directories deep enough to make names of any length.
  std::string deep = ".";
  while (deep.size() + longest_part < name_bytes) { deep += concat("/", std::string(200, 'p')); }
  entry e;
  e.mtime = e.atime = e.ctime = 1'700'000'000;
  e.dev = {10, 5};
  auto const directory = [&](std::string path) {
    e.path = std::move(path);
    e.kind = entry_kind::directory;
    e.mode = 040755;
    e.nlink = 2;
    e.ino = 0;
    e.size = 0;
    w.begin_member(e, 0, false);
    w.end_member();
  };
  directory("./");
  for (std::size_t at = deep.find('/'); at != std::string::npos; at = deep.find('/', at + 1)) {
    auto const next = deep.find('/', at + 1);
    directory(deep.substr(0, next));
  }
  for (std::uint64_t n = 0; n < members; ++n) {
    if (n % in_directory == 0) { directory(concat(deep, "/d", n / in_directory)); }
    e.path = concat(deep, name_of(n, name_bytes > deep.size() ? name_bytes - deep.size() : 1).substr(1));
    e.kind = entry_kind::file;
    e.mode = 0100644;
    // The last `linked` names are links to the first ones.
    bool const second = n >= members - linked;
    auto const first = second ? n - (members - linked) : n;
    e.nlink = first < linked ? 2 : 1;
    e.ino = static_cast<std::uint32_t>(first + 100);
    auto const content = concat(every != 0 && first % every == 0 ? "Content" : "content", " of file ", first, '\n');
    e.size = content.size();
    w.begin_member(e, second ? 0 : content.size(), false);
    if (!second) { w.data(as_bytes(content)); }
    w.end_member();
  }
  w.finish();
  out.flush();
  return 0;
}
