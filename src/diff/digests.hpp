// SPDX-License-Identifier: Apache-2.0
// Digests of contents that a comparison needs and does not know: asked for by path, read in the order of the medium,
// answered by number. Memory does not grow with how many there are.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/os/descriptor.hpp"
#include "diff/side.hpp"
#include "diff/sorted_spool.hpp"

namespace sysb::diff {

class wanted_digests {
 public:
  wanted_digests(side& of, side_context const& c);
  // The number of the answer: 0, 1, 2 ...
  [[nodiscard]] std::uint64_t ask(content_place const& where);
  // Reads everything asked for, each content once. What is damaged is reported, in the order of the medium.
  void run();
  // Answers in nearly ascending order are fast. Nothing: the content is not whole.
  [[nodiscard]] std::optional<digest128> answer(std::uint64_t number);

 private:
  struct job {
    content_place where;
    std::vector<std::uint64_t> numbers;
  };
  class worker;
  void put(std::uint64_t first, std::span<std::byte const> slots) const;

  side& side_;
  side_context context_;
  sorted_spool questions_;
  std::uint64_t count_ = 0;
  unique_fd answers_;
  std::vector<std::byte> window_;
  std::uint64_t window_at_ = 0;
};

}  // namespace sysb::diff
