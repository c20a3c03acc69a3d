// SPDX-License-Identifier: Apache-2.0
// Packages that AIX made: every file is proven, and every flipped byte of a content is seen.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bsd_sum.hpp"
#include "base/text.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "inventory/verifier.hpp"
#include "io/io.hpp"

namespace samples_test {

using namespace sysb;
using inventory::outcome;
using inventory::state;

namespace {

using bytes = std::vector<std::byte>;

bytes sample(std::string const& name) {
  std::ifstream in{concat(std::getenv("SYSB_SAMPLES_DIR"), '/', name), std::ios::binary};
  std::string const text{std::istreambuf_iterator<char>{in}, {}};
  auto const b = as_bytes(text);
  return {b.begin(), b.end()};
}

bool absent() {
  if (std::getenv("SYSB_SAMPLES_DIR") != nullptr) { return false; }
  MESSAGE("skipped: SYSB_SAMPLES_DIR is not set");
  return true;
}

struct listed final : diagnostic_sink {
  void report(diagnostic const& d) override {
    if (d.effective() == severity::error) { errors.push_back(d); }
    all.push_back(d);
  }
  [[nodiscard]] bool error_at(std::string_view path) const {
    return std::any_of(errors.begin(), errors.end(),
                       [&](auto const& d) { return normal_path(d.path) == normal_path(path); });
  }
  std::vector<diagnostic> all, errors;
};

struct content_place {
  std::string path;
  std::uint64_t offset = 0, stored = 0;
};

struct seen {
  inventory::report result;
  listed found;
  std::vector<content_place> contents;  // liblpp.a and lpp_name apart
  std::uint64_t undecodable = 0;
};

seen check(bytes image) {
  seen out;
  auto const source = io::from_memory(std::move(image));
  auto const reader = backup_by_name::format().open(*source, limits{}, out.found);
  auto const decoder = reader->make_decoder();
  inventory::verifier v{limits{}};
  entry e;
  while (reader->next(e)) {
    bytes stored, plain;
    for (auto p = reader->read_stored(); !p.empty(); p = reader->read_stored()) {
      stored.insert(stored.end(), p.begin(), p.end());
    }
    bool whole = e.content == content_state::here;
    if (whole && e.packed) {
      plain.resize(e.size);
      decoder->reset(stored.size(), e.size);
      std::span<std::byte const> in{stored};
      std::span<std::byte> room{plain};
      auto done = decoder->decode(in, room);
      if (done == content_decoder::status::need_output) { done = decoder->decode(in, room); }
      whole = done == content_decoder::status::done;
      out.undecodable += whole ? 0u : 1u;
    } else {
      plain = stored;
    }
    if (e.kind == entry_kind::file && !e.path.ends_with("liblpp.a") && !e.path.ends_with("lpp_name")) {
      out.contents.push_back({e.path, e.content_offset, e.stored});
    }
    if (whole && v.wants(e)) { v.take(e, plain); }
    v.member(e, whole ? std::optional{bsd_sum_by_bytes(0, plain)} : std::nullopt);
  }
  out.result = v.finish(out.found);
  return out;
}

// What a flip at `at` must lead to: the file is named, or its content does not decode.
void must_be_seen(bytes image, std::uint64_t at, unsigned mask, std::string const& path) {
  image[at] ^= static_cast<std::byte>(mask);
  auto const now = check(std::move(image));
  CAPTURE(path);
  CAPTURE(at);
  CAPTURE(mask);
  bool const named = now.found.error_at(path) || now.undecodable != 0;
  REQUIRE(named);
  REQUIRE(now.result.count(state::damaged) == 1);
  auto const& all = now.result.filesets;
  auto const hit = std::find_if(all.begin(), all.end(), [](auto const& f) { return f.what == state::damaged; });
  REQUIRE(hit->named == std::vector<std::string>{concat('/', normal_path(path))});
}

}  // namespace

TEST_CASE("every file of the real packages is proven, and none is missing") {
  if (absent()) { return; }
  auto const a = check(sample("PkgA.1.0.0.0.bff"));
  CHECK(a.result.is_package);
  CHECK(a.result.count(state::sound) == 1);
  CHECK(a.result.count(outcome::equal) == 5);
  CHECK(a.found.all.empty());
  auto const libffi = check(sample("aixtools.libffi.3.2.1.0.I"));
  CHECK(libffi.result.count(state::sound) == 3);
  CHECK(libffi.result.count(outcome::equal) == 17);
  CHECK(libffi.result.attributes == 0);
  CHECK(libffi.found.all.empty());
}

TEST_CASE("every flipped byte of any content of PkgA is named with its fileset") {
  if (absent()) { return; }
  auto const image = sample("PkgA.1.0.0.0.bff");
  for (auto const& c : check(image).contents) {
    for (std::uint64_t at = 0; at < c.stored; ++at) {
      for (auto const mask : {0x01u, 0x80u, 0xffu}) { must_be_seen(image, c.offset + at, mask, c.path); }
    }
  }
}

TEST_CASE("a thousand flipped bits in contents of libffi are seen, packed or not") {
  if (absent()) { return; }
  auto const image = sample("aixtools.libffi.3.2.1.0.I");
  auto const contents = check(image).contents;
  std::mt19937 random{5};
  for (int i = 0; i < 1000; ++i) {
    auto const& c = contents[random() % contents.size()];
    must_be_seen(image, c.offset + random() % c.stored, 1u << (random() % 8), c.path);
  }
}

TEST_CASE("a flip in the liblpp.a of PkgA never damages a file of another length or sum than it names") {
  if (absent()) { return; }
  auto const image = sample("PkgA.1.0.0.0.bff");
  auto const text = as_text(image);
  auto const begin = text.find("<aiaff>");
  REQUIRE(begin != text.npos);
  std::size_t damage = 0;
  std::size_t inventory_faults = 0;
  for (std::size_t at = begin; at < begin + 1628; ++at) {
    auto copy = image;
    copy[at] ^= std::byte{0x04};
    auto const now = check(std::move(copy));
    for (auto const& d : now.found.errors) {
      if (d.code->id == "INV-001") {
        // Only where the digits of the sum themselves were hit, and then it says so.
        ++damage;
        CAPTURE(at);
        CHECK(d.detail.find("one bit of the recorded digits") != d.detail.npos);
      } else {
        ++inventory_faults;
      }
    }
  }
  CHECK(damage <= 10);  // two sums of five digits
  CHECK(inventory_faults > 0);
}

namespace {

// The bytes of a small-format liblpp.a that something else in the image repeats or rules, by place in the archive.
std::vector<bool> provable(std::span<std::byte const> archive) {
  std::vector<bool> out(archive.size());
  auto const mark = [&](std::size_t from, std::size_t n) {
    for (std::size_t i = from; i < from + n; ++i) {
      auto const c = std::to_integer<char>(archive[i]);
      out[i] = c != ' ' && c != '\0' && c != '\t';
    }
  };
  std::vector<aix_archive::fault> faults;
  auto const all = aix_archive::parse(archive, faults);
  REQUIRE(all);
  REQUIRE(faults.empty());
  mark(0, 68);
  for (auto const& m : all->members) {
    mark(m.header_offset + 12, 24);                 // way on, way back
    mark(m.header_offset + 84, 4 + m.name.size());  // length of the name, name
    auto const text = as_text(aix_archive::data_of(archive, m));
    bool const lists = m.name.ends_with(".al");
    if (!lists && !m.name.ends_with(".inventory")) { continue; }
    for (std::size_t at = 0; at < text.size();) {
      auto const end = std::min(text.find('\n', at), text.size());
      auto const line = text.substr(at, end - at);
      auto const equals = line.find('=');
      auto const key = line.find_first_not_of(' ');
      auto const place = m.data_offset + at;
      if (lists) {
        mark(place + 1, line.size() - 1);  // "./" or "//"
      } else if (equals == line.npos) {
        mark(place, line.size());
      } else {
        mark(place, equals + 1);
        auto const name = line.substr(key, equals - key - 1);
        if (name != "owner" && name != "group" && name != "class") { mark(place, line.size()); }
      }
      at = end + 1;
    }
  }
  // The member table, but for its own header.
  auto const table = all->members.back().data_offset + (all->members.back().size + 1) / 2 * 2 + 2;
  mark(table + 90, archive.size() - table - 90);
  return out;
}

}  // namespace

TEST_CASE("a flip in the liblpp.a of PkgA is told, wherever anything in the image rules what should stand there") {
  if (absent()) { return; }
  auto const image = sample("PkgA.1.0.0.0.bff");
  auto const begin = as_text(image).find("<aiaff>");
  REQUIRE(begin != std::string_view::npos);
  constexpr std::size_t archive_bytes = 1627;
  auto const places = provable(std::span{image}.subspan(begin, archive_bytes));
  std::size_t tried = 0;
  for (std::size_t at = 0; at < archive_bytes; ++at) {
    if (!places[at]) { continue; }
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto const was = std::to_integer<unsigned>(image[begin + at]);
      auto const is = was ^ (1u << bit);
      // The same number, the same value without a quote, or a comment.
      if ((was == '0' && is == ' ') || (was == '"' && is == ' ') || is == '#' || (was == '\n' && is == '\v')) {
        continue;
      }
      auto copy = image;
      copy[begin + at] = static_cast<std::byte>(is);
      auto const now = check(std::move(copy));
      CAPTURE(at);
      CAPTURE(bit);
      CHECK_FALSE(now.found.all.empty());
      ++tried;
    }
  }
  CHECK(tried > 4000);
}

}  // namespace samples_test
