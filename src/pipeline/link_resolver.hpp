// SPDX-License-Identifier: Apache-2.0
// Which members are names of one file (facts 10 Q4, 18.7). Members belong together when device,
// inode number and link count say so AND mode, owner, group and modification time agree. The data
// may stand with the first name, with the last, or with every name.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.hpp"
#include "base/partitioned_table.hpp"
#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/link_identity.hpp"
#include "core/piece_store.hpp"
#include "pipeline/name_table.hpp"

namespace sysb::pipeline {

class link_resolver {
 public:
  // `names` knows which record each name stands for so far: a name that was replaced since is no name
  // of its old file any more. Null where nothing is written.
  link_resolver(std::string tmpdir, name_table const* names, diagnostic_sink& findings);

  // First of two passes: learns where the data of each group stands. For every member, kept or not.
  void survey(entry const& e);

  enum class answer : std::uint8_t {
    own,       // write it with the content of its own record (or empty)
    link,      // write it as a link to `first`; if its record has data, that is a repetition
    fetch,     // first name in the output; the content stands in the record at `data_offset`
    stands,    // nothing to write: the name is one of this file already
    hold,      // one pass: an empty name whose content may come later
    conflict,  // reported; leave it out
    refuse,    // reported; its content stands under a refused name
  };
  struct verdict {
    answer what = answer::own;
    bool leads = false;             // own, fetch: later names link to this one
    std::string first;              // for link, as in the image
    std::uint64_t data_offset = 0;  // for fetch
    std::uint64_t size = 0;         // of the content, for fetch
  };
  // For every kept member that may_be_linked(), in the order of writing; its path is as in the
  // image. `two_pass` when survey() saw the whole image; `stood` is what stands() said of it.
  [[nodiscard]] verdict judge(entry const& e, bool two_pass, bool stood);
  // Likewise, after survey(), for a name that is to be a file of its own: no link, and none leads to it.
  [[nodiscard]] verdict judge_apart(entry const& e);
  // Asked before the name table learns of this member: its name leads its group already.
  [[nodiscard]] bool stands(entry const& e, std::string_view path) const;

  // A name of the group was refused: what has no content of its own is refused with it.
  void refuse(entry const& e);
  [[nodiscard]] bool refused(entry const& e) const;

  // One pass: held names are to be written as empty files from now on.
  void give_up_waiting(entry const& e);

  // Content digests of names that lead, in the order of writing, to tell repeated data that is not the same.
  void learn_digest(entry const& e, digest128 const& d);
  [[nodiscard]] bool differs(entry const& e, digest128 const& d) const;

 private:
  // 56 bytes a file: an image may have 200,000 of them.
  struct group {
    std::uint64_t key = 0;          // seeded hash of device and inode; 0: free
    std::uint64_t metadata = 0;     // hash of what must agree; of the name that has the data
    std::uint64_t data_offset = 0;  // its record; 0: none seen
    std::uint64_t size = 0;
    std::uint64_t digest = 0;        // half of it
    std::uint64_t first_record = 0;  // of the name that others link to
    std::uint32_t first_low = 0;     // place of the first name, 40 bits
    std::uint8_t first_high = 0;
    std::uint8_t flags = 0;
    std::uint16_t first_length = 0;

    [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
    [[nodiscard]] bool occupied() const noexcept { return key != 0; }
    [[nodiscard]] bool is(std::uint8_t flag) const noexcept { return (flags & flag) != 0; }
    void set(std::uint8_t flag) noexcept { flags = static_cast<std::uint8_t>(flags | flag); }
    void set_first(piece_store::ref r);
    [[nodiscard]] piece_store::ref first() const noexcept;
  };
  static_assert(sizeof(group) == 56);
  static constexpr std::uint8_t written = 1, written_empty = 2, refused_name = 4, has_digest = 8;

  [[nodiscard]] std::uint64_t key_of(entry const& e) const noexcept;
  [[nodiscard]] group& group_of(entry const& e);
  [[nodiscard]] group const* find(entry const& e) const;
  [[nodiscard]] std::uint64_t metadata_of(entry const& e) const noexcept;
  void report(diag_code const& code, entry const& e, std::string detail);
  // The record of its first name is what this name still stands for.
  [[nodiscard]] bool holds(group const& g, std::string_view first) const;
  // `e` becomes the name that later ones link to.
  void lead(group& g, entry const& e);

  std::uint64_t seed_;
  partitioned_table<group> groups_;
  piece_store first_names_;
  name_table const* names_;
  diagnostic_sink& findings_;
};

}  // namespace sysb::pipeline
