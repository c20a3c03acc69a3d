// SPDX-License-Identifier: Apache-2.0
#include "inventory/name_store.hpp"

#include "base/text.hpp"

namespace sysb::inventory {

std::uint32_t name_store::add(std::string_view path) {
  auto const parent = parent_path(path);
  auto const base = parent.empty() ? path : path.substr(parent.size() + 1);
  if (directories_.empty() || *directories_[last_directory_] != parent) {
    auto const [at, fresh] = numbers_.try_emplace(std::string{parent}, static_cast<std::uint32_t>(directories_.size()));
    if (fresh) {
      directories_.push_back(&at->first);
      bytes_ += parent.size() + 64;
    }
    last_directory_ = at->second;
  }
  places_.push_back({last_directory_, static_cast<std::uint32_t>(bases_.size())});
  bases_.insert(bases_.end(), base.begin(), base.end());
  bases_.push_back('\0');
  bytes_ += base.size() + 1 + sizeof(place);
  return static_cast<std::uint32_t>(places_.size() - 1);
}

std::string name_store::path(std::uint32_t number) const {
  auto const& p = places_.at(number);
  std::string_view const base{bases_.data() + p.base};
  auto const& directory = *directories_[p.directory];
  return directory.empty() ? std::string{base} : concat(directory, '/', base);
}

}  // namespace sysb::inventory
