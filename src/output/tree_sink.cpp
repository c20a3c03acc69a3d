// SPDX-License-Identifier: Apache-2.0
// Members into a directory tree. Everything is done below one descriptor, through descriptors of
// parents that were found without following a link; nothing process-wide is touched. Order of metadata: content, owner, mode (chown clears the set-id
// bits), times; directories at the very end.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "core/loss.hpp"
#include "output/diagnostics.hpp"
#include "output/dir_cache.hpp"
#include "output/fd.hpp"
#include "output/late_directories.hpp"
#include "output/mtree.hpp"
#include "output/output.hpp"
#include "output/size_guard.hpp"
#include "output/tree_files.hpp"
#include "output/tree_report.hpp"

namespace sysb::output {

namespace {

class tree_sink final : public entry_sink {
 public:
  tree_sink(int dirfd, tree_options const& o, diagnostic_sink& findings)
      : findings_{findings},
        options_{o},
        root_{dirfd},
        own_uid_{::geteuid()},
        own_gid_{::getegid()},
        new_files_{facts_of_new_files(dirfd)},
        cache_{dirfd},
        late_{dirfd} {
    if (o.manifest_fd >= 0) { manifest_.emplace(dirfd, o.manifest_fd); }
  }

  [[nodiscard]] wants needs() const noexcept override { return {.digest = manifest_.has_value()}; }

  // Directories, which others need, and what has no content are made at once; files by any thread; hard links
  // when everything before them is there.
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    if (!e.link_to.empty() || e.kind == entry_kind::file) { return std::make_unique<later>(*this, e); }
    settle(e, create(e), {});
    return nullptr;
  }

  void finish() override {
    finishing_ = true;
    if (!about_root_ && ::fchmod(root_, 0755) != 0) { throw_os(errno, "cannot set the mode of the root directory"); }
    // The manifest may make a temporary file in the tree: before the times of directories are set.
    if (manifest_) { manifest_->finish(); }
    manifest_.reset();
    late_.apply([this](std::string const& path, directory_metadata const& m) { set_directory(path, m); });
    // The root last: no temporary file is made or removed in it any more.
    found_ += count_names(root_);
    if (found_ < names_) {
      throw fatal_error{fatal_error::kind::io,
                        concat("another process removed members of the tree: ", names_ - found_, " gone")};
    }
    if (about_root_) { set_directory({}, *about_root_); }
    if (options_.stop_on_loss) { losses_.stop(); }
    losses_.report(findings_);
    if (options_.sync && ::syncfs(root_) != 0) { throw_os(errno, "sync failed"); }
  }

 private:
  // Why a member is left out. Told of in its turn: only the thread that drives the reader may report.
  struct refusal {
    diag_code const* code;
    std::string detail;
  };
  using outcome = std::optional<refusal>;  // nothing: it is there

  // A file, or a hard link.
  class later final : public slot {
   public:
    later(tree_sink& to, entry const& e) : to_{to}, member_{e}, file_{e.link_to.empty()} {}
    [[nodiscard]] order when() const noexcept override { return file_ ? order::any : order::in_turn; }
    void fill(content_feed& from) override {
      filled_ = true;
      refused_ = to_.put_file(member_, &from);
    }
    void close(content_result const& r) override {
      if (!file_) {
        refused_ = to_.create(member_);
      } else if (!filled_) {
        refused_ = to_.put_file(member_, nullptr);
      }
      to_.settle(member_, refused_, r);
    }

   private:
    tree_sink& to_;
    entry const& member_;
    bool file_;
    bool filled_ = false;
    outcome refused_;
  };

