// SPDX-License-Identifier: Apache-2.0
// A side after its walk: its members by path, each name once, and what the system says of itself.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hash_set.hpp"
#include "base/partitioned_table.hpp"
#include "core/piece_store.hpp"
#include "diff/member.hpp"
#include "diff/side.hpp"
#include "diff/sorted_spool.hpp"
#include "diff/system.hpp"

namespace sysb::diff {

// What the names of one file share. There may be one for every fifth member: in memory is only where it stands.
class link_contents {
 public:
  struct content {
    proof state = proof::none;
    bool packed = false;
    digest128 digest{};
    std::uint64_t size = 0, order = 0, content_offset = 0, stored = 0;
  };
  explicit link_contents(std::string folder) : kept_{std::move(folder)} {}

  [[nodiscard]] std::uint64_t size() const noexcept { return places_.size(); }
  // A name of the file. With its data: the content is that of this member, unless another one has told it and
  // `again` is false; the answer says whether it is.
  void name(group_key const& group);
  bool data(member const& m, bool again);
  struct answer {
    bool named = false;
    std::optional<content> shared;  // nothing where no name has told it
  };
  [[nodiscard]] answer of(group_key const& group) const;  // throws fatal_error{io}

 private:
  struct place {
    group_key key;
    std::uint64_t at = nowhere;  // in kept_
    [[nodiscard]] std::uint64_t hash() const noexcept { return key.first; }
    [[nodiscard]] bool occupied() const noexcept { return key.any(); }
  };
  static constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  [[nodiscard]] static auto same(group_key const& key) {
    return [&key](place const& p) { return p.key == key; };
  }
  partitioned_table<place> places_;
  piece_store kept_;
};

class loaded_side {
 public:
  // Walks. `with_system`: also reads what system() and owners() tell.
  loaded_side(side& from, side_context const& c, bool with_system);
  ~loaded_side();

  [[nodiscard]] side& origin() const noexcept { return from_; }
  [[nodiscard]] side_about const& about() const noexcept { return from_.about(); }
  [[nodiscard]] std::uint64_t walked() const noexcept { return walked_; }
  // Of files, each once, whatever the number of its names.
  [[nodiscard]] std::uint64_t content_bytes() const noexcept { return bytes_; }
  [[nodiscard]] system_facts const& system() const noexcept { return system_; }
  [[nodiscard]] ownership const& owners() const noexcept { return owners_; }
  // A directory that is part of other names, whether it is a member or not.
  [[nodiscard]] bool has_below(std::string_view directory) const noexcept;

  // Members by the bytes of their paths. Of a name that comes twice the later one, as `restore` has it, but for what
  // would replace a directory with members.
  class cursor {
   public:
    explicit cursor(loaded_side const& of);
    [[nodiscard]] bool next();
    // Content of a linked name is that of its file.
    [[nodiscard]] member const& at() const noexcept { return now_; }

   private:
    void settle(member& m) const;
    loaded_side const& of_;
    sorted_spool::cursor items_;
    bool more_;
    member now_, later_;
    // Each look is a pass over the names after; where an image was made to cause many, directories stay.
    static constexpr unsigned most_looks = 256;
    unsigned looked_ = 0;
  };

 private:
  class visitor;
  [[nodiscard]] bool has_members(std::string const& directory, std::uint64_t before) const;
  void find_link_targets();

  side& from_;
  side_context context_;
  std::unique_ptr<sorted_spool> members_;
  std::unique_ptr<link_contents> links_;
  system_facts system_;
  ownership owners_;
  [[nodiscard]] std::uint64_t parent_key(std::string_view path) const noexcept;
  void note_parents(std::string_view path);

  std::uint64_t seed_;
  hash_set parents_;
  std::string last_parent_;
  std::uint64_t walked_ = 0, bytes_ = 0;
};

}  // namespace sysb::diff
