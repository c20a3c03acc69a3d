// SPDX-License-Identifier: Apache-2.0
// Sources made of memory or of other sources: bytes, a row of parts, a piece of a whole.
#include <algorithm>
#include <cstring>

#include "base/checked.hpp"
#include "io/sources.hpp"

namespace sysb::io {

namespace {

fatal_error misuse(char const* what) { return {fatal_error::kind::internal, what}; }

class memory_source final : public byte_source {
 public:
  explicit memory_source(std::span<std::byte const> bytes) : bytes_{bytes} {}
  explicit memory_source(std::vector<std::byte> bytes) : own_{std::move(bytes)}, bytes_{own_} {}

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    return bytes_.subspan(position_);
  }
  void consume(std::size_t n) override {
    if (n > bytes_.size() - position_) { throw misuse("more bytes consumed than were peeked"); }
    position_ += n;
  }
  std::uint64_t skip(std::uint64_t n) override {
    n = std::min<std::uint64_t>(n, bytes_.size() - position_);
    position_ += static_cast<std::size_t>(n);
    return n;
  }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position_) { throw misuse("probe before the position of a source"); }
    if (offset >= bytes_.size()) { return 0; }
    auto const n = std::min(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
    if (n != 0) { std::memcpy(out.data(), bytes_.data() + offset, n); }
    return n;
  }
  std::uint64_t position() const noexcept override { return position_; }
  std::optional<std::uint64_t> size() const noexcept override { return bytes_.size(); }
  bool seekable() const noexcept override { return true; }
  void seek(std::uint64_t offset) override {
    if (offset > bytes_.size()) { throw misuse("seek past the end of a source"); }
    position_ = static_cast<std::size_t>(offset);
  }

 private:
  std::vector<std::byte> own_;
  std::span<std::byte const> bytes_;
  std::size_t position_ = 0;
};

