// SPDX-License-Identifier: Apache-2.0
// One pass over an image that gathers what rules and plan need.
#pragma once
#include <cstdint>
#include <functional>

#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "core/limits.hpp"
#include "core/progress.hpp"
#include "wpar/facts.hpp"
#include "wpar/request.hpp"

namespace sysb::wpar {

struct survey_options {
  limits bounds;
  progress* counters = nullptr;     // entries are counted, stop_if_asked() is polled
  request const* wanted = nullptr;  // evidence for private filesets; null: inventories stay unread
  // Told of every member before it is skipped or read; must not read from the reader.
  std::function<void(entry const&)> on_member;
  // What is known of a member beforehand: it is corrected, or (false) counts as absent.
  std::function<bool(entry&)> prepare;
  unsigned threads = 1;  // that may go over the headers
};

// Reads every header by next()/skip() and the content of the few members that rules ask for.
// The reader must stand at its first member; it is at its end afterwards. Inventories of private
// filesets are looked up by seek_record() once the pass is over, where the reader can seek.
// Findings of the survey itself go to `d`. What the reader reports to its own sink is not known here:
// who opened it adds its damage to facts::structure_errors.
[[nodiscard]] facts gather_facts(image_reader& reader, survey_options const& o, diagnostic_sink& d);

}  // namespace sysb::wpar
