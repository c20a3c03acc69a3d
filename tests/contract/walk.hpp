// SPDX-License-Identifier: Apache-2.0
// One walk over an image through the reader's interface, with everything it gave on the way.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/entry.hpp"
#include "core/image_reader.hpp"
#include "support/image_record.hpp"

namespace sysb::contract {

using test::bytes;

enum class mode : std::uint8_t {
  skip,  // no content is asked for
  read,  // every content is read, packed content decoded
  raw,   // every record is copied
};

enum class medium : std::uint8_t {
  file,  // can seek
  pipe,  // cannot, and gives its bytes in small odd pieces
};

struct seen_entry {
  entry about;
  std::string digest;  // of the plain content, in mode::read
  bool operator==(seen_entry const& o) const;
};

struct seen_finding {
  std::string id;
  std::optional<std::uint64_t> offset;
  std::string path;
  bool is_error = false;
  bool operator==(seen_finding const&) const = default;
};

struct result {
  std::vector<seen_entry> entries;
  std::vector<seen_finding> findings;       // the reader's, in its order
  std::vector<std::string> content_faults;  // ids of the decoder, in mode::read
  std::optional<std::string> fatal;         // kind, where the walk ended in an exception
  bool complete = false;
  std::uint64_t end_offset = 0;
  bytes raw;  // in mode::raw: volume header and all records

  [[nodiscard]] bool has_error() const;
  [[nodiscard]] std::vector<std::string> error_ids() const;    // each once, in order
  [[nodiscard]] std::vector<std::string> warning_ids() const;  // each once, in order
  [[nodiscard]] std::string listing() const;                   // as testdata has it
};

[[nodiscard]] result walk(bytes const& image, mode how, medium from = medium::file);
// Text of everything found, for a failing test.
[[nodiscard]] std::string describe(result const& r);

struct named_image {
  std::string name;
  bytes image;
};
[[nodiscard]] bytes content_of(std::string const& path);
[[nodiscard]] bool exists(std::string const& path);
// "backup_by_name/good/…" of testdata; every image.bff below it, by name.
[[nodiscard]] std::vector<named_image> images_of(std::string const& folder);
// The real samples that AIX wrote; empty, with a message, where SYSB_SAMPLES_DIR is not set.
[[nodiscard]] std::vector<named_image> real_samples();
[[nodiscard]] std::string testdata();

}  // namespace sysb::contract