  // `from` is null where there is no content.
  outcome put_file(entry const& e, content_feed* from) {
    size_guard guard;
    guard.begin(e);
    unique_fd fd;
    place_of_member at;
    auto refused = given_up_ ? outcome{refusal{}} : locate(e, at);
    if (!refused) { refused = open_file(at, e, fd); }
    if (refused) {
      // What it holds is read all the same: damage in it counts.
      if (from != nullptr) {
        (void)from->stream([&](std::span<std::byte const> p) { guard.add(p.size()); });
      }
      return refused;
    }
    content_writer writer{fd.get(), options_.sparse};
    bool const whole = from == nullptr || from->stream([&](std::span<std::byte const> p) {
      guard.add(p.size());
      check_write(writer.write(p), e);
    });
    if (!whole) {
      fd.reset();
      if (::unlinkat(at.fd(), at.name.c_str(), 0) != 0) { throw_os(errno, "cannot remove a file", e.path); }
      --names_;
      return {};
    }
    guard.end();
    complete_file(fd, writer, e);
    return {};
  }

  struct place_of_member {
    dir_handle dir;
    std::string name;
    [[nodiscard]] int fd() const noexcept { return dir->get(); }
  };

  // Members are judged one by one, and the caller passes on what a worker throws when it comes to
  // the member in image order: the loss that stops is the first for any number of threads.
  // Directories come deepest first at the end: there all are counted, and finish() tells the first.
  void lost(cause_tally& count, diag_code const& code, entry const& e) {
    if (options_.stop_on_loss && !finishing_) {
      given_up_ = true;
      throw_loss("tree", code, e.path, e.offset, {});
    }
    count.add(e);
  }

  // From here on no worker begins another file.
  outcome refusal_of(diag_code const& code, std::string detail = {}) {
    if (options_.stop_on_loss && stops(code)) { given_up_ = true; }
    return refusal{&code, std::move(detail)};
  }

  void settle(entry const& e, outcome const& refused, content_result const& r) {
    if (!refused) {
      if (!e.acl.empty() || !e.pcl.empty()) { losses_.attributes.add(e); }
      if (manifest_) { manifest_->add(e, r.digest ? &*r.digest : nullptr); }
      return;
    }
    if (refused->code == nullptr) { return; }  // given up before
    if (options_.stop_on_loss && stops(*refused->code)) {
      throw_loss("tree", *refused->code, e.path, e.offset, refused->detail);
    }
    findings_.report({.code = refused->code, .path = e.path, .detail = refused->detail});
  }

  outcome refusal_by_os(entry const& e, int error) {
    if (!is_member_fault(error)) { throw_os(error, concat("cannot write ", quoted(e.path)), e.path); }
    return refusal_of(file_system_refuses, os_text(error));
  }

  static void check_write(int error, entry const& e) {
    if (error != 0) { throw_os(error, concat("cannot write ", quoted(e.path)), e.path); }
  }

  // --- where a member stands --------------------------------------------------------------

  outcome locate(entry const& e, place_of_member& out) {
    if (e.path.empty() || has_dotdot(e.path) || e.path.find('\0') != std::string::npos ||
        e.target.find('\0') != std::string::npos) {
      return refusal_of(unsafe_place);
    }
    auto const parent = parent_path(e.path);
    auto found = cache_.open(parent);
    if (!found.dir && found.error == ENOENT) { found = make_parents(parent, e); }
    if (!found.dir) {
      if (is_in_the_way(found.error)) {
        return refusal_of(unsafe_place, concat(quoted(parent), " is not a directory"));
      }
      return refusal_by_os(e, found.error);
    }
    out = {std::move(found.dir), e.path.substr(parent.empty() ? 0 : parent.size() + 1)};
    return {};
  }

  // Parents that the image does not hold: 0755, of the user who runs this, as old as the member
  // that needs them, so that the same image gives the same tree.
  dir_cache::result make_parents(std::string_view path, entry const& e) {
    std::lock_guard const lock{make_mutex_};
    dir_cache::result above = cache_.open({});
    std::size_t end = 0;
    while (above.dir && end < path.size()) {
      auto const begin = end == 0 ? 0 : end + 1;
      end = std::min(path.find('/', begin), path.size());
      auto const here = path.substr(0, end);
      auto next = cache_.open(here);
      if (!next.dir && next.error == ENOENT) {
        std::string const name{path.substr(begin, end - begin)};
        if (::mkdirat(above.dir->get(), name.c_str(), 0700) == 0) {
          ++names_;
          late_.add(here, {0755, own_uid_, own_gid_, e.mtime, e.mtime, true});
        } else if (errno != EEXIST) {
          return {nullptr, errno};
        }
        next = cache_.open(here);
      }
      above = std::move(next);
    }
    return above;
  }

