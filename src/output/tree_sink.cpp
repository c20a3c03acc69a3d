// SPDX-License-Identifier: Apache-2.0
// Members into a directory tree, through a host that writes it or only says what would happen. Order of metadata: content,
// owner, mode (chown clears the set-id bits), times; directories at the very end.
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
#include "core/entry_kinds.hpp"
#include "core/fatal_error.hpp"
#include "core/loss.hpp"
#include "output/content_writer.hpp"
#include "output/diagnostics.hpp"
#include "output/dir_cache.hpp"
#include "output/fd.hpp"
#include "output/late_directories.hpp"
#include "output/mtree.hpp"
#include "output/output.hpp"
#include "output/size_guard.hpp"
#include "output/tree_host.hpp"
#include "output/tree_report.hpp"

namespace sysb::output {

namespace {

constexpr std::uint32_t no_id = 0xffffffff;  // chown(2): leave it
constexpr mode_t set_id_bits = S_ISUID | S_ISGID;

// What one member, not the whole output, cannot be written for.
bool is_member_fault(int error) noexcept {
  return error == ENAMETOOLONG || error == EINVAL || error == EILSEQ || error == EPERM || error == EOPNOTSUPP ||
         error == EFBIG || error == EOVERFLOW || error == ENOENT || error == EMLINK;
}
bool is_in_the_way(int error) noexcept { return error == ENOTDIR || error == ELOOP || error == EXDEV; }
bool has_nul(std::string const& s) noexcept { return s.find('\0') != std::string::npos; }

// True where a file system or a user cannot have owner, mode or times so, which is a loss. Every other error is one of
// the output: throws fatal_error{io}.
bool system_refuses(int error, entry const& e) {
  if (error == 0) { return false; }
  for (int const known : {EPERM, EACCES, EINVAL, EOPNOTSUPP, EOVERFLOW, ENOSYS, EROFS}) {
    if (error == known) { return true; }
  }
  throw_os(error, concat("cannot set owner, mode or times of ", quoted(e.path)), e.path);
}

class tree_sink final : public entry_sink {
 public:
  tree_sink(std::unique_ptr<tree_host> host, tree_options const& o, diagnostic_sink& findings)
      : findings_{findings},
        options_{o},
        own_uid_{::geteuid()},
        own_gid_{::getegid()},
        host_{std::move(host)},
        new_files_{host_->new_files()},
        cache_{*host_},
        late_{*host_} {
    if (o.manifest_fd >= 0) { manifest_.emplace(*host_, o.manifest_fd); }
  }

  [[nodiscard]] wants needs() const noexcept override {
    return {.content = host_->writes(), .digest = manifest_.has_value()};
  }

  // Directories, which others need, and what has no content are made at once; files by any thread; hard links
  // when everything before them is there.
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    if (!e.link_to.empty() || e.kind == entry_kind::file) { return std::make_unique<later>(*this, e); }
    settle(e, create(e), {});
    return nullptr;
  }

