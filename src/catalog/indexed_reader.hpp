// SPDX-License-Identifier: Apache-2.0
// An image, its members from an index. Content and records come from the image itself, and only
// after the record's header there was found to be the one that the index was made of. Where the
// index cannot go on, the walk over the image takes its place, at the same member.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/findings.hpp"
#include "catalog/index_file.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"

namespace sysb::index {

class indexed_reader final : public image_reader {
 public:
  // `walk` reads from `source`, reports to `findings` and has given out no member.
  indexed_reader(std::unique_ptr<image_reader> walk, byte_source& source, std::unique_ptr<index_file> index,
                 ledger& findings);

  // The index is left: from its first member on, the image is walked.
  void use_walk();
  // The same, and the index is the caller's.
  [[nodiscard]] std::unique_ptr<index_file> take_index();
  [[nodiscard]] bool uses_index() const noexcept { return !walking_; }
  [[nodiscard]] std::uint64_t members() const noexcept { return index_->members(); }
  // From now on only the members of this normal name, and the one that has their data where they are
  // names of one file: without a pass over all. False: the image does not agree with the index on
  // them, or the index is damaged; it was said, and the walk is used.
  [[nodiscard]] bool only(std::string_view normal);
  // What the index has of the member that next() gave; none where it was walked.
  [[nodiscard]] std::optional<digest128> digest() const noexcept {
    return walking_ ? std::nullopt : current_.facts.digest;
  }
  // The digest of content that was read since it was asked for last, by entry::content_offset.
  [[nodiscard]] std::optional<digest128> take_digest(std::uint64_t content_offset);

  [[nodiscard]] image_description const& description() const noexcept override { return walk_->description(); }
  [[nodiscard]] bool next(entry& out) override;
  [[nodiscard]] std::span<std::byte const> read_stored() override;
  [[nodiscard]] std::span<std::byte const> read_raw() override;
  void skip() override;
  void expect_skips(bool yes, unsigned threads) override { walk_->expect_skips(yes, threads); }
  [[nodiscard]] bool complete() const noexcept override;
  [[nodiscard]] std::uint64_t end_offset() const noexcept override;
  [[nodiscard]] std::span<std::byte const> volume_header() const noexcept override { return walk_->volume_header(); }
  [[nodiscard]] bool seekable() const noexcept override { return walk_->seekable(); }
  void seek_record(std::uint64_t offset) override;
  void rewind() override { walking_ ? walk_->rewind() : seek_record(0); }
  [[nodiscard]] std::optional<byte_source::file_run> file() const noexcept override { return walk_->file(); }
  [[nodiscard]] bool may_read_apart() override;
  [[nodiscard]] std::unique_ptr<content_decoder> make_decoder() const override { return walk_->make_decoder(); }

 private:
  [[nodiscard]] bool next_of_index(entry& out, index_file::member& m);
  void give_up(std::string_view why);
  void tell_before(std::uint64_t ordinal);
  [[nodiscard]] bool header_agrees(std::uint64_t offset, std::size_t bytes, std::uint64_t hash);
  [[nodiscard]] bool header_proven();
  void expect_digest();
  [[nodiscard]] std::span<std::byte const> piece(std::uint64_t from, std::uint64_t end);

  ledger* findings_;
  std::unique_ptr<image_reader> walk_;
  byte_source* source_;
  std::unique_ptr<index_file> index_;
  bool walking_ = false;
  bool at_end_ = false;
  std::uint64_t next_at_ = 0;  // no record before this offset comes next
  std::size_t told_ = 0;       // findings of the index

  bool chosen_only_ = false;
  std::vector<index_file::found> chosen_;
  std::size_t next_chosen_ = 0;

  // The member between next() and the following call.
  enum class proof : std::uint8_t { none, due, agreed, differs };
  struct open_member {
    std::string path;
    std::uint64_t offset = 0, record_end = 0, content = 0, content_end = 0;
    std::size_t head = 0;
    member_facts facts;
    std::uint64_t at = 0;  // next byte to give out; 0: none was yet
    proof header = proof::none;
  };
  open_member current_;
  std::unordered_map<std::uint64_t, digest128> read_;
};

}  // namespace sysb::index
