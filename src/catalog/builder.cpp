// SPDX-License-Identifier: Apache-2.0
#include "catalog/builder.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/text.hpp"
#include "catalog/findings.hpp"
#include "catalog/lookup.hpp"
#include "core/fatal_error.hpp"

namespace sysb::index {

namespace {
// From the image, so that one image gives one index. Names that are made to meet under one key only cost
// time: whoever looks one up compares what stands there, and gives up the index where too many meet.
std::uint64_t seed_of(identity const& image) { return table_hash(image.samples, image.stream_bytes); }
}  // namespace

builder::builder(byte_output out, identity const& image, takes what)
    : out_{std::move(out)},
      image_{image},
      what_{what},
      seed_{seed_of(image)},
      parent_key_{name_key("", seed_)},
      own_seed_{std::random_device{}()} {
  front_record front{};
  front.magic = magic;
  front.version = current_version;
  put(std::as_bytes(std::span{&front, 1}));
}

void builder::put(std::span<std::byte const> bytes) {
  out_(bytes);
  written_ += bytes.size();
}

void builder::note(diagnostic const& d) {
  append_finding(d, members_, findings_);
  ++finding_count_;
  if (findings_.size() > max_findings_bytes) {
    throw fatal_error{fatal_error::kind::unsupported, "there are more findings than an index can keep"};
  }
}

void builder::add(entry const& e, std::span<std::byte const> head, digest128 const* digest) {
  member_facts facts{.head_hash = head_hash_of(head), .digest = {}};
  if (digest != nullptr) { facts.digest = *digest; }
  add(e, facts);
}

void builder::add(entry const& e, member_facts const& facts) {
  if ((what_ == takes::sound && is_unsound(e)) || !codec_.encode(e, facts, block_)) {
    throw fatal_error{fatal_error::kind::unsupported, "an index cannot hold this member", e.offset, e.path};
  }
  if (in_block_ == 0) { block_offset_ = e.offset; }
  auto const place = place_of(blocks_.size(), in_block_);
  auto const path = normal_path(e.path);
  names_.push_back({name_key(path, seed_), place});
  if (!path.empty()) { add_child(parent_path(path), e.kind == entry_kind::directory); }
  if (may_be_linked(e)) {
    auto const id = link_identity_of(e);
    link_group const first{.inode = id.inode_hash(own_seed_), .key = link_key(id, seed_)};
    auto const [at, fresh] = links_.find_or_add(
        first.inode, [&](link_group const& g) { return g.key == first.key; }, first);
    auto& group = *at;
    linked_.push_back({first.key, members_});
    group.several = group.several || !fresh;
    if (has_data(e) && !group.has_data) {
      group.data = place;
      group.has_data = true;
    }
  }
  ++members_;
  if (++in_block_ == members_a_block || block_.size() >= block_target) { close_block(); }
}

void builder::add_child(std::string_view parent, bool directory) {
  if (parent != parent_) {
    parent_ = parent;
    parent_key_ = name_key(parent_, seed_);
  }
  if (!runs_.empty() && runs_.back().key == parent_key_) {
    auto& run = runs_.back().value;
    auto const count = (run & (longest_run - 1)) + 1;
    if (count < longest_run && run_value(members_ - count, directory, count) == run) {
      ++run;
      return;
    }
  }
  runs_.push_back({parent_key_, run_value(members_, directory, 1)});
}

// Names that come again stand side by side in the name table.
std::vector<pair> builder::names_again() const {
  std::vector<pair> out;
  for (std::size_t i = 1; i < names_.size(); ++i) {
    if (names_[i].key != names_[i - 1].key) { continue; }
    if (out.empty() || out.back().key != names_[i].key) { out.push_back(names_[i - 1]); }
    out.push_back(names_[i]);
  }
  return out;
}

std::vector<pair> builder::orphans() const {
  std::vector<pair> out;
  auto const* name = names_.begin();
  auto const top = name_key("", seed_);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto const key = runs_[i].key;
    if (key == top || (i != 0 && runs_[i - 1].key == key)) { continue; }
    while (name != names_.end() && name->key < key) { ++name; }
    if (name == names_.end() || name->key != key) { out.push_back({key, runs_[i].value >> (run_count_bits + 1)}); }
  }
  return out;
}

void builder::close_block() {
  if (in_block_ == 0) { return; }
  block_record head{};
  head.first = members_ - in_block_;
  head.bytes = static_cast<std::uint32_t>(block_.size());
  head.count = in_block_;
  head.checksum = block_checksum(head, block_);
  blocks_.push_back({block_offset_, written_});
  put(std::as_bytes(std::span{&head, 1}));
  put(block_);
  block_.clear();
  in_block_ = 0;
  codec_.reset();
}

void builder::finish(std::uint64_t end_offset, bool digests) {
  close_block();
  paged_list<pair> data_of_links;
  links_.for_each([&](link_group const& group) {
    if (group.several && group.has_data) { data_of_links.push_back({group.key, group.data}); }
  });
  links_ = {};  // before the largest table grows once more
  names_.append(data_of_links.data(), data_of_links.size());
  std::sort(names_.begin(), names_.end());
  std::sort(runs_.begin(), runs_.end());
  std::sort(linked_.begin(), linked_.end());
  auto const again = names_again();
  auto const without = orphans();

  footer_record f{};
  f.version = current_version;
  f.flags = digests ? footer_flag::digests : 0;
  f.members = members_;
  f.blocks = blocks_.size();
  f.blocks_end = written_;
  f.names = names_.size();
  f.runs = runs_.size();
  f.links = linked_.size();
  f.again = again.size();
  f.orphans = without.size();
  f.findings = finding_count_;
  f.findings_bytes = findings_.size();
  f.findings_checksum = table_hash(findings_, 0);
  f.seed = seed_;
  f.stream_bytes = image_.stream_bytes;
  f.end_offset = end_offset;
  f.changed = static_cast<std::uint64_t>(image_.changed);
  f.samples = image_.samples;
  f.magic = magic;

  auto const out = [this](std::span<std::byte const> b) { put(b); };
  write_table(table_id::blocks, blocks_, out);
  write_table(table_id::names, names_, out);
  write_table(table_id::runs, runs_, out);
  write_table(table_id::links, linked_, out);
  write_table(table_id::again, again, out);
  write_table(table_id::orphans, without, out);
  put(findings_);
  f.index_bytes = written_ + sizeof(f);
  f.checksum = table_hash(std::as_bytes(std::span{&f, 1}).subspan(sizeof(le64)), 0);
  put(std::as_bytes(std::span{&f, 1}));
}

}  // namespace sysb::index
