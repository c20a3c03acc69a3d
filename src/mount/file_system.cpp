// SPDX-License-Identifier: Apache-2.0
#include "mount/file_system.hpp"

#define FUSE_USE_VERSION 312
#include <fcntl.h>
#include <fuse3/fuse_lowlevel.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "base/os/thread.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::mount {

namespace {

constexpr double for_ever = 1e6;  // nothing changes: what the kernel knows stays true
constexpr std::uint64_t block = 512;
constexpr std::size_t largest_read = 1u << 20;

// The last thing that libfuse had to say: why a mount failed.
std::mutex said_lock;
std::string said;  // NOLINT(cert-err58-cpp)

__attribute__((format(printf, 2, 0))) void keep_message(fuse_log_level /*level*/, char const* format,
                                                        std::va_list arguments) {
  std::array<char, 512> text{};
  (void)std::vsnprintf(text.data(), text.size(), format, arguments);
  std::lock_guard const hold{said_lock};
  said = text.data();
  while (!said.empty() && said.back() == '\n') { said.pop_back(); }
}

struct file_system {
  tree const& files;
  contents& bytes;
  mount_options const options;

  [[nodiscard]] struct stat stat_of(attributes const& a) const {
    struct stat s {};
    s.st_ino = a.id;
    s.st_mode = type_of(a.kind) | a.permissions;
    s.st_nlink = static_cast<nlink_t>(a.links);
    s.st_uid = options.uid.value_or(a.uid);
    s.st_gid = options.gid.value_or(a.gid);
    s.st_rdev = ::makedev(a.rdev.major, a.rdev.minor);
    s.st_size = static_cast<off_t>(a.kind == entry_kind::symlink ? link_size(a) : a.size);
    s.st_blksize = 4096;
    s.st_blocks = a.kind == entry_kind::file ? static_cast<blkcnt_t>((a.size + block - 1) / block) : 0;
    s.st_mtim.tv_sec = a.mtime;
    s.st_atim.tv_sec = a.atime;
    s.st_ctim.tv_sec = a.ctime;
    return s;
  }
  [[nodiscard]] fuse_entry_param entry_of(attributes const& a) const {
    fuse_entry_param e{};
    e.ino = a.id;
    e.attr = stat_of(a);
    e.attr_timeout = e.entry_timeout = for_ever;
    return e;
  }
  // What lstat(2) says is what readlink(2) gives.
  [[nodiscard]] std::uint64_t link_size(attributes const& a) const {
    if (options.links == link_policy::raw) { return a.size; }
    auto const link = files.member(a.id);
    if (!link) { return a.size; }
    auto const target = shown_target(files, normal_path(link->path), link->target, options.links);
    return target ? target->size() : a.size;
  }
  [[nodiscard]] static mode_t type_of(entry_kind k) noexcept {
    switch (k) {
      case entry_kind::file: return S_IFREG;
      case entry_kind::directory: return S_IFDIR;
      case entry_kind::symlink: return S_IFLNK;
      case entry_kind::char_device: return S_IFCHR;
      case entry_kind::block_device: return S_IFBLK;
      case entry_kind::fifo: return S_IFIFO;
      case entry_kind::socket: return S_IFSOCK;
    }
    return S_IFREG;
  }
};

[[nodiscard]] file_system& fs_of(fuse_req_t r) { return *static_cast<file_system*>(fuse_req_userdata(r)); }

// Runs what answers `r`, and answers itself where that fails.
template <typename Work>
void answer(fuse_req_t r, Work const& work) noexcept {
  try {
    work(fs_of(r));
  } catch (std::bad_alloc const&) {
    fuse_reply_err(r, ENOMEM);
  } catch (std::exception const&) {  // the catalog cannot be read
    fuse_reply_err(r, EIO);
  }
}

void on_init(void* /*data*/, fuse_conn_info* c) {
  c->want |=
      c->capable & (FUSE_CAP_PARALLEL_DIROPS | FUSE_CAP_READDIRPLUS | FUSE_CAP_ASYNC_READ | FUSE_CAP_CACHE_SYMLINKS);
  c->want &=
      ~static_cast<unsigned>(FUSE_CAP_SPLICE_READ | FUSE_CAP_READDIRPLUS_AUTO);  // who lists wants the attributes, too
  c->max_readahead = std::max<unsigned>(c->max_readahead, largest_read);
}

void on_lookup(fuse_req_t r, fuse_ino_t parent, char const* name) {
  answer(r, [&](file_system& fs) {
    auto const a = fs.files.find(parent, name);
    auto e = a ? fs.entry_of(*a) : fuse_entry_param{};
    e.entry_timeout = for_ever;  // that there is none stays true, too
    fuse_reply_entry(r, &e);
  });
}

void on_getattr(fuse_req_t r, fuse_ino_t id, fuse_file_info* /*file*/) {
  answer(r, [&](file_system& fs) {
    auto const a = fs.files.look(id);
    if (!a) {
      fuse_reply_err(r, ENOENT);
      return;
    }
    auto const s = fs.stat_of(*a);
    fuse_reply_attr(r, &s, for_ever);
  });
}

void on_readlink(fuse_req_t r, fuse_ino_t id) {
  answer(r, [&](file_system& fs) {
    auto const e = fs.files.member(id);
    if (!e || e->kind != entry_kind::symlink) {
      fuse_reply_err(r, EINVAL);
      return;
    }
    auto const target = shown_target(fs.files, normal_path(e->path), e->target, fs.options.links);
    if (!target) {
      fuse_reply_err(r, EPERM);
    } else if (target->size() >= 4096) {
      fuse_reply_err(r, ENAMETOOLONG);
    } else {
      fuse_reply_readlink(r, target->c_str());
    }
  });
}

void on_open(fuse_req_t r, fuse_ino_t id, fuse_file_info* file) {
  answer(r, [&](file_system& fs) {
    if ((file->flags & O_ACCMODE) != O_RDONLY) {
      fuse_reply_err(r, EROFS);
      return;
    }
    auto place = std::make_unique<node_content>(fs.files.content(id));
    if (auto const error = fs.bytes.open(*place); error != 0) {
      fuse_reply_err(r, error);
      return;
    }
    file->fh = reinterpret_cast<std::uintptr_t>(place.get());
    file->keep_cache = 1;
    if (fuse_reply_open(r, file) == 0) { (void)place.release(); }  // else nobody will release it
  });
}

void on_release(fuse_req_t r, fuse_ino_t /*id*/, fuse_file_info* file) {
  std::unique_ptr<node_content> const place{reinterpret_cast<node_content*>(file->fh)};
  fuse_reply_err(r, 0);
}

void on_read(fuse_req_t r, fuse_ino_t /*id*/, size_t size, off_t offset, fuse_file_info* file) {
  answer(r, [&](file_system& fs) {
    auto const& place = *reinterpret_cast<node_content const*>(file->fh);
    thread_local std::vector<std::byte> buffer;
    buffer.resize(std::min(size, largest_read));
    std::size_t got = 0;
    auto const error = fs.bytes.read(place, static_cast<std::uint64_t>(offset), buffer, got);
    if (error != 0) {
      fuse_reply_err(r, error);
    } else {
      fuse_reply_buf(r, reinterpret_cast<char const*>(buffer.data()), got);
    }
  });
}

void on_opendir(fuse_req_t r, fuse_ino_t /*id*/, fuse_file_info* file) {
  file->cache_readdir = 1;
  file->keep_cache = 1;
  fuse_reply_open(r, file);
}

// Offsets: 1 after ".", 2 after "..", then 3 and what the tree gives to go on from.
void list(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, bool plus) {
  answer(r, [&](file_system& fs) {
    thread_local std::vector<char> buffer;
    buffer.resize(std::min(size, largest_read));
    std::size_t used = 0;
    auto const add = [&](char const* name, fuse_entry_param const& e, std::uint64_t next) {
      auto* const to = buffer.data() + used;
      auto const room = buffer.size() - used;
      auto const n = plus ? fuse_add_direntry_plus(r, to, room, name, &e, static_cast<off_t>(next))
                          : fuse_add_direntry(r, to, room, name, &e.attr, static_cast<off_t>(next));
      if (n > room) { return false; }
      used += n;
      return true;
    };
    // Of these the kernel keeps no node.
    fuse_entry_param dot{};
    dot.attr.st_ino = id;
    dot.attr.st_mode = S_IFDIR;
    if (offset < 1 && !add(".", dot, 1)) { return void(fuse_reply_buf(r, buffer.data(), used)); }
    dot.attr.st_ino = 0;
    if (offset < 2 && !add("..", dot, 2)) { return void(fuse_reply_buf(r, buffer.data(), used)); }
    auto const from = offset < 3 ? 0 : static_cast<std::uint64_t>(offset) - 3;
    std::string text;
    fs.files.list(id, from, [&](std::string_view name, attributes const& a, std::uint64_t next) {
      text = name;
      return add(text.c_str(), fs.entry_of(a), next + 3);
    });
    fuse_reply_buf(r, buffer.data(), used);
  });
}

void on_readdir(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* /*file*/) {
  list(r, id, size, offset, false);
}
void on_readdirplus(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* /*file*/) {
  list(r, id, size, offset, true);
}

void on_statfs(fuse_req_t r, fuse_ino_t /*id*/) {
  answer(r, [&](file_system& fs) {
    struct statvfs s {};
    s.f_bsize = 4096;
    s.f_frsize = 512;
    s.f_files = fs.files.shown().size();
    s.f_blocks = fs.files.shown().end_offset() / 512;
    s.f_namemax = 255;
    fuse_reply_statfs(r, &s);
  });
}

using named_attributes = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] named_attributes attributes_of(entry const& e) {
  named_attributes out;
  out.emplace_back("user.aix.mode", hex(e.mode, 8));
  if (!e.acl.empty()) { out.emplace_back("user.aix.acl", as_text(e.acl)); }
  if (e.acl_extended && !e.acl_text.empty()) { out.emplace_back("user.aix.acl_text", e.acl_text); }
  if (!e.pcl.empty()) { out.emplace_back("user.aix.pcl", as_text(e.pcl)); }
  return out;
}

