// SPDX-License-Identifier: Apache-2.0
// File sets by name over all images, the images that are unlike the others, and what equal members take.
#include <algorithm>
#include <unordered_map>

#include "batch/details.hpp"
#include "batch/report/estate.hpp"

namespace sysb::batch::report {

namespace {

constexpr std::size_t shown_outliers = 10;
constexpr std::size_t shown_names = 5;
constexpr std::uint64_t least_images = 4;  // fewer have no custom
constexpr std::size_t most_names = 100'000;

// One image in twenty, or a single one, is out of the ordinary.
bool few(std::uint64_t part, std::uint64_t whole) noexcept {
  return whole >= least_images && (part == 1 || part * 20 <= whole);
}

class fileset_counter {
 public:
  void add(std::vector<fileset_of_image> const& all) {
    for (auto const& f : all) {
      if (counts_.size() >= most_names && counts_.count(f.name) == 0) { continue; }
      auto& c = counts_[f.name];
      ++c.images;
      ++c.levels[f.level];
    }
  }

  // Those that nearly all images have.
  void look_for_custom(std::uint64_t images) {
    for (auto const& [name, c] : counts_) {
      auto const without = images - c.images;
      if (without != 0 && few(without, images)) { common_.push_back(&name); }
    }
    std::sort(common_.begin(), common_.end(), [](auto const* a, auto const* b) { return *a < *b; });
    images_ = images;
  }

  fileset_outlier compare(std::size_t image, std::vector<fileset_of_image> const& all) const {
    fileset_outlier o;
    o.image = image;
    auto const note = [](std::vector<std::string>& names, std::uint64_t& count, std::string text) {
      if (++count <= shown_names) { names.push_back(std::move(text)); }
    };
    for (auto const& f : all) {
      auto const at = counts_.find(f.name);
      if (at == counts_.end()) { continue; }
      auto const& c = at->second;
      auto const level = c.levels.find(f.level);
      if (few(c.images, images_)) {
        note(o.own, o.own_count, f.name);
      } else if (level != c.levels.end() && few(level->second, c.images) && c.has_usual_level()) {
        note(o.other_level, o.other_level_count, f.name + ' ' + f.level);
      }
    }
    // Both are sorted by name.
    auto mine = all.begin();
    for (auto const* const name : common_) {
      while (mine != all.end() && mine->name < *name) { ++mine; }
      if (mine == all.end() || mine->name != *name) { note(o.lacking, o.lacking_count, *name); }
    }
    return o;
  }

  std::vector<fileset_count> take() {
    std::vector<fileset_count> out;
    out.reserve(counts_.size());
    for (auto& [name, c] : counts_) { out.push_back({name, c.images, std::move(c.levels)}); }
    std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
    return out;
  }

 private:
  struct level_spread {
    std::uint64_t images = 0;
    std::map<std::string, std::uint64_t> levels;
    // Where every image has a level of its own, none is out of the ordinary.
    [[nodiscard]] bool has_usual_level() const noexcept {
      return std::any_of(levels.begin(), levels.end(), [&](auto const& l) { return l.second * 2 > images; });
    }
  };
  std::unordered_map<std::string, level_spread> counts_;
  std::vector<std::string const*> common_;
  std::uint64_t images_ = 0;
};

// Contents that stand in the samples of several images, or several times in one. A sampled content stands for `step`
// bytes where it is smaller: that many of its kind were left out.
class equal_counter {
 public:
  void add(content_sample const& s) {
    if (!s.known()) { return; }
    ++out_.images;
    out_.bytes += s.bytes;
    step_ = std::max(step_, s.step);
    for (auto const& c : s.contents) {
      if (!in_sample(c.key, c.size, step_)) { continue; }
      auto& here = contents_[c.key];
      here.size = c.size;
      here.copies += c.copies;
    }
    // What a coarser sample leaves out is of no more use.
    if (contents_.size() > most_contents) { thin_out(); }
  }

  equal_members result() {
    drop_below_step();
    for (auto const& [unused, c] : contents_) { out_.saved += (c.copies - 1) * std::max(c.size, step_); }
    out_.saved = std::min(out_.saved, out_.bytes);
    out_.exact = step_ == 0;
    return out_;
  }

 private:
  static constexpr std::size_t most_contents = 500'000;

  void drop_below_step() {
    for (auto it = contents_.begin(); it != contents_.end();) {
      it = in_sample(it->first, it->second.size, step_) ? std::next(it) : contents_.erase(it);
    }
  }
  void thin_out() {
    drop_below_step();
    while (contents_.size() > most_contents / 2) {
      step_ = std::max<std::uint64_t>(step_ * 2, 1024);
      drop_below_step();
      if (step_ > std::uint64_t{1} << 62) { return; }
    }
  }

  struct content {
    std::uint64_t size = 0, copies = 0;
  };
  std::unordered_map<std::uint64_t, content> contents_;
  std::uint64_t step_ = 0;
  equal_members out_;
};

}  // namespace

void count_details(estate& e, batch_folder const& batch, std::vector<std::string> const& keys) {
  fileset_counter filesets;
  equal_counter equal;
  for (auto const& key : keys) {
    auto const d = read_details(batch, key);
    e.with_filesets += d.filesets.empty() ? 0u : 1u;
    filesets.add(d.filesets);
    equal.add(d.contents);
  }
  e.equal = equal.result();
  filesets.look_for_custom(e.with_filesets);
  for (std::size_t i = 0; i < keys.size() && e.with_filesets >= least_images; ++i) {
    auto const d = read_details(batch, keys[i]);
    if (d.filesets.empty()) { continue; }
    if (auto o = filesets.compare(i, d.filesets); o.all() != 0) { e.fileset_outliers.push_back(std::move(o)); }
  }
  std::stable_sort(e.fileset_outliers.begin(), e.fileset_outliers.end(),
                   [](auto const& a, auto const& b) { return a.all() > b.all(); });
  if (e.fileset_outliers.size() > shown_outliers) { e.fileset_outliers.resize(shown_outliers); }
  e.filesets = filesets.take();
}

}  // namespace sysb::batch::report
