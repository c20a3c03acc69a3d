// SPDX-License-Identifier: Apache-2.0
// Members into pax, ustar, gnutar and newc archives. libarchive makes the headers; large pieces
// of content go from the caller's memory to the descriptor.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <new>
#include <unordered_set>
#include <utility>

#include "base/digest.hpp"
#include "base/partitioned_table.hpp"
#include "core/entry_kinds.hpp"
#include "core/loss.hpp"
#include "output/archive_handle.hpp"
#include "output/compress.hpp"
#include "output/diagnostics.hpp"
#include "output/fd.hpp"
#include "output/output.hpp"
#include "output/size_guard.hpp"
#include "output/spool.hpp"
#include "output/utf8_names.hpp"

namespace sysb::output {

namespace {

constexpr std::uint64_t written_alone_bytes = 32u << 10;  // content that is worth a write of its own

// Fills the last record, which tape drives and GNU tar's own blocking expect to be whole.
class record_writer final : public byte_writer {
 public:
  record_writer(std::unique_ptr<byte_writer> down, std::size_t record) : down_{std::move(down)}, record_{record} {}
  void write(std::span<std::byte const> piece) override {
    down_->write(piece);
    used_ = (used_ + piece.size()) % record_;
  }
  [[nodiscard]] std::optional<std::uint64_t> reserve(std::uint64_t bytes) override {
    auto const place = down_->reserve(bytes);
    if (place) { used_ = static_cast<std::size_t>((used_ + bytes) % record_); }
    return place;
  }
  [[nodiscard]] bool can_reserve() const noexcept override { return down_->can_reserve(); }
  void finish() override {
    static constexpr std::array<std::byte, 10240> zeros{};
    if (used_ != 0) { down_->write(std::span{zeros}.first(record_ - used_)); }
    down_->finish();
  }

 private:
  std::unique_ptr<byte_writer> down_;
  std::size_t record_;
  std::size_t used_ = 0;
};

output_kind const& kind_called(std::string_view format) {
  for (auto const& k : kinds()) {
    if (k.id == format && (format == "pax" || format == "ustar" || format == "gnutar" || format == "newc")) {
      return k;
    }
  }
  throw fatal_error{fatal_error::kind::usage, concat("no archive format ", quoted(format))};
}

std::unique_ptr<byte_writer> make_stream(int fd, archive_options const& o, bool tar) {
  auto compressed = make_compressor(std::make_unique<fd_writer>(fd), o.compress, o.level, o.threads);
  return std::make_unique<record_writer>(std::move(compressed), tar ? 10240 : 512);
}

unsigned file_type(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return AE_IFREG;
    case entry_kind::directory: return AE_IFDIR;
    case entry_kind::symlink: return AE_IFLNK;
    case entry_kind::char_device: return AE_IFCHR;
    case entry_kind::block_device: return AE_IFBLK;
    case entry_kind::fifo: return AE_IFIFO;
    case entry_kind::socket: return AE_IFSOCK;
  }
  return AE_IFREG;
}

bool has_nul(std::string_view s) noexcept { return s.find('\0') != std::string_view::npos; }

class archive_sink final : public entry_sink {
 public:
  archive_sink(int fd, archive_options const& o, diagnostic_sink& findings)
      : fd_{fd},
        findings_{findings},
        kind_{kind_called(o.format)},
        newc_{o.format == "newc"},
        stop_{o.stop_on_loss},
        out_{make_stream(fd, o, !newc_)},
        bridge_{*out_},
        archive_{::archive_write_new(), archive_deleter{&bridge_}},
        header_{::archive_entry_new()} {
    auto* const a = archive_.get();
    if (a == nullptr || !header_) { throw std::bad_alloc{}; }
    utf8_locale::scope const utf8{locale_};
    bridge_.check(a, ::archive_write_set_bytes_per_block(a, 0));
    if (newc_) {
      bridge_.check(a, ::archive_write_set_format_cpio_newc(a));
    } else if (o.format == "pax") {
      bridge_.check(a, ::archive_write_set_format_pax(a));
      // The default form makes GNU tar warn about every member.
      bridge_.check(a, ::archive_write_set_format_option(a, "pax", "xattrheader", "SCHILY"));
    } else if (o.format == "ustar") {
      bridge_.check(a, ::archive_write_set_format_ustar(a));
    } else {
      bridge_.check(a, ::archive_write_set_format_gnutar(a));
    }
    bridge_.open(a);
  }

