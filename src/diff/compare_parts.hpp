// SPDX-License-Identifier: Apache-2.0
// What a comparison is made of; for this folder only.
#pragma once
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/partitioned_table.hpp"
#include "core/piece_store.hpp"
#include "diff/compare.hpp"

namespace sysb::diff {

// Of names that both sides have: the first one of each file, in the order of the merge.
struct comparison::names_of_one_file {
  explicit names_of_one_file(std::string const& tmpdir) : names_{tmpdir} {}

  // Where the first name stands in `names`: each once, so equal places are equal names. Nothing: `path` is the first.
  using place = std::uint64_t;
  [[nodiscard]] std::optional<place> first_of(group_key const& group, bool after, std::string const& path);
  [[nodiscard]] std::string name_at(place at) const;

 private:
  struct slot {
    group_key key;
    place name = 0;
    [[nodiscard]] std::uint64_t hash() const noexcept { return key.first; }
    [[nodiscard]] bool occupied() const noexcept { return key.any(); }
  };
  using length = std::uint32_t;  // stands before the name
  piece_store names_;
  partitioned_table<slot> before_, after_;
  std::string last_;  // the name that was asked for last
  std::optional<place> last_place_;
};

// Files that one side alone has, and which of them are one file under two names.
struct comparison::only_here {
  explicit only_here(std::string const& tmpdir);
  void add(member const& m, bool after);
  void ask(wanted_digests& before, wanted_digests& after);
  void match(wanted_digests& before, wanted_digests& after);

  class renamed_cursor {
   public:
    explicit renamed_cursor(only_here const& of);
    // In the order of paths. Empty: it was not renamed.
    [[nodiscard]] std::string other(std::string_view path);

   private:
    sorted_spool::cursor items_;
    bool more_;
  };

 private:
  static constexpr std::size_t bits = 1u << 20;
  using sizes = std::bitset<bits>;
  struct question {
    std::uint8_t after = 0;
    bool known = false, asked = false;
    std::uint64_t number = 0;
    digest128 digest{};
    std::string path;
  };
  [[nodiscard]] static std::size_t bit_of(std::uint64_t size) noexcept;
  void pair_up(std::vector<std::string>& gone, std::vector<std::string>& come);

  std::string tmpdir_;
  sorted_spool files_, questions_, by_digest_, renamed_;
  std::unique_ptr<sizes> before_, after_;
};

}  // namespace sysb::diff
