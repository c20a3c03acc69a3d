// SPDX-License-Identifier: Apache-2.0
// What can be done with an image, one function a job. A job opens what it needs, writes whole or not at
// all, prints nothing, and changes nothing that belongs to the process.
//
//   sysb::ledger findings{[](sysb::diagnostic const& d) { log(d.text()); }};
//   sysb::progress counters;
//   sysb::jobs::events told{findings, counters};
//   sysb::jobs::wpar_request request;
//   request.image.volumes = {"mksysb.img"};
//   request.to.kind = sysb::jobs::find_output("tree");
//   request.to.path = "/srv/wpar1";
//   auto const done = sysb::jobs::wpar(request, told);
//   if (!done.committed) { … done.result, done.ended … }
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "jobs/events.hpp"
#include "jobs/exit_code.hpp"
#include "jobs/image.hpp"
#include "jobs/output.hpp"
#include "pipeline/damage_account.hpp"
#include "pipeline/select.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/tally.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::jobs {

struct totals {
  std::uint64_t entries = 0;  // members seen
  std::uint64_t bytes = 0;    // of their plain content
  std::uint64_t kept = 0, dropped = 0, replaced = 0, added = 0, refused = 0;
};

struct outcome {
  exit_code exit = exit_code::done;
  wpar::verdict result = wpar::verdict::ok;
  fault_counts faults;  // of the ledger, when the job ended
  totals members;
  std::optional<bool> content_verified;
  pipeline::damage_account damage;  // what is not whole, for the sentence that ends the run
  std::uint64_t whole = 0;          // members that were read and are sound; 0: not known
  bool to_the_end = false;          // of the image
  bool finished = false;            // everything was done that was asked for
  bool committed = false;           // an output stands in its place
  bool held_back = false;           // nothing was written, because of damage or of a rule
  std::optional<fatal_error> ended;

  std::optional<wpar::assessment> rules;     // where they were held against the image
  bool forced = false;                       // unfit, and written all the same
  std::optional<wpar::plan_totals> planned;  // of a dry run
  std::vector<wpar::deploy::tally::group> plan_groups;
  std::optional<std::string> side_files;  // the folder of the side files
  std::uint64_t index_members = 0, index_bytes = 0;
};

// Validates: structure, checksums, every packed member decoded.
struct check_request {
  image_request image;
  bool digests = false;    // events::member() gets the digest of every content
  bool inventory = false;  // contents are held against the software inventory that the image carries
  std::string index;       // compared with the content of every member; empty: none
  unsigned threads = 1;
  std::optional<wpar::request> rules;  // also the rules of a system copy WPAR
  bool look = false;                   // without rules, too: events::assessed() gets what the headers tell
};
[[nodiscard]] outcome check(check_request const& r, events& e);

// The image as another archive, member for member.
struct convert_request {
  image_request image;
  output_request to;
  pipeline::selection select;
  unsigned threads = 1;
};
[[nodiscard]] outcome convert(convert_request const& r, events& e);

// Members to a directory, as they are; `to` is a tree. A pattern that selects nothing is an error.
[[nodiscard]] outcome extract(convert_request const& r, events& e);

// A system copy WPAR.
struct wpar_request {
  image_request image;
  output_request to;
  wpar::request rules;                 // what depends on the output is filled in
  pipeline::selection select{{}, {}};  // members that are not wanted
  unsigned threads = 1;
  bool dry_run = false;      // everything but the writing
  bool quick = false;        // a dry run that reads headers only
  bool verify = false;       // read the result back and compare it with the plan
  std::string side_files;    // their folder; empty: OUT.d
  std::string command_line;  // what the report says that was typed
};
[[nodiscard]] outcome wpar(wpar_request const& r, events& e);

// The side file with which one member is read without a walk.
struct index_request {
  image_request image;
  std::string path;
  bool overwrite = false;
  bool quick = false;  // headers only: no digests
};
[[nodiscard]] outcome index(index_request const& r, events& e);

// What the headers and a few members tell: events::assessed() gets it.
struct survey_request {
  image_request image;
  wpar::request rules;
  unsigned threads = 1;
};
[[nodiscard]] outcome survey(survey_request const& r, events& e);

}  // namespace sysb::jobs
