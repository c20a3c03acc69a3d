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
#include <atomic>
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
#include "base/scratch_buffer.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "core/fatal_error.hpp"
#include "mount/listing.hpp"
#include "mount/turn.hpp"

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
  fuse_session* handle = nullptr;
  std::vector<bool> opened;         // by number of the node; whoever has the turn
  std::atomic<unsigned> listed{0};  // directories that something is prepared for

  // True once a file, and that is before any other request for it was read.
  [[nodiscard]] bool is_first_open(fuse_ino_t id) {
    if (!turn::is_mine() || id > files.shown().size() + root_id) { return false; }
    if (opened.empty()) { opened.resize(static_cast<std::size_t>(files.shown().size() + root_id + 1)); }
    auto const was = static_cast<bool>(opened[static_cast<std::size_t>(id)]);
    opened[static_cast<std::size_t>(id)] = true;
    return !was;
  }

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

// With a small file comes what is in it, so that the kernel need not ask for it. The kernel takes it in under locks
// that a request to read the same file would hold until it is answered. So this is for the first one who opens a
// file, and by the thread that reads the requests: nobody can have asked yet, nor will until this is done.
void give_content(file_system const& fs, fuse_ino_t id, content_piece const& whole) {
  if (!turn::is_mine() || !whole || whole->empty() || whole->size() > one_request) { return; }
  fuse_bufvec all{};
  all.count = 1;
  all.buf[0].size = whole->size();
  all.buf[0].fd = -1;
  all.buf[0].mem = const_cast<std::byte*>(whole->data());
  (void)fuse_lowlevel_notify_store(fs.handle, id, 0, &all, fuse_buf_copy_flags{});
}

void on_open(fuse_req_t r, fuse_ino_t id, fuse_file_info* file) {
  answer(r, [&](file_system& fs) {
    if ((file->flags & O_ACCMODE) != O_RDONLY) {
      fuse_reply_err(r, EROFS);
      return;
    }
    auto const first = fs.is_first_open(id);
    auto place = std::make_unique<node_content>(fs.files.content(id));
    auto const [error, whole] = fs.bytes.open(*place);
    if (error != 0) {
      fuse_reply_err(r, error);
      return;
    }
    if (first) { give_content(fs, id, whole); }
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
  turn::step_aside_if_asked();
  answer(r, [&](file_system& fs) {
    auto const& place = *reinterpret_cast<node_content const*>(file->fh);
    thread_local scratch_buffer room;
    auto const wanted = std::min(size, largest_read);
    auto const buffer = room.at_least(wanted).first(wanted);
    std::size_t got = 0;
    auto const error = fs.bytes.read(place, static_cast<std::uint64_t>(offset), buffer, got);
    if (error != 0) {
      fuse_reply_err(r, error);
    } else {
      fuse_reply_buf(r, reinterpret_cast<char const*>(buffer.data()), got);
    }
  });
}

constexpr unsigned most_listed = 32;  // a program may have many directories open: so many are prepared for
constexpr std::size_t largest_prepared = one_request;

void on_opendir(fuse_req_t r, fuse_ino_t /*id*/, fuse_file_info* file) {
  answer(r, [&](file_system&) {
    auto own = std::make_unique<listing>();
    file->fh = reinterpret_cast<std::uintptr_t>(own.get());
    file->cache_readdir = 1;
    file->keep_cache = 1;
    if (fuse_reply_open(r, file) == 0) { (void)own.release(); }
  });
}

void on_releasedir(fuse_req_t r, fuse_ino_t /*id*/, fuse_file_info* file) {
  std::unique_ptr<listing> const own{reinterpret_cast<listing*>(file->fh)};
  { std::lock_guard const hold{own->lock}; }  // whoever prepares is done
  if (own->kept) { --fs_of(r).listed; }
  fuse_reply_err(r, 0);
}

// While the kernel takes in what it got, and its caller looks at it, what comes next is made.
void list(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* file, bool plus) {
  answer(r, [&](file_system& fs) {
    auto& to = *reinterpret_cast<listing*>(file->fh);
    std::lock_guard const hold{to.lock};
    auto const entry_of = [&](attributes const& a) { return fs.entry_of(a); };
    listing::part const asked{offset, size, plus};
    if (!to.has(asked)) { to.fill(fs.files, id, entry_of, asked); }
    if (!to.kept && size <= largest_prepared) {
      to.kept = ++fs.listed <= most_listed;
      if (!to.kept) { --fs.listed; }
    }
    if (to.kept && !to.ends()) { turn::step_aside(); }
    fuse_reply_buf(r, to.entries().data(), to.entries().size());
    if (to.kept) {
      to.go_on(fs.files, id, entry_of);
    } else {
      to.forget();
    }
  });
}

void on_readdir(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* file) {
  list(r, id, size, offset, file, false);
}
void on_readdirplus(fuse_req_t r, fuse_ino_t id, size_t size, off_t offset, fuse_file_info* file) {
  list(r, id, size, offset, file, true);
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
  o.releasedir = on_releasedir;
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

  std::atomic<std::uint64_t> served{0};

  session(tree const& files, contents& bytes, mount_options const& o) : fs{files, bytes, o} {}
  [[nodiscard]] bool next(int stop_fd, fuse_buf& request, turn& mine);
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
  session_->fs.handle = session_->handle;
  session_->mounted = true;
  bytes.when_slow([] { turn::step_aside(); });
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

// With the turn. A stop reaches the one who waits for requests, wherever the others are; under load it is looked for
// now and then.
bool mounted_image::session::next(int stop_fd, fuse_buf& request, turn& mine) {
  constexpr std::uint64_t often = 64;
  mine.take();
  mine.more_waits = true;  // unless it has to be waited for
  for (auto look = served % often == 0;; look = true) {
    if (look) {
      std::array<pollfd, 2> wait{{{fuse_session_fd(handle), POLLIN, 0}, {stop_fd, POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0 && errno != EINTR) { return false; }
      if (wait[1].revents != 0) { stopped = true; }
    }
    if (stopped || gone) { return false; }
    auto const n = fuse_session_receive_buf(handle, &request);
    if (n > 0) {
      ++served;
      return true;
    }
    mine.more_waits = false;
    if (n == -EINTR || n == -EAGAIN) { continue; }
    gone = true;  // unmounted
    return false;
  }
}

void mounted_image::session::work(int stop_fd) {
  fuse_buf request{};
  for (turn mine{waiting}; next(stop_fd, request, mine);) { fuse_session_process_buf(handle, &request); }
  ::free(request.mem);
}

std::uint64_t mounted_image::served() const noexcept { return session_->served; }

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
