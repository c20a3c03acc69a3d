// SPDX-License-Identifier: Apache-2.0
#include "batch/report/estate.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "base/text.hpp"
#include "batch/files.hpp"

namespace sysb::batch::report {

namespace {

constexpr std::size_t shown = 10;

// Names become their rank: what is equal stays equal, and nothing else is told.
class redactor {
 public:
  void hide(image& i) {
    auto& row = i.row;
    std::vector<std::string> secrets{row.key,
                                     row.out,
                                     row.owner,
                                     row.seen.hostname,
                                     row.seen.system.text(),
                                     row.seen.system.machine,
                                     row.seen.system.host,
                                     row.seen.system.node_id};
    for (auto const& v : row.volumes) {
      secrets.push_back(v);
      secrets.push_back(file_part(v));
    }
    for (auto const& [unused, values] : row.options) { secrets.insert(secrets.end(), values.begin(), values.end()); }
    if (i.result && i.result->output) { secrets.push_back(i.result->output->path); }
    row.key = concat("image-", i.number);
    row.volumes = {row.key};
    if (!row.out.empty()) { row.out = concat("output-", i.number); }
    row.owner.clear();
    row.options.clear();
    if (!row.seen.hostname.empty()) { row.seen.hostname = rank(hosts_, row.seen.hostname, "host-"); }
    auto& system = row.seen.system;
    if (!system.machine.empty()) { system.machine = rank(machines_, system.machine, "machine-"); }
    if (!system.host.empty()) { system.host = rank(hosts_, system.host, "host-"); }
    if (!system.node_id.empty()) { system.node_id = rank(nodes_, system.node_id, "node-"); }
    // A sentence may hold any of them, or a name that only the image knows: its id stays.
    for (auto* const list : {&row.seen.blocks, &row.seen.decide}) {
      for (auto& r : *list) { r.text = r.id.empty() ? "hidden" : concat("see sysb explain ", r.id); }
    }
    if (!i.result) { return; }
    i.result->key = row.key;
    i.result->report.clear();
    i.result->summary.clear();
    if (i.result->output) { i.result->output->path = row.out; }
    for (auto& a : i.result->attempts) {
      a.host = rank(workers_, a.host, "worker-");
      a.fatal.clear();
    }
    for (auto& r : i.result->reasons) { r.text = r.id.empty() ? "hidden" : concat("see sysb explain ", r.id); }
  }

