// SPDX-License-Identifier: Apache-2.0
#include "batch/planner.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
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
constexpr std::size_t stretch = 512;  // rows

void look_at(batch_folder const& batch, plan_row& row, plan_request const& r) {
  details more;
  try {
    row.image = identify(row.volumes);
    auto seen = r.look(row);
    row.seen = std::move(seen.seen);
    more = std::move(seen.more);
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
    row.seen = {};
    row.seen.verdict = e.what_kind() == fatal_error::kind::damaged ? "damaged" : "unknown";
    row.seen.blocks.push_back({{}, e.what()});
  }
  put_details(batch, row.key, more);  // at once: those of all images together would fill the memory
}

// The plan before this one, a row at a time: only where each stands is kept. Rows whose images and options did not change
// keep what was seen then: the nightly plan of a growing folder looks at new images alone.
class earlier_plan {
 public:
  explicit earlier_plan(batch_folder const& batch) : file_{batch.plan_file(), std::ios::binary} {
    double seconds = 0, bytes = 0;
    std::string line;
    for (std::streamoff at = 0; std::getline(file_, line); at = file_.tellg()) {
      plan_row row;
      try {
        row = parse_row(line, {});
      } catch (fatal_error const&) {  // a plan of another version is made anew
        places_.clear();
        return;
      }
      if (auto const r = batch.result(row.key); r && r->state == job_state::succeeded) {
        seconds += std::max(0.0, r->seconds - start_seconds);
        bytes += static_cast<double>(row.seen.bytes);
      }
      places_.emplace(std::move(row.key), at);
    }
    if (bytes > 1e6) { seconds_a_byte_ = seconds / bytes; }
  }

  [[nodiscard]] std::optional<plan_row> find(std::string const& key) {
    auto const at = places_.find(key);
    if (at == places_.end()) { return std::nullopt; }
    file_.clear();
    file_.seekg(at->second);
    std::string line;
    if (!std::getline(file_, line)) { return std::nullopt; }
    return parse_row(line, {});
  }

  // Of the batch's own finished jobs, or the usual.
  [[nodiscard]] double seconds_a_byte() const noexcept { return seconds_a_byte_; }

 private:
  std::ifstream file_;
  std::unordered_map<std::string, std::streamoff> places_;
  double seconds_a_byte_ = 1 / usual_bytes_a_second;
};

// What was seen of an image that is still the same. Its identity is told anew in any case.
bool keep_earlier(plan_row& row, earlier_plan& earlier, plan_request const& r) {
  auto before = earlier.find(row.key);
  if (!before || before->seen.verdict == "unknown") { return false; }
  try {
    row.image = identify(row.volumes);
  } catch (fatal_error const&) { row.image = {}; }
  if (job_of(row).text() != job_of(*before).text() || r.index_time(row) != before->seen.index_time) { return false; }
  row.seen = std::move(before->seen);
  return true;
}

