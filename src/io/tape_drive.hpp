// SPDX-License-Identifier: Apache-2.0
// Character devices, tape drives among them: a block a read, and files that end at marks.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "core/byte_source.hpp"
#include "io/io.hpp"

namespace sysb::io {

// What the system does with such a device; a test has a tape of its own.
class device {
 public:
  struct tape_state {
    long block = 0;         // number of the next block
    std::size_t fixed = 0;  // length of all blocks; 0: any
  };
  virtual ~device() = default;
  [[nodiscard]] virtual std::int64_t read(std::span<std::byte> out) = 0;  // as read(2)
  [[nodiscard]] virtual std::optional<tape_state> tape() = 0;             // nothing: no tape drive
  // False with errno.
  [[nodiscard]] virtual bool back_blocks(int n) = 0;
  [[nodiscard]] virtual bool forward_file() = 0;  // after the next mark
};

// The files of the tape from where it stands, one after the other.
class tape_drive {
 public:
  tape_drive(std::unique_ptr<device> d, std::string name, source_options o);
  ~tape_drive();
  tape_drive(tape_drive const&) = delete;
  tape_drive& operator=(tape_drive const&) = delete;

  // What comes up to the next mark; dead as soon as next_file() was called.
  [[nodiscard]] std::unique_ptr<byte_source> file();
  // After the next mark, wherever in a file the tape stands; false where no mark follows.
  [[nodiscard]] bool next_file();

 private:
  struct state;
  std::shared_ptr<state> state_;
  source_options options_;
};

// Nothing where `path` is no tape drive. Throws fatal_error{io} where it is one and cannot be opened.
[[nodiscard]] std::unique_ptr<tape_drive> open_tape_drive(std::string const& path, source_options const& o);

}  // namespace sysb::io