  // Where the output is a file whose places are known, content goes to its place when it is ready. Small
  // content that is stored as it is costs less in one write with its neighbours.
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    if (!out_->can_reserve()) { return std::make_unique<streamed>(*this, e, slot::order::in_turn); }
    auto const bytes = expected_content(e);
    if (bytes != 0 && bytes < written_alone_bytes && !e.packed) {
      return std::make_unique<streamed>(*this, e, slot::order::at_once);
    }
    begin(e);
    auto const at = bytes != 0 && !skipping_ ? std::optional{reserve()} : std::nullopt;
    end();
    return at ? std::make_unique<reserved>(fd_, *at, e) : nullptr;
  }

  void finish() override {
    bridge_.check(archive_.get(), ::archive_write_close(archive_.get()));
    out_->finish();
    say_nearest(ids_changed_, first_id_, "owner or group");
    say_nearest(times_changed_, first_time_, "modification time");
  }

 private:
  // Written through libarchive, one member after the other.
  class streamed final : public slot {
   public:
    streamed(archive_sink& to, entry const& e, order when) : to_{to}, member_{e}, when_{when} {}
    [[nodiscard]] order when() const noexcept override { return when_; }
    void fill(content_feed& from) override {
      begin();
      (void)from.stream([this](std::span<std::byte const> p) { to_.write(p); });
    }
    void close(content_result const& /*r*/) override {
      begin();
      to_.guard_.end();
      to_.end();
    }

   private:
    void begin() {
      if (!std::exchange(begun_, true)) { to_.begin(member_); }
    }
    archive_sink& to_;
    entry const& member_;
    order when_;
    bool begun_ = false;
  };

  // Content in a place of the file that was left for it.
  class reserved final : public slot {
   public:
    reserved(int fd, std::uint64_t at, entry const& e) : fd_{fd}, at_{at}, member_{e} {}
    [[nodiscard]] order when() const noexcept override { return order::any; }
    void fill(content_feed& from) override {
      if (from.copy_to(fd_, at_)) { return; }
      size_guard guard;
      guard.begin(member_);
      (void)from.stream([&](std::span<std::byte const> p) {
        auto const done = guard.have();
        guard.add(p.size());
        write_at(fd_, p, at_ + done);
      });
    }
    void close(content_result const& r) override { require_size(member_, r.bytes); }

   private:
    int fd_;
    std::uint64_t at_;
    entry const& member_;
  };

  void begin(entry const& e) {
    guard_.begin(e);
    skipping_ = !judge(e) || !write_header(e);
    if (skipping_ && e.kind == entry_kind::file && e.nlink > 1) { missing_.insert(hash(e.path)); }
  }

  // False: libarchive refuses it, and nothing of it was written.
  bool write_header(entry const& e) {
    fill_header(e);
    utf8_locale::scope const utf8{locale_};
    auto const r = ::archive_write_header(archive_.get(), header_.get());
    if (r == ARCHIVE_FAILED || r == ARCHIVE_RETRY) {
      require_memory(archive_.get());
      auto const* const text = ::archive_error_string(archive_.get());
      return leave_out(e, text != nullptr ? text : "libarchive refuses it");
    }
    bridge_.check(archive_.get(), r);
    return true;
  }

  void write(std::span<std::byte const> piece) {
    guard_.add(piece.size());
    while (!skipping_ && !piece.empty()) {
      auto const n = ::archive_write_data(archive_.get(), piece.data(), piece.size());
      bridge_.check(archive_.get(), n > 0 ? ARCHIVE_OK : ARCHIVE_FATAL);
      piece = piece.subspan(static_cast<std::size_t>(n));
    }
  }

