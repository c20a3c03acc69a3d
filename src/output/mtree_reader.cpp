// SPDX-License-Identifier: Apache-2.0
#include "output/mtree_reader.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "base/number.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/mtree.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t block_bytes = 256u << 10;
constexpr std::size_t max_line = 4u << 20;  // a name, its link, and two access control lists in hexadecimal

// The inverse of the writer's three octal digits.
[[nodiscard]] bool unescape(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out.push_back(text[i]);
      continue;
    }
    unsigned byte = 0;
    if (text.size() - i < 4 || !to_number(text.substr(i + 1, 3), byte, 8) || byte > 0xff) { return false; }
    out.push_back(static_cast<char>(byte));
    i += 3;
  }
  return true;
}

[[nodiscard]] bool unhex(std::string_view text, std::vector<std::byte>& out) {
  out.clear();
  if (text.size() % 2 != 0) { return false; }
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    if (!to_number(text.substr(i, 2), byte, 16)) { return false; }
    out.push_back(static_cast<std::byte>(byte));
  }
  return true;
}

// "./a" -> "a", "." -> "".
[[nodiscard]] bool take_path(std::string_view text, std::string& out) {
  if (text == ".") {
    out.clear();
    return true;
  }
  return text.substr(0, 2) == "./" && unescape(text.substr(2), out);
}

}  // namespace

mtree_reader::mtree_reader(std::string name)
    : name_{std::move(name)}, fd_{::open(name_.c_str(), O_RDONLY | O_CLOEXEC)} {
  if (!fd_.ok()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(name_), ": ", os_text(errno)), std::nullopt,
                      name_};
  }
  if (!line(text_) || concat(text_, '\n') != mtree_head) {
    throw fatal_error{fatal_error::kind::unsupported, concat(quoted(name_), " is no manifest of ours")};
  }
}

void mtree_reader::fail(std::string_view why) const {
  throw fatal_error{fatal_error::kind::damaged, concat(quoted(name_), ", line ", number_, ": ", why)};
}

bool mtree_reader::line(std::string& out) {
  for (;;) {
    auto const end = buffer_.find('\n', used_);
    if (end != std::string::npos) {
      out.assign(buffer_, used_, end - used_);
      used_ = end + 1;
      ++number_;
      return true;
    }
    buffer_.erase(0, used_);
    used_ = 0;
    if (buffer_.size() > max_line) { fail("a line longer than any of ours"); }
    auto const old = buffer_.size();
    buffer_.resize(old + block_bytes);
    auto const [got, error] = read_fully(fd_.get(), std::as_writable_bytes(std::span{buffer_}).subspan(old));
    if (error != 0) {
      throw fatal_error{fatal_error::kind::io, concat("cannot read ", quoted(name_), ": ", os_text(error))};
    }
    buffer_.resize(old + got);
    if (got == 0) {
      if (!buffer_.empty()) { fail("it is cut"); }
      return false;
    }
  }
}

void mtree_reader::take_tags(std::string_view tags, entry& out) {
  while (!tags.empty()) {
    auto const tag = tags.substr(0, tags.find(','));
    tags.remove_prefix(tag.size() + (tag.size() < tags.size() ? 1 : 0));
    auto const colon = tag.find(':');
    if (colon == std::string_view::npos) { continue; }
    auto const key = tag.substr(0, colon);
    auto const value = tag.substr(colon + 1);
    bool good = true;
    if (key == "aix_mode") {
      good = aix_mode_ = to_number(value, out.mode, 16);
    } else if (key == "hardlink") {
      good = take_path(value, out.link_to);
    } else if (key == "aix_acl") {
      good = unhex(value, out.acl);
    } else if (key == "aix_pcl") {
      good = unhex(value, out.pcl);
    } else if (key == "aix_acl_text") {
      good = unescape(value, out.acl_text);
      out.acl_extended = true;
    } else if (key == "xxh3") {
      std::vector<std::byte> raw;
      good = unhex(value, raw) && raw.size() == sizeof(digest128);
      if (good) {
        digest_.emplace();
        std::copy(raw.begin(), raw.end(), digest_->begin());
      }
    }
    if (!good) { fail(concat("the tag ", quoted(key), " cannot be read")); }
  }
}

void mtree_reader::take_word(std::string_view word, entry& out) {
  auto const equals = word.find('=');
  if (equals == std::string_view::npos) { return; }
  auto const key = word.substr(0, equals);
  auto const value = word.substr(equals + 1);
  bool good = true;
  if (key == "type") {
    auto const* const type = std::find(mtree_types.begin(), mtree_types.end(), value);
    good = type != mtree_types.end();
    if (good) { out.kind = static_cast<entry_kind>(type - mtree_types.begin()); }
  } else if (key == "mode") {
    good = to_number(value, out.mode, 8);
  } else if (key == "uid") {
    good = to_number(value, out.uid);
  } else if (key == "gid") {
    good = to_number(value, out.gid);
  } else if (key == "nlink") {
    good = to_number(value, out.nlink);
  } else if (key == "size") {
    good = to_number(value, out.size);
  } else if (key == "time") {
    good = to_number(value.substr(0, value.find('.')), out.mtime);
  } else if (key == "link") {
    good = unescape(value, out.target);
  } else if (key == "device") {
    auto const first = value.find(',');
    auto const second = first == std::string_view::npos ? first : value.find(',', first + 1);
    good = second != std::string_view::npos && to_number(value.substr(first + 1, second - first - 1), out.rdev.major) &&
           to_number(value.substr(second + 1), out.rdev.minor);
  } else if (key == "tags") {
    take_tags(value, out);
  }
  if (!good) { fail(concat("the keyword ", quoted(key), " cannot be read")); }
}

bool mtree_reader::next(entry& out) {
  do {
    if (!line(text_)) { return false; }
  } while (text_.empty() || text_.front() == '#');
  out.clear();
  digest_.reset();
  aix_mode_ = false;
  std::string_view rest{text_};
  auto const name = rest.substr(0, rest.find(' '));
  if (!take_path(name, out.path)) { fail("it does not begin with a name"); }
  rest.remove_prefix(name.size());
  while (!rest.empty()) {
    rest.remove_prefix(1);
    auto const word = rest.substr(0, rest.find(' '));
    take_word(word, out);
    rest.remove_prefix(word.size());
  }
  out.offset = members_++;
  return true;
}

}  // namespace sysb::output
