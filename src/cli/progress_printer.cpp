// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_printer.hpp"

#include <algorithm>
#include <chrono>

#include "base/os/thread.hpp"
#include "base/text.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto tick = std::chrono::milliseconds{100};

std::chrono::milliseconds interval_of(progress_mode m) noexcept {
  switch (m) {
    case progress_mode::automatic: return std::chrono::milliseconds{200};
    case progress_mode::plain: return std::chrono::seconds{5};
    case progress_mode::json: return std::chrono::seconds{1};
    case progress_mode::none: break;
  }
  return std::chrono::hours{24};
}

struct numbers {
  std::string_view phase;
  std::uint64_t bytes, total, entries, percent;
};

numbers read(progress const& p) noexcept {
  numbers n{p.phase.load(), p.bytes.load(), p.total.load(), p.entries.load(), 0};
  if (n.total != 0) {
    auto const part = std::min(n.bytes, n.total);
    n.percent = n.total > (1ull << 50) ? part / (n.total / 100) : part * 100 / n.total;
  }
  return n;
}

}  // namespace

progress_pace pace_of(progress const& p, std::uint64_t bytes_before, std::uint64_t milliseconds) {
  auto const n = read(p);
  progress_pace out;
  // The first half second says nothing about the rest.
  if (milliseconds < 500 || n.bytes <= bytes_before) { return out; }
  auto const done = n.bytes - bytes_before;
  out.rate = done > (1ull << 50) ? done / milliseconds * 1000 : done * 1000 / milliseconds;
  if (out.rate != 0 && n.total > n.bytes) { out.left = (n.total - n.bytes) / out.rate + 1; }
  return out;
}

std::string progress_text(progress const& p, progress_pace pace) {
  auto const n = read(p);
  auto out = concat(n.phase.empty() ? std::string_view{"start"} : n.phase, ": ", human_size(n.bytes));
  if (n.total != 0) { out += concat(" of ", human_size(n.total), " (", n.percent, "%)"); }
  out += concat(", ", counted(n.entries, "member", "members"));
  if (pace.rate != 0) { out += concat(", ", human_size(pace.rate), "/s"); }
  if (pace.left != 0) { out += concat(", ", duration_text(pace.left), " left"); }
  return out;
}

std::string progress_bar(progress const& p, unsigned columns, progress_pace pace) {
  auto const n = read(p);
  auto const text = progress_text(p, pace);
  if (n.total == 0 || columns < text.size() + 14) { return text.substr(0, std::max(columns, 2u) - 1); }
  auto const room = std::min<std::size_t>(columns - text.size() - 5, 40);
  auto const full = static_cast<std::size_t>(n.percent * room / 100);
  return concat('[', std::string(full, '#'), std::string(room - full, ' '), "] ", text);
}

progress_printer::progress_printer(progress_mode mode, run_control& control, console& err, int err_fd, json_lines& json)
    : mode_{mode == progress_mode::automatic && !err.is_terminal() ? progress_mode::none : mode},
      control_{control},
      err_{err},
      json_{json},
      own_json_{mode == progress_mode::json && !json.wanted() ? err_fd : -1} {}

void progress_printer::start() {
  if (started_) { return; }
  started_ = true;
  ticker_ = start_thread([this] { loop(); });  // without one, only the last sample is shown
}

void progress_printer::stop() noexcept {
  if (!started_) { return; }
  started_ = false;
  {
    std::lock_guard const hold{guard_};
    stopping_ = true;
  }
  wake_.notify_all();
  if (ticker_.joinable()) { ticker_.join(); }
  sample(true);
  err_.wipe_bar();
}

void progress_printer::loop() {
  auto last = clock::now();
  std::unique_lock hold{guard_};
  while (!stopping_) {
    wake_.wait_for(hold, tick);
    if (control_.line_wanted.exchange(false)) { err_.line(concat("sysb: ", progress_text(control_.counters, pace()))); }
    if (stopping_ || clock::now() - last < interval_of(mode_)) { continue; }
    last = clock::now();
    sample(false);
  }
}

void progress_printer::sample(bool last) {
  switch (mode_) {
    case progress_mode::automatic:
      if (!last) { err_.bar(progress_bar(control_.counters, err_.columns(), pace())); }
      return;
    case progress_mode::plain: err_.line(concat("sysb: ", progress_text(control_.counters, pace()))); return;
    case progress_mode::json: print_object(); return;
    case progress_mode::none: return;
  }
}

// Of the phase that runs now: a phase begins where the last one is not the same.
progress_pace progress_printer::pace() {
  auto const& p = control_.counters;
  auto const now = clock::now();
  auto const phase = p.phase.load();
  auto const bytes = p.bytes.load();
  if (phase != phase_ || bytes < phase_bytes_) {
    phase_ = phase;
    phase_begin_ = now;
    phase_bytes_ = bytes;
  }
  auto const spent = std::chrono::duration_cast<std::chrono::milliseconds>(now - phase_begin_).count();
  return pace_of(p, phase_bytes_, static_cast<std::uint64_t>(std::max<std::int64_t>(spent, 0)));
}

void progress_printer::print_object() {
  auto const n = read(control_.counters);
  auto& to = json_.wanted() ? json_ : own_json_;
  // A reader that went away is noticed by the next object of the command itself.
  try {
    to.object("progress", [&](json_writer& w) {
      w.field("phase", n.phase).field("bytes", n.bytes);
      if (n.total != 0) { w.field("total", n.total); }
      w.field("entries", n.entries);
    });
    to.flush();
  } catch (fatal_error const&) { return; }
}

}  // namespace sysb::cli
