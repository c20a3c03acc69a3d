// SPDX-License-Identifier: Apache-2.0
// Makes the catalog of an image while somebody walks over it, in a file without a name.
#pragma once
#include <cstddef>
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
  explicit recorder(std::string const& folder);

  // Every member, in image order.
  void add(entry const& e);
  // The members, once the walk has ended; null where it did not end well, or met what no catalog holds
  // (damage). `open` makes a source of the descriptor, which it owns.
  using opener = std::function<std::unique_ptr<byte_source>(int fd)>;
  [[nodiscard]] std::unique_ptr<index_file> finish(image_reader const& walked, opener const& open);

 private:
  void write(std::span<std::byte const> bytes);
  void flush();

  unique_fd file_;
  std::vector<std::byte> buffer_;
  std::optional<builder> builder_;  // none once the catalog was given up
};

}  // namespace sysb::index
