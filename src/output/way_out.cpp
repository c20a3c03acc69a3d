// SPDX-License-Identifier: Apache-2.0
#include "output/way_out.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <utility>

#include "output/remove_tree.hpp"

namespace sysb::output {

namespace {

// OUT, its manifest and some ten side files; what finds no place is removed by the ordinary way only.
constexpr std::size_t places = 64;
constexpr std::size_t longest = 40;

enum state : int { empty, filling, file, tree };

struct remembered {
  std::atomic<int> what = empty;
  int folder = -1;
  std::array<char, longest> name{};
};
std::array<remembered, places> all;

}  // namespace

on_way_out::on_way_out(on_way_out&& other) noexcept : slot_{std::exchange(other.slot_, -1)} {}

void on_way_out::remember(int folder, std::string const& name, bool is_tree) noexcept {
  forget();
  if (name.size() >= longest) { return; }
  for (std::size_t i = 0; i < places; ++i) {
    auto& slot = all[i];
    int was = empty;
    if (!slot.what.compare_exchange_strong(was, filling)) { continue; }
    slot.folder = folder;
    slot.name.fill('\0');
    name.copy(slot.name.data(), longest - 1);
    slot.what = is_tree ? tree : file;
    slot_ = static_cast<int>(i);
    return;
  }
}

void on_way_out::forget() noexcept {
  if (slot_ >= 0) { all[static_cast<std::size_t>(std::exchange(slot_, -1))].what = empty; }
}

void remove_on_way_out(bool now) noexcept {
  for (auto& slot : all) {
    int const what = slot.what;
    if (what == file) { ::unlinkat(slot.folder, slot.name.data(), 0); }
    if (what == tree && !now) {
      // Other threads may still be writing into it.
      for (int attempt = 0; attempt < 3 && remove_tree(slot.folder, slot.name.data()) != 0; ++attempt) {}
    }
  }
}

}  // namespace sysb::output
