// SPDX-License-Identifier: Apache-2.0
#include "wpar/systems.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/text.hpp"
#include "wpar/facts.hpp"

namespace sysb::wpar {

namespace {

constexpr std::size_t longest_word = 256;  // of what an image says; more is no name

// Of "AIX host release version machine", or of a file whose first word is the id.
std::string word_of(std::string_view text, std::size_t wanted) {
  constexpr std::string_view blank{" \t\r\n"};
  for (std::size_t n = 0;; ++n) {
    auto const first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) { return {}; }
    text.remove_prefix(first);
    auto const end = std::min(text.find_first_of(blank), text.size());
    if (n == wanted) { return std::string{text.substr(0, std::min(end, longest_word))}; }
    text.remove_prefix(end);
  }
}

// Sets of images, joined one by one.
class joined_sets {
 public:
  explicit joined_sets(std::size_t n) : above_(n) { std::iota(above_.begin(), above_.end(), std::size_t{0}); }
  [[nodiscard]] std::size_t first_of(std::size_t i) {
    while (above_[i] != i) { i = above_[i] = above_[above_[i]]; }
    return i;
  }
  void join(std::size_t a, std::size_t b) {
    a = first_of(a);
    b = first_of(b);
    above_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::size_t> above_;
};

using places = std::vector<std::size_t>;

// Images of one machine and host name. Those that do not tell their partition belong to it where there is only one.
void join_partitions(joined_sets& sets, std::span<system_identity const> all, places const& some) {
  std::map<std::string_view, std::size_t> first;
  for (auto const i : some) {
    auto const [at, is_new] = first.emplace(all[i].partition, i);
    if (!is_new) { sets.join(at->second, i); }
  }
  if (first.size() == 2 && first.begin()->first.empty()) { sets.join(first.begin()->second, first.rbegin()->second); }
}

std::string why_one(std::span<system_identity const> all, places const& images) {
  auto const& a = all[images.front()];
  auto const every = [&](auto const& same) {
    return std::all_of(images.begin(), images.end(), [&](auto i) { return same(all[i]); });
  };
  auto const name = [&] { return concat("machine ", printable(a.machine), " and host name ", printable(a.host)); };
  auto const one_name = !a.machine.empty() && !a.host.empty() &&
                        every([&](auto const& b) { return b.machine == a.machine && b.host == a.host; });
  auto out = one_name ? name()
             : !a.node_id.empty() && every([&](auto const& b) { return b.node_id == a.node_id; })
                 ? concat("RSCT node id ", printable(a.node_id), ", of one system or of copies of it")
                 : std::string{"machine and host name, or RSCT node id"};
  if (every([&](auto const& b) { return !b.date.empty(); })) {
    out += every([&](auto const& b) { return b.date == a.date; }) ? ", made at the same time"
                                                                  : ", made at different times";
  }
  return out;
}

}  // namespace

std::string system_identity::text() const { return machine.empty() ? std::string{} : concat(machine, '|', host); }

system_identity identity_of(facts const& f) {
  auto const& d = f.image_data;
  system_identity out;
  // The two machine ids of one image.data may differ: the first that is there counts.
  out.machine = word_of(d.cpu_id, 0);
  if (out.machine.empty()) { out.machine = word_of(d.uname_info, 4); }
  out.partition = word_of(d.lpar_id, 0);
  out.host = word_of(f.inet_hostname, 0);
  if (out.host.empty()) { out.host = word_of(d.uname_info, 1); }
  // The id is the first word; the rest of the file differs from time to time.
  if (f.ct_node_id.readable()) { out.node_id = word_of(f.ct_node_id.text, 0); }
  out.date = d.date_time;
  return out;
}

std::vector<system_group> images_of_one_system(std::span<system_identity const> all) {
  joined_sets sets{all.size()};
  std::map<std::pair<std::string_view, std::string_view>, places> names;
  std::map<std::string_view, std::size_t> nodes;
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& x = all[i];
    if (!x.machine.empty() && !x.host.empty()) { names[{x.machine, x.host}].push_back(i); }
    if (x.node_id.empty()) { continue; }
    auto const [at, is_new] = nodes.emplace(x.node_id, i);
    if (!is_new) { sets.join(at->second, i); }
  }
  for (auto const& [unused, some] : names) { join_partitions(sets, all, some); }
  std::map<std::size_t, places> found;
  for (std::size_t i = 0; i < all.size(); ++i) { found[sets.first_of(i)].push_back(i); }
  std::vector<system_group> out;
  for (auto& [unused, images] : found) {
    if (images.size() < 2) { continue; }
    auto why = why_one(all, images);
    out.push_back({std::move(images), std::move(why)});
  }
  return out;
}

}  // namespace sysb::wpar
