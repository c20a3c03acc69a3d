// SPDX-License-Identifier: Apache-2.0
// A reader that also knows what its image was carried in, and listens for how the walk ends. Formats know
// nothing of either.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/fatal_error.hpp"
#include "core/image_reader.hpp"
#include "registry/end_watch.hpp"

namespace sysb::registry {

class contained_reader final : public image_reader {
  template <typename Read>
  auto watched(Read read) {
    try {
      return read();
    } catch (fatal_error const& e) {
      if (watch_ && e.what_kind() == fatal_error::kind::damaged) { watch_->failed(); }
      throw;
    }
  }

 public:
  // `watch` is the sink that `inner` reports to; it may be null.
  contained_reader(std::unique_ptr<end_watch> watch, std::unique_ptr<image_reader> inner,
                   std::vector<std::string> container)
      : watch_{std::move(watch)}, inner_{std::move(inner)}, about_{inner_->description()} {
    about_.container = std::move(container);
  }
  image_description const& description() const noexcept override { return about_; }
  bool next(entry& out) override {
    auto const more = watched([&] { return inner_->next(out); });
    if (watch_) { more ? watch_->saw(out) : watch_->ended(*inner_); }
    return more;
  }
  std::span<std::byte const> read_stored() override {
    return watched([&] { return inner_->read_stored(); });
  }
  std::span<std::byte const> read_raw() override {
    return watched([&] { return inner_->read_raw(); });
  }
  void skip() override { inner_->skip(); }
  void expect_skips(bool yes, unsigned threads) override { inner_->expect_skips(yes, threads); }
  bool complete() const noexcept override { return inner_->complete(); }
  std::uint64_t end_offset() const noexcept override { return inner_->end_offset(); }
  std::span<std::byte const> volume_header() const noexcept override { return inner_->volume_header(); }
  bool seekable() const noexcept override { return inner_->seekable(); }
  void seek_record(std::uint64_t offset) override { inner_->seek_record(offset); }
  void rewind() override { inner_->rewind(); }
  void end_walks() override { inner_->end_walks(); }
  std::optional<byte_source::file_run> file() const noexcept override { return inner_->file(); }
  bool may_read_apart() override { return inner_->may_read_apart(); }
  std::unique_ptr<content_decoder> make_decoder() const override { return inner_->make_decoder(); }
  std::optional<grammar_table> grammar() const override { return inner_->grammar(); }

 private:
  std::unique_ptr<end_watch> watch_;  // outlives the reader that reports to it
  std::unique_ptr<image_reader> inner_;
  image_description about_;
};

}  // namespace sysb::registry
