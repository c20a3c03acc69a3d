// SPDX-License-Identifier: Apache-2.0
#include "inventory/name_store.hpp"

#include "base/text.hpp"

namespace sysb::inventory {

namespace {

constexpr std::size_t per_directory = 128;  // beside its name, in the tables

}  // namespace

std::optional<std::uint32_t> name_store::add(std::string_view path, room& in) {
  auto const parent = parent_path(path);
  auto const base = parent.empty() ? path : path.substr(parent.size() + 1);
  if (!in.take(base.size() + 1 + sizeof(place))) { return std::nullopt; }
  if (directories_.empty() || *directories_[last_directory_] != parent) {
    auto at = numbers_.find(std::string{parent});
    if (at == numbers_.end()) {
      if (!in.take(parent.size() + per_directory)) { return std::nullopt; }
      at = numbers_.emplace(parent, static_cast<std::uint32_t>(directories_.size())).first;
      directories_.push_back(&at->first);
    }
    last_directory_ = at->second;
  }
  places_.push_back({last_directory_, static_cast<std::uint32_t>(bases_.size())});
  bases_.append(base.data(), base.size());
  bases_.push_back('\0');
  return static_cast<std::uint32_t>(places_.size() - 1);
}

std::string name_store::path(std::uint32_t number) const {
  auto const& p = places_[number];
  std::string_view const base{bases_.data() + p.base};
  auto const& directory = *directories_[p.directory];
  return directory.empty() ? std::string{base} : concat(directory, '/', base);
}

}  // namespace sysb::inventory