  // Makes room for a member whose name is taken: the later one wins, but nothing replaces a
  // directory that holds something.
  outcome clear_way(place_of_member const& at, entry const& e) {
    if (::unlinkat(at.fd(), at.name.c_str(), 0) == 0) {
      --names_;
      return {};
    }
    if (errno == ENOENT) { return {}; }
    if (errno != EISDIR && errno != EPERM) { return refusal_by_os(e, errno); }
    if (::unlinkat(at.fd(), at.name.c_str(), AT_REMOVEDIR) == 0) {
      --names_;
      cache_.forget(e.path);
      std::lock_guard const lock{make_mutex_};
      replaced_.insert(e.path);
      return {};
    }
    if (errno == ENOTEMPTY || errno == EEXIST) { return refusal_of(replaces_directory); }
    return refusal_by_os(e, errno);
  }

  // `make` returns 0 or errno, and is tried again when a name was in the way. `lenient`: an error that the
  // caller judges, and that is told in `*lenient`.
  template <typename Make>
  outcome make_new(place_of_member const& at, entry const& e, Make const& make, int* lenient = nullptr) {
    int error = make();
    if (error == EEXIST) {
      if (auto refused = clear_way(at, e)) { return refused; }
      error = make();
    }
    if (lenient != nullptr) { *lenient = error; }
    if (error == 0) { ++names_; }
    if (error == 0 || (lenient != nullptr && error == EPERM)) { return {}; }
    return refusal_by_os(e, error);
  }

  // --- making members ---------------------------------------------------------------------

  outcome create(entry const& e) {
    if (e.path.empty() && e.kind == entry_kind::directory) {
      tell_owner(e);
      about_root_ = {e.permissions(), e.uid, e.gid, e.mtime, e.atime};
      return {};
    }
    place_of_member at;
    if (auto refused = locate(e, at)) { return refused; }
    if (is_device(e) && !device_possible(e)) {
      lost(losses_.devices, devices_not_made, e);
      return {};  // stands in the manifest
    }
    if (!e.link_to.empty()) { return make_link(at, e); }
    switch (e.kind) {
      case entry_kind::directory: return make_directory(at, e);
      case entry_kind::symlink: return make_symlink(at, e);
      case entry_kind::char_device:
      case entry_kind::block_device:
      case entry_kind::fifo:
      case entry_kind::socket: return make_node(at, e);
      case entry_kind::file: break;
    }
    throw fatal_error{fatal_error::kind::internal, "a file is made where its content is", std::nullopt, e.path};
  }

  outcome open_file(place_of_member const& at, entry const& e, unique_fd& out) {
    return make_new(at, e, [&] {
      constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
      out.reset(::openat(at.fd(), at.name.c_str(), flags, mode_at_once(e).value_or(0600)));
      return out.ok() ? 0 : errno;
    });
  }

  // The mode that a file can have from the first moment: two system calls of a small file are those
  // for owner and mode. It has no set-id bits, so that nothing depends on its owner.
  [[nodiscard]] std::optional<mode_t> mode_at_once(entry const& e) const noexcept {
    if (!new_files_ || (e.permissions() & ~static_cast<std::uint32_t>(new_files_->kept)) != 0) { return std::nullopt; }
    return static_cast<mode_t>(e.permissions());
  }

  void complete_file(unique_fd& fd, content_writer& content, entry const& e) {
    check_write(content.end(), e);
    auto mode = static_cast<mode_t>(e.permissions());
    auto const change = [&](uid_t u, gid_t g) {
      if (new_files_ && new_files_->uid == u && new_files_->gid == g) { return 0; }
      return ::fchown(fd.get(), u, g);
    };
    if (!give_away(e, change)) { mode &= ~set_id_bits; }
    auto const times = times_of(e.atime, e.mtime);
    int const refused = mode_at_once(e) ? 0 : refusal_of_system(::fchmod(fd.get(), mode), e);
    if ((refusal_of_system(::futimens(fd.get(), times.data()), e) | refused) != 0) {
      lost(losses_.metadata, metadata_not_set, e);
    }
    if (::close(fd.release()) != 0 && errno != EINTR) { check_write(errno, e); }  // where a network file system tells
  }

