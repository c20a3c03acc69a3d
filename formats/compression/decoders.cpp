// SPDX-License-Identifier: Apache-2.0
// The libraries that unpack, each behind the same interface.
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <optional>

#include "base/cursor.hpp"
#include "base/text.hpp"
#include "formats/compression/layout.hpp"
#include "formats/compression/stream_decoder.hpp"
#include "formats/packed/diagnostics.hpp"
#include "formats/packed/packed.hpp"

namespace sysb::compression {

namespace {

// The libraries count in `unsigned`.
[[nodiscard]] unsigned short_count(std::size_t n) noexcept {
  return static_cast<unsigned>(std::min<std::size_t>(n, 1u << 30));
}

// Moves both spans past what a library used.
void advance(std::span<std::byte const>& in, std::size_t taken, std::span<std::byte>& out, std::size_t made) {
  in = in.subspan(taken);
  out = out.subspan(made);
}

class gzip_decoder final : public stream_decoder {
 public:
  gzip_decoder() {
    constexpr int gzip_only = 15 + 16;  // window bits, and the header and check values of gzip
    if (::inflateInit2(&z_, gzip_only) != Z_OK) { throw std::bad_alloc{}; }
  }
  ~gzip_decoder() override { ::inflateEnd(&z_); }
  gzip_decoder(gzip_decoder const&) = delete;
  gzip_decoder& operator=(gzip_decoder const&) = delete;

  void start() override { ::inflateReset(&z_); }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    auto const room_in = short_count(in.size());
    auto const room_out = short_count(out.size());
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    z_.avail_in = room_in;
    z_.next_out = reinterpret_cast<Bytef*>(out.data());
    z_.avail_out = room_out;
    auto const result = ::inflate(&z_, Z_NO_FLUSH);
    advance(in, room_in - z_.avail_in, out, room_out - z_.avail_out);
    if (result == Z_STREAM_END) { return step::stream_end; }
    return result == Z_OK || result == Z_BUF_ERROR ? step::more : step::failed;
  }
  std::string error_text() const override { return z_.msg != nullptr ? z_.msg : "cannot be unpacked"; }

 private:
  z_stream z_{};
};

class lzma_decoder final : public stream_decoder {
 public:
  lzma_decoder(bool xz, std::uint64_t memory) noexcept : xz_{xz}, memory_{memory} {}
  ~lzma_decoder() override { ::lzma_end(&s_); }
  lzma_decoder(lzma_decoder const&) = delete;
  lzma_decoder& operator=(lzma_decoder const&) = delete;

  void start() override {
    auto const result = xz_ ? ::lzma_stream_decoder(&s_, memory_, 0) : ::lzma_alone_decoder(&s_, memory_);
    if (result != LZMA_OK) { throw std::bad_alloc{}; }
  }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    s_.next_in = reinterpret_cast<std::uint8_t const*>(in.data());
    s_.avail_in = in.size();
    s_.next_out = reinterpret_cast<std::uint8_t*>(out.data());
    s_.avail_out = out.size();
    last_ = ::lzma_code(&s_, LZMA_RUN);
    advance(in, in.size() - s_.avail_in, out, out.size() - s_.avail_out);
    switch (last_) {
      case LZMA_OK:
      case LZMA_BUF_ERROR: return step::more;
      case LZMA_STREAM_END: return step::stream_end;
      case LZMA_MEMLIMIT_ERROR: return step::too_large;
      default: return step::failed;
    }
  }

  std::string error_text() const override {
    switch (last_) {
      case LZMA_MEMLIMIT_ERROR:
        return concat("needs ", human_size(::lzma_memusage(&s_)), ", allowed are ", human_size(memory_),
                      ", which --memory-limit can raise");
      case LZMA_FORMAT_ERROR: return "not a stream of this format";
      case LZMA_OPTIONS_ERROR: return "uses options that liblzma does not know";
      case LZMA_DATA_ERROR: return "data or check value is wrong";
      default: return concat("liblzma returned ", static_cast<int>(last_));
    }
  }

 private:
  bool xz_;
  std::uint64_t memory_;
  ::lzma_stream s_ = LZMA_STREAM_INIT;
  ::lzma_ret last_ = LZMA_OK;
};

class zstd_decoder final : public stream_decoder {
 public:
  explicit zstd_decoder(std::uint64_t memory) : context_{::ZSTD_createDCtx()} {
    if (context_ == nullptr) { throw std::bad_alloc{}; }
    widest_ = std::clamp(static_cast<int>(std::bit_width(memory)) - 1, 10, 31);
    ::ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, widest_);
  }
  ~zstd_decoder() override { ::ZSTD_freeDCtx(context_); }
  zstd_decoder(zstd_decoder const&) = delete;
  zstd_decoder& operator=(zstd_decoder const&) = delete;

  void start() override { ::ZSTD_DCtx_reset(context_, ZSTD_reset_session_only); }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    last_ = ::ZSTD_decompressStream(context_, &target, &source);
    advance(in, source.pos, out, target.pos);
    if (::ZSTD_isError(last_) != 0) {
      auto const code = ::ZSTD_getErrorCode(last_);
      if (code == ZSTD_error_noForwardProgress_destFull || code == ZSTD_error_noForwardProgress_inputEmpty ||
          code == ZSTD_error_srcSize_wrong) {
        return step::more;
      }
      return code == ZSTD_error_frameParameter_windowTooLarge ? step::too_large : step::failed;
    }
    return last_ == 0 ? step::stream_end : step::more;
  }
  std::string error_text() const override {
    if (::ZSTD_getErrorCode(last_) == ZSTD_error_frameParameter_windowTooLarge) {
      return concat("its window is larger than the ", human_size(std::uint64_t{1} << widest_),
                    " allowed, which --memory-limit can raise");
    }
    return ::ZSTD_getErrorName(last_);
  }

 private:
  ::ZSTD_DCtx* context_;
  int widest_ = 0;  // logarithm of the largest window; zstd takes powers of two only
  std::size_t last_ = 0;
};

