// SPDX-License-Identifier: Apache-2.0
// zstd through its own library, a frame for every few megabytes, each by one of several threads:
// libarchive's filter takes several times the memory, and the library's own threads stand idle while
// the one that feeds them writes. Frames one after another are one stream for every decoder of the
// format.
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "base/os/thread.hpp"
#include "core/fatal_error.hpp"
#include "output/compress.hpp"

namespace sysb::output {

namespace {

constexpr int default_level = 3;
constexpr unsigned most_workers = 64;

// Content of one frame. Fixed, because the bytes depend on it; with 2 MiB the output is 2.5 % larger
// than with 4 MiB, and a worker takes half the memory. High levels want long distances, and their
// tables are far larger than the content.
constexpr std::size_t frame_bytes(int level) noexcept { return level < 10 ? 2u << 20 : 8u << 20; }

struct context_deleter {
  void operator()(ZSTD_CCtx* c) const noexcept { ::ZSTD_freeCCtx(c); }
};

class frame_compressor {
 public:
  explicit frame_compressor(int level) : context_{::ZSTD_createCCtx()} {
    if (!context_) { throw std::bad_alloc{}; }
    set(ZSTD_c_compressionLevel, level);
    set(ZSTD_c_checksumFlag, 1);
  }
  [[nodiscard]] std::size_t operator()(std::span<std::byte const> in, std::span<std::byte> out) {
    return check(::ZSTD_compress2(context_.get(), out.data(), out.size(), in.data(), in.size()));
  }

 private:
  void set(ZSTD_cParameter p, int value) { check(::ZSTD_CCtx_setParameter(context_.get(), p, value)); }
  static std::size_t check(std::size_t r) {
    if (::ZSTD_getErrorCode(r) == ZSTD_error_memory_allocation) { throw std::bad_alloc{}; }
    if (::ZSTD_isError(r) != 0) {
      throw fatal_error{fatal_error::kind::internal, concat("zstd: ", ::ZSTD_getErrorName(r))};
    }
    return r;
  }
  std::unique_ptr<ZSTD_CCtx, context_deleter> context_;
};

class zstd_writer final : public byte_writer {
 public:
  zstd_writer(std::unique_ptr<byte_writer> down, int level, unsigned threads)
      : down_{std::move(down)},
        level_{level < 0 ? default_level : std::clamp(level, 1, ::ZSTD_maxCLevel())},
        capacity_{frame_bytes(level_)},
        threads_{std::min(threads, most_workers)} {
    waiting_.reserve(most_workers + 2);
  }

  ~zstd_writer() override {
    {
      std::lock_guard const hold{mutex_};
      stop_ = true;
      waiting_.clear();
    }
    wake_worker_.notify_all();
    for (auto& t : workers_) { t.join(); }
  }

  void write(std::span<std::byte const> piece) override {
    while (!piece.empty()) {
      if (!filling_) { filling_ = empty_frame(); }
      auto const n = std::min(piece.size(), capacity_ - filling_->used);
      std::memcpy(filling_->in.get() + filling_->used, piece.data(), n);
      filling_->used += n;
      piece = piece.subspan(n);
      if (filling_->used == capacity_) { submit(); }
    }
  }

  void finish() override {
    // Nothing at all is a frame, too.
    if (!filling_ && frames_ == 0) { filling_ = empty_frame(); }
    if (filling_) { submit(); }
    while (!in_work_.empty()) { deliver_front(); }
    down_->finish();
  }

 private:
  struct frame {
    frame(std::size_t content, std::size_t bound)
        : in{std::make_unique_for_overwrite<std::byte[]>(content)},
          out{std::make_unique_for_overwrite<std::byte[]>(bound)} {}
    std::unique_ptr<std::byte[]> in, out;
    std::size_t used = 0;    // of `in`
    std::size_t packed = 0;  // of `out`, when it is done
    bool done = false;       // guarded by the mutex, as the error
    std::exception_ptr error;
  };
  using frame_ptr = std::unique_ptr<frame>;

  // One in each worker, one that is filled, and one that waits in between; of many workers one is
  // done soon.
  [[nodiscard]] std::size_t most_frames() const noexcept { return workers_.size() + (workers_.size() < 4 ? 2 : 1); }