  // False where root asked for an owner and did not get it: set-id bits must not go to root then.
  template <typename Chown>
  bool give_away(entry const& e, Chown const& change) {
    if (!options_.privileged) {
      if (e.uid != own_uid_ || e.gid != own_gid_) { lost(losses_.owners, owners_not_set, e); }
      return true;
    }
    bool const known = e.uid != no_id && e.gid != no_id;
    auto const uid = e.uid == no_id ? id_of_nobody : e.uid;
    auto const gid = e.gid == no_id ? id_of_nobody : e.gid;
    if (refusal_of_system(change(uid, gid), e) == 0 && known) { return true; }
    lost(losses_.owners, owners_not_set, e);
    return false;
  }

  outcome make_directory(place_of_member const& at, entry const& e) {
    auto const make = [&] { return ::mkdirat(at.fd(), at.name.c_str(), 0700) == 0 ? 0 : errno; };
    int error = make();
    if (error == EEXIST) {
      struct stat st {};
      if (::fstatat(at.fd(), at.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) { return refusal_by_os(e, errno); }
      if (!S_ISDIR(st.st_mode)) {
        if (::unlinkat(at.fd(), at.name.c_str(), 0) != 0) { return refusal_by_os(e, errno); }
        --names_;
        error = make();
      }
    }
    if (error == 0) { ++names_; }
    if (error != 0 && error != EEXIST) { return refusal_by_os(e, error); }
    tell_owner(e);
    std::lock_guard const lock{make_mutex_};
    late_.add(e.path, {e.permissions(), e.uid, e.gid, e.mtime, e.atime, error == 0});
    return {};
  }

  void tell_owner(entry const& e) {
    if (!options_.privileged && (e.uid != own_uid_ || e.gid != own_gid_)) { lost(losses_.owners, owners_not_set, e); }
  }

  outcome make_symlink(place_of_member const& at, entry const& e) {
    auto refused =
        make_new(at, e, [&] { return ::symlinkat(e.target.c_str(), at.fd(), at.name.c_str()) == 0 ? 0 : errno; });
    if (refused) { return refused; }
    static_cast<void>(chown_at(at, e));
    set_times_at(at, e);
    return {};
  }

  [[nodiscard]] bool device_possible(entry const& e) const noexcept {
    return options_.privileged && e.rdev.major <= 0xfff && e.rdev.minor <= 0xfffff;
  }

  outcome make_node(place_of_member const& at, entry const& e) {
    mode_t type = S_IFIFO;
    dev_t device = 0;
    if (e.kind == entry_kind::socket) { type = S_IFSOCK; }
    if (is_device(e)) {
      type = e.kind == entry_kind::char_device ? S_IFCHR : S_IFBLK;
      device = ::makedev(e.rdev.major, e.rdev.minor);
    }
    int error = 0;
    auto refused = make_new(
        at, e, [&] { return ::mknodat(at.fd(), at.name.c_str(), type | 0600, device) == 0 ? 0 : errno; },
        is_device(e) ? &error : nullptr);
    if (refused) { return refused; }
    if (error == EPERM) {
      lost(losses_.devices, devices_not_made, e);
      return {};
    }
    auto mode = static_cast<mode_t>(e.permissions());
    if (!chown_at(at, e)) { mode &= ~set_id_bits; }
    if (refusal_of_system(::fchmodat(at.fd(), at.name.c_str(), mode, AT_SYMLINK_NOFOLLOW), e) != 0) {
      lost(losses_.metadata, metadata_not_set, e);
    }
    set_times_at(at, e);
    return {};
  }

  bool chown_at(place_of_member const& at, entry const& e) {
    return give_away(e,
                     [&](uid_t u, gid_t g) { return ::fchownat(at.fd(), at.name.c_str(), u, g, AT_SYMLINK_NOFOLLOW); });
  }
  void set_times_at(place_of_member const& at, entry const& e) {
    auto const times = times_of(e.atime, e.mtime);
    if (refusal_of_system(::utimensat(at.fd(), at.name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), e) != 0) {
      lost(losses_.metadata, metadata_not_set, e);
    }
  }

  outcome make_link(place_of_member const& at, entry const& e) {
    auto const missing = [&]() -> outcome {
      if (is_device(e)) {  // the first name was one of those that could not be made
        lost(losses_.devices, devices_not_made, e);
        return {};
      }
      return refusal_of(link_without_target, concat("first name ", quoted(e.link_to)));
    };
    // A link to itself would remove what it links to.
    if (e.link_to == e.path || has_dotdot(e.link_to) || e.link_to.find('\0') != std::string::npos) { return missing(); }
    auto const parent = parent_path(e.link_to);
    auto const from = cache_.open(parent);
    if (!from.dir) {
      if (from.error == ENOENT || is_in_the_way(from.error)) { return missing(); }
      return refusal_by_os(e, from.error);
    }
    auto const name = e.link_to.substr(parent.empty() ? 0 : parent.size() + 1);
    struct stat st {};
    if (::fstatat(from.dir->get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) { return missing(); }
      throw_os(errno, concat("cannot link to ", quoted(e.link_to)), e.link_to);
    }
    if (S_ISDIR(st.st_mode)) { return missing(); }
    // Without AT_SYMLINK_FOLLOW a link to a symbolic link is one to the link itself.
    return make_new(
        at, e, [&] { return ::linkat(from.dir->get(), name.c_str(), at.fd(), at.name.c_str(), 0) == 0 ? 0 : errno; });
  }

  // --- directories, at the end ------------------------------------------------------------

  void set_directory(std::string const& path, directory_metadata const& m) {
    entry about;  // for the counters
    about.path = path;
    about.uid = m.uid;
    about.gid = m.gid;
    auto const fd = open_directory(cache_, path);
    if (!fd.ok()) {
      if (replaced_.count(path) != 0) { return; }  // by a later member of another kind
      throw fatal_error{fatal_error::kind::io,
                        concat(quoted(path), " is gone from the tree: another process removed or replaced it"),
                        std::nullopt, path};
    }
    // One that was replaced, and made again, has a record of each time.
    auto const again = replaced_.count(path) != 0 && !counted_.insert(path).second;
    if (m.made && !again) { found_ += count_names(fd.get()); }
    auto mode = static_cast<mode_t>(m.mode);
    bool const owned =
        !options_.privileged || give_away(about, [&](uid_t u, gid_t g) { return ::fchown(fd.get(), u, g); });
    if (!owned) { mode &= ~set_id_bits; }
    auto const times = times_of(m.atime, m.mtime);
    int const refused = refusal_of_system(::fchmod(fd.get(), mode), about);
    if ((refusal_of_system(::futimens(fd.get(), times.data()), about) | refused) != 0) {
      lost(losses_.metadata, metadata_not_set, about);
    }
  }

  diagnostic_sink& findings_;
  tree_options options_;
  int root_;
  std::uint32_t own_uid_;
  std::uint32_t own_gid_;
  std::optional<new_file_facts> new_files_;
  dir_cache cache_;
  late_directories late_;
  std::mutex make_mutex_;                     // late_, replaced_, and the making of parents
  std::unordered_set<std::string> replaced_;  // directories that later members took the place of
  std::optional<ordered_manifest> manifest_;
  tree_losses losses_;
  std::optional<directory_metadata> about_root_;
  bool finishing_ = false;
  std::atomic<bool> given_up_ = false;   // a loss that stops was met
  std::atomic<std::int64_t> names_ = 0;  // that were made and not removed again
  std::int64_t found_ = 0;               // that stand there at the end
  std::unordered_set<std::string> counted_;
};

}  // namespace

std::unique_ptr<entry_sink> make_tree_sink(int dirfd, tree_options const& o, diagnostic_sink& findings) {
  return std::make_unique<tree_sink>(dirfd, o, findings);
}

}  // namespace sysb::output