  void finish() override {
    finishing_ = true;
    // The manifest may make a temporary file in the tree: before the times of directories are set.
    if (manifest_) { manifest_->finish(); }
    manifest_.reset();
    late_.apply([this](std::string const& path, directory_metadata const& m) { set_directory(path, m); });
    // The root last: no temporary file is made or removed in it any more.
    tree_place top;
    open_at_end({}, top);
    found_ += names_in(top);
    if (found_ < names_) {
      throw fatal_error{fatal_error::kind::io,
                        concat("another process removed members of the tree: ", names_ - found_, " gone")};
    }
    if (about_root_) {
      set_directory({}, *about_root_);
    } else if (int const error = host_->set_mode(top, 0755); error != 0) {
      throw_os(error, "cannot set the mode of the root directory");
    }
    if (options_.stop_on_loss) { losses_.stop(); }
    losses_.report(findings_);
    if (options_.sync) {
      if (int const error = host_->sync(); error != 0) { throw_os(error, "sync failed"); }
    }
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

  // `from` is null where there is no content, or none is wanted.
  outcome put_file(entry const& e, content_feed* from) {
    size_guard guard;
    guard.begin(e);
    tree_place at;
    auto refused = given_up_ ? outcome{refusal{}} : locate(e, at);
    if (!refused) {
      refused = make_new(at, e, [&] { return host_->make(at, S_IFREG | mode_at_once(e).value_or(0600), 0); });
    }
    if (refused) {
      // What it holds is read all the same: damage in it counts.
      if (from != nullptr) {
        (void)from->stream([&](std::span<std::byte const> p) { guard.add(p.size()); });
      }
      return refused;
    }
    content_writer writer{at.fd.get(), options_.sparse};
    bool const whole = from == nullptr || from->stream([&](std::span<std::byte const> p) {
      guard.add(p.size());
      check_write(writer.write(p), e);
    });
    if (!whole) {
      at.fd.reset();
      if (int const error = host_->remove(at, false); error != 0) { throw_os(error, "cannot remove a file", e.path); }
      --names_;
      return {};
    }
    if (host_->writes()) { guard.end(); }
    check_write(writer.end(), e);
    tell_owner(e);
    complete(at, e);
    // Where a network file system tells.
    if (at.fd.ok() && ::close(at.fd.release()) != 0 && errno != EINTR) { check_write(errno, e); }
    return {};
  }

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
    if (!is_member_fault(error)) { check_write(error, e); }
    return refusal_of(file_system_refuses, os_text(error));
  }

  static void check_write(int error, entry const& e) {
    if (error != 0) { throw_os(error, concat("cannot write ", quoted(e.path)), e.path); }
  }

  // --- where a member stands --------------------------------------------------------------

  // 0, or why the parent cannot be used.
  int find(std::string_view path, tree_place& out) {
    auto const parent = parent_path(path);
    auto found = cache_.open(parent);
    out.dir = std::move(found.dir);
    out.name = path.substr(parent.empty() ? 0 : parent.size() + 1);
    return found.error;
  }

  outcome locate(entry const& e, tree_place& out) {
    if (e.path.empty() || has_dotdot(e.path) || has_nul(e.path) || has_nul(e.target)) {
      return refusal_of(unsafe_place);
    }
    int error = find(e.path, out);
    if (error == ENOENT) {
      auto made = make_parents(parent_path(e.path), e);
      out.dir = std::move(made.dir);
      error = made.error;
    }
    if (error == 0) { return {}; }
    if (!is_in_the_way(error)) { return refusal_by_os(e, error); }
    return refusal_of(unsafe_place, concat(quoted(parent_path(e.path)), " is not a directory"));
  }

  // Parents that the image does not hold: 0755, of the user who runs this, as old as the member
  // that needs them, so that the same image gives the same tree.
  found_directory make_parents(std::string_view path, entry const& e) {
    std::lock_guard const lock{make_mutex_};
    found_directory found = cache_.open({});
    for (std::size_t end = 0; found.dir && end < path.size();) {
      auto const begin = end == 0 ? 0 : end + 1;
      end = std::min(path.find('/', begin), path.size());
      auto const here = path.substr(0, end);
      auto next = cache_.open(here);
      if (!next.dir && next.error == ENOENT) {
        tree_place at{std::move(found.dir), std::string{path.substr(begin, end - begin)}, {}};
        int const error = host_->make(at, S_IFDIR | 0700, 0);
        if (error == 0) {
          ++names_;
          late_.add(here, {0755, own_uid_, own_gid_, e.mtime, e.mtime, true});
        } else if (error != EEXIST) {
          return {nullptr, error};
        }
        next = cache_.open(here);
      }
      found = std::move(next);
    }
    return found;
  }

  // Makes room for a member whose name is taken: the later one wins, but nothing replaces a
  // directory that holds something.
  outcome clear_way(tree_place const& at, entry const& e) {
    int error = host_->remove(at, false);
    if (error == EISDIR || error == EPERM) {
      error = host_->remove(at, true);
      if (error == ENOTEMPTY || error == EEXIST) { return refusal_of(replaces_directory); }
      if (error == 0) {
        cache_.forget(e.path);
        std::lock_guard const lock{make_mutex_};
        replaced_.insert(e.path);
      }
    } else if (error == ENOENT) {
      return {};
    }
    if (error != 0) { return refusal_by_os(e, error); }
    --names_;
    return {};
  }

