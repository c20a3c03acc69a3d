// SPDX-License-Identifier: Apache-2.0
// What an image shows of things that no document says, as a text that anybody may see: layouts, lengths, counts.
// No byte of a name, a content, an access list, an id, a host or a date gets into it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"

namespace sysb::backup_by_name {

class evidence {
 public:
  void volume(std::span<std::byte const> header, std::span<std::string const> container);
  void found(diag_code const& code);
  // `head`: the record from its start, as far as its content but at most head_bytes.
  void member(entry const& e, std::span<std::byte const> head);
  static constexpr std::size_t head_bytes = 64u << 10;
  // Where the walk stopped before the end record: the bytes that stand there, by their kind.
  void stopped(std::uint64_t offset, std::span<std::byte const> there);

  // `level`: what the user tells of the source; empty where nothing.
  [[nodiscard]] std::string text(std::string_view program, std::string_view level, bool complete) const;

 private:
  struct pattern {
    std::uint64_t count = 0, first = 0;
    std::uint64_t smallest = ~std::uint64_t{0}, largest = 0;  // sizes
    std::vector<std::string> samples;
  };
  // Numbers that identify become the order in which they were first seen.
  class ranks {
   public:
    [[nodiscard]] std::string of(std::uint64_t value);

   private:
    std::map<std::uint64_t, std::size_t> seen_;
  };

  std::string volume_, container_, stopped_;
  std::map<std::string, pattern> patterns_;  // by what the record looks like
  std::map<std::string, std::uint64_t> findings_;
  std::uint64_t members_ = 0, other_patterns_ = 0;
  ranks owners_, groups_, inodes_, devices_;
};

// What a bundle of evidence settles, for people. Throws fatal_error{unsupported} when it is none.
[[nodiscard]] std::string what_evidence_settles(std::string_view bundle);

}  // namespace sysb::backup_by_name
