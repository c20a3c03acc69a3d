// SPDX-License-Identifier: Apache-2.0
// The members of an image once more, after a walk of this run has made their catalog: no header is read
// again, only contents and records.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "catalog/index_file.hpp"
#include "core/image_reader.hpp"

namespace sysb::index {

class catalog_reader final : public image_reader {
 public:
  // `walk` reads from `source` and is what `members` was made by.
  catalog_reader(std::unique_ptr<image_reader> walk, byte_source& source, std::unique_ptr<index_file> members);

  [[nodiscard]] image_description const& description() const noexcept override { return walk_->description(); }
  [[nodiscard]] bool next(entry& out) override;
  [[nodiscard]] std::span<std::byte const> read_stored() override { return piece(content_, content_end_); }
  [[nodiscard]] std::span<std::byte const> read_raw() override { return piece(record_, record_end_); }
  void skip() override {}
  [[nodiscard]] bool complete() const noexcept override { return at_end_; }
  [[nodiscard]] std::uint64_t end_offset() const noexcept override { return members_->end_offset(); }
  [[nodiscard]] std::span<std::byte const> volume_header() const noexcept override { return walk_->volume_header(); }
  [[nodiscard]] bool seekable() const noexcept override { return walk_->seekable(); }
  void seek_record(std::uint64_t offset) override;
  void rewind() override { seek_record(0); }
  [[nodiscard]] std::optional<byte_source::file_run> file() const noexcept override { return walk_->file(); }
  [[nodiscard]] std::unique_ptr<content_decoder> make_decoder() const override { return walk_->make_decoder(); }

 private:
  [[nodiscard]] std::span<std::byte const> piece(std::uint64_t from, std::uint64_t end);

  std::unique_ptr<image_reader> walk_;
  byte_source* source_;
  std::unique_ptr<index_file> members_;
  bool at_end_ = false;
  std::uint64_t record_ = 0, record_end_ = 0, content_ = 0, content_end_ = 0;
  std::uint64_t at_ = 0;  // next byte to give out; 0: none was yet
};

}  // namespace sysb::index
