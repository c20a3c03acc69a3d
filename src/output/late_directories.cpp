// SPDX-License-Identifier: Apache-2.0
#include "output/late_directories.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/text.hpp"
#include "output/spool.hpp"

namespace sysb::output {

namespace {

struct record {
  directory_metadata about;
  std::uint32_t path_bytes = 0;
};

constexpr unsigned place_bits = 48;
constexpr std::uint64_t deepest = 0xffff;

}  // namespace

void late_directories::add(std::string_view path, directory_metadata const& m) {
  auto const slashes = static_cast<std::uint64_t>(std::count(path.begin(), path.end(), '/'));
  auto const depth = path.empty() ? 0u : 1u + slashes;
  auto const place = spooled_ + held_.size();
  // Deepest first in ascending order, and within one depth by place.
  index_.push_back((deepest - std::min<std::uint64_t>(depth, deepest)) << place_bits | place);
  record r;
  std::memset(static_cast<void*>(&r), 0, sizeof r);  // padding goes to the file too
  r.about = m;
  r.path_bytes = static_cast<std::uint32_t>(path.size());
  auto const head = std::as_bytes(std::span{&r, 1});
  held_.insert(held_.end(), head.begin(), head.end());
  auto const text = as_bytes(path);
  held_.insert(held_.end(), text.begin(), text.end());
  if (held_.size() < capacity_) { return; }
  if (!spool_.ok()) { spool_ = open_spool(host_); }
  write_at(spool_.get(), held_, spooled_);
  spooled_ += held_.size();
  held_.clear();
}

void late_directories::read(std::uint64_t at, std::span<std::byte> out) const {
  if (at < spooled_) {  // a record is never divided: whole buffers are spilled
    read_at(spool_.get(), out, at);
  } else if (!out.empty()) {
    std::memcpy(out.data(), held_.data() + (at - spooled_), out.size());
  }
}

void late_directories::apply(std::function<void(std::string const& path, directory_metadata const&)> const& set) {
  std::sort(index_.begin(), index_.end());
  std::string path;
  for (auto const item : index_) {
    auto const place = item & ((std::uint64_t{1} << place_bits) - 1);
    record r;
    read(place, std::as_writable_bytes(std::span{&r, 1}));
    path.resize(r.path_bytes);
    read(place + sizeof r, std::as_writable_bytes(std::span{path.data(), path.size()}));
    set(path, r.about);
  }
  index_ = {};
  held_ = {};
  spool_.reset();
}

}  // namespace sysb::output
