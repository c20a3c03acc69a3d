// SPDX-License-Identifier: Apache-2.0
// Drives a decoder over a source: stream after stream, padding between them, and the end.
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/compression/diagnostics.hpp"
#include "formats/compression/stream_decoder.hpp"

namespace sysb::compression {

void expansion_judge::count(std::uint64_t taken, std::uint64_t made) {
  taken_ += taken;
  made_ += made;
  constexpr std::uint64_t unjudged = 1u << 20;
  if (made_ > limits_.expansion_bytes) {
    fail(expands_too_far,
         concat(taken_, " bytes became more than ", limits_.expansion_bytes, ", which --size-limit can raise"));
  }
  if (made_ > unjudged && limits_.expansion_ratio != 0 && made_ / limits_.expansion_ratio > taken_) {
    fail(expands_too_far, concat(taken_, " bytes became ", made_, ", more than ", limits_.expansion_ratio,
                                 " times as many, which --ratio-limit can raise"));
  }
}

void expansion_judge::fail(diag_code const& code, std::string const& cause) {
  diagnostic const d{
      .code = &code,
      .offset = made_,
      .path = {},
      .detail = concat(kind_, " stream, ", cause, ", at byte 0x", hex(taken_), " of the compressed data"),
      .level = {}};
  if (!told_) { findings_->report(d); }
  told_ = true;
  auto const kind =
      code.fault == fault_class::unsupported ? fatal_error::kind::unsupported : fatal_error::kind::damaged;
  throw fatal_error{kind, d.text(), made_};
}

void expansion_judge::note_trailing() {
  if (told_) { return; }
  told_ = true;
  findings_->report({.code = &trailing,
                     .offset = made_,
                     .path = {},
                     .detail = concat(kind_, " stream, from byte 0x", hex(taken_), " of the compressed data"),
                     .level = {}});
}

namespace {

class stream_producer final : public io::byte_producer {
 public:
  stream_producer(std::unique_ptr<byte_source> source, stream_kind const& kind, limits const& l,
                  diagnostic_sink& findings)
      : source_{std::move(source)},
        begin_{source_->position()},
        kind_{kind},
        limits_{l},
        decoder_{kind.make(l)},
        judge_{kind.id, l, findings} {
    decoder_->start();
  }

  std::size_t produce(std::span<std::byte> out) override {
    auto const room = out.size();
    while (!out.empty() && state_ != state::at_end) {
      if (state_ == state::between) {
        if (out.size() != room) { break; }  // the source may throw: what was made goes out first
        next_stream();
        continue;
      }
      if (state_ == state::broken) {
        if (out.size() != room) { break; }  // what was made before goes out first
        report();
      }
      decode_some(out);
      if (out.size() != room && state_ == state::in_stream) { break; }
    }
    return room - out.size();
  }

  std::uint64_t medium_position() const noexcept override { return source_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return source_->medium_size(); }
  void check_unchanged() const override { source_->check_unchanged(); }
  bool restartable() const noexcept override { return source_->seekable(); }
  void restart() override {
    source_->seek(begin_);
    decoder_ = kind_.make(limits_);
    decoder_->start();
    judge_.begin_again();
    state_ = state::in_stream;
    last_ = stream_decoder::step::more;
    ended_ = holds_more_ = false;
  }

 private:
  enum class state : std::uint8_t { in_stream, between, broken, at_end };

  void decode_some(std::span<std::byte>& out) {
    // A decoder that filled its room may hold more: it is emptied before the source is asked again,
    // which may throw.
    auto in = holds_more_ ? std::span<std::byte const>{} : source_->peek(1);
    auto const had_in = in.size();
    auto const had_room = out.size();
    last_ = decoder_->decode(in, out);
    auto const taken = had_in - in.size();
    auto const made = had_room - out.size();
    source_->consume(taken);
    try {
      judge_.count(taken, made);
    } catch (fatal_error const&) {
      state_ = state::at_end;
      throw;
    }
    switch (last_) {
      case stream_decoder::step::more:
        if (taken == 0 && made == 0 && !holds_more_) { state_ = state::broken; }
        ended_ = had_in == 0;
        if (state_ == state::broken && ended_ && decoder_->may_end()) { state_ = state::at_end; }
        holds_more_ = out.empty();
        break;
      case stream_decoder::step::stream_end:
        state_ = state::between;
        holds_more_ = false;
        break;
      case stream_decoder::step::failed:
      case stream_decoder::step::too_large: state_ = state::broken; break;
    }
  }

  [[noreturn]] void report() {
    state_ = state::at_end;
    switch (last_) {
      case stream_decoder::step::too_large: judge_.fail(needs_memory, decoder_->error_text());
      case stream_decoder::step::failed: judge_.fail(damaged, decoder_->error_text());
      case stream_decoder::step::stream_end:
      case stream_decoder::step::more: break;
    }
    if (ended_) { judge_.fail(truncated, "no more input"); }
    judge_.fail(damaged, "no progress is possible");
  }

  // Padding, then a further stream, or the end.
  void next_stream() {
    for (;;) {
      auto const seen = source_->peek(1);
      std::size_t zeros = 0;
      while (zeros < seen.size() && seen[zeros] == std::byte{0}) { ++zeros; }
      source_->consume(zeros);
      judge_.count(zeros, 0);
      if (zeros < seen.size() || seen.empty()) { break; }
    }
    constexpr std::size_t longest_magic = 16;
    auto const head = source_->peek(longest_magic);
    if (!head.empty() && kind_.repeats && kind_.bid(head) != 0) {
      decoder_->start();
      state_ = state::in_stream;
      return;
    }
    if (!head.empty()) { judge_.note_trailing(); }
    state_ = state::at_end;
  }

  std::unique_ptr<byte_source> source_;
  std::uint64_t begin_;  // of the first stream in the source
  stream_kind const& kind_;
  limits limits_;
  std::unique_ptr<stream_decoder> decoder_;
  expansion_judge judge_;
  state state_ = state::in_stream;
  stream_decoder::step last_ = stream_decoder::step::more;
  bool ended_ = false;
  bool holds_more_ = false;
};

}  // namespace

std::unique_ptr<io::byte_producer> make_stream_producer(std::unique_ptr<byte_source> source, stream_kind const& kind,
                                                        limits const& l, diagnostic_sink& findings) {
  return std::make_unique<stream_producer>(std::move(source), kind, l, findings);
}

}  // namespace sysb::compression
