// SPDX-License-Identifier: Apache-2.0
#include "diff/sorted_spool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t most_runs = 48;  // merged at once, a buffer each
constexpr std::size_t run_buffer = 64u << 10;

struct item_head {
  std::uint32_t key = 0;
  std::uint32_t value = 0;
};

[[nodiscard]] item_head head_at(std::string_view bytes) noexcept {
  item_head h;
  std::memcpy(&h, bytes.data(), sizeof h);
  return h;
}

[[nodiscard]] std::string_view key_at(std::string_view piece, std::uint32_t place) noexcept {
  return piece.substr(place + sizeof(item_head), head_at(piece.substr(place)).key);
}

[[nodiscard]] std::string_view item_at(std::string_view piece, std::uint32_t place) noexcept {
  auto const h = head_at(piece.substr(place));
  return piece.substr(place, sizeof h + h.key + h.value);
}

}  // namespace

void append_number_key(std::string& key, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) { key.push_back(static_cast<char>(number >> shift & 0xff)); }
}

sorted_spool::sorted_spool(std::string folder, std::size_t memory) : folder_{std::move(folder)}, memory_{memory} {}
sorted_spool::~sorted_spool() = default;

void sorted_spool::add(std::string_view key, std::string_view value) {
  auto const bytes = sizeof(item_head) + key.size() + value.size();
  if (bytes > (1u << 30)) { throw fatal_error{fatal_error::kind::internal, "an item too large to be sorted"}; }
  if (!places_.empty() && piece_.size() + bytes + places_.size() * sizeof(std::uint32_t) > memory_) { spill(); }
  if (!places_.empty() && in_order_ && key < last_key_) { in_order_ = false; }
  if (in_order_) { last_key_ = key; }
  if (piece_.empty()) { piece_.reserve(memory_); }
  places_.push_back(static_cast<std::uint32_t>(piece_.size()));
  item_head const h{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())};
  std::array<char, sizeof h> raw{};
  std::memcpy(raw.data(), &h, sizeof h);
  piece_.append(raw.data(), raw.size());
  piece_.append(key);
  piece_.append(value);
  ++count_;
}

void sorted_spool::sort_piece() {
  if (in_order_) { return; }
  std::sort(places_.begin(), places_.end(), [this](std::uint32_t a, std::uint32_t b) {
    auto const order = key_at(piece_, a).compare(key_at(piece_, b));
    return order != 0 ? order < 0 : a < b;
  });
}

void sorted_spool::write(std::string_view bytes) {
  if (!file_.ok()) {
    file_ = make_temporary_file(folder_);
    if (!file_.ok()) {
      throw fatal_error{fatal_error::kind::io, concat("cannot write in ", quoted(folder_), ": ", os_text(errno)),
                        std::nullopt, folder_};
    }
  }
  if (auto const error = write_fully_at(file_.get(), as_bytes(bytes), written_); error != 0) {
    throw fatal_error{fatal_error::kind::io, concat("temporary file in ", quoted(folder_), ": ", os_text(error)),
                      std::nullopt, folder_};
  }
  written_ += bytes.size();
}

void sorted_spool::spill() {
  sort_piece();
  auto const at = written_;
  if (in_order_) {
    write(piece_);
  } else {
    std::string block;
    block.reserve(run_buffer * 4);
    for (auto const place : places_) {
      auto const item = item_at(piece_, place);
      if (!block.empty() && block.size() + item.size() > run_buffer * 4) {
        write(block);
        block.clear();
      }
      block.append(item);
    }
    write(block);
  }
  runs_.push_back({at, written_ - at});
  piece_.clear();
  places_.clear();
  in_order_ = true;
  if (runs_.size() == most_runs) { merge_all(); }
}

// Many runs become one, so that a pass needs no buffer for each of them.
void sorted_spool::merge_all() {
  auto const at = written_;
  {
    cursor all{*this};
    std::string block;
    while (all.next()) {
      auto const key = all.key();
      auto const value = all.value();
      item_head const h{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())};
      std::array<char, sizeof h> raw{};
      std::memcpy(raw.data(), &h, sizeof h);
      block.append(raw.data(), raw.size());
      block.append(key);
      block.append(value);
      if (block.size() >= run_buffer * 4) {
        write(block);
        block.clear();
      }
    }
    write(block);
  }
  runs_.assign(1, {at, written_ - at});
}

