// SPDX-License-Identifier: Apache-2.0
#include "pipeline/work_queue.hpp"

#include <algorithm>
#include <new>

#include "base/file_copy.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::pipeline {

namespace {

// The content of an item, for a slot that any thread fills.
class item_feed final : public content_feed {
 public:
  item_feed(work_queue& queue, work_item& item, content_tools& tools) : queue_{queue}, item_{item}, tools_{tools} {}
  [[nodiscard]] bool stream(piece_target const& to) override {
    queue_.run(item_, tools_, to);
    return item_.whole_content();
  }
  [[nodiscard]] std::optional<bool> copy_to(int fd, std::uint64_t at) override {
    if (!queue_.copy(item_, tools_, fd, at)) { return std::nullopt; }
    return item_.whole_content();
  }

 private:
  work_queue& queue_;
  work_item& item_;
  content_tools& tools_;
};

}  // namespace

work_queue::work_queue(unsigned workers, std::function<std::unique_ptr<content_decoder>()> make_decoder,
                       std::optional<byte_source::file_run> run, bool wants_content, progress const* counters,
                       thread_starter const& start)
    : make_decoder_{std::move(make_decoder)}, run_{run}, counters_{counters}, wants_content_{wants_content} {
  own_tools_.decoder = make_decoder_();
  workers_.start(
      workers, [this] { work(); }, start);
}

work_queue::~work_queue() {
  {
    std::lock_guard const lock{mutex_};
    stop_ = true;
    waiting_.clear();
  }
  wake_worker_.notify_all();
  piece_taken_.notify_all();
  workers_.join();
}

std::uint64_t work_queue::cost_of(work_item const& i) const noexcept {
  // What may wait in memory: the stored bytes, and plain bytes that finish_front() gives out, up to
  // the piece limit.
  auto const plain = delivers(i) ? i.request.plain : 0;
  auto const kept = i.request.keep ? i.request.plain : 0;
  return 512 + i.bytes.size() + std::min<std::uint64_t>(plain, small_member_bytes) + kept;
}

bool work_queue::has_room(std::uint64_t cost) const noexcept {
  return items_.empty() || (items_.size() < max_items && cost_ + cost <= max_cost);
}

void work_item::reset() {
  member.clear();
  what = {};
  refused = emit = compare = filled = learn = false;
  place.reset();
  from = origin::none;
  bytes = {};
  offset = 0;
  request = {};
  outcome = {};
  error = nullptr;
  progress = state::idle;
  pieces.clear();
  whole = {};
}

std::unique_ptr<work_item> work_queue::take() {
  if (done_.empty()) { return std::make_unique<work_item>(); }
  auto item = std::move(done_.back());
  done_.pop_back();
  item->reset();
  return item;
}

void work_queue::push(std::unique_ptr<work_item> item) {
  item->cost = cost_of(*item);
  cost_ += item->cost;
  auto* const raw = item.get();
  items_.push_back(std::move(item));
  bool const work = raw->from != work_item::origin::none && raw->progress == work_item::state::idle &&
                    (raw->request.packed || raw->request.digest || raw->request.sum || fills(*raw, slot::order::any));
  if (!work) { return; }
  bool wake = false;
  {
    std::lock_guard const lock{mutex_};
    raw->progress = work_item::state::waiting;
    waiting_.push_back(raw);
    wake = idle_ != 0 && (waiting_.size() >= batch_items || raw->request.plain > batch_bytes / batch_items);
  }
  if (wake) { wake_worker_.notify_one(); }
}

void work_queue::pop() {
  cost_ -= items_.front()->cost;
  items_.front()->place.reset();
  if (done_.size() < most_spare_items) { done_.push_back(std::move(items_.front())); }
  items_.pop_front();
}

void work_queue::run(work_item& item, content_tools& tools, piece_target const& emit) {
  if (item.from == work_item::origin::memory) {
    item.outcome = run_content(item.request, tools, one_piece(item.bytes), emit);
    return;
  }
  file_pieces source{*run_, item.offset, item.request.stored_there.value_or(item.request.stored), tools.in};
  item.outcome = run_content(
      item.request, tools,
      [&] {
        stop_if_asked();
        return source.next();
      },
      emit);
}

void work_queue::stop_if_asked() const {
  if (counters_ != nullptr) { counters_->stop_if_asked(); }
}

bool work_queue::copy(work_item& item, content_tools& tools, int fd, std::uint64_t at) {
  if (item.from != work_item::origin::file || item.request.packed) { return false; }
  auto const wanted = item.request.wanted();
  std::uint64_t done = 0;
  while (done < wanted) {
    stop_if_asked();
    auto const piece = std::min<std::uint64_t>(wanted - done, copied_at_once);
    auto const n = copy_file_bytes(run_->fd, run_->base + item.offset + done, fd, at + done, piece);
    if (n.error != 0) {
      throw fatal_error{fatal_error::kind::io, concat("copying to the output failed: ", os_text(n.error))};
    }
    done += n.bytes;
    if (n.bytes < piece) { break; }  // the image is cut: the reader that walks over this member says so
  }
  if (item.request.digest || item.request.sum || item.request.keep) {
    run(item, tools, [](std::span<std::byte const>) {});
  } else {
    item.outcome = {};
  }
  item.outcome.result.bytes = done;
  return true;
}

