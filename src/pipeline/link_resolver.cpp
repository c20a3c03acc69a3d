// SPDX-License-Identifier: Apache-2.0
#include "pipeline/link_resolver.hpp"

#include <cstring>
#include <random>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

link_resolver::link_resolver(std::string tmpdir, name_table const* names, diagnostic_sink& findings)
    : seed_{std::random_device{}()}, first_names_{std::move(tmpdir)}, names_{names}, findings_{findings} {}

void link_resolver::group::set_first(piece_store::ref r) {
  if (r.offset >> 40 != 0 || r.length > 0xffff) {
    throw fatal_error{fatal_error::kind::internal, "more bytes of names than a table of links can point to"};
  }
  first_low = static_cast<std::uint32_t>(r.offset);
  first_high = static_cast<std::uint8_t>(r.offset >> 32);
  first_length = static_cast<std::uint16_t>(r.length);
}

piece_store::ref link_resolver::group::first() const noexcept {
  return {std::uint64_t{first_high} << 32 | first_low, first_length};
}

std::uint64_t link_resolver::key_of(entry const& e) const noexcept { return link_identity_of(e).inode_hash(seed_); }

link_resolver::group& link_resolver::group_of(entry const& e) {
  group fresh;
  fresh.key = key_of(e);
  return *groups_.find_or_add(fresh).first;
}

link_resolver::group const* link_resolver::find(entry const& e) const { return groups_.find(key_of(e)); }

std::uint64_t link_resolver::metadata_of(entry const& e) const noexcept {
  return link_identity_of(e).metadata_hash(seed_);
}

void link_resolver::report(diag_code const& code, entry const& e, std::string detail) {
  findings_.report({.code = &code, .offset = e.offset, .path = e.path, .detail = std::move(detail), .level = {}});
}

namespace {
std::uint64_t half_of(digest128 const& d) noexcept {
  std::uint64_t half = 0;
  std::memcpy(&half, d.data(), sizeof half);
  return half;
}
}  // namespace

void link_resolver::survey(entry const& e) {
  if (!may_be_linked(e) || !has_data(e)) { return; }
  auto& g = group_of(e);
  if (g.data_offset != 0) { return; }
  g.metadata = metadata_of(e);
  g.data_offset = e.offset;
  g.size = e.size;
}

bool link_resolver::holds(group const& g, std::string_view first) const {
  return names_ == nullptr || names_->is_final(first, g.first_record);
}

bool link_resolver::stands(entry const& e, std::string_view path) const {
  auto const* g = find(e);
  return g != nullptr && g->is(written) && normal_path(first_names_.get(g->first())) == path && holds(*g, path);
}

void link_resolver::lead(group& g, entry const& e) {
  g.set(written);
  g.set_first(first_names_.add(e.path));
  g.first_record = e.offset;
}

link_resolver::verdict link_resolver::judge(entry const& e, bool two_pass, bool stood) {
  auto& g = group_of(e);
  auto const metadata = metadata_of(e);
  bool const data = has_data(e);
  bool const data_known = g.data_offset != 0;

  if (!data && g.is(refused_name) && !g.is(written)) {
    report(link_outside, e, concat("inode ", e.ino));
    return {.what = answer::refuse};
  }
  if (!data && data_known && metadata != g.metadata) {
    report(link_metadata_differs, e, concat("inode ", e.ino, ", device ", e.dev.major, ',', e.dev.minor));
    return {.what = answer::conflict};
  }
  // A copy of its own under other metadata is a file of its own, whatever the inode number says.
  if (data && data_known && metadata != g.metadata) { return {}; }
  if (data && g.is(written_empty)) {
    report(link_group_too_wide, e, concat("inode ", e.ino));
    return {.what = answer::conflict};
  }
  if (g.is(written)) {
    if (metadata != g.metadata) { return {}; }
    auto first = first_names_.get(g.first());
    auto const first_path = normal_path(first);
    bool const same_name = first_path == normal_path(e.path);
    // A kept size without data must be the size of the file it links to.
    if (e.size != g.size && (data ? !same_name : e.size != 0)) {
      report(data ? link_sizes_differ : link_metadata_differs, e, concat("size ", e.size, ", first name has ", g.size));
      return {.what = data ? answer::own : answer::conflict};
    }
    if (same_name && !data && stood) {
      g.first_record = e.offset;
      return {.what = answer::stands};
    }
    if (!same_name && holds(g, first_path)) { return {.what = answer::link, .first = std::move(first)}; }
    // The first name was replaced, by this record or by another: from here on this one leads.
  } else {
    if (data_known && e.size != 0 && e.size != g.size) {
      report(data ? link_sizes_differ : link_metadata_differs, e,
             concat("size ", e.size, ", the content has ", g.size));
      return {.what = data ? answer::own : answer::conflict};
    }
    if (!data && !data_known) {
      if (e.content == content_state::elsewhere && e.size != 0) {
        report(link_content_missing, e, concat("inode ", e.ino));
        return {.what = answer::conflict};
      }
      if (!two_pass) { return {.what = answer::hold}; }
    }
  }

  bool const again = g.is(written);
  lead(g, e);
  if (data && (again || !data_known)) {
    g.metadata = metadata;
    g.data_offset = e.offset;
    g.size = e.size;
  } else if (!data_known) {
    g.metadata = metadata;  // every name of it is empty
  }
  if (!data && data_known) {
    return {.what = answer::fetch, .leads = true, .data_offset = g.data_offset, .size = g.size};
  }
  return {.leads = true};
}

link_resolver::verdict link_resolver::judge_apart(entry const& e) {
  auto const* g = find(e);
  if (has_data(e) || g == nullptr || g->data_offset == 0 || g->is(written_empty)) { return {}; }
  if (metadata_of(e) != g->metadata || (e.size != 0 && e.size != g->size)) {
    report(link_metadata_differs, e, concat("inode ", e.ino, ", device ", e.dev.major, ',', e.dev.minor));
    return {.what = answer::conflict};
  }
  return {.what = answer::fetch, .data_offset = g->data_offset, .size = g->size};
}

void link_resolver::refuse(entry const& e) {
  if (may_be_linked(e)) { group_of(e).set(refused_name); }
}

bool link_resolver::refused(entry const& e) const {
  auto const* g = find(e);
  return g != nullptr && g->is(refused_name);
}

void link_resolver::give_up_waiting(entry const& e) {
  auto& g = group_of(e);
  lead(g, e);
  g.set(written_empty);
  g.metadata = metadata_of(e);
}

void link_resolver::learn_digest(entry const& e, digest128 const& d) {
  if (find(e) == nullptr) { return; }
  auto& g = group_of(e);
  g.digest = half_of(d);
  g.set(has_digest);
}

bool link_resolver::differs(entry const& e, digest128 const& d) const {
  auto const* g = find(e);
  return g != nullptr && g->is(has_digest) && g->digest != half_of(d);
}

}  // namespace sysb::pipeline
