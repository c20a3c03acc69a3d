// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog_reader.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::index {

namespace {

// It was written by this run: what cannot be read back is the fault of where it stands.
template <typename Step>
auto read_back(Step const& step) {
  try {
    return step();
  } catch (unusable const& e) {
    throw fatal_error{fatal_error::kind::io, concat("the temporary list of members cannot be read back: ", e.what())};
  }
}

}  // namespace

catalog_reader::catalog_reader(std::unique_ptr<image_reader> walk, byte_source& source,
                               std::unique_ptr<index_file> members)
    : walk_{std::move(walk)}, source_{&source}, members_{std::move(members)} {
  walk_->end_walks();
  rewind();
}

bool catalog_reader::next(entry& out) {
  index_file::member m;
  if (!read_back([&] { return members_->next(out, m); })) {
    at_end_ = true;
    content_ = content_end_ = record_ = record_end_ = 0;
    return false;
  }
  record_ = out.offset;
  record_end_ = out.offset + out.record_bytes;
  content_ = out.content_offset;
  content_end_ = out.content_offset + (out.content == content_state::here ? out.stored : 0);
  at_ = 0;
  return true;
}

std::span<std::byte const> catalog_reader::piece(std::uint64_t from, std::uint64_t end) {
  if (at_ == 0) { at_ = from; }
  if (at_ >= end) { return {}; }
  if (source_->position() != at_) { source_->seek(at_); }
  auto const want = static_cast<std::size_t>(std::min(end - at_, largest_piece));
  auto seen = source_->peek(want);
  seen = seen.first(std::min(seen.size(), want));
  at_ += seen.size();
  return seen;
}

void catalog_reader::seek_record(std::uint64_t offset) {
  at_ = 0;
  content_ = content_end_ = record_ = record_end_ = 0;
  read_back([&] { members_->seek_offset(offset); });
}

}  // namespace sysb::index
