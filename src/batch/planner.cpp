// SPDX-License-Identifier: Apache-2.0
#include "batch/planner.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/os/thread.hpp"
#include "base/text.hpp"
#include "batch/diagnostics.hpp"
#include "batch/files.hpp"
#include "batch/sources.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

// What a job costs where nothing was measured yet: the start of the program, and reading and writing on one core.
constexpr double start_seconds = 0.05;
constexpr double usual_bytes_a_second = 120e6;
constexpr std::size_t shown_names = 5;

void look_at(plan_row& row, plan_request const& r) {
  try {
    row.image = identify(row.volumes);
    row.seen = r.look(row);
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
    row.seen = {};
    row.seen.verdict = e.what_kind() == fatal_error::kind::damaged ? "damaged" : "unknown";
    row.seen.blocks.push_back({{}, e.what()});
  }
}

// Rows whose images and options are those of the last plan keep what was seen then: the nightly plan of a growing
// folder looks at new images alone.
std::unordered_map<std::string, plan_row> earlier_rows(batch_folder const& batch) {
  std::unordered_map<std::string, plan_row> rows;
  if (!exists(batch.plan_file())) { return rows; }
  try {
    batch.each_row([&](plan_row row) {
      auto key = row.key;
      rows.emplace(std::move(key), std::move(row));
    });
  } catch (fatal_error const&) { rows.clear(); }  // a plan of another version is made anew
  return rows;
}

// Seconds a byte of the batch's own finished jobs, or the usual.
double seconds_a_byte(batch_folder const& batch, std::unordered_map<std::string, plan_row> const& earlier) {
  double seconds = 0, bytes = 0;
  for (auto const& [key, row] : earlier) {
    auto const r = batch.result(key);
    if (!r || r->state != job_state::succeeded) { continue; }
    seconds += std::max(0.0, r->seconds - start_seconds);
    bytes += static_cast<double>(row.seen.bytes);
  }
  return bytes > 1e6 ? seconds / bytes : 1 / usual_bytes_a_second;
}

// Work for several threads, in the order of the rows; the first thing that ends one ends all.
void look_at_all(std::vector<plan_row*> const& rows, plan_request const& r) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr ended;
  std::mutex guard;
  auto const work = [&] {
    try {
      for (auto i = next.fetch_add(1); i < rows.size(); i = next.fetch_add(1)) {
        if (r.counters != nullptr) { r.counters->stop_if_asked(); }
        look_at(*rows[i], r);
        if (r.counters != nullptr) { r.counters->entries.fetch_add(1); }
      }
    } catch (...) {
      std::lock_guard const lock{guard};
      if (!ended) { ended = std::current_exception(); }
      next = rows.size();
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < r.threads && i < rows.size(); ++i) {
    auto t = start_thread(work);
    if (!t.joinable()) { break; }  // no more to be had: those there are do it
    others.push_back(std::move(t));
  }
  work();
  for (auto& t : others) { t.join(); }
  if (ended) { std::rethrow_exception(ended); }
}

std::string listed(std::vector<std::string> const& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < shown_names; ++i) {
    out += concat(i == 0 ? "" : ", ", quoted(names[i]));
  }
  if (names.size() > shown_names) { out += concat(" and ", names.size() - shown_names, " more"); }
  return out;
}

void tell(diagnostic_sink& d, diag_code const& code, std::string path, std::string detail) {
  d.report({.code = &code, .offset = {}, .path = std::move(path), .detail = std::move(detail), .level = {}});
}

void tell_twins(std::vector<plan_row> const& rows, diagnostic_sink& d) {
  std::map<std::pair<std::uint64_t, std::string>, std::vector<std::string>> images;
  std::map<std::string, std::vector<std::string>> systems;
  for (auto const& row : rows) {
    if (!row.image.samples.empty()) { images[{row.image.size, row.image.samples}].push_back(row.key); }
    if (!row.seen.system.empty()) { systems[row.seen.system].push_back(row.key); }
  }
  for (auto const& [unused, keys] : images) {
    if (keys.size() > 1) { tell(d, same_image, {}, listed(keys)); }
  }
  for (auto const& [unused, keys] : systems) {
    if (keys.size() > 1) { tell(d, same_system, {}, listed(keys)); }
  }
}

