// SPDX-License-Identifier: Apache-2.0
// Items in the order of their keys, however many there are: sorted in pieces, which stand in a file without a
// name, and merged while they are read. Memory does not grow with their number.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/descriptor.hpp"
#include "base/paged_memory.hpp"

namespace sysb::diff {

// Big-endian, so that keys sort as the numbers do.
void append_number_key(std::string& key, std::uint64_t number);

class sorted_spool {
 public:
  // `memory`: what one piece may take. `folder`: where the file stands, once there is more.
  explicit sorted_spool(std::string folder, std::size_t memory = 6u << 20);
  ~sorted_spool();
  sorted_spool(sorted_spool const&) = delete;
  sorted_spool& operator=(sorted_spool const&) = delete;

  // By the bytes of the key; of equal keys the one that was added first comes first. Throws fatal_error{io}.
  void add(std::string_view key, std::string_view value);
  // Once, after the last item.
  void finish();
  [[nodiscard]] std::uint64_t size() const noexcept { return count_; }

  // A pass over all items; several may be under way. The spool outlives them.
  class cursor {
   public:
    explicit cursor(sorted_spool const& of);
    ~cursor();
    cursor(cursor const&) = delete;
    cursor& operator=(cursor const&) = delete;
    // False after the last. key() and value() hold until the next call.
    [[nodiscard]] bool next();
    [[nodiscard]] std::string_view key() const noexcept;
    [[nodiscard]] std::string_view value() const noexcept;

   private:
    class run_reader;
    sorted_spool const& of_;
    std::vector<std::unique_ptr<run_reader>> runs_;
    std::vector<std::size_t> heap_;  // positions in runs_, the smallest key first
    run_reader* current_ = nullptr;
  };

 private:
  struct run {
    std::uint64_t at = 0;
    std::uint64_t bytes = 0;
  };
  void sort_piece();
  void spill();
  void write(std::string_view bytes);
  void merge_all();

  std::string folder_;
  std::size_t memory_;
  // Items one after another. A heap would keep what they leave behind in the wrong sizes for the next spool.
  std::basic_string<char, std::char_traits<char>, paged_memory<char>> piece_;
  std::vector<std::uint32_t> places_;  // of the items in it
  std::string last_key_;               // of the piece: whether it has to be sorted at all
  bool in_order_ = true;
  std::uint64_t count_ = 0;
  unique_fd file_;
  std::uint64_t written_ = 0;
  std::vector<run> runs_;
};

}  // namespace sysb::diff
