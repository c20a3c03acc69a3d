// SPDX-License-Identifier: Apache-2.0
// A walk over headers waits for memory most of the time: each header is a short read at a place that
// the one before it names. A second thread reads the headers of a later part of the image at the
// same time, from a place that it guesses. It decides nothing: all that the walk takes from it are
// bytes of the file, so a wrong guess costs time and nothing else.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "core/byte_source.hpp"
#include "core/limits.hpp"
#include "formats/backup_by_name/lookahead.hpp"
#include "formats/backup_by_name/resync.hpp"

namespace sysb::backup_by_name {

class forerunner {
 public:
  // `source` is one of byte_source::make_forerunner(). Where no thread can be started it does nothing.
  forerunner(std::unique_ptr<byte_source> source, limits const& l, header_shape const& shape);
  ~forerunner();
  forerunner(forerunner const&) = delete;
  forerunner& operator=(forerunner const&) = delete;

  // The walk stands at the record at `offset`.
  void passed(std::uint64_t offset) noexcept {
    ++records_;
    if (offset >= asked_from_ && offset >= reached_.load(std::memory_order_acquire)) { ask(offset); }
  }

 private:
  void ask(std::uint64_t offset) noexcept;
  void work() noexcept;
  void run_from(std::uint64_t target);

  // So many records are left to the walk while a run begins: measured, fewer are overtaken too soon.
  static constexpr std::uint64_t records_ahead = 256;
  static constexpr unsigned most_records = 900;  // of one run; more find no room
  static constexpr std::uint64_t searched_bytes = 4u << 20;
  static constexpr std::uint64_t least_mean = 4u << 10;  // smaller members: reading on finds them too
  static constexpr std::uint64_t stop_request = ~std::uint64_t{0};

  std::unique_ptr<byte_source> source_;
  limits limits_;
  lookahead ahead_;
  resync search_{ahead_};

  // Of the walk's thread.
  std::uint64_t records_ = 0;
  std::uint64_t asked_from_ = 0;

  std::atomic<std::uint64_t> target_{0};   // where a run is to begin
  std::atomic<std::uint64_t> reached_{0};  // by the run
  std::thread thread_;
};

}  // namespace sysb::backup_by_name
