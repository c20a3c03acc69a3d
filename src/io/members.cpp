// SPDX-License-Identifier: Apache-2.0
// Choosing the image among the files of a carrier.
#include "io/members.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"

namespace sysb::io {

namespace {

using content = carrier_format::request::content;

class chooser {
 public:
  chooser(byte_source& s, member_walk& walk, member_carrier const& about, carrier_format::request const& r)
      : source_{s}, walk_{walk}, about_{about}, request_{r} {}

  [[nodiscard]] member choose(diagnostic_sink& findings) {
    auto const named = !request_.member.empty();
    while (auto m = walk_.next(source_)) {
      if (request_.counters != nullptr) { request_.counters->stop_if_asked(); }
      ++seen_;
      if (named) {
        if (normal_path(m->name) == normal_path(request_.member)) { return checked(*m); }
        continue;
      }
      switch (judge(*m)) {
        case content::image: images_.push_back(*m); break;
        case content::carrier: carriers_.push_back(*m); break;
        case content::unknown: break;
      }
      if (!source_.cheap_seek() && !images_.empty()) { return checked(images_.front()); }
    }
    if (named) {
      throw fatal_error{fatal_error::kind::usage,
                        concat("no member ", quoted(request_.member), " in the ", about_.what, ending())};
    }
    auto const& found = images_.empty() ? carriers_ : images_;
    if (found.empty()) {
      auto const cut = !walk_.problem().empty();
      throw fatal_error{cut ? fatal_error::kind::damaged : fatal_error::kind::unsupported,
                        concat("a ", about_.what, " of ", seen_, seen_ == 1 ? " file" : " files",
                               " without an image inside", ending())};
    }
    if (found.size() > 1) { throw fatal_error{fatal_error::kind::usage, listed(found)}; }
    if (!source_.seekable()) {
      throw fatal_error{fatal_error::kind::usage,
                        concat("the ", about_.what,
                               " holds no plain image; choose a member with --member: ", quoted(found.front().name))};
    }
    if (!walk_.problem().empty()) {
      findings.report({.code = about_.damaged, .offset = {}, .path = {}, .detail = walk_.problem(), .level = {}});
    }
    return checked(found.front());
  }

 private:
  [[nodiscard]] std::vector<std::byte> head_of(member const& m) {
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(m.size, 4096)));
    if (m.runs.empty()) {
      head.resize(source_.probe(m.offset, head));
      return head;
    }
    for (auto const& r : m.runs) {
      if (r.at >= head.size()) { break; }
      auto const room = std::span{head}.subspan(static_cast<std::size_t>(r.at));
      auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), r.length));
      // Runs of a split file may stand in any order; those before the position have been passed.
      if (r.offset < source_.position() || source_.probe(r.offset, room.first(n)) != n) { return {}; }
    }
    return head;
  }

  [[nodiscard]] content judge(member const& m) {
    auto const head = head_of(m);
    if (head.empty()) { return content::unknown; }
    if (request_.judge) { return request_.judge(head); }
    auto const text = as_text(head);  // nobody to ask: the magic of a by-name volume
    auto const start = std::string_view{"\x09\0", 2};
    auto const volume = text.size() > 4 && text.substr(0, 2) == start && text[3] == '\xea';
    return volume ? content::image : content::unknown;
  }

  [[nodiscard]] member checked(member const& m) const {
    if (m.plain) { return m; }
    if (!m.why_not.empty()) {
      throw fatal_error{fatal_error::kind::unsupported,
                        concat("member ", quoted(m.name), " of the ", about_.what, ' ', m.why_not)};
    }
    throw fatal_error{fatal_error::kind::unsupported,
                      concat("member ", quoted(m.name), " of the ", about_.what,
                             " is not stored as its bytes (packed, or in pieces without a sound list of "
                             "them) and cannot be read in place: take it out first")};
  }

  [[nodiscard]] std::string listed(std::vector<member> const& found) const {
    constexpr std::size_t shown = 20;
    auto text = concat("the ", about_.what, " holds ", found.size(), " images; choose one with --member:");
    for (std::size_t i = 0; i < std::min(found.size(), shown); ++i) {
      text += concat(i == 0 ? " " : ", ", quoted(found[i].name));
    }
    return found.size() > shown ? text + ", ..." : text;
  }

  [[nodiscard]] std::string ending() const {
    return walk_.problem().empty() ? std::string{} : concat(" (", walk_.problem(), ")");
  }

  byte_source& source_;
  member_walk& walk_;
  member_carrier const& about_;
  carrier_format::request const& request_;
  std::uint64_t seen_ = 0;
  std::vector<member> images_;
  std::vector<member> carriers_;
};

}  // namespace

std::unique_ptr<byte_source> open_member(std::unique_ptr<byte_source> s, member_walk& walk, member_carrier const& about,
                                         carrier_format::request const& r, diagnostic_sink& findings) {
  auto chosen = chooser{*s, walk, about, r}.choose(findings);
  if (!chosen.runs.empty()) {
    return from_runs(std::move(s), std::move(chosen.runs), chosen.size, {.tmpdir = r.tmpdir, .counters = r.counters});
  }
  return slice(std::move(s), chosen.offset, chosen.size);
}

}  // namespace sysb::io
