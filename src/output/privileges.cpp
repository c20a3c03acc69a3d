// SPDX-License-Identifier: Apache-2.0
#include "output/privileges.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <span>
#include <string>

#include "base/os/descriptor.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"

namespace sysb::output {

namespace {

constexpr unsigned cap_chown = 0;  // capability(7)
constexpr unsigned cap_mknod = 27;
constexpr std::uint64_t every_id = 0xffffffff;

std::string contents_of(char const* path) {
  std::string out;
  unique_fd const fd{::open(path, O_RDONLY | O_CLOEXEC)};
  std::array<std::byte, 4096> piece{};
  while (fd.ok()) {
    auto const n = read_fully(fd.get(), piece).bytes;
    out.append(as_text(std::span{piece}.first(n)));
    if (n < piece.size()) { break; }
  }
  return out;
}

std::string_view take_word(std::string_view& text) noexcept {
  auto const begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  auto const end = std::min(text.find_first_of(" \t\n", begin), text.size());
  auto const word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::uint64_t number(std::string_view word, int base) noexcept {
  std::uint64_t out = 0;
  (void)std::from_chars(word.data(), word.data() + word.size(), out, base);
  return out;
}

}  // namespace

privileges privileges::of_this_process() {
  return {contents_of("/proc/self/uid_map"), contents_of("/proc/self/gid_map"), contents_of("/proc/self/status")};
}

std::vector<privileges::range> privileges::parse(std::string_view map) {
  std::vector<range> out;
  for (;;) {
    auto const inside = take_word(map);
    (void)take_word(map);
    auto const count = take_word(map);
    if (count.empty()) { return out; }
    out.push_back({number(inside, 10), number(count, 10)});
  }
}

privileges::privileges(std::string_view uid_map, std::string_view gid_map, std::string_view status)
    : uids_{parse(uid_map)}, gids_{parse(gid_map)} {
  constexpr std::string_view field = "\nCapEff:";
  if (auto const at = status.find(field); at != std::string_view::npos) {
    auto rest = status.substr(at + field.size());
    auto const held = number(take_word(rest), 16);
    chown_ = (held >> cap_chown & 1) != 0;
    devices_ = (held >> cap_mknod & 1) != 0;
  }
  constexpr std::string_view groups = "\nGroups:";
  if (auto const at = status.find(groups); at != std::string_view::npos) {
    auto rest = status.substr(at + groups.size());
    rest = rest.substr(0, rest.find('\n'));
    for (auto word = take_word(rest); !word.empty(); word = take_word(rest)) { groups_.push_back(number(word, 10)); }
  }
  bool const first_namespace = uids_.empty() || (uids_.size() == 1 && uids_[0].count == every_id);
  devices_ = devices_ && first_namespace;
}

bool privileges::may_give_to(std::uint32_t uid, std::uint32_t gid) const noexcept {
  auto const known = [](std::vector<range> const& all, std::uint32_t id) {
    return all.empty() || std::any_of(all.begin(), all.end(), [&](range const& r) { return r.holds(id); });
  };
  if (!known(uids_, uid) || !known(gids_, gid)) { return false; }
  auto const is_in = [&] { return std::find(groups_.begin(), groups_.end(), gid) != groups_.end(); };
  return chown_ || (uid == ::geteuid() && (gid == ::getegid() || is_in()));
}

}  // namespace sysb::output
