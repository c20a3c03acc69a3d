// SPDX-License-Identifier: Apache-2.0
// Members on their way to the sink, in image order. Workers unpack and digest ahead of the
// delivery; the delivering thread helps where it would wait. Bounded in bytes and in items.
#pragma once
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
  bool emit = false;     // goes to the sink
  bool begun = false;    // the sink has the entry already, if not its content
  bool compare = false;  // repeated hard-link data: digested, not written

  enum class origin : std::uint8_t { none, memory, file } from = origin::none;
  std::vector<std::byte> bytes;  // origin::memory: stored (or generated) content
  std::uint64_t offset = 0;      // origin::file
  content_request request;
  std::optional<std::uint64_t> place;  // in the output, where the sink takes content out of turn
  bool learn = false;                  // first name of a link group: its digest is kept

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
             std::optional<byte_source::file_run> run, entry_sink& sink, progress const* counters,
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

  // True for files that a concurrent sink takes from the worker.
  [[nodiscard]] bool put_by_worker(work_item const& i) const noexcept;
  [[nodiscard]] std::uint64_t cost_of(work_item const& i) const noexcept;
  [[nodiscard]] content_tools& tools() noexcept { return own_tools_; }

 private:
  void work();
  void run(work_item& item, content_tools& tools, piece_target const& emit);
  void run_and_put(work_item& item, content_tools& tools);
  void stop_if_asked() const;
  void run_to_place(work_item& item, content_tools& tools);
  // Content that is to reach the sink through finish_front().
  [[nodiscard]] bool delivers(work_item const& i) const noexcept {
    return wants_data_ && i.emit && !i.begun && !i.compare;
  }
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
  entry_sink& sink_;
  progress const* counters_;  // asked for a signal between the pieces of a member; may be null
  bool concurrent_ = false;   // files go to the sink from any thread
  bool wants_data_;
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
