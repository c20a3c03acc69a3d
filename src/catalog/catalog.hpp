// SPDX-License-Identifier: Apache-2.0
// What is known of an image once all of its headers were seen: its members by ordinal and by path,
// directories, link groups, digests. Read from an index beside the image, or made by one walk
// (recorder.hpp). Nothing in it changes: const is safe for threads.
//
// Members stay where they are coded, in the file, a few blocks of 256 in memory; so do directories and link
// groups. Else in memory are only names that come again, and directories that are no member.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
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

// A place in the tree: a member, or (depth != 0) a directory that is no member, only part of the paths of
// others: the first `depth` parts of this one's. Every such directory has one node.
struct tree_node {
  std::uint64_t ordinal = 0;
  std::uint32_t depth = 0;
  bool operator==(tree_node const&) const = default;
};

// Every question may throw fatal_error{io}: what keeps the catalog is damaged or cannot be read.
class catalog {
 public:
  explicit catalog(std::unique_ptr<index::index_file> file);
  ~catalog();

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  // The image ended with its end record, after which this is the next byte. A catalog is of sound
  // images only, so what was found on the way are remarks.
  [[nodiscard]] std::uint64_t end_offset() const noexcept { return file_->end_offset(); }
  [[nodiscard]] std::span<index::kept_finding const> findings() const noexcept { return file_->findings(); }

  // `ordinal` < size(). In order this is as fast as reading on.
  [[nodiscard]] entry at(std::uint64_t ordinal) const;
  void read(std::uint64_t ordinal, entry& out) const;  // the same, into buffers that are there
  void read(std::uint64_t ordinal, entry& out, index::member_facts& facts) const;
  // The member whose record starts at this offset of the image.
  [[nodiscard]] std::optional<std::uint64_t> at_record(std::uint64_t offset) const;
  // Of the plain content, that of a linked name included; nothing where it was not read.
  [[nodiscard]] std::optional<digest128> digest(std::uint64_t ordinal) const;

  // The member that this path stands for, spelled anyhow. Of a name that comes twice the later one, but
  // for what would replace a directory that has members already: no tree takes that.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view path) const;
  // Each name in this directory once; "" is the top. Without an ordinal: a directory that is no member,
  // only part of the paths of others. Not sorted; `visit` may ask the catalog.
  using child_visitor = std::function<void(std::string_view name, std::optional<std::uint64_t> ordinal)>;
  void children(std::string_view directory, child_visitor const& visit) const;

  // The same questions, of directories that are no members, too.
  [[nodiscard]] std::optional<tree_node> node(std::string_view path) const;
  [[nodiscard]] std::string path_of(tree_node const& n) const;  // normal
  struct child {
    std::string_view name;
    tree_node node;
    entry const& member;     // of depth 0: it; else some member below
    std::uint64_t next = 0;  // to go on after this child
  };
  // From the beginning (0) or from child::next on, until `visit` says false.
  void children(std::string_view directory, std::uint64_t from, std::function<bool(child const&)> const& visit) const;
  [[nodiscard]] std::uint64_t subdirectories(std::string_view directory) const;
  // The member alone, where it is no hard link.
  [[nodiscard]] link_group group(std::uint64_t ordinal) const;

 private:
  class read_blocks;
  struct exceptions;
  [[nodiscard]] exceptions const& found_exceptions() const;
  void add_implied(exceptions& x) const;
  void find_replaced(exceptions& x) const;
  [[nodiscard]] bool member_children(std::string_view normal, std::uint64_t from,
                                     std::function<bool(child const&)> const& visit) const;
  [[nodiscard]] bool read_child(std::uint64_t ordinal, std::string_view parent, entry& e, std::string& path) const;
  void read_unlocked(std::uint64_t ordinal, entry& out, index::member_facts& facts) const;
  [[nodiscard]] std::vector<std::uint64_t> named(std::string_view normal) const;

  std::unique_ptr<index::index_file> file_;
  std::uint64_t size_;
  mutable std::mutex file_lock_;  // of *file_: its window and its block; and of the blocks that were read
  std::unique_ptr<read_blocks> read_;
  mutable std::mutex exceptions_lock_;
  mutable std::unique_ptr<exceptions> exceptions_;
};

}  // namespace sysb
