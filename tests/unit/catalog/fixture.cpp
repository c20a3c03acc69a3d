// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "base/text.hpp"
#include "catalog/builder.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "pipeline/content_job.hpp"
#include "registry/registry.hpp"

namespace sysb::index::testing {

std::vector<std::string> collector::ids() const {
  std::vector<std::string> out;
  for (auto const& d : all) { out.emplace_back(d.code->id); }
  return out;
}

std::vector<std::string> collector::texts() const {
  std::vector<std::string> out;
  for (auto const& d : all) {
    out.push_back(
        concat(d.code->id, ' ', sysb::to_text(d.effective()), ' ', d.offset.value_or(0), ' ', d.path, ' ', d.text()));
  }
  return out;
}

diag_code const* code_of(std::string_view id) {
  for (auto const* c : registry::all_codes()) {
    if (c->id == id) { return c; }
  }
  return nullptr;
}

std::string to_text(entry const& e) {
  auto out = concat(quoted(e.path), ' ', std::string_view{sysb::to_text(e.kind)}, ' ', e.mode, ' ', e.uid, ' ', e.gid,
                    ' ', e.size, ' ', e.stored, ' ', e.packed ? 1 : 0, ' ', static_cast<int>(e.content), ' ', e.mtime,
                    ' ', e.atime, ' ', e.ctime, ' ', e.nlink, ' ', e.ino, ' ');
  out += concat(e.dev.major, ',', e.dev.minor, ' ', e.rdev.major, ',', e.rdev.minor, ' ', quoted(e.target), ' ',
                hex_bytes(e.acl), ' ', hex_bytes(e.pcl), ' ', e.acl_extended ? 1 : 0, ' ', quoted(e.acl_text), ' ',
                e.offset, ' ', e.content_offset, ' ', e.record_bytes, ' ', e.damaged ? 1 : 0);
  for (auto const& o : e.opaque) { out += concat(' ', o.offset, '+', o.length); }
  return out;
}

namespace {

class keeper final : public diagnostic_sink {
 public:
  void report(diagnostic const& d) override {
    if (to != nullptr) { to->note(d); }
  }
  builder* to = nullptr;
};

}  // namespace

bytes make_index(bytes const& image) {
  auto source = io::from_memory(image);
  keeper findings;
  auto reader = backup_by_name::format().open(*source, limits{}, findings);
  auto const about = identify(*source, 0);
  reader->rewind();
  bytes out;
  builder index{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }, about};
  findings.to = &index;
  pipeline::content_tools tools;
  tools.decoder = reader->make_decoder();
  entry e;
  while (reader->next(e)) {
    bytes head(head_bytes(e));
    REQUIRE(source->probe(e.offset, head) == head.size());
    std::optional<digest128> digest;
    if (e.content == content_state::here) {
      digest = pipeline::run_content(
                   {e.stored, e.size, e.packed, true}, tools, [&] { return reader->read_stored(); },
                   [](std::span<std::byte const>) {})
                   .result.digest;
    }
    index.add(e, head, digest ? &*digest : nullptr);
  }
  REQUIRE(reader->complete());
  index.finish(reader->end_offset(), true);
  REQUIRE(index.bytes() == out.size());
  return out;
}

seen walk(image_reader& r, collector& c) {
  seen out;
  entry e;
  std::vector<std::pair<std::uint64_t, bool>> records;
  digester sum;
  while (r.next(e)) {
    out.entries.push_back(to_text(e));
    sum.reset();
    for (auto p = r.read_stored(); !p.empty(); p = r.read_stored()) { sum.update(p); }
    out.stored.push_back(sysb::to_text(sum.value()));
    records.emplace_back(e.offset, false);
  }
  out.complete = r.complete();
  out.end_offset = r.end_offset();
  r.rewind();
  while (r.next(e)) {
    sum.reset();
    for (auto p = r.read_raw(); !p.empty(); p = r.read_raw()) { sum.update(p); }
    out.raw.push_back(sysb::to_text(sum.value()));
  }
  out.findings = c.texts();
  return out;
}

seen plain_walk(bytes const& image) {
  collector c;
  auto source = io::from_memory(image);
  auto reader = backup_by_name::format().open(*source, limits{}, c);
  c.all.clear();  // what is found while opening is no business of an index
  return walk(*reader, c);
}

by_index::by_index(bytes const& image, bytes const& index) : source{io::from_memory(image)} {
  auto walker = backup_by_name::format().open(*source, limits{}, findings);
  findings.all.clear();
  auto file = open_index(io::from_memory(index), "x", code_of, findings);
  if (!file) { return; }
  REQUIRE(difference(file->image(), identify(*source, 0)).empty());
  reader = std::make_unique<indexed_reader>(std::move(walker), *source, std::move(file), findings);
}

}  // namespace sysb::index::testing
