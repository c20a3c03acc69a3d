// SPDX-License-Identifier: Apache-2.0
// What is known of an image once all of its headers were seen: its members by ordinal and by path,
// directories, link groups, digests. Read from an index beside the image, or made by one walk
// (recorder.hpp). Nothing in it changes: const is safe for threads.
//
// Members stay where they are coded, in the file, one block of 256 in memory. What children() and
// group() need is put together when one of them is asked for the first time: 16 bytes a member.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "catalog/index_file.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"

namespace sysb {

// The names of one file, as far as the image has them, in image order.
struct link_group {
  std::vector<std::uint64_t> names;
  std::optional<std::uint64_t> data;  // the member whose record has the content; it may be no name any more
};

// Every question may throw fatal_error{io}: what keeps the catalog is damaged or cannot be read.
class catalog {
 public:
  explicit catalog(std::unique_ptr<index::index_file> file);
  ~catalog();

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // The image ended with its end record, behind which this is the next byte. A catalog is of sound
  // images only, so what was found on the way are remarks.
  [[nodiscard]] std::uint64_t end_offset() const noexcept { return file_->end_offset(); }
  [[nodiscard]] std::span<index::kept_finding const> findings() const noexcept { return file_->findings(); }

  // `ordinal` < size(). In order this is as fast as reading on.
  [[nodiscard]] entry at(std::uint64_t ordinal) const;
  void read(std::uint64_t ordinal, entry& out) const;  // the same, into buffers that are there
  // Of the plain content, that of a linked name included; nothing where it was not read.
  [[nodiscard]] std::optional<digest128> digest(std::uint64_t ordinal) const;

  // The member that this path stands for, spelled anyhow. Of a name that comes twice the later one, but
  // for what would replace a directory that has members already: no tree takes that.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view path) const;
  // Each name in this directory once; "" is the top. Without an ordinal: a directory that is no member,
  // only part of the paths of others. Not sorted; `visit` may ask the catalog.
  using child_visitor = std::function<void(std::string_view name, std::optional<std::uint64_t> ordinal)>;
  void children(std::string_view directory, child_visitor const& visit) const;
  // The member alone, where it is no hard link.
  [[nodiscard]] link_group group(std::uint64_t ordinal) const;

 private:
  struct tables;
  [[nodiscard]] tables const& joined() const;
  [[nodiscard]] std::unique_ptr<tables> join() const;
  void add_implied(tables& t) const;
  void find_replaced(tables& t) const;
  void read_unlocked(std::uint64_t ordinal, entry& out, index::member_facts& facts) const;
  [[nodiscard]] std::vector<std::uint64_t> named(std::string_view normal) const;

  std::unique_ptr<index::index_file> file_;
  std::uint64_t size_;
  mutable std::mutex file_lock_;  // of *file_: its window and its block
  mutable std::mutex tables_lock_;
  mutable std::unique_ptr<tables> tables_;
};

}  // namespace sysb
