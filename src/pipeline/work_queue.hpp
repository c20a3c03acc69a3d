// SPDX-License-Identifier: Apache-2.0
// Members on their way to the sink, in image order. Workers unpack and digest ahead of the
// delivery; the delivering thread helps where it would wait. Bounded in bytes and in items.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/entry_sink.hpp"
#include "core/member_plan.hpp"
#include "core/progress.hpp"
#include "pipeline/content_job.hpp"
#include "pipeline/worker_pool.hpp"

namespace sysb::pipeline {

struct work_item {
  entry member;  // its path is normal until it is told of; image_path is set
  decision what;
  bool refused = false;
  bool emit = false;            // goes to the sink
  bool compare = false;         // repeated hard-link data: digested, not written
  bool filled = false;          // its slot has the content
  std::unique_ptr<slot> place;  // null: nothing is left for the sink to do

  enum class origin : std::uint8_t { none, memory, file } from = origin::none;
  std::vector<std::byte> bytes;  // origin::memory: stored (or generated) content
  std::uint64_t offset = 0;      // origin::file
  content_request request;
  bool learn = false;      // leads a link group: its digest is kept
  std::uint64_t cost = 0;  // in memory, while it waits

  // Written by the thread that works on it, read after `ready`.
  content_outcome outcome;
  std::exception_ptr error;
  [[nodiscard]] bool whole_content() const noexcept {
    return outcome.fault == nullptr && outcome.result.bytes == request.wanted();
  }

  enum class state : std::uint8_t { idle, waiting, working, ready };
  state progress = state::idle;               // guarded by the queue's mutex
  std::deque<std::vector<std::byte>> pieces;  // likewise: plain content, ahead of delivery
  std::vector<std::byte> whole;               // of a small member, until it is ready

  void reset();  // as new, but for the buffers of names
};

class work_queue {
 public:
  // `workers` threads beside the caller, or as many as can be started.
  work_queue(unsigned workers, std::function<std::unique_ptr<content_decoder>()> make_decoder,
             std::optional<byte_source::file_run> run, bool wants_content, progress const* counters,
             thread_starter const& start);
  ~work_queue();
  work_queue(work_queue const&) = delete;
  work_queue& operator=(work_queue const&) = delete;

  [[nodiscard]] bool has_workers() const noexcept { return !workers_.empty(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  // Room for one more item of this size?
  [[nodiscard]] bool has_room(std::uint64_t cost) const noexcept;
  // A new item; its names have the buffers of one that is done.
  [[nodiscard]] std::unique_ptr<work_item> take();
  void push(std::unique_ptr<work_item> item);
  [[nodiscard]] work_item& front() noexcept { return *items_.front(); }
  // Delivers the content of the front item to `emit` (waits, or does the work itself) and returns
  // its outcome. Rethrows what a worker threw.
  [[nodiscard]] content_outcome const& finish_front(piece_target const& emit);
  void pop();

  // Whether the slot is to be filled with the item's content, in this order.
  [[nodiscard]] bool fills(work_item const& i, slot::order when) const noexcept {
    return wants_content() && i.place && !i.compare && i.place->when() == when;
  }
  [[nodiscard]] bool wants_content() const noexcept { return wants_content_ && !given_up_; }
  // No slot is filled any more; content is read all the same.
  void give_up() noexcept { given_up_ = true; }
  [[nodiscard]] bool given_up() const noexcept { return given_up_; }
  [[nodiscard]] std::uint64_t cost_of(work_item const& i) const noexcept;
  [[nodiscard]] content_tools& tools() noexcept { return own_tools_; }

  void run(work_item& item, content_tools& tools, piece_target const& emit);
  // Content in a file, as it stands there, to a file. False: it must go through run().
  [[nodiscard]] bool copy(work_item& item, content_tools& tools, int fd, std::uint64_t at);

 private:
  void work();
  void stop_if_asked() const;
  // Content that is to reach its slot through finish_front().
  [[nodiscard]] bool delivers(work_item const& i) const noexcept { return fills(i, slot::order::in_turn); }
  void work_on(work_item& item, content_tools& tools);
  void process(work_item& item, content_tools& tools) noexcept;  // what it throws stays with the item
  static void set_ready(work_item& item);                        // mutex held
  bool help(std::unique_lock<std::mutex>& lock);                 // false: nothing that it could do
  [[nodiscard]] std::vector<std::byte> spare_piece();            // mutex held

  static constexpr std::uint64_t max_cost = 16u << 20;
  static constexpr std::size_t max_items = 512;
  static constexpr std::size_t most_spare_items = 64;
  static constexpr std::size_t max_pieces = 4;  // of one long member, waiting
  // Small members are taken several at a time: waking threads up costs more than unpacking one.
  static constexpr std::size_t batch_items = 16;
  static constexpr std::uint64_t batch_bytes = 1u << 20;

  std::function<std::unique_ptr<content_decoder>()> make_decoder_;
  std::optional<byte_source::file_run> run_;
  progress const* counters_;  // asked for a signal between the pieces of a member; may be null
  bool wants_content_;
  std::atomic<bool> given_up_ = false;
  content_tools own_tools_;
  std::uint64_t cost_ = 0;
  std::deque<std::unique_ptr<work_item>> items_;  // only the caller's thread touches the deque
  std::vector<std::unique_ptr<work_item>> done_;  // likewise

  std::mutex mutex_;
  std::condition_variable wake_worker_, wake_caller_, piece_taken_;
  std::deque<work_item*> waiting_;
  std::vector<std::vector<std::byte>> spare_;
  unsigned idle_ = 0;  // workers that wait
  bool stop_ = false;
  worker_pool workers_;
};

}  // namespace sysb::pipeline