std::vector<std::byte> work_queue::spare_piece() {
  if (spare_.empty()) { return {}; }
  auto out = std::move(spare_.back());
  spare_.pop_back();
  return out;
}

// Content of a long member goes out in pieces while it is unpacked.
void work_queue::work_on(work_item& item, content_tools& tools) {
  bool const long_member = item.request.plain > small_member_bytes;
  run(item, tools, [&](std::span<std::byte const> p) {
    if (!delivers(item)) { return; }
    if (!long_member) {
      if (item.whole.empty()) { item.whole.reserve(static_cast<std::size_t>(item.request.wanted())); }
      item.whole.insert(item.whole.end(), p.begin(), p.end());
      return;
    }
    std::unique_lock lock{mutex_};
    // It must not fill the memory while others are delivered before it.
    piece_taken_.wait(lock, [&] { return stop_ || item.pieces.size() < max_pieces; });
    if (stop_) { return; }
    auto copy = spare_piece();
    lock.unlock();
    copy.assign(p.begin(), p.end());
    lock.lock();
    item.pieces.push_back(std::move(copy));
    wake_caller_.notify_one();
  });
}

void work_queue::work() {
  content_tools tools;
  std::vector<work_item*> batch;
  try {
    tools.decoder = make_decoder_();
    batch.reserve(batch_items);
  } catch (std::bad_alloc const&) {
    return;  // the caller does what nobody takes
  }
  std::unique_lock lock{mutex_};
  for (;;) {
    ++idle_;
    wake_worker_.wait(lock, [&] { return stop_ || !waiting_.empty(); });
    --idle_;
    if (stop_) { return; }
    batch.clear();
    std::uint64_t bytes = 0;
    while (!waiting_.empty() && batch.size() < batch_items) {
      auto* const next = waiting_.front();
      bytes += next->request.plain;
      if (!batch.empty() && bytes > batch_bytes) { break; }
      next->progress = work_item::state::working;
      batch.push_back(next);
      waiting_.pop_front();
    }
    lock.unlock();
    for (auto* const item : batch) { process(*item, tools); }
    lock.lock();
    for (auto* const item : batch) { set_ready(*item); }
    wake_caller_.notify_one();
  }
}

void work_queue::process(work_item& item, content_tools& tools) noexcept {
  try {
    if (fills(item, slot::order::any)) {
      item_feed feed{*this, item, tools};
      item.place->fill(feed);
    } else {
      work_on(item, tools);
    }
  } catch (...) { item.error = std::current_exception(); }
}

void work_queue::set_ready(work_item& item) {
  if (!item.whole.empty()) { item.pieces.push_back(std::move(item.whole)); }
  item.progress = work_item::state::ready;
}

// Instead of waiting for the front item: an item after it. Not a long one that gives out pieces,
// which would wait for the very thread that takes them.
bool work_queue::help(std::unique_lock<std::mutex>& lock) {
  auto const at = std::find_if(waiting_.begin(), waiting_.end(), [this](work_item const* i) {
    return i->request.plain <= small_member_bytes || !delivers(*i);
  });
  if (at == waiting_.end()) { return false; }
  auto& item = **at;
  waiting_.erase(at);
  item.progress = work_item::state::working;
  lock.unlock();
  process(item, own_tools_);
  lock.lock();
  set_ready(item);
  return true;
}

content_outcome const& work_queue::finish_front(piece_target const& emit) {
  auto& item = front();
  std::unique_lock lock{mutex_};
  bool const mine = item.progress == work_item::state::idle || item.progress == work_item::state::waiting;
  if (mine) {
    auto const at = std::find(waiting_.begin(), waiting_.end(), &item);
    if (at != waiting_.end()) { waiting_.erase(at); }
    item.progress = work_item::state::working;
    lock.unlock();
    if (delivers(item)) {
      run(item, own_tools_, emit);
    } else {
      process(item, own_tools_);
      if (item.error) { std::rethrow_exception(item.error); }
    }
    lock.lock();
    item.progress = work_item::state::ready;
    return item.outcome;
  }
  for (;;) {
    auto const served = [&] { return !item.pieces.empty() || item.progress == work_item::state::ready; };
    while (!served() && help(lock)) {}
    wake_caller_.wait(lock, served);
    while (!item.pieces.empty()) {
      auto piece = std::move(item.pieces.front());
      item.pieces.pop_front();
      piece_taken_.notify_one();
      lock.unlock();
      emit(piece);
      lock.lock();
      if (spare_.size() < 8) { spare_.push_back(std::move(piece)); }
    }
    if (item.progress == work_item::state::ready) { break; }
  }
  if (item.error) { std::rethrow_exception(item.error); }
  return item.outcome;
}

}  // namespace sysb::pipeline
