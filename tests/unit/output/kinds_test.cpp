// SPDX-License-Identifier: Apache-2.0
// The table of what archive formats hold, measured with the installed libarchive: a member at and
// beyond each limit is written without our sink's judgement and read back.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "archive_reading.hpp"
#include "core/output_kind.hpp"
#include "output/diagnostics.hpp"
#include "output/output.hpp"
#include "support.hpp"

namespace kinds_test {

using namespace sysb;
using namespace sysb::test;

namespace {

struct archive_bytes {
  std::string out;
  static la_ssize_t on_write(::archive*, void* self, void const* data, std::size_t n) {
    auto* const b = static_cast<archive_bytes*>(self);
    if (b->enough) { return -1; }
    b->out.append(static_cast<char const*>(data), n);
    return static_cast<la_ssize_t>(n);
  }
  bool enough = false;  // the member is not padded to its size
};

using setter = std::function<void(::archive_entry*)>;
using question = std::function<bool(::archive_entry*)>;

// One header, then zeros: whether it was taken and what a reader sees in it.
bool kept(std::string_view format, setter const& set, question const& ask) {
  archive_bytes bytes;
  auto* const a = ::archive_write_new();
  ::archive_write_set_bytes_per_block(a, 0);
  ::archive_write_set_format_by_name(a, std::string{format}.c_str());
  if (format == "pax") { ::archive_write_set_options(a, "xattrheader=SCHILY"); }
  ::archive_write_open2(a, &bytes, nullptr, &archive_bytes::on_write, nullptr, nullptr);
  auto* const e = ::archive_entry_new();
  ::archive_entry_set_pathname(e, "x");
  ::archive_entry_set_mode(e, AE_IFREG | 0644);
  ::archive_entry_set_mtime(e, 100, 0);
  ::archive_entry_set_size(e, 0);
  set(e);
  bool const taken = ::archive_write_header(a, e) >= ARCHIVE_WARN;
  bytes.enough = true;
  ::archive_write_free(a);
  ::archive_entry_free(e);
  if (!taken) { return false; }
  bytes.out.append(10240, '\0');
  auto* const r = ::archive_read_new();
  ::archive_read_support_format_all(r);
  ::archive_read_open_memory(r, bytes.out.data(), bytes.out.size());
  ::archive_entry* seen = nullptr;
  bool const ok = ::archive_read_next_header(r, &seen) >= ARCHIVE_WARN && ask(seen);
  ::archive_read_free(r);
  return ok;
}

output_properties const& holds(std::string_view format) {
  for (auto const& k : output::kinds()) {
    if (k.id == format) { return k.holds; }
  }
  throw std::runtime_error{"no such kind"};
}

void at_and_beyond(std::string_view format, char const* what, std::uint64_t limit, std::uint64_t top,
                   std::function<bool(std::uint64_t)> const& holds_value) {
  CAPTURE(format);
  CAPTURE(what);
  CAPTURE(limit);
  CHECK(holds_value(std::min(limit, top)));
  if (limit < top) { CHECK_FALSE(holds_value(limit + 1)); }
}

std::string same(char const* s) { return s != nullptr ? s : ""; }

}  // namespace

TEST_CASE("what the table of archive formats says is what the installed libarchive does") {
  for (std::string_view const format : {"pax", "gnutar", "ustar", "newc"}) {
    auto const& p = holds(format);
    at_and_beyond(format, "size", p.max_size, INT64_MAX, [&](std::uint64_t v) {
      auto const n = static_cast<la_int64_t>(v);
      return kept(
          format, [&](auto* e) { ::archive_entry_set_size(e, n); },
          [&](auto* e) { return ::archive_entry_size(e) == n; });
    });
    at_and_beyond(format, "uid and gid", p.max_id, 0xffffffff, [&](std::uint64_t v) {
      auto const n = static_cast<la_int64_t>(v);
      auto const uid = kept(
          format, [&](auto* e) { ::archive_entry_set_uid(e, n); },
          [&](auto* e) { return ::archive_entry_uid(e) == n; });
      auto const gid = kept(
          format, [&](auto* e) { ::archive_entry_set_gid(e, n); },
          [&](auto* e) { return ::archive_entry_gid(e) == n; });
      CHECK(uid == gid);
      return uid;
    });
    at_and_beyond(format, "path without a slash", p.max_path, 4000, [&](std::uint64_t v) {
      std::string const name(v, 'n');
      return kept(
          format, [&](auto* e) { ::archive_entry_copy_pathname(e, name.c_str()); },
          [&](auto* e) { return same(::archive_entry_pathname(e)) == name; });
    });
    at_and_beyond(format, "target of a symbolic link", p.max_target, 4000, [&](std::uint64_t v) {
      std::string const name(v, 't');
      return kept(
          format,
          [&](auto* e) {
            ::archive_entry_set_mode(e, AE_IFLNK | 0777);
            ::archive_entry_copy_symlink(e, name.c_str());
          },
          [&](auto* e) { return same(::archive_entry_symlink(e)) == name; });
    });
    if (format != "newc") {  // which knows inode numbers only
      at_and_beyond(format, "first name of a hard link", p.max_target, 4000, [&](std::uint64_t v) {
        std::string const name(v, 'h');
        return kept(
            format, [&](auto* e) { ::archive_entry_copy_hardlink(e, name.c_str()); },
            [&](auto* e) { return same(::archive_entry_hardlink(e)) == name; });
      });
    }
    auto const time = [&](std::int64_t v) {
      return kept(
          format, [&](auto* e) { ::archive_entry_set_mtime(e, v, 0); },
          [&](auto* e) { return ::archive_entry_mtime(e) == v; });
    };
    CAPTURE(format);
    CHECK(time(p.max_mtime));
    CHECK(time(p.min_mtime));
    if (p.max_mtime != INT64_MAX) { CHECK_FALSE(time(p.max_mtime + 1)); }
    if (p.min_mtime != INT64_MIN) { CHECK_FALSE(time(p.min_mtime - 1)); }
    CHECK(p.atime == kept(
                         format, [](auto* e) { ::archive_entry_set_atime(e, 77, 0); },
                         [](auto* e) { return ::archive_entry_atime(e) == 77; }));
    CHECK(p.ctime == kept(
                         format, [](auto* e) { ::archive_entry_set_ctime(e, -77, 0); },
                         [](auto* e) { return ::archive_entry_ctime(e) == -77; }));
    at_and_beyond(format, "device numbers", p.max_device, 0xffffffff, [&](std::uint64_t v) {
      auto const set = [&](auto* e) {
        ::archive_entry_set_mode(e, AE_IFCHR | 0600);
        ::archive_entry_set_rdevmajor(e, v);
        ::archive_entry_set_rdevminor(e, v);
      };
      return kept(format, set,
                  [&](auto* e) { return ::archive_entry_rdevmajor(e) == v && ::archive_entry_rdevminor(e) == v; });
    });
    auto const type = [&](unsigned t) {
      return kept(
          format, [&](auto* e) { ::archive_entry_set_mode(e, static_cast<mode_t>(t | 0600)); },
          [&](auto* e) { return ::archive_entry_filetype(e) == t; });
    };
    CHECK(p.devices == (type(AE_IFBLK) && type(AE_IFCHR)));
    CHECK(p.fifos == type(AE_IFIFO));
    CHECK(p.sockets == type(AE_IFSOCK));
    static constexpr std::string_view raw{"\0ab", 3};
    auto const add = [](auto* e) { ::archive_entry_xattr_add_entry(e, "user.aix.acl", raw.data(), raw.size()); };
    bool const xattr = kept(format, add, [](auto* e) {
      ::archive_entry_xattr_reset(e);
      char const* name = nullptr;
      void const* value = nullptr;
      std::size_t size = 0;
      return ::archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK && same(name) == "user.aix.acl" &&
             std::string_view{static_cast<char const*>(value), size} == raw;
    });
    CHECK(p.acl == xattr);
    CHECK(p.aix_mode == xattr);
  }
}

TEST_CASE("path_fits agrees with libarchive on every division of a ustar name") {
  auto const& p = holds("ustar");
  auto const written = [](std::string const& name, bool dir) {
    return kept(
        "ustar",
        [&](auto* e) {
          if (dir) { ::archive_entry_set_mode(e, AE_IFDIR | 0755); }
          ::archive_entry_copy_pathname(e, name.c_str());
        },
        [&](auto* e) {
          auto seen = same(::archive_entry_pathname(e));
          if (dir && !seen.empty() && seen.back() == '/') { seen.pop_back(); }
          return seen == name;
        });
  };
  for (std::size_t first : {1u, 50u, 99u, 100u, 101u, 153u, 154u, 155u, 156u, 160u}) {
    for (std::size_t second : {1u, 50u, 98u, 99u, 100u, 101u}) {
      auto const name = std::string(first, 'a') + "/" + std::string(second, 'b');
      CAPTURE(first);
      CAPTURE(second);
      CHECK(path_fits(p, name, false) == written(name, false));
      CHECK(path_fits(p, name, true) == written(name, true));
    }
  }
  CHECK(path_fits(p, std::string(99, 'd'), true) == written(std::string(99, 'd'), true));
  CHECK(path_fits(p, std::string(100, 'd'), true) == written(std::string(100, 'd'), true));
}

TEST_CASE("an output's name gives its format and its compression") {
  using output::compression;
  auto const is = [](char const* name, char const* format, compression c) {
    auto const got = output::parse_output_name(name);
    return got.format == format && got.compress == c;
  };
  CHECK(is("a.tar", "pax", compression::none));
  CHECK(is("a.tar.gz", "pax", compression::gzip));
  CHECK(is("a.cpio.xz", "newc", compression::xz));
  for (auto const& k : output::kinds()) { CHECK(k.holds.late_links == (k.id == "newc")); }
  CHECK(is("dir.x/a.tar.zst", "pax", compression::zstd));
  CHECK(is("a.bff", "bff", compression::none));
  CHECK(is("a.tar/", "tree", compression::none));
  CHECK(is("a.zip", "", compression::none));
  CHECK(is("a.gz", "", compression::none));
  CHECK(is("a.tar.gz.xz", "", compression::none));
  CHECK(output::parse_compression("zstd") == compression::zstd);
  CHECK_FALSE(output::parse_compression("lzop").has_value());
}

TEST_CASE("the ids of the findings are in order and each says what to do") {
  std::string before;
  for (auto const* code : output::codes()) {
    CHECK(std::string{code->id} > before);
    before = code->id;
    CHECK(code->explain.size() > 60);
    CHECK_FALSE(code->title.empty());
  }
}

}  // namespace kinds_test