  // `make` returns 0 or errno, and is tried again when a name was in the way. `lenient`: EPERM is for the caller to
  // judge, and told there.
  template <typename Make>
  outcome make_new(tree_place const& at, entry const& e, Make const& make, bool* lenient = nullptr) {
    int error = make();
    if (error == EEXIST) {
      if (auto refused = clear_way(at, e)) { return refused; }
      error = make();
    }
    if (lenient != nullptr && error == EPERM) {
      *lenient = true;
      return {};
    }
    if (error != 0) { return refusal_by_os(e, error); }
    ++names_;
    return {};
  }

  // --- making members ---------------------------------------------------------------------

  outcome create(entry const& e) {
    if (e.path.empty() && e.kind == entry_kind::directory) {
      tell_owner(e);
      about_root_ = {e.permissions(), e.uid, e.gid, e.mtime, e.atime};
      return {};
    }
    tree_place at;
    if (auto refused = locate(e, at)) { return refused; }
    if (is_device(e.kind) && !device_possible(e)) {
      lost(losses_.devices, devices_not_made, e);
      return {};  // stands in the manifest
    }
    if (!e.link_to.empty()) { return make_link(at, e); }
    return e.kind == entry_kind::directory ? make_directory(at, e) : make_node(at, e);
  }

  // The mode that a file can have from the first moment: two system calls of a small file are those
  // for owner and mode. It has no set-id bits, so that nothing depends on its owner.
  [[nodiscard]] std::optional<mode_t> mode_at_once(entry const& e) const noexcept {
    if (e.kind != entry_kind::file || !new_files_) { return std::nullopt; }
    if ((e.permissions() & ~static_cast<std::uint32_t>(new_files_->kept)) != 0) { return std::nullopt; }
    return static_cast<mode_t>(e.permissions());
  }

  // Who cannot give files away is told so of each member.
  void tell_owner(entry const& e) {
    if (!options_.privileged && (e.uid != own_uid_ || e.gid != own_gid_)) { lost(losses_.owners, owners_not_set, e); }
  }

  // False where root asked for an owner and did not get it: set-id bits must not go to root then.
  bool give_away(tree_place const& at, entry const& e) {
    if (!options_.privileged) { return true; }
    bool const known = e.uid != no_id && e.gid != no_id;
    auto const uid = e.uid == no_id ? id_of_nobody : e.uid;
    auto const gid = e.gid == no_id ? id_of_nobody : e.gid;
    bool const has_it = e.kind == entry_kind::file && new_files_ && new_files_->uid == uid && new_files_->gid == gid;
    if ((has_it || !system_refuses(host_->set_owner(at, uid, gid), e)) && known) { return true; }
    lost(losses_.owners, owners_not_set, e);
    return false;
  }

  void complete(tree_place const& at, entry const& e) {
    auto mode = static_cast<mode_t>(e.permissions());
    if (!give_away(at, e)) { mode &= ~set_id_bits; }
    bool const has_mode = e.kind == entry_kind::symlink || mode_at_once(e);
    bool const mode_refused = !has_mode && system_refuses(host_->set_mode(at, mode), e);
    if (system_refuses(host_->set_times(at, e.atime, e.mtime), e) || mode_refused) {
      lost(losses_.metadata, metadata_not_set, e);
    }
  }

  outcome make_directory(tree_place& at, entry const& e) {
    bool was_there = false;
    auto refused = make_new(at, e, [&] {
      int const error = host_->make(at, S_IFDIR | 0700, 0);
      if (error != EEXIST) { return error; }
      int const unseen = host_->look(at, was_there);
      if (unseen == 0 && was_there) { return 0; }
      // What cannot be looked at is not in the way: it may be the directory.
      return unseen == 0 || unseen == ENOENT ? EEXIST : unseen;
    });
    if (refused) { return refused; }
    if (was_there) { --names_; }
    tell_owner(e);
    std::lock_guard const lock{make_mutex_};
    late_.add(e.path, {e.permissions(), e.uid, e.gid, e.mtime, e.atime, !was_there});
    return {};
  }

