// SPDX-License-Identifier: Apache-2.0
// Members from a reader, through a plan, into a sink: select, resolve links, judge safety and
// loss, unpack and digest on several threads, deliver in image order.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry_sink.hpp"
#include "core/image_reader.hpp"
#include "core/ledger.hpp"
#include "core/member_plan.hpp"
#include "core/output_kind.hpp"
#include "core/progress.hpp"
#include "pipeline/review.hpp"
#include "pipeline/select.hpp"
#include "pipeline/worker_pool.hpp"

namespace sysb::pipeline {

// Of the name of a file of which only a part is left.
inline constexpr std::string_view partial_suffix = ".sysb-partial";

// What became of one member, told in image order on the calling thread.
struct member_event {
  entry const& member;  // path as in the image; link_to set for a resolved hard link
  decision const& what;
  content_result const* content = nullptr;  // when its content was read
  bool refused = false;                     // left out for safety: a finding was reported
  bool damaged = false;                     // its content is not whole
  std::span<std::byte const> kept = {};     // its whole content, where keep_content() wanted it
  // Damaged, but whole by its own end: its length in plain bytes.
  std::optional<std::uint64_t> true_size = {};
};

struct copy_options {
  selection const* select = nullptr;    // null: everything
  output_kind const* target = nullptr;  // what is written; null: nothing is, members are only looked at
  bool stop_on_loss = false;            // --on-loss stop: throws fatal_error{loss}
  bool last_name_wins = false;          // a name that comes twice: only the later member
  bool read_content = true;             // false: headers only (--quick)
  bool digests = false;                 // digest content even where the sink does not ask
  bool sums = false;                    // the BSD sum of content, too
  // Members of which on_member() is to see the whole content; small ones, for it is held in memory.
  std::function<bool(entry const&)> keep_content;
  bool keep_going = false;  // a damaged member does not end the run (check: null sink)
  // After damage the output is given up at once; true: the image is read to its end all the same, so that
  // everything that is wrong with it is known.
  bool read_on = false;
  // Salvage: what look_through() found. Members that are not whole are left out (decision "damage", with the
  // reason), or regular files with what is left of them written as NAME.sysb-partial.
  review const* salvage = nullptr;
  bool keep_partial = false;
  review const* corrections = nullptr;  // --accept-changed, likewise
  std::string tmpdir;                   // where long tables spill; empty: /var/tmp
  // Two-pass runs only, after the first pass: what is going to be written.
  std::function<void(std::uint64_t bytes, std::uint64_t entries)> before_writing;
  unsigned threads = 1;         // the calling one among them; fewer where the system gives no more
  thread_starter start_thread;  // empty: std::thread
  progress* counters = nullptr;
  std::function<void(member_event const&)> on_member;  // may be empty
};

struct copy_summary {
  std::uint64_t entries = 0;  // members seen
  std::uint64_t bytes = 0;    // plain content bytes delivered
  std::uint64_t kept = 0, dropped = 0, replaced = 0, added = 0, refused = 0;
  bool complete = false;         // the reader reached the end record; in salvage: went as far as it can
  std::uint64_t partial = 0;     // members kept in part
  std::uint64_t whole = 0;       // members not dropped and not known to be damaged, those in part among them
  bool content_verified = true;  // every packed member kept was decoded to its end
};

// Needs a seekable reader when `select` or the plan drops members or last_name_wins is set
// (a kept name may need the content of a dropped one), and for a target with late_links. Throws fatal_error; findings go to `d`.
[[nodiscard]] copy_summary copy_members(image_reader& reader, member_plan& plan, entry_sink& sink,
                                        copy_options const& o, ledger& d);

// The plain content of one member (at most `limit` bytes, else fatal_error), for rules, `cat`
// and replacements. The reader stands after the member afterwards.
[[nodiscard]] std::vector<std::byte> read_content(image_reader& reader, entry const& e, std::uint64_t limit,
                                                  diagnostic_sink& d);

}  // namespace sysb::pipeline
