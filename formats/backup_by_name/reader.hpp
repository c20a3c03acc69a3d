// SPDX-License-Identifier: Apache-2.0
// The walk over a by-name archive. Private to this folder; format() hands it out.
#pragma once
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/image_format.hpp"
#include "core/image_reader.hpp"
#include "core/limits.hpp"
#include "formats/backup_by_name/decode.hpp"
#include "formats/backup_by_name/forerunner.hpp"
#include "formats/backup_by_name/layouts.hpp"
#include "formats/backup_by_name/learned.hpp"
#include "formats/backup_by_name/links.hpp"
#include "formats/backup_by_name/lookahead.hpp"
#include "formats/backup_by_name/reporter.hpp"
#include "formats/backup_by_name/resync.hpp"
#include "formats/backup_by_name/variants.hpp"

namespace sysb::backup_by_name {

// What the image showed of the kinds that no document settles, for one note each.
struct layout_census {
  std::map<std::uint32_t, std::uint64_t> links, specials, large;  // layouts -> members
  std::uint64_t symlinks = 0;
  std::uint32_t symlink_layouts = layout::all_symlinks;
  std::uint64_t links_with_late_data = 0;
  std::uint64_t first_symlink = 0, first_link = 0, first_special = 0, first_large = 0, first_late = 0;

  struct counted {
    std::uint64_t count = 0, bytes = 0, first_at = 0;
    std::string sample;
  };
  std::map<std::uint32_t, counted> magics;   // unknown magic -> members
  std::map<std::uint32_t, counted> records;  // unknown type -> records
  counted opaque;

  void conclude(reporter& to, family form) const;
};

class reader final : public image_reader {
 public:
  reader(byte_source& source, limits const& l, diagnostic_sink& findings, on_damage how);

  [[nodiscard]] image_description const& description() const noexcept override { return about_; }
  [[nodiscard]] bool next(entry& out) override;
  [[nodiscard]] std::span<std::byte const> read_stored() override;
  [[nodiscard]] std::span<std::byte const> read_raw() override;
  void skip() override;
  void expect_skips(bool yes, unsigned threads) override;
  [[nodiscard]] bool complete() const noexcept override { return complete_; }
  [[nodiscard]] std::uint64_t end_offset() const noexcept override { return end_; }
  [[nodiscard]] std::span<std::byte const> volume_header() const noexcept override {
    return std::span{volume_}.first(headless_ ? 0 : volume_.size());
  }
  [[nodiscard]] bool seekable() const noexcept override { return source_->seekable(); }
  [[nodiscard]] std::optional<byte_source::file_run> file() const noexcept override { return source_->file(); }
  void seek_record(std::uint64_t offset) override;
  void rewind() override { seek_record(volume_header().size()); }
  void end_walks() override { links_.clear(); }
  [[nodiscard]] std::optional<grammar_table> grammar() const override {
    return learned_.empty() ? std::nullopt : std::optional{learned_.table()};
  }
  [[nodiscard]] std::unique_ptr<content_decoder> make_decoder() const override;

 private:
  enum class state : std::uint8_t { at_record, in_member, at_end };
  enum class step : std::uint8_t { member, again, stop, end };

  // volume.cpp
  void open_volume();
  void judge_first_record();

  // reader.cpp
  [[nodiscard]] step read_record(entry& out);
  [[nodiscard]] step read_end(std::uint64_t at);
  [[nodiscard]] step unexpected(std::uint64_t at);
  [[nodiscard]] bool longer_by_4_gib(std::uint64_t end);
  [[nodiscard]] step skip_unknown(std::uint64_t at, record_prefix const& p);
  [[nodiscard]] step stop(std::uint64_t at);
  step finish(std::uint64_t at);
  [[nodiscard]] step cut_off(std::string_view path);
  void conclude();
  [[nodiscard]] std::span<std::byte const> piece(std::uint64_t end);
  [[nodiscard]] bool advance_to(std::uint64_t offset);
  void leave_member();
  [[nodiscard]] std::string after_last() const;  // "after <last member>" for messages

