// SPDX-License-Identifier: Apache-2.0
// A stream whose producer can begin again, behind the interface of a source that can seek: a step
// back unpacks from the start once more instead of keeping plain bytes on disk. Two runs of bytes are
// in memory: the window, which starts at position(), and after a probe beyond it the bytes that were
// produced last. Where the steps back cost too much the whole stream is spooled after all, so that no
// input makes the time grow with the square of its size.
#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "io/sources.hpp"

namespace sysb::io {

namespace {

// Bytes that may be produced again, as a multiple of the stream's length as far as it is known. The
// passes of any command take at most two or three of them.
constexpr std::uint64_t most_repeats = 4;
constexpr std::uint64_t least_length = 64u << 20;

class restarting_source final : public byte_source {
 public:
  restarting_source(std::unique_ptr<byte_producer> producer, source_options const& o)
      : producer_{std::move(producer)}, options_{o} {}

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    if (!spooled_) { fill(want); }
    if (spooled_) { return spooled_->peek(want); }
    if (want != 0 && window_.size() == 0) { throw_damage(); }
    return window_.bytes();
  }

  void consume(std::size_t n) override {
    if (spooled_) { return spooled_->consume(n); }
    if (n > window_.size()) { throw fatal_error{fatal_error::kind::internal, "more bytes consumed than were peeked"}; }
    window_.drop(n);
    position_ += n;
  }

