// SPDX-License-Identifier: Apache-2.0
// What FUSE itself costs: fuse_floor TREE DIR shows TREE at DIR out of memory, with nothing to look up, prove or unpack,
// as fast as one thread can answer. Ends when DIR is unmounted.
#define FUSE_USE_VERSION 312
#include <fuse3/fuse_lowlevel.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

namespace fs = std::filesystem;
constexpr double for_ever = 1e6;

struct node {
  struct stat about {};
  std::string name;
  std::string content;  // of a symbolic link its target
  std::vector<std::size_t> children;
  std::unordered_map<std::string_view, std::size_t> by_name;
};
std::vector<node> nodes;  // NOLINT(cert-err58-cpp): the number of a node is its place here, plus 1

node const& node_of(fuse_ino_t id) { return nodes[static_cast<std::size_t>(id - 1)]; }

std::size_t load(fs::path const& path) {
  auto const number = nodes.size();
  node n;
  n.name = path.filename();
  if (::lstat(path.c_str(), &n.about) != 0) { throw fs::filesystem_error{"lstat", path, std::error_code{}}; }
  n.about.st_ino = number + 1;
  if (S_ISREG(n.about.st_mode)) {
    std::ifstream in{path, std::ios::binary};
    n.content.assign(std::istreambuf_iterator<char>{in}, {});
  } else if (S_ISLNK(n.about.st_mode)) {
    n.content = fs::read_symlink(path);
  }
  auto const directory = S_ISDIR(n.about.st_mode);
  nodes.push_back(std::move(n));
  if (!directory) { return number; }
  std::vector<std::size_t> children;
  for (auto const& e : fs::directory_iterator{path}) { children.push_back(load(e.path())); }
  nodes[number].children = std::move(children);
  return number;
}

fuse_entry_param entry_of(std::size_t number) {
  fuse_entry_param e{};
  e.ino = number + 1;
  e.attr = nodes[number].about;
  e.attr_timeout = e.entry_timeout = for_ever;
  return e;
}

void on_init(void* /*data*/, fuse_conn_info* c) {
  c->want |= c->capable & (FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS | FUSE_CAP_ASYNC_READ);
  c->want &= ~static_cast<unsigned>(FUSE_CAP_SPLICE_READ | FUSE_CAP_READDIRPLUS_AUTO);
}

void on_lookup(fuse_req_t r, fuse_ino_t parent, char const* name) {
  auto const& in = node_of(parent).by_name;
  auto const at = in.find(name);
  auto e = at != in.end() ? entry_of(at->second) : fuse_entry_param{};
  e.entry_timeout = for_ever;
  fuse_reply_entry(r, &e);
}
void on_getattr(fuse_req_t r, fuse_ino_t id, fuse_file_info* /*file*/) {
  fuse_reply_attr(r, &node_of(id).about, for_ever);
}
void on_readlink(fuse_req_t r, fuse_ino_t id) { fuse_reply_readlink(r, node_of(id).content.c_str()); }
void on_open(fuse_req_t r, fuse_ino_t /*id*/, fuse_file_info* file) {
  file->keep_cache = 1;
  fuse_reply_open(r, file);
}
void on_read(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* /*file*/) {
  auto const& all = node_of(id).content;
  auto const from = std::min(static_cast<std::size_t>(offset), all.size());
  fuse_reply_buf(r, all.data() + from, std::min(size, all.size() - from));
}
void on_readdirplus(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* /*file*/) {
  static std::vector<char> buffer;
  buffer.resize(size);
  std::size_t used = 0;
  auto const& all = node_of(id).children;
  for (auto i = static_cast<std::size_t>(offset); i < all.size(); ++i) {
    auto const e = entry_of(all[i]);
    auto const n = fuse_add_direntry_plus(r, buffer.data() + used, size - used, nodes[all[i]].name.c_str(), &e,
                                          static_cast<off_t>(i + 1));
    if (n > size - used) { break; }
    used += n;
  }
  fuse_reply_buf(r, buffer.data(), used);
}

int serve(char const* directory) {
  fuse_lowlevel_ops o{};
  o.init = on_init;
  o.lookup = on_lookup;
  o.getattr = on_getattr;
  o.readlink = on_readlink;
  o.open = on_open;
  o.read = on_read;
  o.readdirplus = on_readdirplus;
  fuse_args args = FUSE_ARGS_INIT(0, nullptr);
  for (auto const* word : {"fuse_floor", "-o", "ro"}) {
    if (fuse_opt_add_arg(&args, word) != 0) { return 1; }
  }
  auto* const session = fuse_session_new(&args, &o, sizeof o, nullptr);
  fuse_opt_free_args(&args);
  if (session == nullptr || fuse_session_mount(session, directory) != 0) { return 1; }
  auto const child = ::fork();  // whoever called may go on
  if (child != 0) { ::_exit(child < 0 ? 1 : 0); }
  auto const result = fuse_session_loop(session);
  fuse_session_unmount(session);
  fuse_session_destroy(session);
  return result == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: fuse_floor TREE DIR\n";
    return 2;
  }
  try {
    load(argv[1]);
    for (auto& n : nodes) {
      for (auto const i : n.children) { n.by_name[nodes[i].name] = i; }
    }
    return serve(argv[2]);
  } catch (std::exception const& e) {
    std::cerr << "fuse_floor: " << e.what() << '\n';
    return 1;
  }
}
