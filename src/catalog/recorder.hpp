// SPDX-License-Identifier: Apache-2.0
// Makes the catalog of an image while somebody walks over it, in a file without a name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/os/descriptor.hpp"
#include "catalog/builder.hpp"
#include "catalog/index_file.hpp"
#include "core/byte_source.hpp"
#include "core/image_reader.hpp"

namespace sysb::index {

class recorder {
 public:
  // `folder`: where the file stands. Without room for it there is no catalog, and the image is walked again.
  // Damage: with `takes::sound` there is no catalog then, else the members that the walk gave are all.
  explicit recorder(std::string const& folder, builder::takes what = builder::takes::sound);

  // Every member, in image order; `head` as head_bytes() says, where its hash is to be kept.
  void add(entry const& e, std::span<std::byte const> head = {});
  void add(entry const& e, member_facts const& facts);
  // The members, once the walk has ended; null where there is no catalog. `open` makes a source of the
  // descriptor, which it owns.
  using opener = std::function<std::unique_ptr<byte_source>(int fd)>;
  [[nodiscard]] std::unique_ptr<index_file> finish(image_reader const& walked, opener const& open);
  [[nodiscard]] std::unique_ptr<index_file> finish(std::uint64_t end_offset, opener const& open);

 private:
  void write(std::span<std::byte const> bytes);
  void flush();

  builder::takes what_;
  unique_fd file_;
  std::vector<std::byte> buffer_;
  std::optional<builder> builder_;  // none once the catalog was given up
};

}  // namespace sysb::index