 private:
  static std::string rank(std::map<std::string, std::size_t>& of, std::string const& name, std::string_view word) {
    return concat(word, of.emplace(name, of.size() + 1).first->second);
  }
  std::map<std::string, std::size_t> hosts_, machines_, nodes_, workers_;
};

void count_rules(estate& e, image const& i, std::map<std::string, rule_count>& rules) {
  std::set<std::string> blocked, decide;
  for (auto const& r : i.row.seen.blocks) {
    auto& c = rules[r.id.empty() ? std::string{"unreadable"} : r.id];
    if (c.example.empty() || c.blocked == 0) { c.example = r.text; }
    if (blocked.insert(r.id).second) { ++c.blocked; }
  }
  for (auto const& r : i.row.seen.decide) {
    auto& c = rules[r.id];
    if (c.example.empty()) { c.example = r.text; }
    if (decide.insert(r.id).second) { ++c.decide; }
  }
  static_cast<void>(e);
}

void count_run(estate& e, image const& i) {
  if (!i.result) { return; }
  auto const& r = *i.result;
  e.attempts += r.attempts.size();
  e.peak_memory = std::max(e.peak_memory, r.peak_memory);
  if (is_incomplete(i)) { ++e.incomplete; }
  if (i.state != job_state::succeeded) { return; }
  ++e.finished;
  e.seconds += r.seconds;
  e.bytes_read += r.bytes_in;
  e.bytes_written += r.output ? r.output->size : 0;
}

void group(estate& e) {
  std::vector<wpar::system_identity> systems;
  std::map<std::string, std::vector<std::size_t>> contents;
  for (std::size_t i = 0; i < e.images.size(); ++i) {
    auto const& row = e.images[i].row;
    systems.push_back(row.seen.system);
    if (!row.image.samples.empty()) { contents[concat(row.image.size, ' ', row.image.samples)].push_back(i); }
  }
  for (auto& g : wpar::images_of_one_system(systems)) { e.same_system.push_back(std::move(g.images)); }
  for (auto& [unused, all] : contents) {
    if (all.size() > 1) { e.same_image.push_back(std::move(all)); }
  }
}

template <typename Value>
std::vector<std::size_t> top(estate const& e, Value const& value) {
  std::vector<std::size_t> order(e.images.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value(e.images[a]) > value(e.images[b]); });
  order.erase(std::find_if(order.begin(), order.end(), [&](std::size_t i) { return !(value(e.images[i]) > 0); }),
              order.end());
  if (order.size() > shown) { order.resize(shown); }
  return order;
}

void count_filesets(estate& e) {
  std::vector<std::uint64_t> counts;
  for (auto const& i : e.images) {
    if (i.row.seen.filesets != 0) { counts.push_back(i.row.seen.filesets); }
  }
  if (counts.empty()) { return; }
  std::sort(counts.begin(), counts.end());
  e.filesets_least = counts.front();
  e.filesets_most = counts.back();
  e.filesets_median = counts[counts.size() / 2];
  for (std::size_t i = 0; i < e.images.size(); ++i) {
    auto const n = e.images[i].row.seen.filesets;
    auto const far = n != 0 && (n * 2 < e.filesets_median || n > e.filesets_median * 2);
    if (far && e.fileset_numbers.size() < shown) { e.fileset_numbers.push_back(i); }
  }
}

}  // namespace

std::string_view to_text(row_class c) noexcept {
  switch (c) {
    case row_class::fit: return "fit";
    case row_class::decide: return "fit with decisions";
    case row_class::unfit: return "unfit";
    case row_class::unclear: return "undecided or damaged";
  }
  return {};
}

estate count(batch_folder const& batch, options const& o) {
  estate e;
  redactor hidden;
  std::map<std::string, rule_count> rules;
  std::vector<std::string> keys;
  batch.each_row([&](plan_row row) {
    image i;
    i.number = e.images.size() + 1;
    i.result = batch.result(row.key);
    i.state = batch.state(row, i.result, o.when);
    i.standing = class_of(row.seen);
    keys.push_back(row.key);  // its folder's, when names are hidden too
    i.row = std::move(row);
    if (o.redact) { hidden.hide(i); }
    ++e.classes[static_cast<std::size_t>(i.standing)];
    ++e.states[static_cast<std::size_t>(i.state)];
    count_rules(e, i, rules);
    ++e.levels[i.row.seen.level.empty() ? "unknown" : i.row.seen.level]
              [i.row.seen.host_action.empty() ? "unknown" : i.row.seen.host_action];
    if (!i.row.seen.kind.empty()) { ++e.kinds[i.row.seen.kind]; }
    e.bytes += i.row.seen.bytes;
    e.image_bytes += i.row.image.size;
    auto& w = e.waves[i.row.wave];
    ++w.images;
    w.bytes += i.row.image.size;
    if (i.state != job_state::succeeded) {
      ++w.left;
      w.seconds += i.row.seconds;
    }
    count_run(e, i);
    e.images.push_back(std::move(i));
  });
  for (auto& [id, c] : rules) {
    c.id = id;
    e.rules.push_back(std::move(c));
  }
  std::stable_sort(e.rules.begin(), e.rules.end(), [](auto const& a, auto const& b) {
    return a.blocked != b.blocked ? a.blocked > b.blocked : a.decide > b.decide;
  });
  group(e);
  count_filesets(e);
  count_details(e, batch, keys);
  e.slowest = top(e, [](image const& i) { return i.result ? i.result->seconds : 0.0; });
  e.largest = top(e, [](image const& i) { return static_cast<double>(i.row.image.size); });
  return e;
}

}  // namespace sysb::batch::report
