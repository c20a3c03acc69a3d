// SPDX-License-Identifier: Apache-2.0
// A file whose content stands in several runs of a carrier, with holes between them.
#include <algorithm>
#include <cstring>

#include "io/members.hpp"
#include "io/sources.hpp"

namespace sysb::io {

namespace {

class run_producer final : public byte_producer {
 public:
  run_producer(std::unique_ptr<byte_source> whole, std::vector<member_run> runs, std::uint64_t size)
      : whole_{std::move(whole)}, runs_{std::move(runs)}, size_{size} {}

  std::size_t produce(std::span<std::byte> out) override {
    while (next_ < runs_.size() && runs_[next_].at + runs_[next_].length <= at_) { ++next_; }
    auto const hole_end = next_ < runs_.size() ? runs_[next_].at : size_;
    if (at_ < hole_end) {
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), hole_end - at_));
      std::memset(out.data(), 0, n);
      at_ += n;
      return n;
    }
    if (next_ == runs_.size()) { return 0; }
    auto const done = at_ - runs_[next_].at;
    if (!go_to(runs_[next_].offset + done)) { return 0; }  // the carrier is cut
    constexpr std::size_t most = 256u << 10;
    auto const left = std::min<std::uint64_t>(runs_[next_].length - done, std::min(out.size(), most));
    auto const seen = whole_->peek(static_cast<std::size_t>(left));
    auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(seen.size(), left));
    if (n != 0) { std::memcpy(out.data(), seen.data(), n); }
    whole_->consume(n);
    at_ += n;
    return n;
  }
  std::uint64_t medium_position() const noexcept override { return whole_->medium_position(); }
  std::optional<std::uint64_t> medium_size() const noexcept override { return whole_->medium_size(); }
  void check_unchanged() const override { whole_->check_unchanged(); }
  bool restartable() const noexcept override { return whole_->seekable(); }
  void restart() override {
    at_ = 0;
    next_ = 0;
  }

 private:
  [[nodiscard]] bool go_to(std::uint64_t offset) {
    auto const here = whole_->position();
    if (offset >= here) { return whole_->skip(offset - here) == offset - here; }
    whole_->seek(offset);
    return true;
  }

  std::unique_ptr<byte_source> whole_;
  std::vector<member_run> runs_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;
  std::size_t next_ = 0;  // the run that at_ stands in or before
};

}  // namespace

std::unique_ptr<byte_source> from_runs(std::unique_ptr<byte_source> whole, std::vector<member_run> runs,
                                       std::uint64_t size, source_options const& o) {
  return from_producer(std::make_unique<run_producer>(std::move(whole), std::move(runs), size), o);
}

}  // namespace sysb::io