class bzip2_decoder final : public stream_decoder {
 public:
  bzip2_decoder() = default;
  ~bzip2_decoder() override { end(); }
  bzip2_decoder(bzip2_decoder const&) = delete;
  bzip2_decoder& operator=(bzip2_decoder const&) = delete;

  void start() override {
    end();
    s_ = {};
    if (::BZ2_bzDecompressInit(&s_, 0, 0) != BZ_OK) { throw std::bad_alloc{}; }
    running_ = true;
  }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    auto const room_in = short_count(in.size());
    auto const room_out = short_count(out.size());
    s_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
    s_.avail_in = room_in;
    s_.next_out = reinterpret_cast<char*>(out.data());
    s_.avail_out = room_out;
    auto const result = ::BZ2_bzDecompress(&s_);
    advance(in, room_in - s_.avail_in, out, room_out - s_.avail_out);
    if (result == BZ_STREAM_END) { return step::stream_end; }
    return result == BZ_OK ? step::more : step::failed;
  }
  std::string error_text() const override { return "data or check value is wrong"; }

 private:
  void end() noexcept {
    if (running_) { ::BZ2_bzDecompressEnd(&s_); }
    running_ = false;
  }
  ::bz_stream s_{};
  bool running_ = false;
};

class lz4_decoder final : public stream_decoder {
 public:
  lz4_decoder() {
    if (::LZ4F_isError(::LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)) != 0) { throw std::bad_alloc{}; }
  }
  ~lz4_decoder() override { ::LZ4F_freeDecompressionContext(context_); }
  lz4_decoder(lz4_decoder const&) = delete;
  lz4_decoder& operator=(lz4_decoder const&) = delete;

  void start() override { ::LZ4F_resetDecompressionContext(context_); }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    auto taken = in.size();
    auto made = out.size();
    last_ = ::LZ4F_decompress(context_, out.data(), &made, in.data(), &taken, nullptr);
    advance(in, taken, out, made);
    if (::LZ4F_isError(last_) != 0) { return step::failed; }
    return last_ == 0 ? step::stream_end : step::more;
  }
  std::string error_text() const override { return ::LZ4F_getErrorName(last_); }

 private:
  ::LZ4F_dctx* context_ = nullptr;
  std::size_t last_ = 0;
};

// The prefix tells the plain size. The stored size is not known where the source is a pipe, so the
// end mark alone ends the stream, for files too.
class pack_decoder final : public stream_decoder {
 public:
  void start() override {
    have_ = 0;
    inner_ = packed::make_decoder();
  }

  step decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    if (have_ < prefix_.size()) {
      auto const n = std::min(in.size(), prefix_.size() - have_);
      std::copy_n(in.begin(), n, prefix_.begin() + static_cast<std::ptrdiff_t>(have_));
      have_ += n;
      in = in.subspan(n);
      if (have_ < prefix_.size()) { return step::more; }
      byte_cursor c{prefix_};
      left_ = c.take<pack_prefix>().plain_size;
      constexpr auto unknown = std::uint64_t{1} << 62;
      inner_->reset(unknown, left_);
    }
    auto const before = out.size();
    auto const result = inner_->decode(in, out);
    left_ -= before - out.size();
    switch (result) {
      case content_decoder::status::need_input:
      case content_decoder::status::need_output: return step::more;
      case content_decoder::status::done: return step::stream_end;
      case content_decoder::status::failed: break;
    }
    // "Bytes follow the end mark" is how a decoder ends that was told no true stored size.
    return left_ == 0 && inner_->error() == &packed::bytes_left ? step::stream_end : step::failed;
  }

  std::string error_text() const override {
    auto const* const error = inner_->error();
    return error == nullptr ? "cannot be unpacked" : std::string{error->title};
  }

 private:
  std::array<std::byte, sizeof(pack_prefix)> prefix_{};
  std::size_t have_ = 0;
  std::uint64_t left_ = 0;
  std::unique_ptr<content_decoder> inner_;
};

}  // namespace

std::unique_ptr<stream_decoder> make_gzip(limits const&) { return std::make_unique<gzip_decoder>(); }
std::unique_ptr<stream_decoder> make_xz(limits const& l) {
  return std::make_unique<lzma_decoder>(true, l.decoder_bytes);
}
std::unique_ptr<stream_decoder> make_lzma(limits const& l) {
  return std::make_unique<lzma_decoder>(false, l.decoder_bytes);
}
std::unique_ptr<stream_decoder> make_zstd(limits const& l) { return std::make_unique<zstd_decoder>(l.decoder_bytes); }
std::unique_ptr<stream_decoder> make_bzip2(limits const&) { return std::make_unique<bzip2_decoder>(); }
std::unique_ptr<stream_decoder> make_lz4(limits const&) { return std::make_unique<lz4_decoder>(); }
std::unique_ptr<stream_decoder> make_pack(limits const&) { return std::make_unique<pack_decoder>(); }

}  // namespace sysb::compression
