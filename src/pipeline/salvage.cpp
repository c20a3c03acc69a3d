// SPDX-License-Identifier: Apache-2.0
#include "pipeline/salvage.hpp"

#include <algorithm>
#include <utility>

#include "core/entry_sink.hpp"
#include "core/member_plan.hpp"
#include "pipeline/diagnostics.hpp"
#include "pipeline/pipeline.hpp"

namespace sysb::pipeline {

void salvage_list::look_through(image_reader& reader, copy_options const& how, ledger& d) {
  keep_all everything;
  null_sink nowhere;
  copy_options o;
  o.keep_going = true;
  o.tmpdir = how.tmpdir;
  o.threads = how.threads;
  o.counters = how.counters;
  o.on_member = [this](member_event const& m) {
    if (!m.member.incomplete && !m.damaged) { return; }
    broken_.push_back({m.member.offset, m.content != nullptr ? m.content->bytes : 0, m.member.size});
  };
  // What the pass that writes will say of names and links is not said twice.
  ledger::listener const of_the_image{d, [](diagnostic const& f) {
                                        auto const own = codes();
                                        return std::find(own.begin(), own.end(), f.code) == own.end();
                                      }};
  (void)copy_members(reader, everything, nowhere, o, d);
  std::sort(broken_.begin(), broken_.end(), [](broken const& a, broken const& b) { return a.offset < b.offset; });
  reader.rewind();
}

salvage_list::broken const* salvage_list::find(entry const& e) const {
  auto const at = std::lower_bound(broken_.begin(), broken_.end(), e.offset,
                                   [](broken const& b, std::uint64_t offset) { return b.offset < offset; });
  return at != broken_.end() && at->offset == e.offset ? &*at : nullptr;
}

std::optional<std::uint64_t> salvage_list::left_of(entry const& e) const {
  auto const* const b = find(e);
  return b != nullptr ? std::optional{b->bytes} : std::nullopt;
}

std::uint64_t salvage_list::size_of(entry const& e) const {
  auto const* const b = find(e);
  return b != nullptr ? b->size : 0;
}

}  // namespace sysb::pipeline