// Work for several threads, in the order of the rows; the first thing that ends one ends all.
void look_at_all(batch_folder const& batch, std::vector<plan_row*> const& rows, plan_request const& r) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr ended;
  std::mutex guard;
  auto const work = [&] {
    try {
      for (auto i = next.fetch_add(1); i < rows.size(); i = next.fetch_add(1)) {
        if (r.counters != nullptr) { r.counters->stop_if_asked(); }
        look_at(batch, *rows[i], r);
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
  std::vector<wpar::system_identity> systems;
  for (auto const& row : rows) {
    if (!row.image.samples.empty()) { images[{row.image.size, row.image.samples}].push_back(row.key); }
    systems.push_back(row.seen.system);
  }
  for (auto const& [unused, keys] : images) {
    if (keys.size() > 1) { tell(d, same_image, {}, listed(keys)); }
  }
  for (auto const& g : wpar::images_of_one_system(systems)) {
    std::vector<std::string> keys;
    for (auto const i : g.images) { keys.push_back(rows[i].key); }
    tell(d, same_system, {}, concat(listed(keys), " (", g.why, ')'));
  }
}

void tell_outputs(batch_folder const& batch, std::vector<plan_row> const& rows, diagnostic_sink& d) {
  std::map<std::string, bool> folders;
  for (auto const& row : rows) {
    if (row.out.empty()) { continue; }
    auto const folder = parent_folder(row.out);
    auto const [known, is_new] = folders.emplace(folder, true);
    if (is_new) {
      std::string why;
      try {
        known->second = exists(concat(folder, "/."));
      } catch (fatal_error const& e) {
        known->second = false;
        why = e.what();
      }
      if (!known->second) { tell(d, no_parent, folder, why); }
    }
    if (!known->second || !exists(row.out) || row.options.count("overwrite") != 0) { continue; }
    auto const ours = read_file(batch.job_folder(row.key) + "/ours");
    if (!ours || *ours != row.out) { tell(d, output_exists, row.out, {}); }
  }
}

void tell_passed_over(batch_folder const& batch, source_rows const& given, diagnostic_sink& d) {
  std::string all;
  auto const each = [&](diag_code const& code, std::vector<std::string> const& names, std::string_view what) {
    if (names.empty()) { return; }
    tell(d, code, {},
         concat(listed(names), names.size() > shown_names ? "; all of them stand in the batch's passed-over.txt" : ""));
    for (auto const& name : names) { all += concat(what, ' ', quoted(name), '\n'); }
  };
  each(unread_folders, given.unread, "unread");
  each(empty_files, given.empty, "empty");
  each(no_images, given.passed_over, "no-image");
  auto const list = batch.path() + "/passed-over.txt";
  if (!all.empty() || exists(list)) { put_plain(list, all); }
}

void count(batch_totals& totals, image_survey const& s) {
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

row_class class_of(image_survey const& s) noexcept {
  if (s.verdict == "unfit") { return row_class::unfit; }
  if (s.verdict != "fit" && s.verdict != "ok") { return row_class::unclear; }
  return s.decide.empty() ? row_class::fit : row_class::decide;
}

batch_totals plan_batch(batch_folder const& batch, plan_request const& r, diagnostic_sink& findings,
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
  make_folders(batch.path() + "/jobs");
  keep_manifests(batch, given.manifest_texts);
  earlier_plan earlier{batch};
  if (r.counters != nullptr) {
    r.counters->phase = "survey";
    r.counters->total = 0;
  }
  aside_file plan{batch.plan_file()};
  batch_totals totals;
  // A stretch of rows after the other: of what was seen only that goes on which tells systems apart.
  for (std::size_t from = 0; from < rows.size(); from += stretch) {
    auto const to = std::min(rows.size(), from + stretch);
    std::vector<plan_row*> to_look_at;
    for (auto i = from; i < to; ++i) {
      if (!keep_earlier(rows[i], earlier, r)) { to_look_at.push_back(&rows[i]); }
    }
    totals.looked_at += to_look_at.size();
    totals.kept += to - from - to_look_at.size();
    look_at_all(batch, to_look_at, r);
    for (auto i = from; i < to; ++i) {
      auto& row = rows[i];
      auto const bytes = row.seen.bytes != 0 ? row.seen.bytes : row.image.size;
      row.seconds = start_seconds + earlier.seconds_a_byte() * static_cast<double>(bytes);
      plan.write(to_line(row));
      count(totals, row.seen);
      if (row.seen.verdict == "unknown") {
        tell(findings, unreadable_image, row.image_path(), row.seen.blocks.front().text);
      }
      image_survey rest;
      rest.system = std::move(row.seen.system);
      row.seen = std::move(rest);
    }
  }
  tell_twins(rows, findings);
  tell_outputs(batch, rows, findings);
  tell_passed_over(batch, given, findings);
  if (exists(batch.plan_file()) && !plan.same_as_old()) {
    std::size_t number = 1;
    while (exists(concat(batch.path(), "/plan.", number, ".jsonl"))) { ++number; }
    keep_as(batch.plan_file(), concat(batch.path(), "/plan.", number, ".jsonl"));
  }
  plan.place();
  batch.each_row(each);
  return totals;
}

}  // namespace sysb::batch
