// SPDX-License-Identifier: Apache-2.0
// The manifests that sysb writes, read again: `--format mtree`, and what stands beside a tree.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/os/descriptor.hpp"
#include "core/entry.hpp"

namespace sysb::output {

class mtree_reader {
 public:
  // `name` is for messages. Throws fatal_error: io where it cannot be read, unsupported where it is a manifest
  // that others wrote, damaged where a line is none of ours.
  explicit mtree_reader(std::string name);

  // False after the last member. `path` without "./"; a further name of a hard link has link_to; offset is the
  // number of the member.
  [[nodiscard]] bool next(entry& out);
  // Of what next() gave.
  [[nodiscard]] std::optional<digest128> const& digest() const noexcept { return digest_; }
  [[nodiscard]] bool aix_mode() const noexcept { return aix_mode_; }

 private:
  [[nodiscard]] bool line(std::string& out);
  [[noreturn]] void fail(std::string_view why) const;
  void take_word(std::string_view word, entry& out);
  void take_tags(std::string_view tags, entry& out);

  std::string name_;
  unique_fd fd_;
  std::string buffer_, text_;
  std::size_t used_ = 0;
  std::uint64_t number_ = 0, members_ = 0;
  std::optional<digest128> digest_;
  bool aix_mode_ = false;
};

}  // namespace sysb::output