// A size of 0 asks how much there is.
void reply_attribute(fuse_req_t r, std::string_view value, size_t size) {
  if (size == 0) {
    fuse_reply_xattr(r, value.size());
  } else if (value.size() > size) {
    fuse_reply_err(r, ERANGE);
  } else {
    fuse_reply_buf(r, value.data(), value.size());
  }
}

void on_getxattr(fuse_req_t r, fuse_ino_t id, char const* name, size_t size) {
  answer(r, [&](file_system& fs) {
    if (id == root_id && std::string_view{name} == server_attribute) {
      return reply_attribute(r, concat(static_cast<std::int64_t>(::getpid())), size);
    }
    auto const e = std::string_view{name}.substr(0, 9) == "user.aix." ? fs.files.member(id) : std::nullopt;
    if (e) {
      for (auto const& [key, value] : attributes_of(*e)) {
        if (key == name) { return reply_attribute(r, value, size); }
      }
    }
    fuse_reply_err(r, ENODATA);
  });
}

void on_listxattr(fuse_req_t r, fuse_ino_t id, size_t size) {
  answer(r, [&](file_system& fs) {
    std::string names;
    if (auto const e = fs.files.member(id)) {
      for (auto const& [key, value] : attributes_of(*e)) {
        names += key;
        names += '\0';
      }
    }
    reply_attribute(r, names, size);
  });
}

