// SPDX-License-Identifier: Apache-2.0
// An image in memory, its index, and a reader that goes by it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "catalog/indexed_reader.hpp"
#include "core/byte_source.hpp"
#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"
#include "support/image_record.hpp"

namespace sysb::index::testing {

using test::bytes;

class collector final : public ledger {
 public:
  collector() : ledger{[this](diagnostic const& d) { all.push_back(d); }} {}
  [[nodiscard]] std::vector<std::string> ids() const;
  [[nodiscard]] std::vector<std::string> texts() const;  // id, place, path and text
  std::vector<diagnostic> all;
};

[[nodiscard]] diag_code const* code_of(std::string_view id);
[[nodiscard]] std::string to_text(entry const& e);  // every field

// As `sysb index` makes it. The image must be sound.
[[nodiscard]] bytes make_index(bytes const& image);

// Everything a walk gives, content (decoded nowhere: as stored) and findings included.
struct seen {
  std::vector<std::string> entries;
  std::vector<std::string> stored;  // digests
  std::vector<std::string> raw;
  std::vector<std::string> findings;
  bool complete = false;
  std::uint64_t end_offset = 0;
  bool operator==(seen const&) const = default;
};
[[nodiscard]] seen walk(image_reader& r, collector& c);
[[nodiscard]] seen plain_walk(bytes const& image);

// `image` through `index`. When open() refuses, reader is null.
struct by_index {
  by_index(bytes const& image, bytes const& index);
  collector findings;
  std::unique_ptr<byte_source> source;
  std::unique_ptr<indexed_reader> reader;
};

}  // namespace sysb::index::testing
