// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <fstream>

#include "base/text.hpp"

namespace sysb::mount::testing {

mounted::mounted(test::image_builder const& image, std::uint64_t cache) {
  file_ = folder_ / "image";
  auto const raw = image.bytes();
  std::ofstream{file_, std::ios::binary}.write(as_text(raw).data(), static_cast<std::streamsize>(raw.size()));
  image_ = registry::open_image(
      {.volumes = {file_.string()}, .member = {}, .tmpdir = "/tmp", .need_seekable = true, .counters = &counters_},
      limits{}, findings_);
  members.all = members.shown = members_of(image_, "/tmp", counters_, findings_);
  members.date = image.date();
  files = std::make_unique<tree>(members);
  bytes = std::make_unique<contents>(*image_.source, *image_.reader, members.all->size(), cache,
                                     [this](std::string_view line) { log.emplace_back(line); });
}

void mounted::overwrite(std::uint64_t at, std::string_view what, bool quietly) {
  auto const before = std::filesystem::last_write_time(file_);
  {
    std::fstream out{file_, std::ios::binary | std::ios::in | std::ios::out};
    out.seekp(static_cast<std::streamoff>(at));
    out.write(what.data(), static_cast<std::streamsize>(what.size()));
  }
  std::filesystem::last_write_time(file_, quietly ? before : before + std::chrono::seconds{1});
}

std::string mounted::content(std::string_view path) {
  auto const a = files->find(path);
  REQUIRE(a);
  auto const place = files->content(a->id);
  auto const opened = bytes->open(place);
  if (opened.error != 0) { return concat("errno ", opened.error); }
  std::string out;
  std::vector<std::byte> piece(1000);
  for (;;) {
    std::size_t got = 0;
    if (auto const error = bytes->read(place, out.size(), piece, got); error != 0) { return concat("errno ", error); }
    if (got == 0) {
      // What came with the open is what a read gives.
      if (opened.whole) { CHECK(as_text(std::span{*opened.whole}) == out); }
      return out;
    }
    out += as_text(std::span{piece}.first(got));
  }
}

std::vector<std::string> mounted::names(std::string_view directory) const {
  std::vector<std::string> out;
  auto const a = files->find(directory);
  REQUIRE(a);
  files->list(a->id, 0, [&](std::string_view name, attributes const&, std::uint64_t) {
    out.emplace_back(name);
    return true;
  });
  return out;
}

}  // namespace sysb::mount::testing
