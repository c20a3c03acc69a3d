// SPDX-License-Identifier: Apache-2.0
// Holds the contents of an image against its own software inventory, in one pass and in any order of members:
//
//   for every member: if (v.wants(e)) v.take(e, content); v.member(e, sum);   then   v.finish(findings)
//
// What is kept of a member are 32 bytes, outside the memory where there are many of them; of a row 80 and its name. Rows
// together are bounded (inventory/room.hpp), and so are the members that rows ask for.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/limits.hpp"
#include "core/piece_store.hpp"
#include "inventory/collector.hpp"

namespace sysb::inventory {

// What the image shows of a name.
struct seen_member {
  std::uint64_t key = 0;
  std::uint64_t offset : 48 = 0;  // of the record
  std::uint64_t sum : 16 = 0;
  std::uint64_t size : 48 = 0;  // of a symbolic link: its target, hashed; without content here: its link group
  std::uint64_t kind : 4 = 0;
  std::uint64_t perm : 12 = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid : 24 = 0;
  std::uint32_t id_known : 1 = 0;  // gid fits
  std::uint32_t summed : 1 = 0;
  std::uint32_t elsewhere : 1 = 0;  // the content stands under another name
  std::uint32_t unread : 1 = 0;     // an error was found in it, and reported
  std::uint32_t taken : 1 = 0;
  [[nodiscard]] std::uint64_t hash() const noexcept { return key; }
  [[nodiscard]] bool occupied() const noexcept { return taken != 0; }
};
static_assert(sizeof(seen_member) == 32);

enum class state : std::uint8_t {
  sound,       // complete, and what can be compared is equal
  unproven,    // complete, and nothing could be compared
  changed,     // files were edited or damaged
  incomplete,  // files are missing
  damaged,
};
[[nodiscard]] std::string_view to_text(state s) noexcept;

struct fileset_state {
  std::string name;
  std::string level;
  state what = state::unproven;
  std::array<std::uint64_t, outcome_count> files{};  // by outcome
  std::uint64_t attributes = 0;                      // files of which kind, mode, owner or target differ
  std::vector<std::string> named;                    // the first files that are damaged, missing or changed
  [[nodiscard]] std::uint64_t count(outcome o) const noexcept { return files[static_cast<std::size_t>(o)]; }
};

struct report {
  bool any = false;                            // the image has an inventory at all
  bool is_package = false;                     // of an installp package: nothing explains a difference
  bool database_sums = false;                  // sums of the software database count
  std::uint64_t agreeing = 0, comparable = 0;  // of them, where lengths agree
  std::vector<fileset_state> filesets;         // with rows, sorted by name
  std::array<std::uint64_t, outcome_count> files{};
  std::uint64_t attributes = 0;
  std::uint64_t damaged_rows = 0;
  std::uint64_t errors = 0;  // findings that mean damage
  [[nodiscard]] std::uint64_t count(outcome o) const noexcept { return files[static_cast<std::size_t>(o)]; }
  [[nodiscard]] std::uint64_t count(state s) const noexcept;
};

class verifier {
 public:
  // `tmpdir`: for a temporary file; empty: /var/tmp.
  explicit verifier(limits const& bounds, std::string tmpdir = {});

  // The whole content of this member is needed.
  [[nodiscard]] bool wants(entry const& e) { return collector_.wants(e); }
  void take(entry const& e, std::span<std::byte const> content) { collector_.take(e, content); }
  // `sum`: of the whole plain content; none where it was not read or is not whole. Throws fatal_error{io}.
  void member(entry const& e, std::optional<std::uint16_t> sum);

  // After the last member; once.
  report const& finish(diagnostic_sink& d);
  [[nodiscard]] report const& result() const noexcept { return report_; }

  // One row a file, after finish().
  struct file_line {
    std::string path;  // absolute
    std::string fileset;
    outcome what = outcome::without_sums;
    swvpd::inventory_type type = swvpd::inventory_type::unknown;
    bool shipped = false;
  };
  using line_target = std::function<void(file_line const&)>;
  // Every file of a fileset in the order of their paths, or every fileset of a path; how many there are.
  std::size_t files_of(std::string_view fileset, line_target const& each) const;
  std::size_t rows_of(std::string_view path, line_target const& each) const;
  [[nodiscard]] collector const& source() const noexcept { return collector_; }

 private:
  friend class judge;
  [[nodiscard]] file_line line_of(claim const& c) const;

  collector collector_;
  // The name of a group of hard links that has the content.
  struct link_content {
    std::uint64_t group = 0;
    std::uint64_t key = 0;
  };
  template <typename T>
  class list {
   public:
    explicit list(std::string const& tmpdir) : store_{tmpdir, 256u << 10} {}
    void add(T const& v) {
      auto const bytes = std::as_bytes(std::span{&v, 1});
      (void)store_.add({reinterpret_cast<char const*>(bytes.data()), bytes.size()});
      ++count_;
    }
    template <typename Visit>
    void for_each(Visit const& visit) const {
      T v;
      for (std::uint64_t i = 0; i < count_; ++i) {
        store_.get(i * sizeof(T), std::as_writable_bytes(std::span{&v, 1}));
        visit(std::as_const(v));
      }
    }

   private:
    piece_store store_;
    std::uint64_t count_ = 0;
  };
  list<seen_member> seen_;  // in image order: the later one of a name counts
  list<link_content> link_contents_;
  std::unordered_map<std::string, std::string> links_;  // symbolic links, by normal path
  bool links_whole_ = true;
  report report_;
  std::string room_;  // for a name that is not normal
};

}  // namespace sysb::inventory