void tell_outputs(batch_folder const& batch, std::vector<plan_row> const& rows, diagnostic_sink& d) {
  std::map<std::string, bool> folders;
  for (auto const& row : rows) {
    if (row.out.empty()) { continue; }
    auto const folder = parent_folder(row.out);
    auto const [known, is_new] = folders.emplace(folder, true);
    if (is_new) {
      known->second = exists(folder);
      if (!known->second) { tell(d, no_parent, folder, {}); }
    }
    if (!known->second || !exists(row.out) || row.options.count("overwrite") != 0) { continue; }
    auto const ours = read_file(batch.job_folder(row.key) + "/ours");
    if (!ours || *ours != row.out) { tell(d, output_exists, row.out, {}); }
  }
}

void count(plan_totals& totals, survey const& s) {
  ++totals.rows;
  if (s.verdict == "damaged") {
    ++totals.damaged;
  } else if (s.verdict == "undecided") {
    ++totals.undecided;
  } else if (s.verdict == "unknown") {
    ++totals.unknown;
  } else if (class_of(s) == row_class::unfit) {
    ++totals.unfit;
  } else if (class_of(s) == row_class::decide) {
    ++totals.decide;
  } else {
    ++totals.fit;
  }
}

void keep_manifests(batch_folder const& batch, std::vector<std::string> const& texts) {
  // Never deleted: each plan's manifests get the next numbers, the same text is kept once.
  for (auto const& text : texts) {
    for (std::size_t number = 1;; ++number) {
      auto const name = concat(batch.path(), "/manifest.", number);
      auto const kept = read_file(name);
      if (kept && *kept == text) { break; }
      if (!kept) {
        write_file(name, text);
        break;
      }
    }
  }
}

}  // namespace

row_class class_of(survey const& s) noexcept {
  if (s.verdict == "unfit") { return row_class::unfit; }
  if (s.verdict != "fit" && s.verdict != "ok") { return row_class::unclear; }
  return s.decide.empty() ? row_class::fit : row_class::decide;
}

plan_totals make_plan(batch_folder const& batch, plan_request const& r, diagnostic_sink& findings,
                      std::function<void(plan_row const&)> const& each) {
  auto given = collect_rows(r);
  auto& rows = given.rows;
  if (rows.empty()) {
    throw fatal_error{fatal_error::kind::usage, "no image: the manifests have no rows, and the folders hold no image"};
  }
  refuse_collisions(rows);
  for (auto const& row : rows) {
    try {
      r.judge(row);
    } catch (fatal_error const& e) {
      throw fatal_error{e.what_kind(), concat("row ", quoted(row.key), ": ", e.what())};
    }
  }
  auto const earlier = earlier_rows(batch);
  plan_totals totals;
  std::vector<plan_row*> to_look_at;
  for (auto& row : rows) {
    auto const before = earlier.find(row.key);
    if (before != earlier.end() && before->second.seen.verdict != "unknown") {
      try {
        row.image = identify(row.volumes);
      } catch (fatal_error const&) { row.image = {}; }
      if (job_of(row).text() == job_of(before->second).text()) {
        row.seen = before->second.seen;
        ++totals.kept;
        continue;
      }
    }
    to_look_at.push_back(&row);
  }
  totals.looked_at = to_look_at.size();
  if (r.counters != nullptr) {
    r.counters->phase = "survey";
    r.counters->total = 0;
  }
  look_at_all(to_look_at, r);
  auto const rate = seconds_a_byte(batch, earlier);
  std::string text;
  for (auto& row : rows) {
    row.seconds = start_seconds + rate * static_cast<double>(row.seen.bytes != 0 ? row.seen.bytes : row.image.size);
    text += to_line(row);
    count(totals, row.seen);
    if (row.seen.verdict == "unknown") {
      tell(findings, unreadable_image, row.image_path(), row.seen.blocks.front().text);
    }
  }
  tell_twins(rows, findings);
  tell_outputs(batch, rows, findings);
  if (!given.passed_over.empty()) { tell(findings, no_images, {}, listed(given.passed_over)); }
  make_folders(batch.path() + "/jobs");
  keep_manifests(batch, given.manifest_texts);
  if (auto const old = read_file(batch.plan_file()); old && *old != text) {
    std::size_t number = 1;
    while (exists(concat(batch.path(), "/plan.", number, ".jsonl"))) { ++number; }
    write_file(concat(batch.path(), "/plan.", number, ".jsonl"), *old);
  }
  write_file(batch.plan_file(), text);
  for (auto const& row : rows) { each(row); }
  return totals;
}

}  // namespace sysb::batch
