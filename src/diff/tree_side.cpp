// SPDX-License-Identifier: Apache-2.0
// A directory tree, with the manifest beside it: owner, devices and lists that a tree made without root cannot hold.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <random>
#include <utility>

#include "base/os/descriptor.hpp"
#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "core/fatal_error.hpp"
#include "diff/diagnostics.hpp"
#include "diff/side.hpp"
#include "diff/sorted_spool.hpp"
#include "output/mtree_reader.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t piece_bytes = 256u << 10;

// Never through a symbolic link, never outside.
unique_fd open_inside(int top, std::string const& path, int flags) {
  auto const& name = path.empty() ? std::string{"."} : path;
  struct open_how how {};
  how.flags = static_cast<unsigned>(flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  auto const fd = ::syscall(SYS_openat2, top, name.c_str(), &how, sizeof how);
  if (fd >= 0 || (errno != ENOSYS && errno != EPERM)) { return unique_fd{static_cast<int>(fd)}; }
  return unique_fd{::openat(top, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
}

class tree_side final : public side {
 public:
  tree_side(std::string name, side_context const& c) : context_{c}, seed_{std::random_device{}()} {
    about_.name = std::move(name);
    about_.kind = side_kind::tree;
    about_.format = "tree";
    top_ = unique_fd{::open(about_.name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!top_.ok()) {
      throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(about_.name), ": ", os_text(errno)),
                        std::nullopt, about_.name};
    }
    manifest_ = about_.name;
    while (manifest_.size() > 1 && manifest_.back() == '/') { manifest_.pop_back(); }
    manifest_ += ".mtree";
    struct stat st {};
    auto const there = ::stat(manifest_.c_str(), &st) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR) { throw_os(manifest_); }
    if (!there || !S_ISREG(st.st_mode)) { manifest_.clear(); }
    if (!manifest_.empty()) { about_.container.emplace_back("mtree"); }
  }

  void walk(side_visitor& v) override {
    if (manifest_.empty()) {
      walk_tree([&](member const& m, entry const& e) { tell(v, m, e); });
      return;
    }
    // Both by path: what the manifest says is laid over what the tree has.
    sorted_spool tree{context_.tmpdir};
    sorted_spool manifest{context_.tmpdir};
    std::string value;
    walk_tree([&](member const& m, entry const& /*e*/) {
      value.clear();
      encode(m, value);
      tree.add(m.path, value);
    });
    tree.finish();
    read_manifest(manifest);
    sorted_spool::cursor a{tree};
    sorted_spool::cursor b{manifest};
    auto more_a = a.next();
    auto more_b = b.next();
    member found, said;
    entry e;
    while (more_a || more_b) {
      auto const order = !more_a ? 1 : !more_b ? -1 : a.key().compare(b.key());
      if (order <= 0) { decode(a.key(), a.value(), found); }
      if (order >= 0) { decode(b.key(), b.value(), said); }
      if (order == 0) { lay_over(said, found); }
      if (order <= 0) {
        e.clear();
        e.path = found.path;
        e.kind = found.kind;
        e.size = found.size;
        e.content = found.content == proof::readable ? content_state::here : content_state::none;
        tell(v, found, e);
      } else if (is_device(said.kind)) {
        v.take(said);  // without root it could not be made
      }
      if (order <= 0) { more_a = a.next(); }
      if (order >= 0) { more_b = b.next(); }
    }
  }

  [[nodiscard]] std::unique_ptr<content_source> contents() override { return std::make_unique<by_name>(*this); }
  [[nodiscard]] bool several_readers() const noexcept override { return true; }

 private:
  class by_name final : public content_source {
   public:
    explicit by_name(tree_side& of) : of_{of}, piece_(piece_bytes) {}
    [[nodiscard]] std::optional<diagnostic> read(content_place const& where, piece_target const& to) override {
      auto const fd = open_inside(of_.top_.get(), where.path, O_RDONLY);
      if (!fd.ok()) { return unreadable(where.path, errno); }
      std::uint64_t done = 0;
      for (;;) {
        of_.context_.counters->stop_if_asked();
        auto const [got, error] = read_fully(fd.get(), piece_);
        if (error != 0) { return unreadable(where.path, error); }
        done += got;
        if (got != 0) { to(std::span{piece_}.first(got)); }
        if (got < piece_.size()) { break; }
      }
      if (done == where.size) { return std::nullopt; }
      throw fatal_error{fatal_error::kind::io, concat(quoted(where.path), " changed while it was read"), std::nullopt,
                        where.path};
    }

   private:
    tree_side& of_;
    std::vector<std::byte> piece_;
  };

  static diagnostic unreadable(std::string const& path, int error) {
    return {.code = &tree_unreadable, .offset = {}, .path = path, .detail = os_text(error), .level = {}};
  }

  void tell(side_visitor& v, member const& m, entry const& e) {
    if (m.content == proof::readable && m.size <= context_.bounds.survey_member_bytes && v.wants(e)) {
      std::vector<std::byte> bytes;
      by_name source{*this};
      auto known = m;
      known.content = proof::unproven;
      auto const fault =
          source.read(place_of(m), [&](auto piece) { bytes.insert(bytes.end(), piece.begin(), piece.end()); });
      if (fault) {
        context_.findings->report(*fault);
      } else {
        known.content = proof::known;
        known.digest = digest_of(bytes);
        v.content(e, bytes);
      }
      v.take(known);
      return;
    }
    v.take(m);
  }

  template <typename Visit>
  void walk_tree(Visit const& visit) {
    std::vector<std::string> open{""};
    member m;
    entry e;
    struct stat st {};
    if (::fstat(top_.get(), &st) != 0) { throw_os(about_.name); }
    from_stat(st, "", m, e);
    visit(m, e);
    while (!open.empty()) {
      auto const dir = std::move(open.back());
      open.pop_back();
      auto fd = open_inside(top_.get(), dir, O_RDONLY | O_DIRECTORY);
      if (!fd.ok()) {
        // What is below it is not known, so nothing that is missing is proven to be.
        about_.complete = false;
        context_.findings->report(unreadable(dir, errno));
        continue;
      }
      auto const here = fd.get();
      auto const list = read_directory(std::move(fd));
      if (!list) { throw_os(dir); }
      while (auto const name = next_name(list.get())) {
        context_.counters->stop_if_asked();
        if (::fstatat(here, name->data(), &st, AT_SYMLINK_NOFOLLOW) != 0) { throw_os(concat(dir, '/', *name)); }
        auto const path = dir.empty() ? std::string{*name} : concat(dir, '/', *name);
        from_stat(st, path, m, e);
        if (m.kind == entry_kind::symlink) { read_target(here, name->data(), path, m.target); }
        ++context_.counters->entries;
        visit(m, e);
        if (m.kind == entry_kind::directory) { open.push_back(path); }
      }
      if (errno != 0) { throw_os(dir); }
    }
  }

  [[noreturn]] void throw_os(std::string_view path) const {
    auto const error = errno;
    throw fatal_error{fatal_error::kind::io, concat("cannot read ", quoted(path), ": ", os_text(error)), std::nullopt,
                      std::string{path}};
  }

  void read_target(int dir, char const* name, std::string const& path, std::string& out) const {
    std::array<char, 4096> text{};
    auto const n = ::readlinkat(dir, name, text.data(), text.size());
    if (n < 0) { throw_os(path); }
    out.assign(text.data(), static_cast<std::size_t>(n));
  }

  void from_stat(struct stat const& st, std::string_view path, member& m, entry& e) {
    m.clear();
    m.path = path;
    m.kind = kind_of(st.st_mode & S_IFMT);
    m.has = property::mtime | property::owner;
    if (m.kind != entry_kind::symlink) { m.has |= property::permissions; }
    // Without root everything belongs to who made it, which says nothing of the system.
    if (::geteuid() != 0 && st.st_uid == ::geteuid()) { m.has &= ~property::owner; }
    m.mode = st.st_mode;
    m.uid = st.st_uid;
    m.gid = st.st_gid;
    m.mtime = st.st_mtim.tv_sec;
    m.order = order_++;
    if (is_device(m.kind)) { m.rdev = {major(st.st_rdev), minor(st.st_rdev)}; }
    if (m.kind == entry_kind::file) {
      m.size = static_cast<std::uint64_t>(st.st_size);
      m.stored = m.size;
      m.content = m.size == 0 ? proof::none : proof::readable;
      if (st.st_nlink > 1) {
        std::array const id{std::uint64_t{st.st_dev}, std::uint64_t{st.st_ino}};
        auto const bytes = std::as_bytes(std::span{id});
        m.group = {table_hash(bytes, seed_), table_hash(bytes, ~seed_)};
      }
    }
    e.clear();
    e.path = m.path;
    e.kind = m.kind;
    e.size = m.size;
    e.content = m.content == proof::readable ? content_state::here : content_state::none;
  }

  void read_manifest(sorted_spool& out) {
    output::mtree_reader from{manifest_};
    entry e;
    member m;
    std::string value;
    while (from.next(e)) {
      context_.counters->stop_if_asked();
      from_entry(e, m);
      m.has = property::owner | property::mtime | property::acl | property::permissions;
      if (from.aix_mode()) { m.has |= property::high_mode; }
      value.clear();
      encode(m, value);
      out.add(m.path, value);
    }
    out.finish();
  }

  static void lay_over(member const& said, member& found) {
    if (said.kind != found.kind) { return; }  // it was made anew since: the manifest speaks of another one
    constexpr std::uint32_t set_id = 06000;
    found.has |= said.has & ~property::mtime;
    found.uid = said.uid;
    found.gid = said.gid;
    auto perm = found.permissions();
    // Set-id bits are what a user may not always set; anything else was changed in the tree.
    if (found.kind == entry_kind::symlink) { perm = said.permissions(); }
    if ((perm & ~set_id) == (said.permissions() & ~set_id) && (perm & ~said.permissions()) == 0) {
      perm = said.permissions();
    }
    found.mode = (said.mode & ~07777u) | perm;
    found.acl = said.acl;
    found.acl_text = said.acl_text;
    found.pcl = said.pcl;
    if (is_device(found.kind)) { found.rdev = said.rdev; }
  }

  side_context context_;
  std::uint64_t seed_;
  unique_fd top_;
  std::string manifest_;
  std::uint64_t order_ = 0;
};

}  // namespace

std::unique_ptr<side> make_tree_side(std::string name, side_context const& c) {
  return std::make_unique<tree_side>(std::move(name), c);
}

}  // namespace sysb::diff