  // member.cpp
  [[nodiscard]] step read_member(entry& out, member_head m, std::uint64_t at, bool sound);
  void fill(entry& out, member_head const& m, std::uint64_t at) const;
  [[nodiscard]] bool settled(member_head const& m, entry_kind k, bool repeated) const noexcept;
  [[nodiscard]] bool plainly_walkable(member_head const& m, candidate const& c, bool name_fits);
  [[nodiscard]] step settle(entry& out, member_head const& m, std::uint64_t at, bool sound, candidate& taken);
  [[nodiscard]] bool looks_past(std::uint64_t end) const noexcept;
  [[nodiscard]] bool fails_after(std::uint64_t end);
  void refuse_unplaced(entry& out, candidate const& c);
  [[nodiscard]] bool refused_before(entry& out) const;
  [[nodiscard]] bool passes_unplaced(entry& out, member_head const& m, std::uint64_t at, circumstances const& where,
                                     candidate& taken);
  [[nodiscard]] bool learn(std::uint64_t at);
  [[nodiscard]] std::optional<std::uint64_t> record_moved_in(std::uint64_t from, std::uint64_t end);
  [[nodiscard]] bool ends_early(entry& out, std::uint64_t at, candidate& taken);
  void judge_magic(entry const& out, member_head& m, candidate& taken);
  [[nodiscard]] bool sizes_tell(std::uint64_t at, std::uint16_t magic);
  [[nodiscard]] bool shows_packed(std::uint64_t at, std::uint16_t magic);
  void note_grammar(entry& out, member_head const& m, candidate const& c, std::uint64_t at);
  [[nodiscard]] step decide(entry& out, member_head const& m, std::uint64_t at, circumstances const& where,
                            candidate& taken);
  [[nodiscard]] step bridge_gap(entry& out, member_head const& m, std::uint64_t at, candidate& taken);
  [[nodiscard]] step try_large(entry& out, member_head const& m, std::uint64_t at, candidate& taken);
  void take_security(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool sound);
  void take_content(entry& out, member_head const& m, candidate const& c);
  void judge_links(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool repeated);
  void note_layout(entry& out, candidate const& c, std::uint64_t at, bool repeated);

  // salvage.cpp
  struct suspect {
    std::uint64_t available = 0;  // stored bytes
    std::uint64_t end = 0;        // where the member is left
  };
  void open_without_volume();
  void mend_volume_header();
  void judge_extent(entry& out, member_head const& m, candidate const& c, std::uint64_t at, bool sound);
  [[nodiscard]] std::optional<suspect> judge_suspect(entry const& out, candidate const& c);
  [[nodiscard]] bool take_unplaced(member_head const& m, std::uint64_t at, circumstances const& where,
                                   bool may_have_block, candidate& taken);
  [[nodiscard]] std::optional<std::uint64_t> goes_on(std::uint64_t from, std::optional<std::uint64_t> claimed_end);
  void report_incomplete(entry const& out, std::uint64_t got, std::uint64_t of, std::string why);
  [[nodiscard]] bool open_gap(std::uint64_t at);
  [[nodiscard]] bool cross_gap(std::uint64_t at);
  void conclude_salvage();
  [[nodiscard]] bool salvaging() const noexcept { return how_ == on_damage::salvage; }

  byte_source* source_;
  limits limits_;
  reporter findings_;
  lookahead ahead_;
  image_description about_;
  std::array<std::byte, sizeof(volume_record)> volume_{};
  bool unsigned_times_ = false;
  bool unknown_volume_ = false;  // the volume's magic is none that is known: blocks may follow parts

  state state_ = state::at_record;
  bool complete_ = false;
  bool concluded_ = false;
  bool cut_reported_ = false;
  std::uint64_t end_ = 0;

  // The member between next() and the following call.
  std::uint64_t content_at_ = 0, content_end_ = 0, record_end_ = 0;
  std::size_t pending_ = 0;  // bytes handed out and not yet consumed
  std::string last_path_;
  std::uint64_t last_at_ = 0;
  bool last_was_plain_file_ = false;

  bool skips_ = false;                            // contents are passed over: far looks are free
  std::map<std::uint64_t, std::uint64_t> large_;  // record -> size, found by a far look
  std::map<std::uint64_t, std::uint64_t> early_;  // record -> where the next one stands within its recorded size
  std::unique_ptr<forerunner> forerunner_;        // while contents are passed over

  // Random access: records before walked_ were read in order and reported on.
  std::uint64_t walked_ = sizeof(volume_record);
  bool detached_ = false;
  std::set<std::uint64_t> reported_apart_;
  std::set<std::uint64_t> unplaced_;  // records whose content was refused for what stands after it

  link_table links_;
  variant_log variants_;
  layout_census census_;

  // Salvage. What one pass decided stands for the next.
  on_damage how_;
  bool headless_ = false;  // the image does not begin with a volume header
  resync resync_{ahead_};
  std::uint64_t search_from_ = 0;                // where the current record cannot be read on
  std::map<std::uint64_t, std::uint64_t> gaps_;  // first byte -> where the archive goes on
  std::map<std::uint64_t, suspect> suspects_;    // record -> what there is of it
  std::uint64_t skipped_bytes_ = 0, incomplete_ = 0;

  // What the image taught, and how often it was asked.
  learned_log learned_;
  std::string learned_fixed_;
  unsigned calibrations_ = 0, odd_lists_ = 0;
  std::uint64_t records_ = 0;
  std::map<std::uint16_t, bool> sizes_tell_;  // by magic: whether a member is packed
  std::map<std::uint16_t, bool> shows_packed_;

  chain_budget budget_;
  std::uint32_t known_ = 0;        // layouts of hard links and special files this archive has shown
  bool alternative_used_ = false;  // a layout beyond the documented ones (rule 3)
};

}  // namespace sysb::backup_by_name
