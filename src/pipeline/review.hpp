// SPDX-License-Identifier: Apache-2.0
// A pass over an image before anything is written, where more is wanted than sound members: it remembers
// which are not whole (salvage), and which changed while they were saved and can be taken as they were stored,
// so that what is written next is known to be sound, is corrected, or is marked.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"

namespace sysb::pipeline {

struct copy_options;
struct member_event;

class review {
 public:
  review();

  // Reads every member of `reader` and reports what is wrong with it; the reader stands before the first one
  // afterwards. Of `how` count threads, tmpdir, counters, keep_content and on_member.
  void look_through(image_reader& reader, copy_options const& how, bool accept_changed, ledger& d);

  // A member that is not whole.
  struct broken {
    std::uint64_t offset;  // of the record
    std::uint64_t bytes;   // plain ones that are left
    std::uint64_t size;    // that there should be
    std::uint32_t reason;
    bool record_whole;  // only where its content starts is not proven
  };
  [[nodiscard]] broken const* find(entry const& e) const;
  // Nothing of it can be written: it is not whole, or another name of such a file. Empty: neither.
  [[nodiscard]] std::string_view why_lost(entry const& e) const;
  // By name, as it is in the image: the first error that was said of it. Of some of them no member came.
  [[nodiscard]] std::unordered_map<std::string, std::string> const& faults() const noexcept { return heard_; }

  // --accept-changed: makes of `e` what was stored; false where nothing is to be changed.
  bool correct(entry& e) const;
  // What correct() does to this member, for people; empty: nothing.
  [[nodiscard]] std::string correction_of(entry const& e) const;

 private:
  struct corrected {
    std::uint64_t offset, size, recorded;
  };
  // Names of one inode, where they may differ.
  struct name_group {
    std::uint32_t mode = 0, uid = 0, gid = 0, names = 0, nlink = 0;
    std::int64_t mtime = 0;
    std::uint64_t size = 0, data_offset = 0, last_offset = 0;
    std::uint64_t digest = 0;  // half of it
    bool has_data = false, has_digest = false;
    bool differ = false;
    bool denied = false;  // in a way that one of them cannot be written
  };
  void hear(diagnostic const& d);
  void note(member_event const& m, bool accept_changed);
  void note_name(member_event const& m, bool whole);
  void conclude(image_reader& reader, ledger& d);
  [[nodiscard]] std::uint32_t reason_for(entry const& e);
  [[nodiscard]] std::uint64_t inode_of(entry const& e) const noexcept;
  [[nodiscard]] name_group const* differing(entry const& e) const;

  std::uint64_t seed_;
  std::vector<broken> broken_;  // in image order
  std::vector<corrected> corrected_;
  std::vector<std::string> reasons_;
  std::unordered_map<std::string, std::uint32_t> reason_numbers_;
  std::unordered_map<std::string, std::string> heard_;      // member -> its first error
  std::vector<std::pair<std::uint64_t, broken>> doubtful_;  // names that their group may settle
  std::vector<std::uint64_t> whole_inodes_, lost_inodes_;
  std::unordered_map<std::uint64_t, name_group> groups_;
  std::unordered_map<std::uint64_t, entry> latest_;  // of groups that differ
};

}  // namespace sysb::pipeline