[[nodiscard]] fuse_lowlevel_ops operations() noexcept {
  fuse_lowlevel_ops o{};
  o.init = on_init;
  o.lookup = on_lookup;
  o.getattr = on_getattr;
  o.readlink = on_readlink;
  o.open = on_open;
  o.release = on_release;
  o.read = on_read;
  o.opendir = on_opendir;
  o.readdir = on_readdir;
  o.readdirplus = on_readdirplus;
  o.statfs = on_statfs;
  o.getxattr = on_getxattr;
  o.listxattr = on_listxattr;
  return o;
}

[[noreturn]] void cannot_mount(mount_options const& o) {
  std::lock_guard const hold{said_lock};
  throw fatal_error{fatal_error::kind::io,
                    concat("cannot mount at ", quoted(o.directory), said.empty() ? "" : ": ", printable(said)),
                    std::nullopt, o.directory};
}

}  // namespace

bool is_built_in() noexcept { return true; }

struct mounted_image::session {
  file_system fs;
  fuse_session* handle = nullptr;
  bool mounted = false, ours = true;
  std::mutex waiting;
  bool stopped = false, gone = false;  // under `waiting`

  session(tree const& files, contents& bytes, mount_options const& o) : fs{files, bytes, o} {}
  [[nodiscard]] bool next(int stop_fd, fuse_buf& request);
  void work(int stop_fd);
};

