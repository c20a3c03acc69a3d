// SPDX-License-Identifier: Apache-2.0
// Which file of a tape's files is the backup, told by content; the names give their order only.
#include "registry/tape_folder.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "io/io.hpp"
#include "registry/bid.hpp"
#include "registry/registry.hpp"
#include "registry/volume_names.hpp"

namespace sysb::registry {

namespace {

using content = carrier_format::request::content;

[[nodiscard]] std::string last_part(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// The second file of a mksysb tape: what the installation needs, with the block size of the fourth.
[[nodiscard]] bool is_mkinsttape(byte_source& source, format_table formats, limits const& l) {
  constexpr unsigned looked_at = 64;
  ledger unheard;
  try {
    auto const* const format = best_bid(formats, source.peek(first_look));
    if (format == nullptr) { return false; }
    auto const reader = format->open(source, l, unheard);
    entry e;
    for (unsigned i = 0; i < looked_at && reader->next(e); ++i) {
      if (e.path == "./tapeblksz" || e.path == "tapeblksz") { return true; }
    }
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
  }
  return false;
}

struct seen_file {
  numbered_file file;
  content what = content::unknown;
  bool toc = false;
};

[[nodiscard]] std::vector<seen_file> look(std::vector<numbered_file> files,
                                          std::function<content(std::span<std::byte const>)> const& judge) {
  constexpr std::size_t looked_at = 4096;
  std::vector<seen_file> out;
  for (auto& f : files) {
    auto const source = io::open_file(f.path, {});
    auto head = source->peek(looked_at);
    head = head.first(std::min(head.size(), looked_at));
    auto const start = as_text(head.first(std::min<std::size_t>(head.size(), 512)));
    seen_file s{.file = std::move(f), .what = judge(head), .toc = false};
    s.toc = s.what == content::unknown && start.find("DUMMY TAPE TOC") != std::string_view::npos;
    out.push_back(std::move(s));
  }
  return out;
}

// Of the files of one tape.
[[nodiscard]] std::vector<std::string> candidates(std::span<seen_file const> tape, format_table formats,
                                                  limits const& l) {
  for (std::size_t i = 0; i + 1 < tape.size(); ++i) {
    if (tape[i].toc && tape[i + 1].what != content::unknown) { return {tape[i + 1].file.path}; }
  }
  std::vector<std::string> images;
  std::vector<std::string> carriers;
  for (auto const& f : tape) {
    if (f.what == content::carrier) { carriers.push_back(f.file.path); }
    if (f.what != content::image) { continue; }
    auto const source = io::open_file(f.file.path, {});
    if (!is_mkinsttape(*source, formats, l)) { images.push_back(f.file.path); }
  }
  return images.empty() ? carriers : images;
}

[[noreturn]] void refuse(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }

[[nodiscard]] std::string named(std::vector<numbered_file> const& files, std::string const& member) {
  std::vector<std::string> found;
  for (auto const& f : files) {
    if (last_part(f.path) == member) { return f.path; }
    if (std::to_string(f.number) == member) { found.push_back(f.path); }
  }
  if (found.size() == 1) { return found.front(); }
  if (found.empty()) { refuse(concat("no file ", quoted(member), " among the tape files of the directory")); }
  refuse(concat("the directory holds several files with number ", member, ": give --member the whole name"));
}

}  // namespace

std::optional<std::string> backup_in_folder(std::string const& directory, std::string const& member, limits const& l,
                                            format_table formats,
                                            std::function<content(std::span<std::byte const>)> const& judge) {
  auto files = numbered_files(directory);
  if (files.empty()) { return std::nullopt; }
  if (!member.empty()) { return named(files, member); }
  auto const seen = look(std::move(files), judge);
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < seen.size();) {
    auto end = begin;
    while (end < seen.size() && seen[end].file.prefix == seen[begin].file.prefix) { ++end; }
    auto const some = candidates(std::span{seen}.subspan(begin, end - begin), formats, l);
    found.insert(found.end(), some.begin(), some.end());
    begin = end;
  }
  if (found.empty()) { return std::nullopt; }
  if (found.size() == 1) { return found.front(); }
  auto text = concat("the directory holds ", found.size(), " images; choose one with --member:");
  constexpr std::size_t shown = 20;
  for (std::size_t i = 0; i < std::min(found.size(), shown); ++i) {
    text += concat(i == 0 ? " " : ", ", quoted(last_part(found[i])));
  }
  refuse(found.size() > shown ? text + ", ..." : text);
}

}  // namespace sysb::registry
