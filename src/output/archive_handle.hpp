// SPDX-License-Identifier: Apache-2.0
// A libarchive writer over a stage of ours. An exception must not pass through C: it waits in
// the bridge until libarchive has returned.
#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/fd_writer.hpp"

namespace sysb::output {

struct archive_entry_deleter {
  void operator()(::archive_entry* e) const noexcept { ::archive_entry_free(e); }
};
using archive_entry_ptr = std::unique_ptr<::archive_entry, archive_entry_deleter>;

// Some allocations that fail are told as a member that the format refuses, as a warning, or as no archive.
inline void require_memory(::archive* a) {
  if (::archive_errno(a) == ENOMEM) { throw std::bad_alloc{}; }
}

class archive_bridge {
 public:
  explicit archive_bridge(byte_writer& down) noexcept : down_{&down} {}

  void open(::archive* a) {
    check(a, ::archive_write_open2(a, this, nullptr, &archive_bridge::on_write, nullptr, nullptr));
  }
  // ARCHIVE_WARN passes: it says that something was left out, and what is known beforehand.
  void check(::archive* a, long result) {
    if (failure_) { std::rethrow_exception(std::exchange(failure_, nullptr)); }
    if (result < ARCHIVE_OK) { require_memory(a); }
    if (result >= ARCHIVE_WARN) { return; }
    auto const* const text = ::archive_error_string(a);
    throw fatal_error{fatal_error::kind::internal,
                      concat("libarchive: ", std::string_view{text != nullptr ? text : "unknown error"})};
  }
  // What libarchive writes next is left out: those bytes go to their place by another way. Counts them.
  void leave_out(bool on) noexcept { leaving_out_ = on; }
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }
  // From here on nothing reaches the stage, and libarchive is told that writing fails, so that it
  // does not pad an unfinished member to its end.
  void abandon() noexcept { abandoned_ = true; }

 private:
  static la_ssize_t on_write(::archive* a, void* self, void const* data, std::size_t size) {
    auto* const b = static_cast<archive_bridge*>(self);
    if (b->abandoned_) {
      ::archive_set_error(a, -1, "abandoned");
      return -1;
    }
    // After a failure the call at hand ends as if all were well, and check() throws: libarchive does
    // not free the state of its writer after an error that it has seen.
    if (b->failure_) { return static_cast<la_ssize_t>(size); }
    if (b->leaving_out_) {
      b->left_out_ += size;
      return static_cast<la_ssize_t>(size);
    }
    try {
      b->down_->write({static_cast<std::byte const*>(data), size});
      return static_cast<la_ssize_t>(size);
    } catch (...) {
      b->failure_ = std::current_exception();
      return static_cast<la_ssize_t>(size);
    }
  }

  byte_writer* down_;
  std::exception_ptr failure_;
  bool abandoned_ = false;
  bool leaving_out_ = false;
  std::uint64_t left_out_ = 0;
};

struct archive_deleter {
  archive_bridge* bridge;
  void operator()(::archive* a) const noexcept {
    bridge->abandon();  // freeing closes what is open
    ::archive_write_free(a);
  }
};
using archive_ptr = std::unique_ptr<::archive, archive_deleter>;

}  // namespace sysb::output
