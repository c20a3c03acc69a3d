// SPDX-License-Identifier: Apache-2.0
// One of the two things that are compared: its members in one walk, and contents where they can be read later.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/index_file.hpp"
#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/limits.hpp"
#include "core/progress.hpp"
#include "diff/member.hpp"
#include "registry/registry.hpp"

namespace sysb::diff {

enum class side_kind : std::uint8_t { image, index, tree, archive, manifest };
[[nodiscard]] std::string_view to_text(side_kind k) noexcept;

struct side_about {
  std::string name;  // as it was typed
  side_kind kind = side_kind::image;
  std::string format;                  // "backup_by_name"; of an archive in libarchive's words
  std::vector<std::string> container;  // outermost first
  bool by_index = false;
  bool complete = true;     // its end was seen: what was not met is not there
  bool names_link = false;  // names of one file are told by the first name, not by an inode
};

// What a walk tells. Members come in the side's own order, each name as often as it stands there.
class side_visitor {
 public:
  virtual ~side_visitor() = default;
  virtual void take(member const& m) = 0;
  // The whole content of this member is wanted, before take() is called for it.
  [[nodiscard]] virtual bool wants(entry const& e) = 0;
  virtual void content(entry const& e, std::span<std::byte const> bytes) = 0;
  // The walk begins again: what was told does not count.
  virtual void restart() = 0;
};

// Where a content stands, for the side that told of it.
struct content_place {
  std::string path;
  std::uint64_t order = 0, content_offset = 0, stored = 0, size = 0;
  bool packed = false;
};
[[nodiscard]] content_place place_of(member const& m);

// One thread's access to contents.
class content_source {
 public:
  virtual ~content_source() = default;
  // Every plain byte, in order. A finding: they are not whole; one without a code was reported by the walk already.
  // Throws fatal_error{io}.
  [[nodiscard]] virtual std::optional<diagnostic> read(content_place const& where, piece_target const& to) = 0;
};

class side {
 public:
  virtual ~side() = default;
  side() = default;
  side(side const&) = delete;
  side& operator=(side const&) = delete;
  [[nodiscard]] side_about const& about() const noexcept { return about_; }
  // Once, before anything else.
  virtual void walk(side_visitor& v) = 0;
  // Null: nothing can be read after the walk. Several where several_readers().
  [[nodiscard]] virtual std::unique_ptr<content_source> contents() = 0;
  [[nodiscard]] virtual bool several_readers() const noexcept { return false; }
  // After everything: throws fatal_error{io} where the medium changed meanwhile.
  virtual void check_unchanged() const {}

 protected:
  side_about about_;
};

// What all sides need.
struct side_context {
  limits bounds;
  std::string tmpdir;
  diagnostic_sink* findings = nullptr;
  progress* counters = nullptr;
  unsigned threads = 1;
};

[[nodiscard]] std::unique_ptr<side> make_image_side(registry::opened_image image, std::string name,
                                                    side_context const& c);
[[nodiscard]] std::unique_ptr<side> make_index_side(std::unique_ptr<index::index_file> file, std::string name,
                                                    side_context const& c);
// With NAME.mtree beside it, where there is one: what a tree cannot hold stands there.
[[nodiscard]] std::unique_ptr<side> make_tree_side(std::string name, side_context const& c);
[[nodiscard]] std::unique_ptr<side> make_archive_side(std::string name, side_context const& c);
[[nodiscard]] std::unique_ptr<side> make_manifest_side(std::string name, side_context const& c);

struct side_request {
  std::vector<std::string> volumes;  // one name, or "-"
  std::string member;                // --member
  bool read_twice = false;           // a content is going to be read after the walk
  // Opens an index; null where it is none that can be used, and a finding says why.
  std::function<std::unique_ptr<index::index_file>(std::string const& name)> open_index;
  // Puts the index beside an image in front of its reader, where there is one.
  std::function<void(registry::opened_image&, std::string const& name)> use_index;
};
// Tells by content what the name stands for. Throws fatal_error.
[[nodiscard]] std::unique_ptr<side> open_side(side_request const& r, side_context const& c);

}  // namespace sysb::diff