  [[nodiscard]] frame_ptr empty_frame() {
    while (!in_work_.empty() && (front_is_done() || (spare_.empty() && in_work_.size() + 1 >= most_frames()))) {
      deliver_front();
    }
    ++frames_;
    if (spare_.empty()) {
      try {
        return std::make_unique<frame>(capacity_, ::ZSTD_compressBound(capacity_));
      } catch (std::bad_alloc const&) {
        if (in_work_.empty()) { throw; }
        deliver_front();  // one that is there already must do
      }
    }
    auto f = std::move(spare_.back());
    spare_.pop_back();
    f->used = f->packed = 0;
    f->done = false;
    return f;
  }

  [[nodiscard]] bool front_is_done() {
    std::lock_guard const hold{mutex_};
    return in_work_.front()->done;
  }

  void submit() {
    auto* const f = filling_.get();
    in_work_.push_back(std::move(filling_));
    if (threads_ > 1 && f->used == capacity_) { add_worker(); }
    {
      std::lock_guard const hold{mutex_};
      waiting_.push_back(f);
      if (at_work_ != 0) {
        wake_worker_.notify_one();
        return;
      }
    }
    compress_waiting();
  }

  // A worker for each of the first frames: short outputs need none.
  void add_worker() {
    if (workers_.size() >= threads_) { return; }
    workers_.reserve(threads_);
    {
      std::lock_guard const hold{mutex_};
      ++at_work_;
    }
    auto worker = start_thread([this] { work(); });
    if (worker.joinable()) {
      workers_.push_back(std::move(worker));
      return;
    }
    threads_ = static_cast<unsigned>(workers_.size());  // no more are to be had
    std::lock_guard const hold{mutex_};
    --at_work_;
  }

  // By the caller itself, where no worker is left.
  void compress_waiting() {
    while (!waiting_.empty()) {
      auto& f = *waiting_.front();
      waiting_.erase(waiting_.begin());
      compress(f, own());
      f.done = true;
    }
  }

  void work() {
    std::unique_ptr<frame_compressor> tools;
    std::unique_lock lock{mutex_};
    for (;;) {
      wake_worker_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
      if (stop_) { return; }
      auto& f = *waiting_.front();
      waiting_.erase(waiting_.begin());
      lock.unlock();
      try {
        if (!tools) { tools = std::make_unique<frame_compressor>(level_); }
        compress(f, *tools);
      } catch (std::bad_alloc const&) {
        // Whoever has the memory already compresses it.
        tools.reset();
        lock.lock();
        waiting_.insert(waiting_.begin(), &f);
        --at_work_;
        wake_worker_.notify_one();
        frame_done_.notify_one();
        return;
      } catch (...) { f.error = std::current_exception(); }
      lock.lock();
      f.done = true;
      frame_done_.notify_one();
    }
  }

  void compress(frame& f, frame_compressor& with) const {
    f.packed = with({f.in.get(), f.used}, {f.out.get(), ::ZSTD_compressBound(capacity_)});
  }
  [[nodiscard]] frame_compressor& own() {
    if (!own_) { own_ = std::make_unique<frame_compressor>(level_); }
    return *own_;
  }

  void deliver_front() {
    auto& f = *in_work_.front();
    {
      std::unique_lock lock{mutex_};
      frame_done_.wait(lock, [&] { return f.done || at_work_ == 0; });
    }
    if (!f.done) { compress_waiting(); }
    if (f.error) { std::rethrow_exception(f.error); }
    down_->write({f.out.get(), f.packed});
    spare_.push_back(std::move(in_work_.front()));
    in_work_.pop_front();
  }

  std::unique_ptr<byte_writer> down_;
  int level_;
  std::size_t capacity_;
  unsigned threads_;
  std::unique_ptr<frame_compressor> own_;

  // Of the caller's thread.
  frame_ptr filling_;
  std::deque<frame_ptr> in_work_;  // in the order of the stream
  std::vector<frame_ptr> spare_;
  std::uint64_t frames_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_worker_, frame_done_;
  std::vector<frame*> waiting_;  // room for all of them: a worker without memory gives its frame back
  std::size_t at_work_ = 0;      // workers that did not give up
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<byte_writer> make_zstd_writer(std::unique_ptr<byte_writer> down, int level, unsigned threads) {
  return std::make_unique<zstd_writer>(std::move(down), level, threads);
}

}  // namespace sysb::output