mounted_image::mounted_image(mount_options const& o, tree const& files, contents& bytes)
    : session_{std::make_unique<session>(files, bytes, o)} {
  fuse_set_log_func(keep_message);
  std::string flags = concat("ro,nosuid,nodev,subtype=sysb", o.exec ? "" : ",noexec");
  // Others see what the image's own modes let them see.
  if (o.allow_other) { flags += ",allow_other,default_permissions"; }
  if (!o.more.empty()) { flags += concat(',', o.more); }
  char* escaped = nullptr;
  auto const name = concat("fsname=", o.source);
  fuse_args args = FUSE_ARGS_INIT(0, nullptr);
  auto const added = fuse_opt_add_opt(&escaped, flags.c_str()) == 0 &&
                     fuse_opt_add_opt_escaped(&escaped, name.c_str()) == 0 && fuse_opt_add_arg(&args, "sysb") == 0 &&
                     fuse_opt_add_arg(&args, "-o") == 0 && fuse_opt_add_arg(&args, escaped) == 0;
  ::free(escaped);
  auto const ops = operations();
  if (added) { session_->handle = fuse_session_new(&args, &ops, sizeof ops, &session_->fs); }
  fuse_opt_free_args(&args);
  if (session_->handle == nullptr) { cannot_mount(o); }
  if (fuse_session_mount(session_->handle, o.directory.c_str()) != 0) {
    fuse_session_destroy(session_->handle);
    cannot_mount(o);
  }
  session_->mounted = true;
}

mounted_image::~mounted_image() {
  if (session_->handle == nullptr || !session_->ours) { return; }
  unmount();
  fuse_session_destroy(session_->handle);
}

void mounted_image::unmount() noexcept {
  if (!std::exchange(session_->mounted, false) || session_->gone) { return; }
  fuse_session_unmount(session_->handle);
}

// While a descriptor of the kernel's side is open here, nobody would learn that the other process is gone.
void mounted_image::abandon() noexcept {
  session_->ours = false;
  ::close(fuse_session_fd(session_->handle));
}

// One worker at a time waits for the next request, so that a stop reaches it wherever the others are.
bool mounted_image::session::next(int stop_fd, fuse_buf& request) {
  std::lock_guard const alone{waiting};
  for (;;) {
    std::array<pollfd, 2> wait{{{fuse_session_fd(handle), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
    if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) { return false; }
    if (wait[1].revents != 0) { stopped = true; }
    if (stopped || gone) { return false; }
    if (wait[0].revents == 0) { continue; }
    auto const n = fuse_session_receive_buf(handle, &request);
    if (n > 0) { return true; }
    if (n == -EINTR || n == -EAGAIN) { continue; }
    gone = true;  // unmounted
    return false;
  }
}

void mounted_image::session::work(int stop_fd) {
  fuse_buf request{};
  while (next(stop_fd, request)) { fuse_session_process_buf(handle, &request); }
  ::free(request.mem);
}

void mounted_image::serve(int stop_fd, unsigned threads) {
  auto& s = *session_;
  auto const fd = fuse_session_fd(s.handle);
  (void)::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) {
    auto t = start_thread([&] { s.work(stop_fd); });
    if (!t.joinable()) { break; }
    others.push_back(std::move(t));
  }
  s.work(stop_fd);
  for (auto& t : others) { t.join(); }
}

}  // namespace sysb::mount
