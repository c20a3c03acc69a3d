// SPDX-License-Identifier: Apache-2.0
// zstd through its own library: libarchive's filter offers no job size, and takes several times
// the memory with the one it has.
#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/fatal_error.hpp"
#include "output/compress.hpp"

namespace sysb::output {

namespace {

// Fixed, because the bytes depend on it. Larger ones are faster, and every worker holds two: with 8
// workers 2 MiB take 41 MiB in all, 4 MiB take 70.
constexpr int job_bytes = 2 << 20;
constexpr unsigned most_workers = 64;

struct context_deleter {
  void operator()(ZSTD_CCtx* c) const noexcept { ::ZSTD_freeCCtx(c); }
};

class zstd_writer final : public byte_writer {
 public:
  zstd_writer(std::unique_ptr<byte_writer> down, int level, unsigned threads)
      : down_{std::move(down)}, context_{::ZSTD_createCCtx()}, capacity_{::ZSTD_CStreamOutSize()},
        buffer_{new std::byte[capacity_]} {
    if (!context_) { throw std::bad_alloc{}; }
    set(ZSTD_c_compressionLevel, level < 0 ? 3 : std::clamp(level, 1, ::ZSTD_maxCLevel()));
    set(ZSTD_c_checksumFlag, 1);
    // With no worker at all the library cuts blocks in another way: one is the least.
    set(ZSTD_c_nbWorkers, static_cast<int>(std::clamp(threads, 1u, most_workers)));
    set(ZSTD_c_jobSize, job_bytes);
  }

  void write(std::span<std::byte const> piece) override {
    ZSTD_inBuffer in{piece.data(), piece.size(), 0};
    while (in.pos < in.size) { step(in, ZSTD_e_continue); }
  }

  void finish() override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    while (step(in, ZSTD_e_end) != 0) {}
    down_->finish();
  }

 private:
  void set(ZSTD_cParameter p, int value) {
    check(::ZSTD_CCtx_setParameter(context_.get(), p, value));
  }
  static std::size_t check(std::size_t r) {
    if (::ZSTD_isError(r) != 0) {
      throw fatal_error{fatal_error::kind::internal, concat("zstd: ", ::ZSTD_getErrorName(r))};
    }
    return r;
  }
  std::size_t step(ZSTD_inBuffer& in, ZSTD_EndDirective what) {
    ZSTD_outBuffer out{buffer_.get(), capacity_, 0};
    auto const left = check(::ZSTD_compressStream2(context_.get(), &out, &in, what));
    down_->write(std::span{buffer_.get(), out.pos});
    return left;
  }

  std::unique_ptr<byte_writer> down_;
  std::unique_ptr<ZSTD_CCtx, context_deleter> context_;
  std::size_t capacity_;
  std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace

std::unique_ptr<byte_writer> make_zstd_writer(std::unique_ptr<byte_writer> down, int level,
                                              unsigned threads) {
  return std::make_unique<zstd_writer>(std::move(down), level, threads);
}

}  // namespace sysb::output
