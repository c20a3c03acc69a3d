// SPDX-License-Identifier: Apache-2.0
// One compressed stream after the other to plain bytes, whatever library does it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/image_format.hpp"
#include "io/io.hpp"

namespace sysb::compression {

class stream_decoder {
 public:
  enum class step : std::uint8_t {
    more,        // wants more input or more room; with neither taken nor made, it is stuck
    stream_end,  // this stream ended as it should
    failed,      // error_text() says why
    too_large,   // the stream wants more memory than it may have
  };
  virtual ~stream_decoder() = default;
  // Before each stream.
  virtual void start() = 0;
  // Takes from the front of `in`, puts to the front of `out`. An empty `in` asks for plain bytes
  // that are still held.
  [[nodiscard]] virtual step decode(std::span<std::byte const>& in, std::span<std::byte>& out) = 0;
  // A format without an end mark: the input may end here.
  [[nodiscard]] virtual bool may_end() const noexcept { return false; }
  [[nodiscard]] virtual std::string error_text() const = 0;
};

struct stream_kind {
  std::string_view id;
  std::string_view title;
  // Verified bits in the first bytes; 0: not this kind.
  unsigned (*bid)(std::span<std::byte const> head) noexcept;
  std::unique_ptr<stream_decoder> (*make)(limits const& l);
  bool repeats = false;  // several streams in a row are one content
};

[[nodiscard]] std::unique_ptr<stream_decoder> make_gzip(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_xz(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_lzma(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_zstd(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_bzip2(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_lz4(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_compress(limits const& l);
[[nodiscard]] std::unique_ptr<stream_decoder> make_pack(limits const& l);

// Counts what goes in and out, holds it against the limits, and reports what is wrong: a finding
// for the image's report, and the exception that ends the stream.
class expansion_judge {
 public:
  expansion_judge(std::string_view kind, limits const& l, diagnostic_sink& findings) noexcept
      : kind_{kind}, limits_{l}, findings_{&findings} {}
  void count(std::uint64_t taken, std::uint64_t made);  // throws when a limit is passed
  [[noreturn]] void fail(diag_code const& code, std::string const& cause);
  void note_trailing();
  void begin_again() noexcept { taken_ = made_ = 0; }
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

 private:
  std::string_view kind_;
  limits limits_;
  diagnostic_sink* findings_;
  std::uint64_t taken_ = 0;
  std::uint64_t made_ = 0;
  bool told_ = false;  // a stream that is read twice ends twice
};

[[nodiscard]] std::unique_ptr<io::byte_producer> make_stream_producer(std::unique_ptr<byte_source> source,
                                                                      stream_kind const& kind, limits const& l,
                                                                      diagnostic_sink& findings);

}  // namespace sysb::compression
