// SPDX-License-Identifier: Apache-2.0
// A stream that only goes forward, behind the interface of a source. Its bytes stand in three
// places, one after the other: the window in memory, the spool file, and what the producer has
// still to give. Looking ahead moves bytes from the producer to the window, or, where that would
// grow beyond source_options::window_bytes, to the spool; reading empties window, spool and producer in
// this order, and an emptied spool gives its disk space back.
#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "io/sources.hpp"

namespace sysb::io {

namespace {

class stream_source final : public byte_source {
 public:
  stream_source(std::unique_ptr<byte_producer> producer, source_options const& o)
      : producer_{std::move(producer)}, tmpdir_{o.tmpdir}, window_bytes_{o.window_bytes}, counters_{o.counters} {}

  std::span<std::byte const> peek(std::size_t want) override {
    require_peek_size(want);
    while (window_.size() < want && refill(want - window_.size())) {}
    if (want != 0 && window_.size() == 0) { throw_damage(); }
    return window_.bytes();
  }

  void consume(std::size_t n) override {
    if (n > window_.size()) { throw fatal_error{fatal_error::kind::internal, "more bytes consumed than were peeked"}; }
    window_.drop(n);
    position_ += n;
  }

  std::uint64_t skip(std::uint64_t n) override {
    auto done = std::min<std::uint64_t>(n, window_.size());
    consume(static_cast<std::size_t>(done));
    auto const spooled = std::min(n - done, spool_end_ - spool_begin_);
    spool_begin_ += spooled;
    position_ += spooled;
    done += spooled;
    drop_empty_spool();
    while (done < n && refill(1)) {
      auto const take = std::min<std::uint64_t>(n - done, window_.size());
      consume(static_cast<std::size_t>(take));
      done += take;
    }
    if (n != 0 && done == 0) { throw_damage(); }
    return done;
  }

  std::size_t probe(std::uint64_t offset, std::span<std::byte> out) override {
    if (offset < position_) { throw fatal_error{fatal_error::kind::internal, "probe before the position of a source"}; }
    look_ahead(offset, out.size());
    return copy_known(offset, out);
  }

  std::uint64_t position() const noexcept override { return position_; }
  std::optional<std::uint64_t> size() const noexcept override { return std::nullopt; }
  bool seekable() const noexcept override { return false; }
  void seek(std::uint64_t offset) override {
    if (offset == position_) { return; }
    throw fatal_error{fatal_error::kind::internal, "seek in a source that cannot", offset};
  }
  std::uint64_t medium_position() const noexcept override { return producer_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return producer_->medium_size(); }
  void check_unchanged() const override { producer_->check_unchanged(); }
  bool broken() const noexcept override { return damage_ != nullptr; }

 private:
  void throw_damage() const {
    if (damage_) { std::rethrow_exception(damage_); }
  }

  // Bytes between position_ and what the producer gives next.
  [[nodiscard]] std::uint64_t known() const noexcept { return window_.size() + (spool_end_ - spool_begin_); }

  // The producer's next bytes; 0 at the end, and where damaged data follows.
  [[nodiscard]] std::size_t produce(std::span<std::byte> out) {
    if (ended_) { return 0; }
    if (counters_ != nullptr) { counters_->stop_if_asked(); }
    try {
      auto const n = producer_->produce(out);
      ended_ = n == 0;
      return n;
    } catch (fatal_error const& e) {
      if (e.what_kind() != fatal_error::kind::damaged) { throw; }
      damage_ = std::current_exception();
      ended_ = true;
      return 0;
    }
  }

