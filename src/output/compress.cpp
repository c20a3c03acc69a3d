// SPDX-License-Identifier: Apache-2.0
// gzip and xz: libarchive's filters over its format "raw".
#include "output/compress.hpp"

#include <algorithm>
#include <utility>

#include "output/archive_handle.hpp"

namespace sysb::output {

namespace {

class filter_writer final : public byte_writer {
 public:
  filter_writer(std::unique_ptr<byte_writer> down, bool xz, int level)
      : down_{std::move(down)}, bridge_{*down_}, archive_{::archive_write_new(), archive_deleter{&bridge_}} {
    auto* const a = archive_.get();
    if (a == nullptr) { throw std::bad_alloc{}; }
    bridge_.check(a, ::archive_write_set_bytes_per_block(a, 0));
    bridge_.check(a, ::archive_write_set_format_raw(a));
    char const* const name = xz ? "xz" : "gzip";
    bridge_.check(a, xz ? ::archive_write_add_filter_xz(a) : ::archive_write_add_filter_gzip(a));
    if (xz) {
      // Other thread counts give other bytes, and far more memory.
      bridge_.check(a, ::archive_write_set_filter_option(a, name, "threads", "1"));
    } else {
      bridge_.check(a, ::archive_write_set_filter_option(a, name, "timestamp", nullptr));
    }
    if (level >= 0) {
      auto const text = concat(std::min(level, 9));
      bridge_.check(a, ::archive_write_set_filter_option(a, name, "compression-level", text.c_str()));
    }
    bridge_.open(a);
    archive_entry_ptr const e{::archive_entry_new()};
    if (!e) { throw std::bad_alloc{}; }
    ::archive_entry_set_filetype(e.get(), AE_IFREG);
    bridge_.check(a, ::archive_write_header(a, e.get()));
  }

  void write(std::span<std::byte const> piece) override {
    while (!piece.empty()) {
      auto const n = ::archive_write_data(archive_.get(), piece.data(), piece.size());
      bridge_.check(archive_.get(), n > 0 ? ARCHIVE_OK : ARCHIVE_FATAL);
      piece = piece.subspan(static_cast<std::size_t>(n));
    }
  }

  void finish() override {
    bridge_.check(archive_.get(), ::archive_write_close(archive_.get()));
    down_->finish();
  }

 private:
  std::unique_ptr<byte_writer> down_;
  archive_bridge bridge_;
  archive_ptr archive_;
};

}  // namespace

std::unique_ptr<byte_writer> make_compressor(std::unique_ptr<byte_writer> down, compression c, int level,
                                             unsigned threads) {
  switch (c) {
    case compression::none: return down;
    case compression::gzip: return std::make_unique<filter_writer>(std::move(down), false, level);
    case compression::xz: return std::make_unique<filter_writer>(std::move(down), true, level);
    case compression::zstd: return make_zstd_writer(std::move(down), level, threads);
  }
  return down;
}

}  // namespace sysb::output
