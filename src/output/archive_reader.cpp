// SPDX-License-Identifier: Apache-2.0
#include "output/archive_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "output/archive_handle.hpp"
#include "output/utf8_names.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t piece_bytes = 256u << 10;

struct read_deleter {
  void operator()(::archive* a) const noexcept { ::archive_read_free(a); }
};
using handle = std::unique_ptr<::archive, read_deleter>;

// What the system refuses says nothing of the bytes: those that are no archive, or a damaged one, have an error of
// libarchive's own.
void require_system(::archive* a, std::string_view what) {
  require_memory(a);
  auto const error = ::archive_errno(a);
  if (error <= 0 || error == EILSEQ || error == EINVAL) { return; }  // libarchive's own
  throw fatal_error{fatal_error::kind::io, concat(what, ": ", os_text(error))};
}

// Null: it is no archive.
handle open_handle(int fd, std::string_view what) {
  handle out{::archive_read_new()};
  if (!out) { throw std::bad_alloc{}; }
  ::archive_read_support_filter_gzip(out.get());
  ::archive_read_support_filter_xz(out.get());
  ::archive_read_support_filter_zstd(out.get());
  ::archive_read_support_format_tar(out.get());
  ::archive_read_support_format_cpio(out.get());
  if (::archive_read_open_fd(out.get(), fd, piece_bytes) != ARCHIVE_OK) {
    require_system(out.get(), what);
    out.reset();
  }
  return out;
}

std::string text_of(char const* s) { return s != nullptr ? std::string{s} : std::string{}; }

std::vector<std::byte> bytes_of(void const* data, std::size_t size) {
  auto const* const first = static_cast<std::byte const*>(data);
  return {first, first + size};
}

}  // namespace

struct archive_reader::state {
  fatal_error::kind kind = fatal_error::kind::io;
  std::string what;
  utf8_locale locale;
  handle archive;
  std::vector<std::byte> piece;
  std::uint64_t count = 0;

  [[noreturn]] void fail() const {
    if (archive) { require_system(archive.get(), what); }
    auto const* const text = archive ? ::archive_error_string(archive.get()) : nullptr;
    throw fatal_error{kind, concat(what, ": ", std::string_view{text != nullptr ? text : "unknown error"})};
  }
  // AIX's own attributes, as the archive sink writes them.
  [[nodiscard]] bool take_attributes(::archive_entry* e, entry& out) const {
    bool mode_told = false;
    char const* name = nullptr;
    void const* value = nullptr;
    std::size_t size = 0;
    ::archive_entry_xattr_reset(e);
    while (::archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK && name != nullptr) {
      std::string_view const key{name};
      if (key == "user.aix.mode") {
        std::string_view const digits{static_cast<char const*>(value), size};
        mode_told = to_number(digits, out.mode, 16);
      } else if (key == "user.aix.acl") {
        out.acl = bytes_of(value, size);
      } else if (key == "user.aix.pcl") {
        out.pcl = bytes_of(value, size);
      } else if (key == "user.aix.acl_text") {
        out.acl_text.assign(static_cast<char const*>(value), size);
        out.acl_extended = true;
      }
    }
    return mode_told;
  }
};

archive_reader::archive_reader(int fd, fatal_error::kind kind, std::string what) : state_{std::make_unique<state>()} {
  state_->kind = kind;
  state_->what = std::move(what);
  state_->piece.resize(piece_bytes);
  utf8_locale::scope const utf8{state_->locale};
  state_->archive = open_handle(fd, state_->what);
  if (!state_->archive) { state_->fail(); }
}

archive_reader::~archive_reader() = default;

bool archive_reader::next(entry& out) {
  utf8_locale::scope const utf8{state_->locale};
  ::archive_entry* e = nullptr;
  auto const r = ::archive_read_next_header(state_->archive.get(), &e);
  if (r == ARCHIVE_EOF) { return false; }
  if (r < ARCHIVE_WARN) { state_->fail(); }
  out.clear();
  out.path = text_of(::archive_entry_pathname(e));
  out.link_to = text_of(::archive_entry_hardlink(e));
  out.target = text_of(::archive_entry_symlink(e));
  out.kind = kind_of(::archive_entry_filetype(e));
  out.mode = ::archive_entry_mode(e);
  out.uid = static_cast<std::uint32_t>(::archive_entry_uid(e));
  out.gid = static_cast<std::uint32_t>(::archive_entry_gid(e));
  out.mtime = ::archive_entry_mtime(e);
  out.atime = ::archive_entry_atime(e);
  out.ctime = ::archive_entry_ctime(e);
  if (is_device(out.kind)) {
    out.rdev = {static_cast<std::uint32_t>(::archive_entry_rdevmajor(e)),
                static_cast<std::uint32_t>(::archive_entry_rdevminor(e))};
  }
  auto const size = ::archive_entry_size_is_set(e) != 0 ? ::archive_entry_size(e) : 0;
  if (out.kind == entry_kind::file && out.link_to.empty()) { out.size = static_cast<std::uint64_t>(size); }
  out.stored = out.size;
  out.content = out.size != 0 ? content_state::here : content_state::none;
  told_ = {.aix_mode = state_->take_attributes(e, out),
           .atime = ::archive_entry_atime_is_set(e) != 0,
           .ctime = ::archive_entry_ctime_is_set(e) != 0};
  out.offset = state_->count++;
  return true;
}

std::span<std::byte const> archive_reader::read() {
  auto& s = *state_;
  auto const n = ::archive_read_data(s.archive.get(), s.piece.data(), s.piece.size());
  if (n < 0) { s.fail(); }
  return std::span{s.piece}.first(static_cast<std::size_t>(n));
}

std::string archive_reader::format() const { return text_of(::archive_format_name(state_->archive.get())); }

bool is_archive(int fd) {
  constexpr std::string_view what{"cannot read the file"};
  auto const a = open_handle(fd, what);
  if (!a) { return false; }
  ::archive_entry* e = nullptr;
  auto const r = ::archive_read_next_header(a.get(), &e);
  if (r < ARCHIVE_WARN) { require_system(a.get(), what); }
  return r == ARCHIVE_OK || r == ARCHIVE_WARN;
}

}  // namespace sysb::output