void sorted_spool::finish() {
  if (runs_.empty()) {  // small: it stays in memory
    sort_piece();
    return;
  }
  if (!places_.empty()) { spill(); }
  piece_ = {};
  places_ = {};
}

// --- reading ---------------------------------------------------------------------------------

class sorted_spool::cursor::run_reader {
 public:
  run_reader(int fd, run r) : fd_{fd}, at_{r.at}, left_{r.bytes} {}
  // In memory, through places.
  explicit run_reader(sorted_spool const& of) : of_{&of} {}

  [[nodiscard]] bool next() {
    if (of_ != nullptr) {
      if (place_ == of_->places_.size()) { return false; }
      split(item_at(of_->piece_, of_->places_[place_++]));
      return true;
    }
    used_ += taken_;
    taken_ = 0;
    if (!have(sizeof(item_head))) { return false; }
    auto const h = head_at(std::string_view{buffer_}.substr(used_));
    taken_ = sizeof h + std::size_t{h.key} + h.value;
    if (!have(taken_)) { throw fatal_error{fatal_error::kind::io, "a temporary file was cut"}; }
    split(std::string_view{buffer_}.substr(used_, taken_));
    return true;
  }
  std::string_view key, value;

 private:
  void split(std::string_view item) noexcept {
    auto const h = head_at(item);
    key = item.substr(sizeof h, h.key);
    value = item.substr(sizeof h + h.key, h.value);
  }
  [[nodiscard]] bool have(std::size_t want) {
    if (buffer_.size() - used_ >= want) { return true; }
    buffer_.erase(0, used_);
    used_ = 0;
    auto const old = buffer_.size();
    auto const more = static_cast<std::size_t>(std::min<std::uint64_t>(left_, std::max(run_buffer, want) - old));
    if (old + more < want) { return false; }
    buffer_.resize(old + more);
    auto const [got, error] = read_fully_at(fd_, std::as_writable_bytes(std::span{buffer_}).subspan(old), at_);
    if (error != 0 || got != more) {
      throw fatal_error{fatal_error::kind::io, concat("temporary file: ", error != 0 ? os_text(error) : "it was cut")};
    }
    at_ += more;
    left_ -= more;
    return true;
  }

  sorted_spool const* of_ = nullptr;
  std::size_t place_ = 0;
  int fd_ = -1;
  std::uint64_t at_ = 0, left_ = 0;
  std::string buffer_;
  std::size_t used_ = 0, taken_ = 0;
};

namespace {
// The heap's own order: the largest is on top, so the comparison is turned round. Earlier runs were added first.
template <typename Runs>
auto later(Runs const& runs) {
  return [&runs](std::size_t a, std::size_t b) {
    auto const order = runs[a]->key.compare(runs[b]->key);
    return order != 0 ? order > 0 : a > b;
  };
}
}  // namespace

sorted_spool::cursor::cursor(sorted_spool const& of) : of_{of} {
  if (of_.runs_.empty()) {
    runs_.push_back(std::make_unique<run_reader>(of_));
  } else {
    for (auto const& r : of_.runs_) { runs_.push_back(std::make_unique<run_reader>(of_.file_.get(), r)); }
  }
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    if (runs_[i]->next()) { heap_.push_back(i); }
  }
  std::make_heap(heap_.begin(), heap_.end(), later(runs_));
}

sorted_spool::cursor::~cursor() = default;

bool sorted_spool::cursor::next() {
  if (current_ != nullptr) {
    auto const last = heap_.back();
    if (!current_->next()) {
      heap_.pop_back();
    } else if (heap_.size() > 1) {
      // Mostly the run goes on: it stays in front as long as no other one has a smaller key.
      if (!later(runs_)(last, heap_.front())) { return true; }
      std::push_heap(heap_.begin(), heap_.end(), later(runs_));
      std::pop_heap(heap_.begin(), heap_.end(), later(runs_));
      current_ = runs_[heap_.back()].get();
      return true;
    } else {
      return true;
    }
  }
  if (heap_.empty()) {
    current_ = nullptr;
    return false;
  }
  std::pop_heap(heap_.begin(), heap_.end(), later(runs_));
  current_ = runs_[heap_.back()].get();
  return true;
}

std::string_view sorted_spool::cursor::key() const noexcept { return current_->key; }
std::string_view sorted_spool::cursor::value() const noexcept { return current_->value; }

}  // namespace sysb::diff
