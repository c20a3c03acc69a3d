// SPDX-License-Identifier: Apache-2.0
// Pull reader over the members of an image.
//
//   while (r.next(e)) { for (auto p = r.read_stored(); !p.empty(); p = r.read_stored()) … }
//
// After next() exactly one of read_stored / read_raw / skip may be used on the member; what is
// left is skipped by the following next(). All three end at the same byte.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/content_decoder.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"
#include "core/grammar_table.hpp"

namespace sysb {

struct volume_label {
  std::uint32_t number = 1;
  std::int64_t date = 0;  // start of the backup
  std::string disk;       // "by name"
  std::string filesystem;
  std::string user;
};

struct image_description {
  std::string format;                  // id of the reader: "backup_by_name"
  std::string variant;                 // human name of the variant, e.g. "AIX 3.1 and later"
  std::vector<std::string> container;  // outermost first; empty for a plain file
  volume_label volume;
};

// Thrown by next() where the walk shows that a member given out before was not what its entry said,
// so that everything made of it is wrong. A walk from the first record under expect_skips(true, n) tells
// the reader what it needs; after that the members can be read again, and it is not thrown any more.
class begin_again final : public fatal_error {
 public:
  using fatal_error::fatal_error;
};

class image_reader {
 public:
  virtual ~image_reader() = default;
  image_reader() = default;
  image_reader(image_reader const&) = delete;
  image_reader& operator=(image_reader const&) = delete;

  [[nodiscard]] virtual image_description const& description() const noexcept = 0;

  // The next member; false at the end record, or where the walk cannot go on (then an error was
  // reported and complete() is false). `out` is valid until the next call, and is not moved from.
  // May throw fatal_error{io} and begin_again. Findings that need the whole archive (variants, link
  // groups) are reported when next() returns false.
  [[nodiscard]] virtual bool next(entry& out) = 0;

  // Next piece of the content as stored, at most 1 MiB; empty at its end. Dies at the next call.
  [[nodiscard]] virtual std::span<std::byte const> read_stored() = 0;
  // Next piece of the whole record, byte for byte, from its header through its padding.
  [[nodiscard]] virtual std::span<std::byte const> read_raw() = 0;
  virtual void skip() = 0;

  // Where contents are going to be passed over, looking at what follows a member costs nothing, even where a
  // step back is dear (a compressed file): the reader may then judge a member by what stands far after it.
  // `threads`, the caller's among them, may work on it; what is read does not depend on their number.
  virtual void expect_skips(bool /*yes*/, unsigned /*threads*/) {}

  // True when the end record was reached and verified.
  [[nodiscard]] virtual bool complete() const noexcept = 0;
  // Offset after the last byte that belongs to the archive (after the end record).
  [[nodiscard]] virtual std::uint64_t end_offset() const noexcept = 0;
  // The volume header's own bytes, for an output that keeps it.
  [[nodiscard]] virtual std::span<std::byte const> volume_header() const noexcept = 0;

  // Random access, where the source can: the record that starts at `offset` (from
  // entry::offset) comes next. What the walk has decided about layouts stays decided, and a
  // record read again reports no finding twice.
  [[nodiscard]] virtual bool seekable() const noexcept = 0;
  virtual void seek_record(std::uint64_t offset) = 0;
  virtual void rewind() = 0;  // the first member comes next
  // next() is not called any more: what is kept for it may go. A decoder, the header and the file stay.
  virtual void end_walks() {}
  // The file that holds the by-name stream, where it is a plain run of one: workers read content
  // from it by themselves (entry::content_offset counts from the run's base).
  [[nodiscard]] virtual std::optional<byte_source::file_run> file() const noexcept { return std::nullopt; }
  // Asked before the content or the record of this member is read from file(). False: what stands there
  // is not what the entry says, a finding was reported, and no byte of it may be used.
  [[nodiscard]] virtual bool may_read_apart() { return true; }

  // What the walk has learned so far of an image that does not follow the documents of its format.
  [[nodiscard]] virtual std::optional<grammar_table> grammar() const { return std::nullopt; }

  // A decoder for entries with packed == true. Each worker has its own.
  [[nodiscard]] virtual std::unique_ptr<content_decoder> make_decoder() const = 0;
};

}  // namespace sysb
