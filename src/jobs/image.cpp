// SPDX-License-Identifier: Apache-2.0
#include "jobs/image.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "catalog/diagnostics.hpp"
#include "catalog/identity.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "jobs/frame.hpp"

namespace sysb::jobs {

namespace {

diag_code const* find_code(std::string_view id) {
  auto const all = registry::all_codes();
  auto const at = std::find_if(all.begin(), all.end(), [&](diag_code const* c) { return c->id == id; });
  return at == all.end() ? nullptr : *at;
}

// Nothing of a pipe, a drive, and the name of a set whose pieces have others. What cannot be looked at is no such thing:
// two reports or indexes of one image would differ.
std::optional<struct stat> regular_file(std::string const& image) {
  struct stat st {};
  if (image == "-") { return std::nullopt; }
  if (::stat(image.c_str(), &st) == 0) { return S_ISREG(st.st_mode) ? std::optional{st} : std::nullopt; }
  if (errno == ENOENT || errno == ENOTDIR) { return std::nullopt; }
  throw fatal_error{fatal_error::kind::io, concat("cannot look at ", quoted(image), ": ", os_text(errno)), std::nullopt,
                    image};
}

// The named index, or the one beside the image where there is one; null when none is to be used.
std::unique_ptr<index::index_file> wanted_index(image_request const& r, diagnostic_sink& d) {
  switch (r.by) {
    case index_use::none: return nullptr;
    case index_use::named: return open_index_file(r.index, d);
    case index_use::beside: break;
  }
  auto const beside = index_name(r.volumes.front());
  struct stat st {};
  if (beside.empty() || ::stat(beside.c_str(), &st) != 0) { return nullptr; }
  // Nobody asked for it: what cannot be read is only remarked.
  try {
    return open_index_file(beside, d);
  } catch (fatal_error const& e) {
    if (e.what_kind() != fatal_error::kind::io) { throw; }
    d.report({.code = &index::damaged_index, .offset = {}, .path = {}, .detail = e.what(), .level = {}});
    return nullptr;
  }
}

}  // namespace

void use_index(registry::opened_image& image, std::unique_ptr<index::index_file> file, std::string const& name,
               ledger& findings) {
  auto const report = [&](diag_code const& code, std::string detail) {
    findings.report({.code = &code, .offset = {}, .path = {}, .detail = std::move(detail), .level = {}});
  };
  auto& source = *image.source;
  if (!source.cheap_seek() || !source.size()) {
    report(index::not_seekable, {});
    return;
  }
  auto const now = index::identify(source, changed_time(name));
  image.reader->rewind();
  auto const& kept = file->image();
  if (auto why = index::difference(kept, now); !why.empty()) {
    report(index::foreign_index, std::move(why));
    return;
  }
  if (kept.changed != 0 && now.changed != 0 && kept.changed != now.changed) { report(index::time_differs, {}); }
  auto reader = std::make_unique<index::indexed_reader>(std::move(image.reader), source, std::move(file), findings);
  image.indexed = reader.get();
  image.reader = std::move(reader);
}

std::string image_request::base_name() const {
  if (volumes.empty() || volumes.front() == "-") { return "image"; }
  auto const& v = volumes.front();
  auto const slash = v.rfind('/');
  return slash == std::string::npos ? v : v.substr(slash + 1);
}

std::uint64_t image_request::file_bytes() const {
  std::uint64_t sum = 0;
  for (auto const& v : volumes) {
    auto const st = regular_file(v);
    if (!st) { return 0; }
    sum += static_cast<std::uint64_t>(st->st_size);
  }
  return sum;
}

std::string image_request::file_samples() const {
  digester all;
  for (auto const& v : volumes) {
    if (!regular_file(v)) { return {}; }
    auto const file = io::open_file(v, {});
    auto const one = index::identify(*file, 0);
    if (volumes.size() == 1) { return to_text(one.samples); }
    all.update(one.samples);
  }
  return to_text(all.value());
}

unsigned usual_threads() noexcept { return std::clamp(std::thread::hardware_concurrency(), 1u, 8u); }

registry::opened_image open_image(image_request const& r, bool two_passes, events& e) {
  e.opening();
  return registry::open_image({.volumes = r.volumes,
                               .member = r.member,
                               .tmpdir = r.tmpdir,
                               .need_seekable = two_passes || r.reviews(),
                               .how = r.salvage ? on_damage::salvage : on_damage::stop,
                               .counters = &e.counters},
                              r.bounds, e.findings);
}

registry::opened_image open_by_index(image_request const& r, bool two_passes, events& e) {
  if (r.reviews()) { return open_image(r, two_passes, e); }  // an index is of a sound image
  auto file = wanted_index(r, e.findings);
  auto image = open_image(r, two_passes, e);
  if (file) { use_index(image, std::move(file), r.volumes.front(), e.findings); }
  return image;
}

std::string index_name(std::string const& image) {
  if (image == "-") { return {}; }
  auto name = image;
  while (name.size() > 1 && name.back() == '/') { name.pop_back(); }
  return concat(name, ".sysbidx");
}

std::int64_t changed_time(std::string const& image) {
  auto const st = regular_file(image);
  return st ? std::int64_t{st->st_mtim.tv_sec} * 1'000'000'000 + st->st_mtim.tv_nsec : 0;
}

std::unique_ptr<index::index_file> open_index_file(std::string const& path, diagnostic_sink& d) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot open index ", quoted(path), ": ", os_text(errno)),
                      std::nullopt, path};
  }
  if (!S_ISREG(st.st_mode)) {
    throw fatal_error{fatal_error::kind::io, concat("index ", quoted(path), " is not a regular file"), std::nullopt,
                      path};
  }
  return index::open_index(io::open_file(path, {}), path, find_code, d);
}

index::indexed_reader* by_index(registry::opened_image const& image) {
  return image.indexed != nullptr && image.indexed->uses_index() ? image.indexed : nullptr;
}

void verify_by_index(registry::opened_image const& image, pipeline::copy_options& how, diagnostic_sink& d) {
  auto* const reader = by_index(image);
  if (reader == nullptr) { return; }
  how.digests = true;
  how.on_member = [reader, &d, also = std::move(how.on_member)](pipeline::member_event const& m) {
    if (also) { also(m); }
    auto const kept = reader->take_digest(m.member.content_offset);
    if (!kept || m.content == nullptr || !m.content->digest || *kept == *m.content->digest) { return; }
    d.report({.code = &index::content_differs,
              .offset = m.member.offset,
              .path = m.member.path,
              .detail = concat("the index has ", to_text(*kept), ", read was ", to_text(*m.content->digest)),
              .level = {}});
  };
}

void pass_over(registry::opened_image& image, events& e) {
  auto& reader = *image.reader;
  e.counters.phase = "survey";
  e.counters.bytes = 0;
  image.reader->rewind();
  reader.expect_skips(true, usual_threads());
  entry m;
  while (reader.next(m)) {
    e.counters.stop_if_asked();
    e.counters.bytes = m.offset;
    reader.skip();
  }
  reader.expect_skips(false, 1);
  image.reader->rewind();
}

void tell_learned(image_reader const& r, events& e) {
  if (auto const found = r.grammar()) { e.learned(*found); }
}

}  // namespace sysb::jobs
