// SPDX-License-Identifier: Apache-2.0
#include "mount/view.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "catalog/indexed_reader.hpp"
#include "catalog/recorder.hpp"
#include "core/fatal_error.hpp"
#include "io/descriptor.hpp"
#include "io/io.hpp"

namespace sysb::mount {

namespace {

[[nodiscard]] std::shared_ptr<catalog const> finished(index::recorder& r, std::uint64_t end,
                                                      std::string const& folder) {
  auto file = r.finish(end, [](int fd) { return io::open_descriptor(fd, {}); });
  if (file) { return std::make_shared<catalog const>(std::move(file)); }
  throw fatal_error{fatal_error::kind::io, concat("the list of members cannot be kept in ", quoted(folder),
                                                  ": no space, or more than a list can hold; name a folder with "
                                                  "more space with --tmpdir")};
}

// What a member's record says cannot all be true: it is shown, and nothing of it is read.
[[nodiscard]] entry without_content(entry e) {
  e.damaged = true;
  e.content = content_state::refused;
  return e;
}

std::shared_ptr<catalog const> walk_members(registry::opened_image& image, std::string const& folder,
                                            progress& counters) {
  index::recorder out{folder, index::builder::takes::damaged_too};
  std::vector<std::byte> head;
  entry e;
  std::uint64_t end = 0;
  image.reader->expect_skips(true, 1);
  while (image.reader->next(e)) {
    counters.stop_if_asked();
    counters.bytes = image.source->medium_position();
    ++counters.entries;
    head.resize(index::head_bytes(e));
    head.resize(image.source->probe(e.offset, head));
    end = std::max(end, e.offset + e.record_bytes);
    out.add(index::is_consistent(e) ? e : without_content(e), head);
  }
  image.source->check_unchanged();
  return finished(out, image.reader->complete() ? image.reader->end_offset() : end, folder);
}

}  // namespace

std::shared_ptr<catalog const> members_of(registry::opened_image& image, std::string const& folder, progress& counters,
                                          diagnostic_sink& findings) {
  auto* const indexed = image.indexed;
  if (indexed == nullptr || !indexed->uses_index()) { return walk_members(image, folder, counters); }
  auto out = std::make_shared<catalog const>(indexed->take_index());
  for (auto const& f : out->findings()) { findings.report(f.what); }
  return out;
}

registry::opened_image spooled(registry::opened_image image, std::string const& folder, limits const& l,
                               diagnostic_sink& findings, progress& counters) {
  counters.phase = "spool";
  io::spool_file file{folder};
  auto& from = *image.source;
  from.seek(0);
  for (std::uint64_t at = 0;;) {
    counters.stop_if_asked();
    counters.bytes = from.medium_position();
    auto const seen = from.peek(256u << 10);
    if (seen.empty()) { break; }
    file.write_at(at, seen);
    at += seen.size();
    from.consume(seen.size());
  }
  from.check_unchanged();
  registry::opened_image out;
  out.format = image.format;
  out.container = image.container;
  out.source = io::open_descriptor(file.release().release(), {});
  out.reader = image.format->open(*out.source, l, findings, on_damage::stop);
  return out;
}

void choose(shown_members& members, choice const& c, contents& bytes, std::string const& folder,
            progress const& counters) {
  index::recorder out{folder, index::builder::takes::damaged_too};
  auto const& all = *members.all;
  tree const whole{{.all = members.all, .shown = members.all, .generated = {}, .date = 0}};
  entry e;
  index::member_facts facts;
  auto const put = [&](generated_member g, std::uint64_t offset, std::uint64_t record_bytes) {
    auto& about = g.about;
    about.offset = about.content_offset = offset;
    about.record_bytes = record_bytes;
    about.size = about.stored = g.content.size();
    about.content = content_state::none;
    about.packed = false;
    about.opaque.clear();
    out.add(about, index::member_facts{});
    if (about.kind == entry_kind::file) { members.generated[offset] = std::move(g.content); }
  };
  for (std::uint64_t i = 0; i < all.size(); ++i) {
    counters.stop_if_asked();
    all.read(i, e, facts);
    if (c.selected != nullptr && !c.selected->matches(e.path)) { continue; }
    auto const what = c.plan != nullptr ? c.plan->decide(e).action : plan_action::keep;
    if (what == plan_action::drop) { continue; }
    if (what == plan_action::keep || what == plan_action::add) {
      out.add(e, facts);
      continue;
    }
    auto const original = c.plan->wants_content(e) ? bytes.whole(whole.content_of(i), limits{}.survey_member_bytes)
                                                   : std::vector<std::byte>{};
    put(c.plan->replace(e, original), e.offset, e.record_bytes);
  }
  auto at = std::max(all.end_offset(), all.size() == 0 ? 0 : all.at(all.size() - 1).offset + 1);
  if (c.plan != nullptr) {
    for (auto& g : c.plan->additions()) {
      if (c.selected == nullptr || c.selected->matches(g.about.path)) { put(std::move(g), at++, 0); }
    }
  }
  members.shown = finished(out, at, folder);
}

std::uint64_t names_not_shown(catalog const& members, progress const& counters, std::function<void()> const& between) {
  constexpr std::uint64_t often = 256;
  std::uint64_t out = 0;
  entry e;
  for (std::uint64_t i = 0; i < members.size(); ++i) {
    if (i % often == 0) { between(); }
    counters.stop_if_asked();
    members.read(i, e);
    std::string_view rest{e.path};
    while (!rest.empty()) {
      auto const end = std::min(rest.find('/'), rest.size());
      auto const part = rest.substr(0, end);
      if (!part.empty() && part != "." && !can_be_shown(part)) {
        ++out;
        break;
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return out;
}

}  // namespace sysb::mount
