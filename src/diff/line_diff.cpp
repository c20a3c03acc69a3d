// SPDX-License-Identifier: Apache-2.0
#include "diff/line_diff.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace sysb::diff {

namespace {

using number = std::uint32_t;
using place = std::int64_t;
constexpr place nowhere = -1;

class comparer {
 public:
  comparer(std::vector<number> a, std::vector<number> b, std::uint64_t work)
      : a_{std::move(a)}, b_{std::move(b)}, work_{work} {
    auto const size = a_.size() + b_.size() + 3;
    forward_.resize(2 * size);
    backward_.resize(2 * size);
    middle_ = static_cast<place>(size);
  }

  std::vector<hunk> run() {
    std::vector<hunk> todo{{0, a_.size(), 0, b_.size()}};
    while (!todo.empty()) {
      auto box = todo.back();
      todo.pop_back();
      trim(box);
      if (box.a == box.a_end || box.b == box.b_end) {
        put(box);
        continue;
      }
      std::size_t x = 0;
      std::size_t y = 0;
      if (!split(box, x, y)) {
        put(box);
        continue;
      }
      todo.push_back({x, box.a_end, y, box.b_end});
      todo.push_back({box.a, x, box.b, y});
    }
    return std::move(out_);
  }

 private:
  void trim(hunk& box) const {
    while (box.a < box.a_end && box.b < box.b_end && a_[box.a] == b_[box.b]) { ++box.a, ++box.b; }
    while (box.a < box.a_end && box.b < box.b_end && a_[box.a_end - 1] == b_[box.b_end - 1]) {
      --box.a_end, --box.b_end;
    }
  }

  void put(hunk const& box) {
    if (box.a == box.a_end && box.b == box.b_end) { return; }
    if (!out_.empty() && out_.back().a_end == box.a && out_.back().b_end == box.b) {
      out_.back().a_end = box.a_end;
      out_.back().b_end = box.b_end;
      return;
    }
    out_.push_back(box);
  }

  [[nodiscard]] place& fw(place k) { return forward_[static_cast<std::size_t>(middle_ + k)]; }
  [[nodiscard]] place& bw(place k) { return backward_[static_cast<std::size_t>(middle_ + k)]; }

  // A point on a shortest way through the box, not one of its corners. False: it would cost too much.
  [[nodiscard]] bool split(hunk const& box, std::size_t& x_out, std::size_t& y_out) {
    auto const n = static_cast<place>(box.a_end - box.a);
    auto const m = static_cast<place>(box.b_end - box.b);
    auto const delta = n - m;
    auto const odd = (delta & 1) != 0;
    auto const line_a = [&](place x) { return a_[box.a + static_cast<std::size_t>(x)]; };
    auto const line_b = [&](place y) { return b_[box.b + static_cast<std::size_t>(y)]; };
    auto const found = [&](place x, place y) {
      x_out = box.a + static_cast<std::size_t>(x);
      y_out = box.b + static_cast<std::size_t>(y);
      return !(x == 0 && y == 0) && !(x == n && y == m);
    };
    for (place d = 0; d <= (n + m + 1) / 2; ++d) {
      fw(-d - 1) = fw(d + 1) = bw(-d - 1) = bw(d + 1) = nowhere;
      for (place k = -d; k <= d; k += 2) {
        auto x = d == 0 ? 0 : further(forward_, k, n, m);
        if (x != nowhere) {
          auto const x0 = x;
          while (x < n && x - k < m && line_a(x) == line_b(x - k)) { ++x; }
          if (!spend(x - x0)) { return false; }
        }
        fw(k) = x;
        auto const back = delta - k;
        if (x == nowhere || !odd || back < -(d - 1) || back > d - 1 || bw(back) == nowhere) { continue; }
        if (x + bw(back) >= n) { return found(x, x - k); }
      }
      for (place k = -d; k <= d; k += 2) {
        auto x = d == 0 ? 0 : further(backward_, k, n, m);
        if (x != nowhere) {
          auto const x0 = x;
          while (x < n && x - k < m && line_a(n - x - 1) == line_b(m - (x - k) - 1)) { ++x; }
          if (!spend(x - x0)) { return false; }
        }
        bw(k) = x;
        auto const ahead = delta - k;
        if (x == nowhere || odd || ahead < -d || ahead > d || fw(ahead) == nowhere) { continue; }
        if (fw(ahead) + x >= n) { return found(n - x, m - (x - k)); }
      }
    }
    return false;
  }

  // One edit further on diagonal k, inside the box; nowhere where none leads there.
  [[nodiscard]] place further(std::vector<place> const& reached, place k, place n, place m) const {
    auto const left = reached[static_cast<std::size_t>(middle_ + k - 1)];
    auto const above = reached[static_cast<std::size_t>(middle_ + k + 1)];
    auto const right = left == nowhere || left >= n ? nowhere : left + 1;
    auto const down = above == nowhere || above - k > m ? nowhere : above;
    return std::max(right, down);
  }

  [[nodiscard]] bool spend(place steps) {
    auto const cost = static_cast<std::uint64_t>(steps) + 1;
    if (work_ < cost) {
      work_ = 0;
      return false;
    }
    work_ -= cost;
    return true;
  }

  std::vector<number> a_, b_;
  std::uint64_t work_;
  std::vector<place> forward_, backward_;
  place middle_ = 0;
  std::vector<hunk> out_;
};

}  // namespace

std::vector<hunk> compare_lines(std::span<std::string_view const> a, std::span<std::string_view const> b,
                                std::uint64_t work) {
  std::unordered_map<std::string_view, number> numbers;
  auto const numbered = [&](std::span<std::string_view const> lines) {
    std::vector<number> out;
    out.reserve(lines.size());
    for (auto const line : lines) {
      out.push_back(numbers.emplace(line, static_cast<number>(numbers.size())).first->second);
    }
    return out;
  };
  auto first = numbered(a);
  auto second = numbered(b);
  return comparer{std::move(first), std::move(second), work}.run();
}

}  // namespace sysb::diff
