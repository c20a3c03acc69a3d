// SPDX-License-Identifier: Apache-2.0
// What a plan learns of one image: the survey and the rules that `wpar` has, over headers alone.
#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "base/os/descriptor.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "cli/batch_arguments.hpp"
#include "cli/rule_arguments.hpp"
#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "formats/swvpd/swvpd.hpp"
#include "jobs/image.hpp"
#include "registry/registry.hpp"
#include "wpar/rules.hpp"
#include "wpar/survey.hpp"
#include "wpar/systems.hpp"

namespace sysb::cli {

namespace {

constexpr std::size_t kept_reasons = 5;
constexpr std::size_t longest_reason = 400;

// Counts damage, and keeps what it says first.
class damage_counter {
 public:
  void hear(diagnostic const& d) {
    if (d.effective() != severity::error) { return; }
    if (d.code->fault == fault_class::damage) { ++damage_; }
    if (reasons_.size() < kept_reasons) {
      reasons_.push_back({std::string{d.code->id}, d.path.empty()
                                                       ? printable_text(d.text())
                                                       : concat(printable(d.path), ": ", printable_text(d.text()))});
    }
  }
  [[nodiscard]] std::uint64_t damage() const noexcept { return damage_; }
  [[nodiscard]] std::vector<batch::reason> take() { return std::move(reasons_); }

 private:
  std::uint64_t damage_ = 0;
  std::vector<batch::reason> reasons_;
};

void shorten(std::string& text) {
  if (text.size() <= longest_reason) { return; }
  auto end = longest_reason;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80) { --end; }
  text.resize(end);
  text += "...";
}

wpar::request request_of(batch::plan_row const& row, diagnostic_sink& findings) {
  rule_arguments rules;
  option_table table;
  rules.define(table);
  batch::option_values known;
  for (auto const& d : table.descriptions()) {
    if (auto const found = row.options.find(d.name()); found != row.options.end()) { known.insert(*found); }
  }
  static_cast<void>(table.parse(option_words(known)));
  rules.judge();
  return rules.make(findings);
}

std::string option_of(batch::plan_row const& row, char const* name) {
  auto const found = row.options.find(name);
  return found == row.options.end() || found->second.empty() ? std::string{} : found->second.back();
}

// The index beside the image, where there is a sound one. Nobody asked for it: what is wrong with it is not the image's.
void use_index_beside(registry::opened_image& image, batch::plan_row const& row, ledger& findings) {
  ledger unheard;
  std::unique_ptr<index::index_file> file;
  try {
    file = jobs::open_index_file(jobs::index_name(row.image_path()), unheard);
  } catch (fatal_error const& e) {
    if (e.what_kind() != fatal_error::kind::io) { throw; }
  }
  if (file) { jobs::use_index(image, std::move(file), row.image_path(), findings); }
}

std::vector<batch::fileset_of_image> filesets_of(wpar::swvpd_facts const& f) {
  std::map<std::string_view, wpar::installed_fileset const*> highest;
  for (auto const& one : f.filesets) {
    auto& at = highest[one.name];
    auto const level = swvpd::parse_vrmf(one.level);
    auto const other = at == nullptr ? std::nullopt : swvpd::parse_vrmf(at->level);
    if (at == nullptr || (level && other && *other < *level)) { at = &one; }
  }
  std::vector<batch::fileset_of_image> out;
  out.reserve(highest.size());
  for (auto const& [name, one] : highest) { out.push_back({std::string{name}, one->level}); }
  return out;
}

void take_rules(batch::image_survey& s, wpar::assessment const& a) {
  for (auto const& r : a.results) {
    if (r.level == severity::note && r.asks != wpar::group::decide) { continue; }
    s.rules.emplace_back(r.id());
    // What a person only has to watch is no reason to hold an image up.
    if (r.level != severity::error && r.asks != wpar::group::decide) { continue; }
    auto& list = r.level == severity::error ? s.blocks : s.decide;
    if (list.size() < kept_reasons) { list.push_back({std::string{r.id()}, printable_text(r.text)}); }
  }
  std::sort(s.rules.begin(), s.rules.end());
  s.rules.erase(std::unique(s.rules.begin(), s.rules.end()), s.rules.end());
}

}  // namespace