class row_source final : public byte_source {
 public:
  explicit row_source(std::vector<std::unique_ptr<byte_source>> parts) : parts_{std::move(parts)} {
    for (auto const& p : parts_) {
      if (p->position() != 0) { throw misuse("a part that was read before cannot be joined"); }
      seekable_ = seekable_ && p->seekable();
      cheap_ = cheap_ && p->cheap_seek();
      auto const size = p->size();
      size_ = size && size_ ? checked_add(*size_, *size) : std::nullopt;
    }
  }

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    if (parts_.empty()) { return {}; }
    auto first = parts_[current_]->peek(want);
    while (want != 0 && first.empty() && current_ + 1 < parts_.size()) { first = parts_[++current_]->peek(want); }
    if (first.size() >= want || current_ + 1 == parts_.size()) { return first; }
    seam_.assign(first.begin(), first.end());
    for (auto i = current_; i + 1 < parts_.size() && seam_.size() < want && !parts_[i]->broken(); ++i) {
      auto const more = parts_[i + 1]->peek(want - seam_.size());
      seam_.insert(seam_.end(), more.begin(), more.end());
    }
    return seam_;
  }

  void consume(std::size_t n) override {
    for (auto left = n; left != 0;) {
      auto const here =
          parts_.empty() ? std::span<std::byte const>{} : parts_[current_]->peek(std::min(left, max_peek));
      auto const take = std::min(left, here.size());
      if (take == 0 && (parts_.empty() || current_ + 1 == parts_.size())) {
        throw misuse("more bytes consumed than were peeked");
      }
      if (take != 0) { parts_[current_]->consume(take); }
      left -= take;
      position_ += take;
      if (left != 0 && current_ + 1 < parts_.size()) { ++current_; }
    }
  }

  std::uint64_t skip(std::uint64_t n) override {
    std::uint64_t done = 0;
    while (done < n && !parts_.empty()) {
      auto const step = parts_[current_]->skip(n - done);
      done += step;
      position_ += step;
      if (done == n || current_ + 1 == parts_.size()) { break; }
      if (parts_[current_]->broken()) { break; }
      ++current_;
    }
    return done;
  }

  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position_) { throw misuse("probe before the position of a source"); }
    auto in_part = offset - position_;  // from the current position of each part
    std::size_t done = 0;
    for (auto i = current_; i < parts_.size() && done < out.size(); ++i) {
      auto& part = *parts_[i];
      auto const left = bytes_left(part, in_part);
      if (in_part >= left) {
        if (part.broken()) { break; }
        in_part -= left;
        continue;
      }
      done += part.probe(part.position() + in_part, out.subspan(done));
      if (done < out.size() && part.broken()) { break; }
      in_part = 0;
    }
    return done;
  }

  std::uint64_t position() const noexcept override { return position_; }
  std::optional<std::uint64_t> size() const noexcept override { return size_; }
  bool seekable() const noexcept override { return seekable_; }

  bool cheap_seek() const noexcept override { return cheap_ && seekable_ && size_; }

  void seek(std::uint64_t offset) override {
    if (offset == position_) { return; }
    if (!seekable_ || (size_ && offset > *size_)) {
      throw misuse("seek past the end of a source, or in one that cannot");
    }
    if (!size_) { return seek_by_reading(offset); }
    position_ = offset;
    current_ = 0;
    bool found = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      auto const length = parts_[i]->size().value_or(0);
      auto const here = found ? 0 : std::min(offset, length);
      parts_[i]->seek(here);
      offset -= here;
      if (!found && (here < length || i + 1 == parts_.size())) {
        current_ = i;
        found = true;
      }
    }
  }

  std::optional<file_run> file() const noexcept override {
    return parts_.size() == 1 ? parts_.front()->file() : std::nullopt;
  }
  std::uint64_t medium_position() const noexcept override {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < parts_.size() && i <= current_; ++i) { sum += parts_[i]->medium_position(); }
    return sum;
  }
  std::optional<std::uint64_t> medium_size() const noexcept override {
    std::uint64_t sum = 0;
    for (auto const& p : parts_) {
      auto const size = p->medium_size();
      if (!size) { return std::nullopt; }
      sum += *size;
    }
    return sum;
  }
  void check_unchanged() const override {
    for (auto const& p : parts_) { p->check_unchanged(); }
  }
  bool broken() const noexcept override { return current_ < parts_.size() && parts_[current_]->broken(); }

 private:
  // Where a part begins shows only when the one before it was passed.
  void seek_by_reading(std::uint64_t offset) {
    if (offset < position_) {
      for (auto const& p : parts_) { p->seek(0); }
      current_ = 0;
      position_ = 0;
    }
    (void)skip(offset - position_);
  }

  // Bytes ahead in a part, counted no further than `enough` + 1 where its size is unknown.
  [[nodiscard]] static std::uint64_t bytes_left(byte_source& part, std::uint64_t enough) {
    if (auto const end = part.known_end()) { return *end - std::min(*end, part.position()); }
    std::byte one{};
    if (part.probe(part.position() + enough, {&one, 1}) == 1) { return enough + 1; }
    if (auto const end = part.known_end()) { return *end - std::min(*end, part.position()); }
    // The end of input stands before: found by halves, all bytes being known now.
    std::uint64_t low = 0;
    auto high = enough;
    while (low < high) {
      auto const middle = low + (high - low) / 2;
      if (part.probe(part.position() + middle, {&one, 1}) == 1) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  std::vector<std::unique_ptr<byte_source>> parts_;
  std::size_t current_ = 0;
  std::uint64_t position_ = 0;
  std::optional<std::uint64_t> size_ = 0;
  bool seekable_ = true;
  bool cheap_ = true;
  std::vector<std::byte> seam_;
};

class slice_source final : public byte_source {
 public:
  slice_source(std::unique_ptr<byte_source> whole, std::uint64_t base, std::uint64_t length)
      : whole_{std::move(whole)}, base_{base}, length_{length} {
    if (auto const size = whole_->size()) {
      length_ = std::min(length_, *size - std::min(*size, base_));
      size_ = length_;
    }
    if (whole_->seekable() && (whole_->size() || whole_->position() > base_)) {
      whole_->seek(std::min(base_, whole_->size().value_or(base_)));
      return;
    }
    if (whole_->position() > base_) { throw misuse("a slice that starts before the position"); }
    auto const gap = base_ - whole_->position();
    if (whole_->skip(gap) != gap) { length_ = 0; }
  }

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    auto const left = length_ - position_;
    if (left == 0) { return {}; }
    auto const seen = whole_->peek(static_cast<std::size_t>(std::min<std::uint64_t>(want, left)));
    return seen.first(static_cast<std::size_t>(std::min<std::uint64_t>(seen.size(), left)));
  }
  void consume(std::size_t n) override {
    if (n > length_ - position_) { throw misuse("more bytes consumed than were peeked"); }
    whole_->consume(n);
    position_ += n;
  }
  std::uint64_t skip(std::uint64_t n) override {
    auto const done = whole_->skip(std::min(n, length_ - position_));
    position_ += done;
    return done;
  }
  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position_) { throw misuse("probe before the position of a source"); }
    if (offset >= length_) { return 0; }
    auto const n = std::min<std::uint64_t>(out.size(), length_ - offset);
    return whole_->probe(whole_->position() + (offset - position_), out.first(static_cast<std::size_t>(n)));
  }
  std::uint64_t position() const noexcept override { return position_; }
  std::optional<std::uint64_t> size() const noexcept override { return size_; }
  bool seekable() const noexcept override { return whole_->seekable(); }
  bool cheap_seek() const noexcept override { return whole_->cheap_seek(); }
  void seek(std::uint64_t offset) override {
    if (offset == position_) { return; }
    if (!seekable() || offset > length_) { throw misuse("seek past the end of a source, or in one that cannot"); }
    whole_->seek(base_ + offset);
    position_ = offset;
  }
  std::optional<file_run> file() const noexcept override {
    auto run = whole_->file();
    if (run) { run->base += base_; }
    return run;
  }
  std::uint64_t medium_position() const noexcept override { return whole_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return whole_->medium_size(); }
  void check_unchanged() const override { whole_->check_unchanged(); }
  bool broken() const noexcept override { return position_ < length_ && whole_->broken(); }
  std::optional<std::uint64_t> known_end() const noexcept override {
    if (size_) { return size_; }
    auto const end = whole_->known_end();
    if (!end) { return std::nullopt; }
    return std::min(length_, *end - std::min(*end, base_));
  }

 private:
  std::unique_ptr<byte_source> whole_;
  std::uint64_t base_;
  std::uint64_t length_;
  std::optional<std::uint64_t> size_;
  std::uint64_t position_ = 0;
};

}  // namespace

std::unique_ptr<byte_source> from_memory(std::vector<std::byte> bytes) {
  return std::make_unique<memory_source>(std::move(bytes));
}

std::unique_ptr<byte_source> view_memory(std::span<std::byte const> bytes) {
  return std::make_unique<memory_source>(bytes);
}

std::unique_ptr<byte_source> concatenate(std::vector<std::unique_ptr<byte_source>> parts) {
  return std::make_unique<row_source>(std::move(parts));
}

std::unique_ptr<byte_source> slice(std::unique_ptr<byte_source> whole, std::uint64_t base, std::uint64_t length) {
  return std::make_unique<slice_source>(std::move(whole), base, length);
}

}  // namespace sysb::io
