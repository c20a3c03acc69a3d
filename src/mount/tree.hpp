// SPDX-License-Identifier: Apache-2.0
// What a mount shows: names, attributes and the place of contents, all asked of a catalog. Nothing is kept for a
// name that was looked at; a node's number says where in the catalog it stands.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/entry.hpp"

namespace sysb::mount {

using node_id = std::uint64_t;
inline constexpr node_id root_id = 1;

struct attributes {
  node_id id = 0;
  entry_kind kind = entry_kind::file;
  std::uint32_t permissions = 0;
  std::uint32_t uid = 0, gid = 0;
  std::uint64_t links = 1;
  std::uint64_t size = 0;  // plain bytes; of a symbolic link those of its target in the image
  std::int64_t mtime = 0, atime = 0, ctime = 0;
  device_number rdev;
};

// Where the bytes of a file come from.
struct node_content {
  enum class source : std::uint8_t {
    none,     // it has no bytes
    image,    // `data` is the member whose record has them
    memory,   // `bytes`: the image does not have them
    refused,  // `why`: nobody may read it
  };
  source from = source::none;
  std::uint64_t member = 0;  // ordinal of `data` among all members, or of what is refused
  entry data;
  index::member_facts facts;
  std::vector<std::byte> const* bytes = nullptr;
  std::string why;
};

// Contents that the image does not hold, by the offset of the record that they stand for.
using generated_contents = std::unordered_map<std::uint64_t, std::vector<std::byte>>;

struct shown_members {
  std::shared_ptr<catalog const> all;
  std::shared_ptr<catalog const> shown;  // `all`, or a choice of it with what was put in place of some
  generated_contents generated;
  std::int64_t date = 0;  // of directories that are no members
};

// Every question may throw fatal_error{io}: the catalog cannot be read.
class tree {
 public:
  explicit tree(shown_members members) : members_{std::move(members)} {}

  [[nodiscard]] catalog const& shown() const noexcept { return *members_.shown; }
  [[nodiscard]] std::optional<attributes> look(node_id id) const;
  [[nodiscard]] std::optional<attributes> find(std::string_view path) const;
  [[nodiscard]] std::optional<attributes> find(node_id directory, std::string_view name) const;
  // The names in a directory after `from` (0: all), until `visit` says false; `next` goes on after it.
  using visitor = std::function<bool(std::string_view name, attributes const& a, std::uint64_t next)>;
  void list(node_id directory, std::uint64_t from, visitor const& visit) const;

  [[nodiscard]] std::string path(node_id id) const;  // normal
  // Nothing for a directory that is no member.
  [[nodiscard]] std::optional<entry> member(node_id id) const;
  [[nodiscard]] node_content content(node_id id) const;
  [[nodiscard]] node_content content_of(std::uint64_t ordinal) const;  // of shown()

 private:
  // What the names of one file have in common.
  struct link_facts {
    node_id id = 0;
    std::uint64_t names = 1;
    std::uint64_t size = 0;
  };
  [[nodiscard]] std::optional<tree_node> node_of(node_id id) const;
  [[nodiscard]] attributes describe(tree_node const& n, entry const& e, std::string_view path) const;
  [[nodiscard]] link_facts links_of(std::uint64_t ordinal, entry const& e) const;
  [[nodiscard]] std::optional<std::uint64_t> in_all(std::uint64_t ordinal, entry const& e) const;
  [[nodiscard]] std::optional<std::uint64_t> data_of(std::uint64_t ordinal, entry const& e) const;

  shown_members members_;
  mutable std::mutex links_lock_;
  mutable std::unordered_map<std::uint64_t, link_facts> links_;
};

// Names that no directory of Linux can hold, whatever an image says.
[[nodiscard]] bool can_be_shown(std::string_view name) noexcept;

}  // namespace sysb::mount
