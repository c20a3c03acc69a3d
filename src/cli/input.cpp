// SPDX-License-Identifier: Apache-2.0
#include "cli/input.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>

#include "base/checked.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

std::uint64_t parse_size(std::string_view option, std::string_view word) {
  std::uint64_t number = 0;
  auto const* const last = word.data() + word.size();
  auto const [end, error] = std::from_chars(word.data(), last, number);
  std::uint64_t unit = 1;
  if (error == std::errc{} && last - end == 1) {
    constexpr std::string_view suffixes = "kKmMgGtT";
    auto const at = suffixes.find(*end);
    unit = at == std::string_view::npos ? 0 : std::uint64_t{1} << 10 * (at / 2 + 1);
  }
  auto const bytes = checked_mul(number, unit);
  if (error != std::errc{} || last - end > 1 || !bytes || *bytes == 0) {
    usage(concat(option, ": ", quoted(word), " is no size: a number of bytes, with K, M, G or T after it"));
  }
  return *bytes;
}

void limit_arguments::define(option_table& options) {
  options.optional_text("--memory-limit", memory_, "SIZE", "memory that one decompressor may take; default 192M");
  options.number("--ratio-limit", ratio_, "N", 0, std::uint64_t{1} << 40,
                 "how many times its size compressed data may become; default 2000, 0: any");
  options.optional_text("--size-limit", size_, "SIZE", "bytes that compressed data may become; default 16T");
}

void limit_arguments::judge() {
  if (memory_) { memory_bytes_ = parse_size("--memory-limit", *memory_); }
  if (size_) { size_bytes_ = parse_size("--size-limit", *size_); }
}

limits limit_arguments::apply(limits l) const noexcept {
  l.decoder_bytes = memory_bytes_.value_or(l.decoder_bytes);
  l.expansion_bytes = size_bytes_.value_or(l.expansion_bytes);
  l.expansion_ratio = ratio_.value_or(l.expansion_ratio);
  return l;
}

void index_arguments::define(option_table& options) {
  options.text("--index", name_, "FILE", "the index of IMAGE (see `sysb index`); default IMAGE.sysbidx, if any");
  options.flag("--no-index", none_, "use no index");
}

void index_arguments::judge() const {
  if (none_ && !name_.empty()) { usage("--index and --no-index exclude each other"); }
}

void index_arguments::apply(jobs::image_request& r) const {
  r.by = none_ ? jobs::index_use::none : name_.empty() ? jobs::index_use::beside : jobs::index_use::named;
  r.index = name_;
}

void image_arguments::define(option_table& options) {
  options.positionals(words_);
  options.run_of_values("--volumes", volumes_, "FILE...",
                        "the volumes of one set, in order, instead of IMAGE; ended by the next option or --");
  options.text("--member", member_, "NAME",
               "which file inside IMAGE is the system image, where an archive, a disc or a tape "
               "holds several; of a tape the number of its file, of a file with several images one after another the "
               "number of the image");
  options.text("--tmpdir", tmpdir_, "DIR",
               "where a pipe is spooled that is read twice, and a compressed image that is read to and "
               "fro; default $TMPDIR, else /var/tmp");
  limits_.define(options);
}

void image_arguments::judge(std::size_t least, std::size_t most, std::string_view what) {
  limits_.judge();
  index_.judge();
  if (keep_partial_ && !salvage_) { usage("--keep-partial goes with --salvage"); }
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
  if (rest_.size() > most) {
    std::error_code unknown;
    auto const is_file = std::filesystem::is_regular_file(rest_[most], unknown);
    usage(concat("unexpected argument ", quoted(rest_[most]),
                 is_file ? ": one IMAGE is read; --volumes takes the volumes or pieces of one, in order" : ""));
  }
}

void image_arguments::judge_several() {
  if (!volumes_.empty() && !words_.empty()) {
    usage(concat("unexpected argument ", quoted(words_.front()), ": --volumes names the one image that is read"));
  }
  auto const given = words_;
  if (given.size() > 1) { words_.resize(1); }
  judge(0, 0, "");
  if (given.size() < 2) { return; }
  std::size_t pipes = 0;
  for (auto const& w : given) {
    if (w.empty()) { usage("the name of an IMAGE is empty"); }
    pipes += w == "-" ? 1u : 0u;
  }
  if (pipes > 1) { usage("standard input can be read once"); }
  if (index_.named()) { usage("--index goes with one image"); }
  several_ = given;
}

std::string image_arguments::subject() const {
  if (volumes_.empty()) { return {}; }
  return volumes_.front() == "-" ? std::string{"standard input"} : volumes_.front();
}

std::string usual_tmpdir(std::string const& given) {
  if (!given.empty()) { return given; }
  auto const* const env = std::getenv("TMPDIR");
  return env != nullptr && *env != '\0' ? env : "/var/tmp";
}

jobs::image_request image_arguments::request(session const& s) const {
  jobs::image_request r;
  r.volumes = volumes_;
  r.member = member_;
  r.tmpdir = tmpdir();
  r.bounds = limits_.apply(s.bounds());
  r.salvage = salvage_;
  r.keep_partial = keep_partial_;
  r.accept_changed = accept_changed_;
  index_.apply(r);
  return r;
}

registry::opened_image image_arguments::open(session& s, bool two_passes) const {
  job_events told{s};
  return jobs::open_image(request(s), two_passes, told);
}

registry::opened_image image_arguments::open_by_index(session& s, bool two_passes) const {
  job_events told{s};
  return jobs::open_by_index(request(s), two_passes, told);
}

void image_arguments::define_salvage(option_table& options, bool writes) {
  options.flag("--salvage", salvage_,
               writes ? "take what can be taken from a damaged image; every gap is reported, exit code 3"
                      : "list what can be taken from a damaged image, or from a later volume alone");
  if (!writes) { return; }
  options.flag("--keep-partial", keep_partial_,
               "with --salvage: what is left of a file that is not whole, as NAME.sysb-partial");
  options.flag("--accept-changed", accept_changed_,
               "take files that changed while they were saved as they were stored, each with a warning");
}

void image_arguments::say_damage(session& s, jobs::outcome const& done, bool excludes) const {
  auto const text = done.damage.sentence({.whole = done.whole,
                                          .to_the_end = done.to_the_end,
                                          .written = done.committed,
                                          .salvage = !salvage_,
                                          .accept_changed = !accept_changed_,
                                          .exclude = !excludes});
  if (!text.empty()) { s.say(text); }
}

void select_arguments::define(option_table& options) {
  options.list("--exclude", exclude_, "PATTERN", "leave out what PATTERN selects; may be repeated");
}

void thread_argument::define(option_table& options) {
  options.number("--threads", threads_, "N", 1, 256, "worker threads; the result does not depend on it");
}

unsigned thread_argument::value() const noexcept {
  return threads_ ? static_cast<unsigned>(*threads_) : jobs::usual_threads();
}

}  // namespace sysb::cli
