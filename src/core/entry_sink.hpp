// SPDX-License-Identifier: Apache-2.0
// Where members go: an archive, a tree, a manifest, nothing at all.
//
//   begin_entry → write_data* → end_entry, then finish(). A sink that is destroyed before
//   finish() leaves nothing behind. A null sink makes a conversion a validation.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/digest.hpp"
#include "core/byte_source.hpp"
#include "core/entry.hpp"

namespace sysb {

struct content_result {
  std::uint64_t bytes = 0;          // plain bytes delivered
  std::optional<digest128> digest;  // present when wants_digest()
};

class entry_sink {
 public:
  virtual ~entry_sink() = default;
  entry_sink() = default;
  entry_sink(entry_sink const&) = delete;
  entry_sink& operator=(entry_sink const&) = delete;

  // Paths in `e` are normal_path()s here (no "./", no leading slash; "" is the root directory)
  // and were judged safe; e.link_to, where set, names an earlier kept member: no data follows.
  // e.image_path and e.image_link_to are for sinks that show names as the image has them.
  virtual void begin_entry(entry const& e) = 0;
  // Plain bytes, in order; in all exactly e.size of them or end_entry() throws.
  virtual void write_data(std::span<std::byte const> piece) = 0;
  virtual void end_entry(content_result const& r) = 0;
  // Everything durable; throws fatal_error{io}. The caller renames afterwards.
  virtual void finish() = 0;

  [[nodiscard]] virtual bool wants_digest() const noexcept { return false; }
  // False: write_data() and put_file()'s content may be left out; content_result tells the size.
  // The caller counts, unpacks and digests all the same.
  [[nodiscard]] virtual bool wants_data() const noexcept { return true; }

  // A sink that can take whole regular files from several threads at once says so; then
  // put_file() may run beside everything else for files whose parent directory was begun and
  // ended before, and whose name was not used before. `content` gives every byte to its argument and
  // returns what came, or nothing where the content is damaged: then no file is left.
  [[nodiscard]] virtual bool concurrent() const noexcept { return false; }
  using piece_target = std::function<void(std::span<std::byte const>)>;
  using content_source = std::function<std::optional<content_result>(piece_target const&)>;
  virtual void put_file(entry const& e, content_source const& content) {
    begin_entry(e);
    if (auto const r = content([this](std::span<std::byte const> p) { write_data(p); })) { end_entry(*r); }
  }

  // A sink of the image's own format takes unchanged records as they are. Then for members that
  // the plan keeps, begin_raw / write_data* / end_raw are used instead (bytes: the whole record).
  [[nodiscard]] virtual bool wants_raw() const noexcept { return false; }
  virtual void begin_raw(entry const& /*e*/) {}
  virtual void end_raw() {}
  // Instead of write_data() for the whole record: its bytes stand at `offset` of `from`, and the kernel
  // may copy them. False: nothing was taken.
  virtual bool copy_raw(byte_source::file_run /*from*/, std::uint64_t /*offset*/, std::uint64_t /*bytes*/) {
    return false;
  }

  // A sink that writes to known places of a file takes content out of turn. Behind begin_entry() of
  // a file with content, reserve() leaves room for all of it and tells its place, and end_entry()
  // follows at once; the bytes come through write_at() or copy_at(), from any thread, before finish().
  // No place: the member is not written.
  [[nodiscard]] virtual bool out_of_turn() const noexcept { return false; }
  [[nodiscard]] virtual std::optional<std::uint64_t> reserve() { return std::nullopt; }
  virtual void write_at(std::uint64_t /*place*/, std::span<std::byte const> /*piece*/) {}
  // Bytes copied; fewer than asked for only where `from` ends.
  [[nodiscard]] virtual std::uint64_t copy_at(std::uint64_t /*place*/, byte_source::file_run /*from*/,
                                              std::uint64_t /*offset*/, std::uint64_t /*bytes*/) {
    return 0;
  }
};

}  // namespace sysb
