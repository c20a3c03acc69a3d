// SPDX-License-Identifier: Apache-2.0
// A reader that also knows what its image was carried in. Formats know nothing of carriers.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/image_reader.hpp"

namespace sysb::registry {

class contained_reader final : public image_reader {
 public:
  contained_reader(std::unique_ptr<image_reader> inner, std::vector<std::string> container)
      : inner_{std::move(inner)}, about_{inner_->description()} {
    about_.container = std::move(container);
  }
  image_description const& description() const noexcept override { return about_; }
  bool next(entry& out) override { return inner_->next(out); }
  std::span<std::byte const> read_stored() override { return inner_->read_stored(); }
  std::span<std::byte const> read_raw() override { return inner_->read_raw(); }
  void skip() override { inner_->skip(); }
  void expect_skips(bool yes, unsigned threads) override { inner_->expect_skips(yes, threads); }
  bool complete() const noexcept override { return inner_->complete(); }
  std::uint64_t end_offset() const noexcept override { return inner_->end_offset(); }
  std::span<std::byte const> volume_header() const noexcept override { return inner_->volume_header(); }
  bool seekable() const noexcept override { return inner_->seekable(); }
  void seek_record(std::uint64_t offset) override { inner_->seek_record(offset); }
  std::optional<byte_source::file_run> file() const noexcept override { return inner_->file(); }
  bool may_read_apart() override { return inner_->may_read_apart(); }
  std::unique_ptr<content_decoder> make_decoder() const override { return inner_->make_decoder(); }

 private:
  std::unique_ptr<image_reader> inner_;
  image_description about_;
};

}  // namespace sysb::registry