  std::uint64_t skip(std::uint64_t n) override {
    if (spooled_) { return spooled_->skip(n); }
    auto const before = position_;
    auto const target = n > ~before ? ~std::uint64_t{0} : before + n;
    if (target <= highest_) {  // these bytes exist, whatever stands between
      move_to(target);
      return n;
    }
    // The producer goes on from where it stands.
    window_.clear();
    after_.clear();
    position_ = produced_;
    while (position_ < target && extend_window(1)) {
      consume(static_cast<std::size_t>(std::min<std::uint64_t>(target - position_, window_.size())));
    }
    // After a step back the end may stand before the position, which nobody can tell without a look.
    auto const done = position_ > before ? position_ - before : 0;
    position_ = std::max(position_, before);
    if (n != 0 && done == 0) { throw_damage(); }
    return done;
  }

  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position()) {
      throw fatal_error{fatal_error::kind::internal, "probe before the position of a source"};
    }
    if (spooled_) { return spooled_->probe(offset, out); }
    if (out.empty()) { return 0; }
    auto const wanted = checked_end(offset - position_, out.size());
    if (wanted <= window_.size() || !holds_after(offset)) {
      if (wanted <= options_.window_bytes || offset < window_end()) {
        fill(static_cast<std::size_t>(wanted));
        return spooled_ ? spooled_->probe(offset, out) : copy(window_, position_, offset, out);
      }
      reach(offset);
      if (spooled_) { return spooled_->probe(offset, out); }
    }
    extend_after(checked_end(offset, out.size()), offset);
    return copy(after_, after_at_, offset, out);
  }

  std::uint64_t position() const noexcept override { return spooled_ ? spooled_->position() : position_; }
  // Never told, not even when the end was seen: a reader must decide the same in every pass.
  std::optional<std::uint64_t> size() const noexcept override { return std::nullopt; }
  bool seekable() const noexcept override { return true; }
  bool cheap_seek() const noexcept override { return false; }
  void seek(std::uint64_t offset) override {
    if (spooled_) { return spooled_->seek(std::min(offset, *spooled_->size())); }
    move_to(offset);
  }

  std::uint64_t medium_position() const noexcept override {
    if (spooled_) { return spooled_->medium_position(); }
    return producer_ ? producer_->medium_position() : 0;
  }
  std::optional<std::uint64_t> medium_size() const noexcept override {
    if (spooled_) { return spooled_->medium_size(); }
    return producer_ ? producer_->medium_size() : std::nullopt;
  }
  void check_unchanged() const override {
    if (producer_) { producer_->check_unchanged(); }
  }
  std::optional<std::uint64_t> known_end() const noexcept override { return end_; }
  bool broken() const noexcept override { return spooled_ ? spooled_->broken() : damage_ != nullptr; }

 private:
  void throw_damage() const {
    if (damage_) { std::rethrow_exception(damage_); }
  }
  [[nodiscard]] static std::uint64_t checked_end(std::uint64_t at, std::uint64_t n) noexcept {
    return n > ~at ? ~std::uint64_t{0} : at + n;
  }
  [[nodiscard]] std::uint64_t window_end() const noexcept { return position_ + window_.size(); }
  // True where the bytes from `offset` on stand in after_, or come next after it.
  [[nodiscard]] bool holds_after(std::uint64_t offset) const noexcept {
    return after_.size() != 0 && offset >= after_at_ && offset <= produced_;
  }

  [[nodiscard]] static std::size_t copy(window_buffer const& from, std::uint64_t at, std::uint64_t offset,
                                        std::span<std::byte> out) noexcept {
    auto const skipped = offset - at;
    if (skipped >= from.size()) { return 0; }
    auto const there = from.bytes().subspan(static_cast<std::size_t>(skipped));
    auto const n = std::min(there.size(), out.size());
    std::memcpy(out.data(), there.data(), n);
    return n;
  }

  void move_to(std::uint64_t offset) noexcept {
    if (offset >= position_ && offset <= window_end()) {
      window_.drop(static_cast<std::size_t>(offset - position_));
    } else {
      window_.clear();
    }
    position_ = offset;
  }

  // The producer's next bytes; 0 at the end, and where damaged data follows.
  [[nodiscard]] std::size_t produce(std::span<std::byte> out) {
    if (!producer_) { throw fatal_error{fatal_error::kind::io, "the spool failed before"}; }
    if (ended_) { return 0; }
    if (options_.counters != nullptr) { options_.counters->stop_if_asked(); }
    std::size_t n = 0;
    try {
      n = producer_->produce(out);
      ended_ = n == 0;
    } catch (fatal_error const& e) {
      if (e.what_kind() != fatal_error::kind::damaged) { throw; }
      damage_ = std::current_exception();
      ended_ = true;
    }
    if (produced_ < highest_) { repeated_ += std::min<std::uint64_t>(n, highest_ - produced_); }
    produced_ += n;
    if (ended_) { end_ = produced_; }
    highest_ = std::max(highest_, produced_);
    return n;
  }

  // The producer stands at the window's end.
  bool extend_window(std::size_t missing) {
    auto const n = produce(window_.room(std::max(missing, stream_piece)));
    window_.added(n);
    return n != 0;
  }

  // At least `want` bytes in the window, or all there are; or spooled_.
  void fill(std::size_t want) {
    while (window_.size() < want) {
      auto const end = window_end();
      if (end == produced_) {
        after_.clear();
        if (!extend_window(want - window_.size())) { return; }
      } else if (after_.size() != 0 && end >= after_at_ && end < produced_) {
        auto const rest = after_.bytes().subspan(static_cast<std::size_t>(end - after_at_));
        std::memcpy(window_.room(rest.size()).data(), rest.data(), rest.size());
        window_.added(rest.size());
        after_.clear();
      } else {
        reach(end);
        if (spooled_ || produced_ != end) { return; }
      }
    }
  }

  // Leaves the producer at `offset`, or at the end before it, with nothing in after_; or spooled_.
  void reach(std::uint64_t offset) {
    after_.clear();
    if (offset < produced_) { start_again(); }
    if (spooled_) { return; }
    after_at_ = offset;
    if (!scratch_) { scratch_ = std::make_unique_for_overwrite<std::byte[]>(stream_piece); }
    while (produced_ < offset) {
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(stream_piece, offset - produced_));
      if (produce({scratch_.get(), n}) == 0) { return; }
    }
  }

  // More bytes in after_, up to `end`; those before `needed` may go.
  void extend_after(std::uint64_t end, std::uint64_t needed) {
    if (produced_ < after_at_) { return; }  // the input ended before
    while (produced_ < end) {
      if (after_.size() >= 4 * stream_piece && needed > after_at_) {
        after_.drop(static_cast<std::size_t>(needed - after_at_));
        after_at_ = needed;
      }
      auto const missing = static_cast<std::size_t>(std::min<std::uint64_t>(end - produced_, stream_piece));
      auto const n = produce(after_.room(missing));
      after_.added(n);
      if (n == 0) { return; }
    }
  }

  void start_again() {
    if (repeated_ > most_repeats * std::max(highest_, least_length)) { return spool(); }
    restart();
  }

  void restart() {
    if (!producer_) { throw fatal_error{fatal_error::kind::io, "the spool failed before"}; }
    producer_->restart();
    produced_ = 0;
    ended_ = false;
    damage_ = nullptr;
    after_.clear();
  }

  void spool() {
    if (options_.tmpdir.empty()) {
      throw fatal_error{fatal_error::kind::io,
                        "the input would be unpacked again and again, and no folder for a spool is allowed; "
                        "name one with --tmpdir"};
    }
    restart();
    auto* const counters = options_.counters;
    auto const* const phase = counters != nullptr ? counters->phase.load() : nullptr;
    auto const total = counters != nullptr ? counters->total.load() : 0;
    auto whole = make_seekable(make_stream_source(std::move(producer_), options_), options_);
    if (counters != nullptr) {
      counters->phase.store(phase);
      counters->total.store(total);
    }
    whole->seek(std::min(position_, *whole->size()));
    spooled_ = std::move(whole);
    window_ = {};
    after_ = {};
    scratch_.reset();
  }

  std::unique_ptr<byte_producer> producer_;
  source_options options_;
  window_buffer window_;  // starts at position_
  std::uint64_t position_ = 0;
  window_buffer after_;  // where not empty it ends at produced_, and the window stands before it
  std::uint64_t after_at_ = 0;
  std::unique_ptr<std::byte[]> scratch_;  // for what is passed over
  std::uint64_t produced_ = 0;            // since the last start
  std::uint64_t highest_ = 0;             // ever
  std::uint64_t repeated_ = 0;            // produced more than once
  std::unique_ptr<byte_source> spooled_;  // takes over for good
  std::exception_ptr damage_;
  bool ended_ = false;
  std::optional<std::uint64_t> end_;  // where it was seen
};

}  // namespace

std::unique_ptr<byte_source> from_producer(std::unique_ptr<byte_producer> producer, source_options const& o) {
  if (!producer->restartable()) { return make_stream_source(std::move(producer), o); }
  return std::make_unique<restarting_source>(std::move(producer), o);
}

}  // namespace sysb::io