  // Leaves room for the content of the member that was begun.
  std::uint64_t reserve() {
    auto const bytes = guard_.expected();
    auto const place = out_->reserve(bytes);
    // libarchive counts content too, and would pad what it did not see.
    static constexpr std::array<std::byte, 64u << 10> zeros{};
    auto const before = bridge_.left_out();
    bridge_.leave_out(true);
    for (std::uint64_t done = 0; done < bytes;) {
      auto const piece = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), bytes - done));
      auto const n = ::archive_write_data(archive_.get(), zeros.data(), piece);
      bridge_.check(archive_.get(), n > 0 ? ARCHIVE_OK : ARCHIVE_FATAL);
      done += static_cast<std::uint64_t>(n);
    }
    bridge_.leave_out(false);
    if (!place || bridge_.left_out() - before != bytes) {
      throw fatal_error{fatal_error::kind::internal, "room for content was not left as it was asked for"};
    }
    return *place;
  }

  void end() {
    if (!skipping_) { bridge_.check(archive_.get(), ::archive_write_finish_entry(archive_.get())); }
  }

  // False when the member is not written; the reason was reported.
  bool judge(entry const& e) {
    if (has_nul(e.path) || has_nul(e.target) || has_dotdot(e.path) || has_dotdot(e.link_to) ||
        (e.path.empty() && e.kind != entry_kind::directory)) {
      findings_.report({.code = &unsafe_place, .path = e.path});
      return false;
    }
    if (!e.link_to.empty() && !can_link(e)) {
      // The first name is there, and the format cannot tie another to it.
      if (stop_ && e.link_to != e.path && missing_.count(hash(e.link_to)) == 0) {
        throw_loss(kind_.id, link_without_target, e.path, e.offset, concat("first name ", quoted(e.link_to)));
      }
      findings_.report(
          {.code = &link_without_target, .path = e.path, .detail = concat("first name ", quoted(e.link_to))});
      return false;
    }
    if (auto const refused = why_not_held(kind_.holds, e)) { return leave_out(e, refused->why); }
    return true;
  }

  [[nodiscard]] bool can_link(entry const& e) const {
    if (e.link_to == e.path || missing_.count(hash(e.link_to)) != 0) { return false; }
    return !newc_ || e.kind != entry_kind::file || inode_of(e.link_to) != nullptr;
  }

  bool leave_out(entry const& e, std::string_view why) {
    if (stop_) { throw_loss(kind_.id, member_left_out, e.path, e.offset, why); }
    findings_.report({.code = &member_left_out, .path = e.path, .detail = concat(kind_.id, ": ", why)});
    return false;
  }

  void fill_header(entry const& e) {
    auto* const h = header_.get();
    ::archive_entry_clear(h);
    ::archive_entry_copy_pathname(h, e.path.empty() ? (newc_ ? "." : "./") : e.path.c_str());
    ::archive_entry_set_mode(h, static_cast<mode_t>(file_type(e.kind) | e.permissions()));
    ::archive_entry_set_uid(h, id(e.uid, e));
    ::archive_entry_set_gid(h, id(e.gid, e));
    ::archive_entry_set_mtime(h, static_cast<time_t>(time(e)), 0);
    ::archive_entry_set_size(h, static_cast<la_int64_t>(expected_content(e)));
    if (kind_.holds.atime) { ::archive_entry_set_atime(h, static_cast<time_t>(e.atime), 0); }
    if (kind_.holds.ctime) { ::archive_entry_set_ctime(h, static_cast<time_t>(e.ctime), 0); }
    if (is_device(e.kind)) {
      ::archive_entry_set_rdevmajor(h, e.rdev.major);
      ::archive_entry_set_rdevminor(h, e.rdev.minor);
    }
    if (newc_) {
      fill_inode(e);
    } else if (!e.link_to.empty()) {
      ::archive_entry_copy_hardlink(h, e.link_to.c_str());
    }
    if (e.kind == entry_kind::symlink && (newc_ || e.link_to.empty())) {
      ::archive_entry_copy_symlink(h, e.target.c_str());
    }
    if (kind_.holds.aix_mode && e.link_to.empty()) { fill_attributes(e); }
  }

  // A cpio knows hard links by equal inode numbers only. The image's own are not taken: they may
  // be blank, and members of several file systems share them. The content stands with the first
  // name; readers take a later one of size 0 as a link to it.
  void fill_inode(entry const& e) {
    auto* const h = header_.get();
    bool const file = e.kind == entry_kind::file;
    auto ino = ++last_ino_;
    auto links = e.kind == entry_kind::directory ? std::max(e.nlink, 1u) : 1u;
    if (file && !e.link_to.empty()) {
      if (auto const* first = inode_of(e.link_to)) { ino = first->ino; }
      links = std::max(e.nlink, 2u);
    } else if (file && e.nlink != 1) {
      links = std::max(e.nlink, 1u);
      inode_slot const fresh{hash(e.path), ino, true};
      inodes_.find_or_add(fresh).first->ino = ino;
    }
    ::archive_entry_set_ino64(h, ino);
    ::archive_entry_set_nlink(h, links);
  }

  void fill_attributes(entry const& e) {
    auto* const h = header_.get();
    auto const add = [&](char const* name, void const* value, std::size_t size) {
      ::archive_entry_xattr_add_entry(h, name, value, size);
    };
    // Linux knows such attributes on files and directories only, and bsdtar fails on others: there
    // the mode is added where the header does not hold it.
    if (e.kind == entry_kind::file || e.kind == entry_kind::directory || e.mode >> 16 != 0) {
      auto const mode = hex(e.mode, 8);
      add("user.aix.mode", mode.data(), mode.size());
    }
    if (!e.acl.empty()) { add("user.aix.acl", e.acl.data(), e.acl.size()); }
    if (!e.pcl.empty()) { add("user.aix.pcl", e.pcl.data(), e.pcl.size()); }
    if (e.acl_extended) { add("user.aix.acl_text", e.acl_text.data(), e.acl_text.size()); }
  }

  la_int64_t id(std::uint32_t v, entry const& e) {
    if (v <= kind_.holds.max_id) { return v; }
    if (ids_changed_++ == 0) { first_id_ = e.path; }
    return id_of_nobody;
  }

  std::int64_t time(entry const& e) {
    auto const t = std::clamp(e.mtime, kind_.holds.min_mtime, kind_.holds.max_mtime);
    if (t != e.mtime && times_changed_++ == 0) { first_time_ = e.path; }
    return t;
  }

  void say_nearest(std::uint64_t count, std::string const& path, char const* what) {
    if (count == 0) { return; }
    findings_.report({.code = &nearest_value,
                      .path = path,
                      .detail = concat(std::string_view{what}, " in ", count, " places, this is the first")});
  }

  [[nodiscard]] std::uint64_t hash(std::string_view path) const noexcept { return table_hash(as_bytes(path), seed_); }

  int fd_;
  diagnostic_sink& findings_;
  output_kind const& kind_;
  bool newc_;
  bool stop_;  // at a loss
  utf8_locale locale_;
  std::unique_ptr<byte_writer> out_;
  archive_bridge bridge_;
  archive_ptr archive_;
  archive_entry_ptr header_;
  size_guard guard_;
  bool skipping_ = false;
  std::uint64_t seed_ = unforeseen_number();
  std::unordered_set<std::uint64_t> missing_;  // names with links that were left out
  struct inode_slot {
    std::uint64_t key = 0;  // hash of the name
    std::uint32_t ino = 0;
    bool used = false;
    [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
    [[nodiscard]] bool occupied() const noexcept { return used; }
  };
  [[nodiscard]] inode_slot const* inode_of(std::string_view path) const { return inodes_.find(hash(path)); }
  partitioned_table<inode_slot> inodes_;  // newc: first names of linked files
  std::uint32_t last_ino_ = 0;
  std::uint64_t ids_changed_ = 0;
  std::uint64_t times_changed_ = 0;
  std::string first_id_;
  std::string first_time_;
};

}  // namespace

std::unique_ptr<entry_sink> make_archive_sink(int fd, archive_options const& o, diagnostic_sink& findings) {
  return std::make_unique<archive_sink>(fd, o, findings);
}

}  // namespace sysb::output
