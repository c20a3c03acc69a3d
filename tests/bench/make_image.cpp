// SPDX-License-Identifier: Apache-2.0
// Makes a synthetic by-name image of a directory, for benchmarks:
//   make_image [--packed] DIRECTORY IMAGE
// Every file stands for itself (no hard links); packed by the rule that AIX's writer follows.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/text.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/packed/packed.hpp"
#include "image_file.hpp"

namespace {

using namespace sysb;

using bench::die;
using bench::image_file;

std::vector<std::byte> content_of(std::string const& path, std::uint64_t size) {
  std::vector<std::byte> out(size);
  int const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) { die(path); }
  std::size_t done = 0;
  while (done < out.size()) {
    auto const n = ::read(fd, out.data() + done, out.size() - done);
    if (n <= 0) { die(path); }
    done += static_cast<std::size_t>(n);
  }
  ::close(fd);
  return out;
}

bool describe(std::string const& path, std::string const& name, entry& e) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) { die(path); }
  e.path = name;
  e.mode = st.st_mode;
  e.uid = st.st_uid;
  e.gid = st.st_gid;
  e.mtime = st.st_mtime;
  e.atime = st.st_atime;
  e.ctime = st.st_mtime;  // not st_ctime: the same corpus gives the same image
  e.nlink = 1;
  e.dev = {10, 5};
  if (S_ISREG(st.st_mode)) {
    e.kind = entry_kind::file;
    e.size = static_cast<std::uint64_t>(st.st_size);
  } else if (S_ISDIR(st.st_mode)) {
    e.kind = entry_kind::directory;
  } else if (S_ISLNK(st.st_mode)) {
    e.kind = entry_kind::symlink;
    e.target = std::filesystem::read_symlink(path).string();
    e.size = e.target.size();
  } else {
    return false;  // devices, sockets: nothing to measure
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  bool const pack = argc == 4 && std::strcmp(argv[1], "--packed") == 0;
  if (argc != (pack ? 4 : 3)) {
    std::fputs("usage: make_image [--packed] DIRECTORY IMAGE\n", stderr);
    return 2;
  }
  std::string const root = argv[argc - 2];
  image_file out{argv[argc - 1]};
  backup_by_name::writer w{[&](std::span<std::byte const> bytes) { out.put(bytes); }};
  w.volume({.number = 1, .date = 1'700'000'000, .disk = "by name", .filesystem = "by name", .user = "root"});

  std::vector<std::string> names{"."};
  for (auto const& found : std::filesystem::recursive_directory_iterator{root}) {
    // Not relative(): it would follow links.
    names.push_back(concat("./", found.path().lexically_relative(root).string()));
  }
  std::sort(names.begin(), names.end());
  for (auto const& name : names) {
    auto const path = concat(root, '/', name);
    entry e;
    if (!describe(path, name == "." ? "./" : name, e)) { continue; }
    if (e.kind != entry_kind::file) {
      w.begin_member(e, 0, false);
      w.end_member();
      continue;
    }
    auto content = content_of(path, e.size);
    bool packed = false;
    if (pack) {
      if (auto small = packed::pack(content); small && packed::worth_packing(content.size(), small->size())) {
        content = std::move(*small);
        packed = true;
      }
    }
    w.begin_member(e, content.size(), packed);
    w.data(content);
    w.end_member();
  }
  w.finish();
  out.flush();
  return 0;
}
