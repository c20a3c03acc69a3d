// SPDX-License-Identifier: Apache-2.0
// Where members go: an archive, a tree, a manifest, nothing at all.
//
//   for each member, in image order:  auto s = sink.place(e);
//   where it has content:             s->fill(content)   when s->when() says so
//   in image order:                   s->close(result)
//   at the end:                       sink.finish()
//
// A sink that is destroyed before finish() leaves nothing behind.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/digest.hpp"
#include "core/byte_source.hpp"
#include "core/entry.hpp"
#include "core/pieces.hpp"

namespace sysb {

struct content_result {
  std::uint64_t bytes = 0;           // plain bytes delivered
  std::optional<digest128> digest;   // present where it was asked for
  std::optional<std::uint16_t> sum;  // BSD sum, likewise
};

// What a slot is filled from: one member's content, given out once, in the way that the slot chooses.
// The calls return false where the content is damaged or cut: then a finding follows, the slot is not
// closed, and what was made of it must go.
class content_feed {
 public:
  virtual ~content_feed() = default;

  // Every plain byte, in order.
  [[nodiscard]] virtual bool stream(piece_target const& to) = 0;
  // The same, copied by the kernel to `at` of the regular file `fd`. Nothing where that cannot be: then
  // no byte was taken.
  [[nodiscard]] virtual std::optional<bool> copy_to(int /*fd*/, std::uint64_t /*at*/) { return std::nullopt; }

  // The member's whole record, for a sink of the image's own format. Null: it is not to be passed on as it
  // is, or there is none.
  class record {
   public:
    virtual ~record() = default;
    // Its bytes in a file, which the kernel may copy. Asked once, instead of stream().
    struct run {
      byte_source::file_run file;
      std::uint64_t offset;
    };
    [[nodiscard]] virtual std::optional<run> in_file() = 0;
    [[nodiscard]] virtual bool stream(piece_target const& to) = 0;
  };
  [[nodiscard]] virtual record* whole_record() { return nullptr; }
};

// The place of one member in an output.
class slot {
 public:
  enum class order : std::uint8_t {
    any,      // by any thread, beside everything else
    in_turn,  // by the thread that places, once every slot before it was closed
    at_once,  // by the thread that places; closed, too, before the next member is placed
  };
  virtual ~slot() = default;
  slot() = default;
  slot(slot const&) = delete;
  slot& operator=(slot const&) = delete;

  [[nodiscard]] virtual order when() const noexcept = 0;
  // Takes all of the content, which has as many bytes as the entry says. Of members without content only
  // where entry_sink::needs().records is set and the record is unchanged.
  virtual void fill(content_feed& from) = 0;
  // In image order, by the thread that places. Without it the member is not whole.
  virtual void close(content_result const& r) = 0;
};

class entry_sink {
 public:
  virtual ~entry_sink() = default;
  entry_sink() = default;
  entry_sink(entry_sink const&) = delete;
  entry_sink& operator=(entry_sink const&) = delete;

  struct wants {
    bool content = true;   // false: fill() is not called; content is read, unpacked and counted all the same
    bool digest = false;   // in close()
    bool records = false;  // unchanged members as their records
  };
  [[nodiscard]] virtual wants needs() const noexcept { return {}; }

  // In image order. Paths in `e` are normal_path()s here (no "./", no leading slash; "" is the root
  // directory) and were judged safe; e.link_to, where set, names an earlier kept member: no content
  // follows. e.image_path and e.image_link_to are for sinks that show names as the image has them.
  // `e` outlives the slot. Null: nothing is left to do for this member.
  [[nodiscard]] virtual std::unique_ptr<slot> place(entry const& e) = 0;
  // Everything durable; throws fatal_error{io}. The caller renames afterwards.
  virtual void finish() = 0;
};

// Takes nothing, and makes a conversion a validation.
class null_sink final : public entry_sink {
 public:
  [[nodiscard]] wants needs() const noexcept override { return {.content = false}; }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& /*e*/) override { return nullptr; }
  void finish() override {}
};

}  // namespace sysb
