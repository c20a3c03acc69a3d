// SPDX-License-Identifier: Apache-2.0
#include "pipeline/link_resolver.hpp"

#include <array>

#include "base/text.hpp"
#include "pipeline/diagnostics.hpp"

namespace sysb::pipeline {

std::size_t link_resolver::key_hash::operator()(key const& k) const noexcept {
  std::array const words{k.major, k.minor, k.ino};
  return table_hash(std::as_bytes(std::span{words}), 0);
}

link_resolver::link_resolver(std::string tmpdir, diagnostic_sink& findings)
    : names_{std::move(tmpdir)}, findings_{findings} {}

std::uint64_t link_resolver::metadata_of(entry const& e) noexcept {
  std::array const words{std::uint64_t{e.mode}, std::uint64_t{e.uid}, std::uint64_t{e.gid},
                         static_cast<std::uint64_t>(e.mtime)};
  return table_hash(std::as_bytes(std::span{words}), 0);
}

void link_resolver::report(diag_code const& code, entry const& e, std::string detail) {
  findings_.report({.code = &code, .offset = e.offset, .path = e.path, .detail = std::move(detail), .level = {}});
}

namespace {
bool has_data(entry const& e) noexcept { return e.content == content_state::here && e.size != 0; }
}  // namespace

void link_resolver::survey(entry const& e) {
  if (!may_be_linked(e) || !has_data(e)) { return; }
  auto& g = groups_[key_of(e)];
  if (g.data_offset != 0) { return; }
  g.metadata = metadata_of(e);
  g.data_offset = e.offset;
  g.size = e.size;
}

link_resolver::verdict link_resolver::judge(entry const& e, std::string const& path, bool two_pass) {
  auto& g = groups_[key_of(e)];
  auto const metadata = metadata_of(e);
  bool const data = has_data(e);
  bool const data_known = g.data_offset != 0;

  if (!data && g.refused && !g.written) {
    report(link_outside, e, concat("inode ", e.ino));
    return {answer::refuse, {}, 0, 0};
  }
  if (!data && data_known && metadata != g.metadata) {
    report(link_metadata_differs, e, concat("inode ", e.ino, ", device ", e.dev.major, ',', e.dev.minor));
    return {answer::conflict, {}, 0, 0};
  }
  // A copy of its own under other metadata is a file of its own, whatever the inode number says.
  if (data && data_known && metadata != g.metadata) { return {answer::own, {}, 0, 0}; }
  if (data && g.written_empty) {
    report(link_group_too_wide, e, concat("inode ", e.ino));
    return {answer::conflict, {}, 0, 0};
  }
  if (g.written) {
    if (metadata != g.metadata) { return {answer::own, {}, 0, 0}; }
    // A kept size without data must be the size of the file it links to.
    if (e.size != g.size && (data || e.size != 0)) {
      report(data ? link_sizes_differ : link_metadata_differs, e, concat("size ", e.size, ", first name has ", g.size));
      return {data ? answer::own : answer::conflict, {}, 0, 0};
    }
    return {answer::link, names_.get(g.first), 0, 0};
  }
  if (data_known && e.size != 0 && e.size != g.size) {
    report(data ? link_sizes_differ : link_metadata_differs, e, concat("size ", e.size, ", the content has ", g.size));
    return {data ? answer::own : answer::conflict, {}, 0, 0};
  }
  if (!data && !data_known) {
    if (e.content == content_state::elsewhere && e.size != 0) {
      report(link_content_missing, e, concat("inode ", e.ino));
      return {answer::conflict, {}, 0, 0};
    }
    if (!two_pass) { return {answer::hold, {}, 0, 0}; }
  }

  g.written = true;
  g.first = names_.add(path);
  if (data && !data_known) {
    g.metadata = metadata;
    g.data_offset = e.offset;
    g.size = e.size;
  } else if (!data_known) {
    g.metadata = metadata;  // every name of it is empty
  }
  if (!data && data_known) { return {answer::fetch, {}, g.data_offset, g.size}; }
  return {answer::own, {}, 0, 0};
}

void link_resolver::refuse(entry const& e) {
  if (may_be_linked(e)) { groups_[key_of(e)].refused = true; }
}

bool link_resolver::refused(entry const& e) const {
  auto const g = groups_.find(key_of(e));
  return g != groups_.end() && g->second.refused;
}

void link_resolver::give_up_waiting(entry const& e, std::string const& path) {
  auto& g = groups_[key_of(e)];
  g.written = true;
  g.written_empty = true;
  g.metadata = metadata_of(e);
  g.first = names_.add(path);
}

void link_resolver::learn_digest(entry const& e, digest128 const& d) {
  auto const g = groups_.find(key_of(e));
  if (g == groups_.end() || g->second.has_digest) { return; }
  g->second.digest = d;
  g->second.has_digest = true;
}

std::optional<digest128> link_resolver::digest(entry const& e) const {
  auto const g = groups_.find(key_of(e));
  if (g == groups_.end() || !g->second.has_digest) { return std::nullopt; }
  return g->second.digest;
}

}  // namespace sysb::pipeline
