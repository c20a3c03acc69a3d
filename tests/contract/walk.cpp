// SPDX-License-Identifier: Apache-2.0
#include "contract/walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace sysb::contract {
namespace {

namespace fs = std::filesystem;

class collector final : public diagnostic_sink {
 public:
  explicit collector(std::vector<seen_finding>& out) : out_{out} {}
  void report(diagnostic const& d) override {
    out_.push_back({std::string{d.code->id}, d.offset, d.path, d.effective() == severity::error});
    warnings_.push_back(d.effective());
  }

 private:
  std::vector<seen_finding>& out_;
  std::vector<severity> warnings_;
};

// Pieces of 1, 8, 15, … bytes: no header, name or code ever arrives in one piece.
class dripping final : public io::byte_producer {
 public:
  explicit dripping(bytes const& image) : image_{image} {}
  std::size_t produce(std::span<std::byte> out) override {
    auto const n = std::min({out.size(), image_.size() - at_, step_});
    std::copy_n(image_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    step_ = step_ % 4093 + 7;
    return n;
  }

 private:
  bytes const& image_;
  std::size_t at_ = 0;
  std::size_t step_ = 1;
};

std::unique_ptr<byte_source> source_of(bytes const& image, medium from) {
  if (from == medium::file) { return io::from_memory(image); }
  io::source_options o;
  o.tmpdir = fs::temp_directory_path().string();
  return io::from_producer(std::make_unique<dripping>(image), o);
}

std::string content_digest(image_reader& r, entry const& e, content_decoder& decoder, result& out) {
  digester d;
  std::uint64_t stored = 0;
  std::uint64_t plain = 0;
  auto last = content_decoder::status::need_input;
  if (e.packed) { decoder.reset(e.stored, e.size); }
  std::vector<std::byte> buffer(1 << 16);
  for (auto piece = r.read_stored(); !piece.empty(); piece = r.read_stored()) {
    CHECK(piece.size() <= (1u << 20));
    stored += piece.size();
    if (!e.packed) {
      d.update(piece);
      plain += piece.size();
      continue;
    }
    std::span<std::byte const> in{piece};
    while (last != content_decoder::status::failed && last != content_decoder::status::done) {
      std::span<std::byte> free{buffer};
      last = decoder.decode(in, free);
      auto const got = buffer.size() - free.size();
      d.update(std::span{buffer}.first(got));
      plain += got;
      if (last == content_decoder::status::need_input) { break; }
    }
  }
  if (e.content != content_state::here || e.damaged) { return {}; }
  // Short content without a finding is what this contract exists to catch.
  if (stored != e.stored) {
    CHECK(out.has_error());
    return {};
  }
  if (e.packed && last == content_decoder::status::failed) {
    out.content_faults.emplace_back(decoder.error()->id);
    return {};
  }
  if (e.packed) { CHECK(last == content_decoder::status::done); }
  CHECK(plain == e.size);
  return to_text(d.value());
}

void walk_entries(image_reader& r, mode how, result& out) {
  auto const decoder = r.make_decoder();
  auto const head = r.volume_header();
  out.raw.assign(head.begin(), head.end());
  entry e;
  while (r.next(e)) {
    seen_entry seen;
    switch (how) {
      case mode::skip: r.skip(); break;
      case mode::read: seen.digest = content_digest(r, e, *decoder, out); break;
      case mode::raw: {
        auto const before = out.raw.size();
        for (auto p = r.read_raw(); !p.empty(); p = r.read_raw()) { test::append(out.raw, p); }
        if (out.raw.size() - before != e.record_bytes) { CHECK(out.has_error()); }
        break;
      }
    }
    seen.about = e;
    out.entries.push_back(std::move(seen));
  }
}

std::vector<std::string> once(std::vector<std::string> ids) {
  std::vector<std::string> out;
  for (auto& id : ids) {
    if (std::find(out.begin(), out.end(), id) == out.end()) { out.push_back(std::move(id)); }
  }
  return out;
}

bool is_warning(std::string const& id) {
  for (auto const* c : backup_by_name::codes()) {
    if (c->id == id) { return c->level == severity::warning; }
  }
  return false;
}

}  // namespace

bool seen_entry::operator==(seen_entry const& o) const {
  auto const same_device = [](device_number a, device_number b) { return a == b; };
  auto const& a = about;
  auto const& b = o.about;
  return a.path == b.path && a.kind == b.kind && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid &&
         a.size == b.size && a.stored == b.stored && a.packed == b.packed && a.content == b.content &&
         a.mtime == b.mtime && a.atime == b.atime && a.ctime == b.ctime && a.nlink == b.nlink && a.ino == b.ino &&
         same_device(a.dev, b.dev) && same_device(a.rdev, b.rdev) && a.target == b.target && a.acl == b.acl &&
         a.pcl == b.pcl && a.acl_extended == b.acl_extended && a.acl_text == b.acl_text && a.offset == b.offset &&
         a.content_offset == b.content_offset && a.record_bytes == b.record_bytes && a.damaged == b.damaged &&
         a.opaque.size() == b.opaque.size();
}

bool result::has_error() const {
  return fatal || !content_faults.empty() ||
         std::any_of(findings.begin(), findings.end(), [](auto const& f) { return f.is_error; });
}

std::vector<std::string> result::error_ids() const {
  std::vector<std::string> ids;
  for (auto const& f : findings) {
    if (f.is_error) { ids.push_back(f.id); }
  }
  ids.insert(ids.end(), content_faults.begin(), content_faults.end());
  return once(std::move(ids));
}

std::vector<std::string> result::warning_ids() const {
  std::vector<std::string> ids;
  for (auto const& f : findings) {
    if (!f.is_error && is_warning(f.id)) { ids.push_back(f.id); }
  }
  return once(std::move(ids));
}

std::string result::listing() const {
  std::string out;
  for (auto const& e : entries) {
    test::known_member m;
    m.path = e.about.path;
    m.kind = to_text(e.about.kind);
    m.mode = e.about.mode;
    m.uid = e.about.uid;
    m.gid = e.about.gid;
    m.size = e.about.size;
    m.stored = e.about.stored;
    m.packed = e.about.packed;
    m.mtime = e.about.mtime;
    m.target = e.about.target;
    m.digest = e.digest;
    out += test::listing_line(m);
  }
  return out;
}

result walk(bytes const& image, mode how, medium from) {
  result out;
  collector findings{out.findings};
  auto const source = source_of(image, from);
  try {
    auto const reader = backup_by_name::format().open(*source, limits{}, findings);
    try {
      walk_entries(*reader, how, out);
    } catch (fatal_error const& e) { out.fatal = to_text(e.what_kind()); }
    out.complete = reader->complete();
    out.end_offset = reader->end_offset();
  } catch (fatal_error const& e) { out.fatal = to_text(e.what_kind()); }
  return out;
}

std::string describe(result const& r) {
  auto out = concat(r.entries.size(), " entries, end ", r.end_offset, r.complete ? ", complete" : ", incomplete");
  if (r.fatal) { out += concat(", fatal ", *r.fatal); }
  for (auto const& f : r.findings) {
    out += concat("\n  ", f.id, f.offset ? concat(" at 0x", hex(*f.offset)) : std::string{}, " ", printable(f.path));
  }
  for (auto const& id : r.content_faults) { out += concat("\n  ", id, " (content)"); }
  return out;
}

bytes content_of(std::string const& path) {
  std::ifstream in{path, std::ios::binary};
  REQUIRE_MESSAGE(in.good(), path);
  return test::to_bytes(std::string{std::istreambuf_iterator<char>{in}, {}});
}

bool exists(std::string const& path) { return fs::exists(path); }

std::string testdata() {
  auto const* root = std::getenv("SYSB_TESTDATA_DIR");
  REQUIRE(root != nullptr);
  return root;
}

std::vector<named_image> images_of(std::string const& folder) {
  std::vector<named_image> out;
  for (auto const& at : fs::directory_iterator{fs::path{testdata()} / folder}) {
    auto const image = at.path() / "image.bff";
    if (fs::exists(image)) { out.push_back({at.path().string(), content_of(image.string())}); }
  }
  std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
  REQUIRE_FALSE(out.empty());
  return out;
}

std::vector<named_image> real_samples() {
  std::vector<named_image> out;
  auto const* folder = std::getenv("SYSB_SAMPLES_DIR");
  if (folder == nullptr) {
    MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
    return out;
  }
  for (auto const* name : {"acl_aixc_nfs4.bff", "test.bff", "PkgA.1.0.0.0.bff", "aixtools.libffi.3.2.1.0.I"}) {
    auto const path = concat(folder, "/", name);
    if (exists(path)) {
      out.push_back({name, content_of(path)});
    } else {
      MESSAGE("skipped: no sample ", path);
    }
  }
  return out;
}

}  // namespace sysb::contract
