// SPDX-License-Identifier: Apache-2.0
// What a format folder registers: how to tell it and how to open it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/limits.hpp"
#include "core/progress.hpp"

namespace sysb {

// What a reader does where the walk from record to record cannot go on.
enum class on_damage : std::uint8_t {
  stop,     // reports it, and nothing after it is read
  salvage,  // looks for the place where the archive goes on; needs a source that can seek
};

// What one volume of a set says of itself in its first bytes.
struct volume_mark {
  std::uint32_t number = 1;      // of the volume, from 1
  std::int64_t date = 0;         // of the backup, the same in all volumes of a set
  std::size_t header_bytes = 0;  // from the second volume on no part of the stream
  bool proven = true;            // false: it looks like a header, and its own check says that it is damaged
};

// What a finding of a reader means for the walk that reports it.
enum class walk_fault : std::uint8_t {
  none,
  lost,     // nothing proves that what follows is a record
  cut,      // the image breaks off
  goes_on,  // on another volume
};

// An image format: bytes in, members out.
class image_format {
 public:
  virtual ~image_format() = default;
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;     // "backup_by_name"
  [[nodiscard]] virtual std::string_view title() const noexcept = 0;  // for `sysb formats`
  // Bits that were verified in the first bytes (up to 4 KiB are shown); 0: not mine.
  [[nodiscard]] virtual unsigned bid(std::span<std::byte const> head) const noexcept = 0;
  // Reads and judges the volume header. Throws fatal_error{unsupported} for a variant that is
  // known by name but not readable. `source` outlives the reader.
  [[nodiscard]] virtual std::unique_ptr<image_reader> open(byte_source& source, limits const& l,
                                                           diagnostic_sink& findings,
                                                           on_damage how = on_damage::stop) const = 0;
  // For a format whose volumes have headers. Nothing where the bytes do not look like one: those of a
  // plain cut begin anyhow.
  [[nodiscard]] virtual std::optional<volume_mark> volume_of(std::span<std::byte const> /*head*/) const noexcept {
    return std::nullopt;
  }
  // False: the image goes on in another file. True also where the source cannot tell.
  [[nodiscard]] virtual bool ends_in(byte_source& /*image*/) const { return true; }
  // Where the next image of `source` begins, when one ended at `end`; what its writer left after the end is
  // none. Of a source that cannot seek only the bytes ahead are looked at. Its position stays.
  [[nodiscard]] virtual std::optional<std::uint64_t> image_after(byte_source& /*source*/, std::uint64_t /*end*/) const {
    return std::nullopt;
  }
  // Records in `some` that are sound and stand where none can: bytes were added or taken out before them.
  // The first byte stands at `base` of the image.
  [[nodiscard]] virtual std::size_t displaced_records(std::span<std::byte const> /*some*/,
                                                      std::uint64_t /*base*/) const noexcept {
    return 0;
  }
  // Several sound records in `some`, though nothing known stands at its start.
  struct records_found {
    std::uint64_t first = 0;              // where the first of them stands
    std::optional<std::uint64_t> header;  // a sound volume header right before it
  };
  [[nodiscard]] virtual std::optional<records_found> records_in(std::span<std::byte const> /*some*/) const {
    return std::nullopt;
  }
  // Does a sound record of a member begin `some`?
  [[nodiscard]] virtual bool record_at(std::span<std::byte const> /*some*/) const noexcept { return false; }
  [[nodiscard]] virtual walk_fault fault_of(diag_code const& /*code*/) const noexcept { return walk_fault::none; }
  // Salvage finds members where even the first bytes are lost.
  [[nodiscard]] virtual bool finds_lost_start() const noexcept { return false; }
  [[nodiscard]] virtual std::span<diag_code const* const> codes() const noexcept = 0;
};

// Something an image travels in: a compressed stream, an archive with an image inside.
class carrier_format {
 public:
  virtual ~carrier_format() = default;
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;  // "gzip", "tar", "iso9660"
  [[nodiscard]] virtual std::string_view title() const noexcept = 0;
  [[nodiscard]] virtual unsigned bid(std::span<std::byte const> head) const noexcept = 0;
  // True where request::member means something.
  [[nodiscard]] virtual bool holds_members() const noexcept { return false; }
  struct request {
    std::string member;  // --member: which one, where the carrier holds several
    std::string tmpdir;  // where a spool may be written; empty: none
    std::uint32_t depth = 0;
    progress* counters = nullptr;  // polled for interruption; may be null
    // What the first bytes (up to 4 KiB) of something inside look like. A carrier with several
    // things inside takes the image, or else the only carrier. May be empty.
    enum class content : std::uint8_t { unknown, carrier, image };
    std::function<content(std::span<std::byte const> head)> judge;
  };
  // The unwrapped stream; owns `source`. `head` of the result is judged by the caller again.
  [[nodiscard]] virtual std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l,
                                                          request const& r, diagnostic_sink& findings) const = 0;
  [[nodiscard]] virtual std::span<diag_code const* const> codes() const noexcept { return {}; }
};

}  // namespace sysb
