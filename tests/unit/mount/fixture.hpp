// SPDX-License-Identifier: Apache-2.0
// An image in a file of its own, and what a mount makes of it before anything is mounted.
#pragma once
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/ledger.hpp"
#include "core/progress.hpp"
#include "mount/contents.hpp"
#include "mount/tree.hpp"
#include "mount/view.hpp"
#include "registry/registry.hpp"
#include "support/image_builder.hpp"
#include "support/temp_dir.hpp"

namespace sysb::mount::testing {

class mounted {
 public:
  explicit mounted(test::image_builder const& image, std::uint64_t cache = 1u << 20);

  // Bytes of the image behind the mount's back, with the old time where `quietly`.
  void overwrite(std::uint64_t at, std::string_view bytes, bool quietly);
  // What open(2) and read(2) give: the content, or "errno N".
  [[nodiscard]] std::string content(std::string_view path);
  [[nodiscard]] std::vector<std::string> names(std::string_view directory) const;

  shown_members members;
  std::unique_ptr<tree> files;
  std::unique_ptr<contents> bytes;
  std::vector<std::string> log;

 private:
  test::temp_dir folder_;
  std::filesystem::path file_;
  ledger findings_;
  progress counters_;
  registry::opened_image image_;
};

}  // namespace sysb::mount::testing