batch::look_result look_at_row(batch::plan_row const& row, progress& counters) {
  damage_counter damage;
  ledger findings{[&](diagnostic const& d) { damage.hear(d); }};
  auto request = request_of(row, findings);
  limits const bounds;
  auto const tmpdir = option_of(row, "tmpdir");
  auto image = registry::open_image({.volumes = row.volumes,
                                     .member = option_of(row, "member"),
                                     .tmpdir = tmpdir.empty() ? "/var/tmp" : tmpdir,
                                     .need_seekable = false,
                                     .counters = &counters},
                                    bounds, findings);
  auto const index_time = index_time_of(row);
  if (index_time != 0) { use_index_beside(image, row, findings); }
  batch::content_sampler contents;
  auto const sample = [&, indexed = jobs::by_index(image)](entry const& e) {
    if (e.content != content_state::here) { return; }
    if (auto const digest = indexed->digest()) { contents.add(*digest, e.size); }
  };
  progress uncounted;  // a plan counts images
  wpar::survey_options how{.bounds = bounds, .counters = &uncounted, .wanted = &request, .on_member = {}, .threads = 1};
  if (jobs::by_index(image) != nullptr) { how.on_member = sample; }
  auto facts = wpar::gather_facts(*image.reader, how, findings);
  facts.structure_errors = std::max(facts.structure_errors, damage.damage());
  image.source->check_unchanged();
  auto const result = wpar::assess(facts, request);
  batch::look_result out;
  auto& s = out.seen;
  s.verdict = to_text(result.outcome);
  s.format = facts.description.format;
  s.what = wpar::to_text(result.what);
  s.kind = to_text(result.kind.kind);
  s.level = result.source.text();
  s.host_action = to_text(result.host ? result.host->action : wpar::host_action::unknown);
  s.hostname = facts.inet_hostname;
  s.system = wpar::identity_of(facts);
  s.blocks = damage.take();
  take_rules(s, result);
  for (auto* const list : {&s.blocks, &s.decide}) {
    for (auto& r : *list) { shorten(r.text); }
  }
  s.members = facts.members;
  s.bytes = facts.content_bytes;
  s.filesets = facts.swvpd.count();
  s.index_time = index_time;
  out.more.filesets = filesets_of(facts.swvpd);
  out.more.contents = contents.take();
  return out;
}

std::int64_t index_time_of(batch::plan_row const& row) {
  try {
    return jobs::changed_time(jobs::index_name(row.image_path()));
  } catch (fatal_error const&) {
    return 0;  // nobody asked for it
  }
}

batch::file_content file_content_of(std::string const& path) {
  using batch::file_content;
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd.ok()) { return file_content::image; }
  std::array<std::byte, 4096> head{};
  auto const got = read_fully(fd.get(), head);
  if (got.error != 0) { return file_content::image; }
  std::span<std::byte const> const seen{head.data(), got.bytes};
  auto const bids = [&](auto const* f) { return f->bid(seen) != 0; };
  if (std::any_of(registry::image_formats().begin(), registry::image_formats().end(), bids)) {
    return file_content::image;
  }
  if (std::all_of(seen.begin(), seen.end(), [](std::byte b) { return b == std::byte{0}; })) {
    return file_content::empty;
  }
  // Something an image travels in, or an image that suffered on the way: what it is shows when it is opened.
  ledger heard;
  try {
    static_cast<void>(
        registry::open_image({.volumes = {path}, .member = {}, .tmpdir = {}, .counters = nullptr}, limits{}, heard));
    return file_content::image;
  } catch (fatal_error const& e) {
    // Several images inside, or one that needs a spool: an image all the same. So is what a cause was found for.
    return e.what_kind() != fatal_error::kind::unsupported || heard.counts().of(severity::error) != 0
               ? file_content::image
               : file_content::other;
  }
}

}  // namespace sysb::cli