  [[nodiscard]] bool device_possible(entry const& e) const noexcept {
    return options_.privileged && e.rdev.major <= 0xfff && e.rdev.minor <= 0xfffff;
  }

  // Whatever else has no content: links, devices, FIFOs, sockets.
  outcome make_node(tree_place& at, entry const& e) {
    auto const device = is_device(e.kind) ? ::makedev(e.rdev.major, e.rdev.minor) : dev_t{0};
    bool not_allowed = false;
    auto refused = make_new(
        at, e,
        [&] {
          return e.kind == entry_kind::symlink ? host_->make_symlink(at, e.target)
                                               : host_->make(at, type_of(e.kind) | 0600, device);
        },
        is_device(e.kind) ? &not_allowed : nullptr);
    if (refused) { return refused; }
    if (not_allowed) {
      lost(losses_.devices, devices_not_made, e);
    } else {
      tell_owner(e);
      complete(at, e);
    }
    return {};
  }

  outcome make_link(tree_place const& at, entry const& e) {
    auto const missing = [&]() -> outcome {
      if (is_device(e.kind)) {  // the first name was one of those that could not be made
        lost(losses_.devices, devices_not_made, e);
        return {};
      }
      return refusal_of(link_without_target, concat("first name ", quoted(e.link_to)));
    };
    // A link to itself would remove what it links to.
    if (e.link_to == e.path || has_dotdot(e.link_to) || has_nul(e.link_to)) { return missing(); }
    tree_place first;
    bool is_directory = false;
    int error = find(e.link_to, first);
    if (error == 0) { error = host_->look(first, is_directory); }
    // What the file system refuses as a name was refused when it came.
    if (is_directory || is_in_the_way(error) || is_member_fault(error)) { return missing(); }
    if (error != 0) { throw_os(error, concat("cannot link to ", quoted(e.link_to)), e.link_to); }
    return make_new(at, e, [&] { return host_->make_link(at, first); });
  }

  // --- directories, at the end ------------------------------------------------------------

  void set_directory(std::string const& path, directory_metadata const& m) {
    entry about;  // for the counters
    about.kind = entry_kind::directory;
    about.path = path;
    about.mode = m.mode;
    about.uid = m.uid;
    about.gid = m.gid;
    about.mtime = m.mtime;
    about.atime = m.atime;
    auto const replaced = replaced_.count(path) != 0;  // by a later member of another kind
    tree_place at;
    if (!open_at_end(path, at)) {
      if (replaced) { return; }
      throw fatal_error{fatal_error::kind::io,
                        concat(quoted(path), " is gone from the tree: another process removed or replaced it"),
                        std::nullopt, path};
    }
    // One that was replaced, and made again, has a record of each time.
    auto const again = replaced && !counted_.insert(path).second;
    if (m.made && !again) { found_ += names_in(at); }
    complete(at, about);
  }

  // False: it is not there any more.
  bool open_at_end(std::string const& path, tree_place& at) {
    int error = find(path, at);
    if (error == 0) { error = host_->open_directory(at); }
    if (error == ENOENT || is_in_the_way(error)) { return false; }
    if (error != 0) { throw_os(error, concat("cannot open ", quoted(path)), path); }
    return true;
  }

  [[nodiscard]] std::int64_t names_in(tree_place const& at) const {
    std::int64_t count = 0;
    if (int const error = host_->count_names(at, count); error != 0) {
      throw_os(error, "cannot read the tree that was written");
    }
    return count;
  }

  diagnostic_sink& findings_;
  tree_options options_;
  std::uint32_t own_uid_, own_gid_;
  std::unique_ptr<tree_host> host_;
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
  return std::make_unique<tree_sink>(make_real_host(dirfd), o, findings);
}

std::unique_ptr<entry_sink> make_tree_forecast(std::string const& target, std::string const& tmpdir,
                                               tree_options const& o, diagnostic_sink& findings) {
  return std::make_unique<tree_sink>(make_foretelling_host(target, tmpdir), o, findings);
}

}  // namespace sysb::output
