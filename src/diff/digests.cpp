// SPDX-License-Identifier: Apache-2.0
#include "diff/digests.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/worker_pool.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t slot_bytes = sizeof(digest128) + 1;
constexpr std::size_t window_slots = 4096;
constexpr std::size_t batch_jobs = 64;
constexpr std::uint64_t batch_bytes = 4u << 20;

struct packed_place {
  std::uint64_t number, order, content_offset, stored, size, packed;
};

}  // namespace

wanted_digests::wanted_digests(side& of, side_context const& c) : side_{of}, context_{c}, questions_{c.tmpdir} {}

std::uint64_t wanted_digests::ask(content_place const& where) {
  std::string key;
  append_number_key(key, where.order);
  packed_place const p{count_, where.order, where.content_offset, where.stored, where.size, where.packed ? 1u : 0u};
  std::string value(sizeof p, '\0');
  std::memcpy(value.data(), &p, sizeof p);
  value += where.path;
  questions_.add(key, value);
  return count_++;
}

// Shares the questions with the other workers; every worker reads by itself.
class wanted_digests::worker {
 public:
  struct shared {
    explicit shared(sorted_spool const& questions) : items{questions}, more{items.next()} {}
    std::mutex lock;
    sorted_spool::cursor items;
    bool more;
    std::exception_ptr failed;
    std::vector<diagnostic> findings;
  };
  worker(wanted_digests& of, shared& s) : of_{of}, shared_{s}, source_{of.side_.contents()} {}

  void run() {
    try {
      std::vector<job> jobs;
      while (take(jobs)) {
        for (auto const& j : jobs) { read(j); }
        put_answers();
      }
    } catch (...) {
      std::lock_guard const hold{shared_.lock};
      if (!shared_.failed) { shared_.failed = std::current_exception(); }
      shared_.more = false;
    }
  }

 private:
  // The next ones in a row, names of one file together.
  [[nodiscard]] bool take(std::vector<job>& jobs) {
    jobs.clear();
    std::lock_guard const hold{shared_.lock};
    std::uint64_t bytes = 0;
    while (shared_.more) {
      auto const value = shared_.items.value();
      packed_place p{};
      std::memcpy(&p, value.data(), sizeof p);
      auto const again = !jobs.empty() && jobs.back().where.order == p.order;
      if (!again) {
        if (jobs.size() == batch_jobs || bytes >= batch_bytes) { return true; }
        jobs.push_back({{.path = std::string{value.substr(sizeof p)},
                         .order = p.order,
                         .content_offset = p.content_offset,
                         .stored = p.stored,
                         .size = p.size,
                         .packed = p.packed != 0},
                        {}});
        bytes += p.stored;
      }
      jobs.back().numbers.push_back(p.number);
      shared_.more = shared_.items.next();
    }
    return !jobs.empty();
  }

  void read(job const& j) {
    digest_.reset();
    auto const fault = source_->read(j.where, [this](std::span<std::byte const> piece) { digest_.update(piece); });
    if (fault && fault->code != nullptr) {
      std::lock_guard const hold{shared_.lock};
      shared_.findings.push_back(*fault);
    }
    slot s{};
    if (!fault) {
      auto const d = digest_.value();
      s[0] = std::byte{1};
      std::copy(d.begin(), d.end(), s.begin() + 1);
    }
    for (auto const n : j.numbers) { answers_.emplace_back(n, s); }
    of_.context_.counters->bytes += j.where.stored;
  }

  // Those of a batch mostly follow each other: they are written together.
  void put_answers() {
    std::sort(answers_.begin(), answers_.end());
    std::vector<std::byte> row;
    for (std::size_t i = 0; i < answers_.size();) {
      auto const first = answers_[i].first;
      row.clear();
      for (; i < answers_.size() && answers_[i].first == first + row.size() / slot_bytes; ++i) {
        row.insert(row.end(), answers_[i].second.begin(), answers_[i].second.end());
      }
      of_.put(first, row);
    }
    answers_.clear();
  }

  using slot = std::array<std::byte, slot_bytes>;
  std::vector<std::pair<std::uint64_t, slot>> answers_;
  wanted_digests& of_;
  shared& shared_;
  std::unique_ptr<content_source> source_;
  digester digest_;
};

void wanted_digests::run() {
  questions_.finish();
  if (count_ == 0) { return; }
  answers_ = make_temporary_file(context_.tmpdir);
  if (!answers_.ok()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot write in ", quoted(context_.tmpdir), ": ", os_text(errno)),
                      std::nullopt, context_.tmpdir};
  }
  worker::shared all{questions_};
  {
    pipeline::worker_pool others;
    auto const more = side_.several_readers() && context_.threads > 1 ? context_.threads - 1 : 0;
    others.start(more, [&] { worker{*this, all}.run(); }, {});
    worker{*this, all}.run();
    others.join();
  }
  if (all.failed) { std::rethrow_exception(all.failed); }
  std::sort(all.findings.begin(), all.findings.end(), [](diagnostic const& a, diagnostic const& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.path < b.path;
  });
  for (auto const& d : all.findings) { context_.findings->report(d); }
}

void wanted_digests::put(std::uint64_t first, std::span<std::byte const> slots) const {
  if (auto const error = write_fully_at(answers_.get(), slots, first * slot_bytes); error != 0) {
    throw fatal_error{fatal_error::kind::io,
                      concat("temporary file in ", quoted(context_.tmpdir), ": ", os_text(error))};
  }
}

std::optional<digest128> wanted_digests::answer(std::uint64_t number) {
  auto const at = number * slot_bytes;
  if (window_.empty() || at < window_at_ || at + slot_bytes > window_at_ + window_.size()) {
    window_.resize(window_slots * slot_bytes);
    auto const [got, error] = read_fully_at(answers_.get(), window_, at);
    if (error != 0 || got < slot_bytes) {
      throw fatal_error{fatal_error::kind::io, concat("temporary file: ", error != 0 ? os_text(error) : "it was cut")};
    }
    window_.resize(got);
    window_at_ = at;
  }
  auto const* const slot = window_.data() + (at - window_at_);
  if (slot[0] != std::byte{1}) { return std::nullopt; }
  digest128 out;
  std::copy(slot + 1, slot + slot_bytes, out.begin());
  return out;
}

}  // namespace sysb::diff
