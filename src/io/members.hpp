// SPDX-License-Identifier: Apache-2.0
// Carriers that hold several files, each a plain run of their bytes: which of them is the image.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"
#include "core/image_format.hpp"
#include "io/io.hpp"

namespace sysb::io {

// Bytes [at, at + length) of a file stand at `offset` of the carrier.
struct member_run {
  std::uint64_t at = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

struct member {
  std::string name;
  std::uint64_t offset = 0;  // of its content in the carrier
  std::uint64_t size = 0;
  bool plain = true;         // false: its content is no run of bytes, and no runs are known (packed)
  std::string why_not = {};  // where not plain for another reason
  // Where not empty, the content is these, in order and apart, and zeros between them.
  std::vector<member_run> runs = {};
};

// Walks over the files of a carrier in the order of their content.
class member_walk {
 public:
  virtual ~member_walk() = default;
  // Reads forward only, and leaves the source before the content of what it returns. Nothing at the
  // end; problem() says why when that came too early.
  [[nodiscard]] virtual std::optional<member> next(byte_source& s) = 0;
  [[nodiscard]] std::string const& problem() const noexcept { return problem_; }

 protected:
  // For `return end_with(...)`.
  [[nodiscard]] std::nullopt_t end_with(std::string problem) {
    problem_ = std::move(problem);
    return std::nullopt;
  }

 private:
  std::string problem_;
};

struct member_carrier {
  std::string_view what;     // "tar archive"
  diag_code const* damaged;  // reported where the walk ended early and an image was found before
};

// A file in runs as a source. Ends where the carrier does.
[[nodiscard]] std::unique_ptr<byte_source> from_runs(std::unique_ptr<byte_source> whole, std::vector<member_run> runs,
                                                     std::uint64_t size, source_options const& o);

// The image inside: the file that r.member names; else the only image; else the only carrier. Where
// seeking in `s` costs nothing all files are looked at, else the first image is taken as it comes by. Throws
// fatal_error: usage where several are possible (the text lists them) or the name is not there,
// unsupported where there is none, damaged where the walk ended early without one.
[[nodiscard]] std::unique_ptr<byte_source> open_member(std::unique_ptr<byte_source> s, member_walk& walk,
                                                       member_carrier const& about, carrier_format::request const& r,
                                                       diagnostic_sink& findings);

}  // namespace sysb::io