  // More bytes into the window, from the spool first; false at the end.
  bool refill(std::size_t missing) {
    auto room = window_.room(std::max(missing, stream_piece));
    auto const spooled = spool_end_ - spool_begin_;
    if (spooled == 0) {
      auto const n = produce(room);
      window_.added(n);
      return n != 0;
    }
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), spooled));
    spool_->read_at(spool_begin_, room.first(n));
    window_.added(n);
    spool_begin_ += n;
    drop_empty_spool();
    return true;
  }

  void drop_empty_spool() {
    if (spool_begin_ != spool_end_ || spool_end_ == 0) { return; }
    spool_->clear();
    spool_begin_ = spool_end_ = 0;
  }

  // Makes the bytes up to offset + length known, or all there are.
  void look_ahead(std::uint64_t offset, std::uint64_t length) {
    auto const distance = offset - position_;
    auto const wanted = length > ~distance ? ~std::uint64_t{0} : distance + length;
    if (wanted <= known() || ended_) { return; }
    if (spool_end_ == 0 && wanted <= window_bytes_) {
      while (window_.size() < wanted && refill(static_cast<std::size_t>(wanted) - window_.size())) {}
      return;
    }
    if (!spool_) { spool_ = std::make_unique<spool_file>(tmpdir_); }
    if (!copy_) { copy_ = std::make_unique_for_overwrite<std::byte[]>(stream_piece); }
    while (known() < wanted) {
      std::span const room{copy_.get(), stream_piece};
      auto const n = produce(room);
      if (n == 0) { return; }
      spool_->write_at(spool_end_, room.first(n));
      spool_end_ += n;
    }
  }

  [[nodiscard]] std::size_t copy_known(std::uint64_t offset, std::span<std::byte> out) const {
    auto from = offset - position_;
    if (out.empty() || from >= known()) { return 0; }
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), known() - from)));
    auto const total = out.size();
    if (from < window_.size()) {
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), window_.size() - from));
      std::memcpy(out.data(), window_.bytes().data() + from, n);
      out = out.subspan(n);
      from += n;
    }
    if (!out.empty()) { spool_->read_at(spool_begin_ + (from - window_.size()), out); }
    return total;
  }

  std::unique_ptr<byte_producer> producer_;
  std::string tmpdir_;
  std::uint64_t window_bytes_;
  progress const* counters_;
  window_buffer window_;  // starts at position_
  std::uint64_t position_ = 0;
  std::unique_ptr<spool_file> spool_;
  std::unique_ptr<std::byte[]> copy_;
  std::uint64_t spool_begin_ = 0;  // in the spool file
  std::uint64_t spool_end_ = 0;
  std::exception_ptr damage_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<byte_source> make_stream_source(std::unique_ptr<byte_producer> producer, source_options const& o) {
  return std::make_unique<stream_source>(std::move(producer), o);
}

std::unique_ptr<byte_source> make_seekable(std::unique_ptr<byte_source> source, source_options const& o) {
  if (source->seekable()) { return source; }
  if (source->position() != 0) {
    throw fatal_error{fatal_error::kind::internal, "a source is spooled from its start only"};
  }
  if (o.counters != nullptr) {
    o.counters->phase.store("spool");
    o.counters->bytes.store(0);
    o.counters->total.store(source->medium_size().value_or(0));
  }
  spool_file spool{o.tmpdir};
  file_facts facts{.name = "spool", .base = 0, .size = 0, .compare = false, .damage = nullptr};
  try {
    for (auto piece_ = source->peek(stream_piece); !piece_.empty(); piece_ = source->peek(stream_piece)) {
      spool.write_at(facts.size, piece_);
      facts.size += piece_.size();
      source->consume(piece_.size());
      if (o.counters != nullptr) {
        o.counters->stop_if_asked();
        o.counters->bytes.store(source->medium_position(), std::memory_order_relaxed);
      }
    }
  } catch (fatal_error const& e) {
    // What stands before the damage is still delivered.
    if (e.what_kind() != fatal_error::kind::damaged || facts.size == 0) { throw; }
    facts.damage = std::current_exception();
  }
  source->check_unchanged();
  return make_file_source(spool.release(), std::move(facts), o.counters);
}

}  // namespace sysb::io
