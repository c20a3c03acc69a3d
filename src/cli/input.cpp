// SPDX-License-Identifier: Apache-2.0
#include "cli/input.hpp"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "base/text.hpp"
#include "cli/diagnostics.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {
[[noreturn]] void usage(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }
}  // namespace

void image_arguments::define(option_table& options) {
  options.positionals(words_);
  options.run_of_values("--volumes", volumes_, "FILE...",
                        "the volumes of one set, in order, instead of IMAGE; ended by the next option or --");
  options.text("--member", member_, "NAME",
               "which file inside IMAGE is the system image, where an archive, a disc or a tape "
               "holds several; on a tape the number of its file");
  options.text("--tmpdir", tmpdir_, "DIR",
               "where a pipe or a compressed image is spooled that is read twice; default $TMPDIR, "
               "else /var/tmp");
}

void image_arguments::judge(std::size_t least, std::size_t most, std::string_view what) {
  rest_ = words_;
  if (volumes_.empty()) {
    if (rest_.empty()) { usage("no IMAGE given"); }
    volumes_.push_back(rest_.front());
    rest_.erase(rest_.begin());
  }
  for (auto const& v : volumes_) {
    if (v.empty()) { usage("the name of an IMAGE is empty"); }
    if (v == "-" && volumes_.size() > 1) { usage("standard input cannot be one of several volumes"); }
  }
  if (rest_.size() < least) { usage(concat("no ", what, " given")); }
  if (rest_.size() > most) { usage(concat("unexpected argument ", quoted(rest_[most]))); }
}

std::string image_arguments::subject() const {
  if (volumes_.empty()) { return {}; }
  return volumes_.front() == "-" ? std::string{"standard input"} : volumes_.front();
}

std::string image_arguments::base_name() const {
  if (volumes_.empty() || volumes_.front() == "-") { return "image"; }
  auto const& v = volumes_.front();
  auto const slash = v.rfind('/');
  return slash == std::string::npos ? v : v.substr(slash + 1);
}

std::string image_arguments::tmpdir() const {
  if (!tmpdir_.empty()) { return tmpdir_; }
  auto const* const env = std::getenv("TMPDIR");
  return env != nullptr && *env != '\0' ? env : "/var/tmp";
}

registry::opened_image image_arguments::open(session& s, bool two_passes) const {
  s.progress_display().start();
  return registry::open_image({.volumes = volumes_,
                               .member = member_,
                               .tmpdir = tmpdir(),
                               .need_seekable = two_passes,
                               .counters = &s.counters()},
                              s.bounds(), s.findings());
}

void select_arguments::define(option_table& options) {
  options.list("--exclude", exclude_, "PATTERN", "leave out what PATTERN selects; may be repeated");
}

bool report_unmatched(pipeline::selection const& chosen, diagnostic_sink& d) {
  auto const missed = chosen.unmatched();
  for (auto const& pattern : missed) {
    d.report({.code = &no_match, .offset = {}, .path = {}, .detail = quoted(pattern), .level = {}});
  }
  return !missed.empty();
}

void thread_argument::define(option_table& options) {
  options.number("--threads", threads_, "N", 1, 256, "worker threads; the result does not depend on it");
}

unsigned thread_argument::value() const noexcept {
  if (threads_) { return static_cast<unsigned>(*threads_); }
  return std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
}

}  // namespace sysb::cli
