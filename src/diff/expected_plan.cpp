// SPDX-License-Identifier: Apache-2.0
#include "diff/expected_plan.hpp"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "base/os/descriptor.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::diff {

namespace {

constexpr std::size_t most_report_bytes = 256u << 20;
constexpr std::size_t max_line = 64u << 10;

[[noreturn]] void cannot_read(std::string const& path, int error) {
  throw fatal_error{fatal_error::kind::io, concat("cannot read ", sysb::quoted(path), ": ", os_text(error)),
                    std::nullopt, path};
}

std::string read_all(std::string const& path) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.ok()) { cannot_read(path, errno); }
  std::string out;
  constexpr std::size_t block = 256u << 10;
  for (;;) {
    auto const old = out.size();
    out.resize(old + block);
    auto const [got, error] = read_fully(fd.get(), std::as_writable_bytes(std::span{out}).subspan(old));
    if (error != 0) { cannot_read(path, error); }
    out.resize(old + got);
    if (got < block) { return out; }
    if (out.size() > most_report_bytes) {
      throw fatal_error{fatal_error::kind::usage, concat(sysb::quoted(path), " is no report: it is too large"),
                        std::nullopt, path};
    }
  }
}

[[nodiscard]] bool unhex(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    auto const r = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (r.ec != std::errc{} || r.ptr != text.data() + i + 2) { return false; }
    out.push_back(static_cast<char>(byte));
  }
  return text.size() % 2 == 0;
}

// A name as json_writer::name_field() puts it.
std::string name_of(nlohmann::json const& o, char const* field) {
  auto const hex = o.find(concat(std::string_view{field}, "_hex"));
  std::string out;
  if (hex != o.end() && hex->is_string() && unhex(hex->get<std::string>(), out)) { return normal_path(out); }
  auto const text = o.find(field);
  return text != o.end() && text->is_string() ? normal_path(text->get<std::string>()) : std::string{};
}

// \0ooo, as dropped.txt has it.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '\\' && text.size() - i >= 5 && text[i + 1] == '0' &&
        std::from_chars(text.data() + i + 2, text.data() + i + 5, byte, 8).ptr == text.data() + i + 5) {
      out.push_back(static_cast<char>(byte));
      i += 4;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// As the report counts: two components, but the files of a directory of one component together.
std::string subtree_of(std::string_view path) {
  auto const first = path.find('/');
  if (first == std::string_view::npos) { return std::string{path}; }
  auto const second = path.find('/', first + 1);
  return std::string{path.substr(0, second == std::string_view::npos ? first : second)};
}

}  // namespace

expected_plan::expected_plan(std::string const& report, std::string const& tmpdir) : dropped_{tmpdir, 2u << 20} {
  read_report(report);
  auto const slash = report.rfind('/');
  auto const folder = slash == std::string::npos ? std::string{} : report.substr(0, slash + 1);
  if (!read_dropped(concat(folder, "dropped.txt"))) { return; }
  dropped_.finish();
  at_ = std::make_unique<sorted_spool::cursor>(dropped_);
  more_ = at_->next();
}

expected_plan::~expected_plan() = default;

void expected_plan::read_report(std::string const& path) {
  auto const no_report = [&] {
    throw fatal_error{fatal_error::kind::usage, concat(sysb::quoted(path), " is no report.json of sysb wpar"),
                      std::nullopt, path};
  };
  auto const o = nlohmann::json::parse(read_all(path), nullptr, false);
  if (!o.is_object() || o.value("type", nlohmann::json{}) != "report") { no_report(); }
  auto const list = [&](char const* name) {
    auto const at = o.find(name);
    return at != o.end() && at->is_array() ? *at : nlohmann::json::array();
  };
  if (!o.contains("plan") || !o.contains("left_out")) { no_report(); }
  for (auto const& x : list("replaced")) { replaced_.insert(name_of(x, "path")); }
  for (auto const& x : list("added")) { added_.insert(name_of(x, "path")); }
  for (auto const& x : list("left_out")) {
    auto const n = x.find("members");
    if (n != x.end() && n->is_number_unsigned()) {
      subtrees_[name_of(x, "subtree")] += static_cast<std::int64_t>(n->get<std::uint32_t>());
    }
  }
  if (o.contains("added")) { return; }
  added_count_ = 0;
  for (auto const& x : list("plan")) {
    auto const n = x.find("members");
    if (x.is_object() && x.value("action", nlohmann::json{}) == "add" && n != x.end() && n->is_number_unsigned()) {
      *added_count_ += n->get<std::uint64_t>();
    }
  }
}

// Rule, name and reason, parted by tabs.
bool expected_plan::read_dropped(std::string const& path) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.ok()) {
    if (errno == ENOENT) { return false; }
    cannot_read(path, errno);
  }
  std::string buffer;
  constexpr std::size_t block = 256u << 10;
  for (;;) {
    auto const old = buffer.size();
    buffer.resize(old + block);
    auto const [got, error] = read_fully(fd.get(), std::as_writable_bytes(std::span{buffer}).subspan(old));
    if (error != 0) { cannot_read(path, error); }
    buffer.resize(old + got);
    std::size_t used = 0;
    for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n', used)) {
      auto const line = std::string_view{buffer}.substr(used, end - used);
      used = end + 1;
      auto const first = line.find('\t');
      if (first == std::string_view::npos) { continue; }
      auto const name = line.substr(first + 1, line.find('\t', first + 1) - first - 1);
      dropped_.add(normal_path(unescape(name)), {});
    }
    buffer.erase(0, used);
    if (got < block) { return true; }
    if (buffer.size() > max_line) {
      throw fatal_error{fatal_error::kind::usage, concat(sysb::quoted(path), " is no list of dropped members"),
                        std::nullopt, path};
    }
  }
}

// Names before `path` that were not met are still there.
void expected_plan::pass_to(std::string const& path) {
  std::string last;
  while (more_ && at_->key() < path) {
    if (!met_ && at_->key() != last) {
      if (undone_.members++ == 0) { undone_.first = at_->key(); }
    }
    last = at_->key();
    more_ = at_->next();
    // A name that was dropped twice counts once.
    if (!(more_ && at_->key() == last)) { met_ = false; }
  }
}

bool expected_plan::expects_removed(std::string const& path) {
  if (at_) {
    pass_to(path);
    if (!more_ || at_->key() != path) { return false; }
    met_ = true;
    return true;
  }
  auto const subtree = subtree_of(path);
  auto at = subtrees_.find(subtree);
  if (at == subtrees_.end() || at->second == 0) { at = subtrees_.find("(others)"); }
  if (at == subtrees_.end() || at->second == 0) { return false; }
  --at->second;
  return true;
}

bool expected_plan::expects(change const& c) {
  switch (c.what) {
    case change_kind::removed: return expects_removed(c.path);
    case change_kind::added:
      if (!added_count_) { return added_.count(c.path) != 0; }
      if (*added_count_ == 0) { return false; }
      --*added_count_;
      return true;
    case change_kind::type:
    case change_kind::content:
    case change_kind::metadata:
    case change_kind::suspect: return replaced_.count(c.path) != 0;
    case change_kind::unknown: return false;
  }
  return false;
}

expected_plan::undone expected_plan::finish() {
  if (at_) {
    std::string const after_all(4096, '\xff');
    pass_to(after_all);
    return undone_;
  }
  for (auto const& [subtree, left] : subtrees_) {
    if (left <= 0) { continue; }
    if (undone_.members == 0) { undone_.first = subtree; }
    undone_.members += static_cast<std::uint64_t>(left);
  }
  return undone_;
}

}  // namespace sysb::diff
