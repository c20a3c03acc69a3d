// SPDX-License-Identifier: Apache-2.0
#include "registry/tape_files.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::registry {

namespace {

using content = carrier_format::request::content;
constexpr std::size_t front_size = 4096;

}  // namespace

std::optional<std::uint64_t> file_number(std::string const& member) {
  auto const number = whole_number(member);
  return number != 0u ? number : std::nullopt;
}

std::unique_ptr<byte_source> numbered_file_on(io::tape_drive& tape, std::uint64_t number) {
  for (std::uint64_t at = 1; at < number; ++at) {
    if (!tape.next_file()) {
      throw fatal_error{fatal_error::kind::usage,
                        concat("the tape has ", at, at == 1 ? " file" : " files",
                               " from where it stands, and --member names the ", number, "th")};
    }
  }
  return tape.file();
}

bool is_table_of_contents(std::span<std::byte const> head) {
  return as_text(head.first(std::min<std::size_t>(head.size(), 512))).find("DUMMY TAPE TOC") != std::string_view::npos;
}

std::unique_ptr<byte_source> backup_further_on(io::tape_drive& tape, bool first_is_toc, content_judge const& judge) {
  auto after_toc = first_is_toc;
  std::uint64_t files = 1;
  std::string images;
  while (tape.next_file()) {
    auto source = tape.file();
    auto head = source->peek(front_size);
    if (head.empty()) { break; }  // two marks in a row end a tape
    ++files;
    head = head.first(std::min(head.size(), front_size));
    auto const what = judge(head);
    if (after_toc && what != content::unknown) { return source; }
    if (what == content::image) { images += concat(images.empty() ? "" : ", ", files); }
    after_toc = is_table_of_contents(head);
  }
  auto text = concat("a tape of ", files, files == 1 ? " file" : " files",
                     " from where it stood, without a backup after a dummy table of contents");
  if (!images.empty()) {
    text += concat("; images begin in file ", images, ": rewind it and choose one with --member");
  }
  throw fatal_error{fatal_error::kind::unsupported, std::move(text), 0};
}

}  // namespace sysb::registry
