// SPDX-License-Identifier: Apache-2.0
// Thrown only when nothing more can be read or written; caught once, in main.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sysb {

class fatal_error : public std::runtime_error {
 public:
  enum class kind : std::uint8_t {
    io,           // exit 1: read or write failed, no space, source changed
    internal,     // exit 1
    usage,        // exit 2: found after the arguments were parsed
    damaged,      // exit 3
    loss,         // exit 4: --on-loss stop
    unsupported,  // exit 5: not an image, or a variant nobody can read
    unfit,        // exit 6
    interrupted,  // exit 130 or 143
    closed_pipe,  // exit 141, quiet
  };

  fatal_error(kind k, std::string text, std::optional<std::uint64_t> offset = std::nullopt, std::string path = {})
      : std::runtime_error{std::move(text)}, kind_{k}, offset_{offset}, path_{std::move(path)} {}

  [[nodiscard]] kind what_kind() const noexcept { return kind_; }
  [[nodiscard]] std::optional<std::uint64_t> offset() const noexcept { return offset_; }
  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  kind kind_;
  std::optional<std::uint64_t> offset_;
  std::string path_;
};

// A wrong command line or request (exit 2); text says what is wrong with it.
[[noreturn]] inline void usage(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }

// Bytes could not be written, says who knows a descriptor only. Whoever knows what it leads to says the name.
class write_error final : public fatal_error {
 public:
  explicit write_error(std::string reason) : fatal_error{kind::io, "write failed: " + std::move(reason)} {}
};

[[nodiscard]] std::string_view to_text(fatal_error::kind k) noexcept;  // the JSON `kind`

}  // namespace sysb
