// SPDX-License-Identifier: Apache-2.0
#include "batch/details.hpp"

#include <unistd.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "batch/files.hpp"
#include "batch/json.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::string_view file_name = "/details.json";
constexpr std::uint64_t largest_file = 64u << 20;

std::uint64_t key_of(digest128 const& d) noexcept {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) { key = key << 8 | std::to_integer<std::uint64_t>(d[i]); }
  return key;
}

// Priority sampling: the digest is the dice, so that every image throws the same for one content.
double priority_of(std::uint64_t key, std::uint64_t size) noexcept {
  return static_cast<double>(size) / std::ldexp(static_cast<double>((key >> 11) + 1), -53);
}

constexpr auto least_first = [](auto const& a, auto const& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.key > b.key;
};

bool take_number(std::string_view& text, std::uint64_t& out, int base) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{}) { return false; }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() == ':') { text.remove_prefix(1); }
  return true;
}

content_sample sample_of(json const& object) {
  content_sample s;
  auto const found = object.find("contents");
  if (found == object.end() || !found->is_object()) { return s; }
  s.step = number_of(*found, "step");
  s.bytes = number_of(*found, "bytes");
  for (auto const& text : names_of(*found, "each")) {
    std::string_view rest = text;
    content_sample::content c;
    if (!take_number(rest, c.key, 16) || !take_number(rest, c.size, 10) || !take_number(rest, c.copies, 10)) {
      return {};
    }
    s.contents.push_back(c);
  }
  return s;
}

}  // namespace

bool in_sample(std::uint64_t key, std::uint64_t size, std::uint64_t step) noexcept {
  return size != 0 && (step == 0 || priority_of(key, size) >= static_cast<double>(step));
}

void content_sampler::add(digest128 const& digest, std::uint64_t size) {
  if (size == 0) { return; }
  bytes_ += size;
  auto const key = key_of(digest);
  if (auto const at = contents_.find(key); at != contents_.end()) {
    ++at->second.copies;
    return;
  }
  auto const priority = priority_of(key, size);
  if (priority <= floor_) { return; }
  heap_.push_back({priority, key});
  std::push_heap(heap_.begin(), heap_.end(), least_first);
  contents_[key] = {key, size, 1};
  if (heap_.size() <= most_) { return; }
  std::pop_heap(heap_.begin(), heap_.end(), least_first);
  floor_ = heap_.back().priority;
  contents_.erase(heap_.back().key);
  heap_.pop_back();
}

content_sample content_sampler::take() const {
  content_sample s;
  s.bytes = bytes_;
  // A whole number above everything that was left out.
  if (floor_ > 0) { s.step = static_cast<std::uint64_t>(std::min(floor_, 0x1p62)) + 1; }
  for (auto const& [key, c] : contents_) {
    if (in_sample(key, c.size, s.step)) { s.contents.push_back(c); }
  }
  std::sort(s.contents.begin(), s.contents.end(), [](auto const& a, auto const& b) { return a.key < b.key; });
  return s;
}

void put_details(batch_folder const& batch, std::string_view key, details const& d) {
  auto const file = concat(batch.job_folder(key), file_name);
  if (d.empty()) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
      throw fatal_error{fatal_error::kind::io, concat("cannot remove ", sysb::quoted(file), ": ", os_text(errno)),
                        std::nullopt, file};
    }
    return;
  }
  std::string text;
  json_writer w{text};
  w.begin_object().field("schema", 1).field("type", "details");
  std::vector<std::string> words;
  for (auto const& f : d.filesets) {
    words.push_back(f.name);
    words.push_back(f.level);
  }
  write_names(w, "filesets", words);
  if (d.contents.known()) {
    w.key("contents").begin_object().field("step", d.contents.step).field("bytes", d.contents.bytes);
    words.clear();
    for (auto const& c : d.contents.contents) { words.push_back(concat(hex(c.key, 16), ':', c.size, ':', c.copies)); }
    write_names(w, "each", words);
    w.end_object();
  }
  w.end_object();
  text.push_back('\n');
  make_folders(batch.job_folder(key));
  put_plain(file, text);
}

details read_details(batch_folder const& batch, std::string_view key) {
  details d;
  std::optional<std::string> text;
  try {
    text = read_file(concat(batch.job_folder(key), file_name), largest_file);
  } catch (fatal_error const&) { return d; }
  auto const object = text ? parse_object(*text) : std::nullopt;
  if (!object) { return d; }
  auto const words = names_of(*object, "filesets");
  for (std::size_t i = 0; i + 1 < words.size(); i += 2) { d.filesets.push_back({words[i], words[i + 1]}); }
  d.contents = sample_of(*object);
  return d;
}

}  // namespace sysb::batch
