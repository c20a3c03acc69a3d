// SPDX-License-Identifier: Apache-2.0
#include "cli/session.hpp"

#include <cstddef>
#include <exception>
#include <new>
#include <utility>

#include "base/text.hpp"
#include "cli/option_table.hpp"

namespace sysb::cli {

namespace {

progress_mode mode_of(common_options const& o) noexcept {
  if (o.quiet) { return progress_mode::none; }
  if (o.progress == "plain") { return progress_mode::plain; }
  if (o.progress == "json") { return progress_mode::json; }
  return progress_mode::automatic;
}

void add_counts(fault_counts& to, fault_counts const& more) noexcept {
  for (std::size_t i = 0; i < to.by_severity.size(); ++i) { to.by_severity[i] += more.by_severity[i]; }
  for (std::size_t i = 0; i < to.errors_by_fault.size(); ++i) { to.errors_by_fault[i] += more.errors_by_fault[i]; }
}

int json_descriptor(streams const& s, common_options const& o) noexcept {
  if (o.json_fd) { return static_cast<int>(*o.json_fd); }
  return o.json ? s.out : -1;
}

}  // namespace

session::session(streams const& s, run_control& control, common_options const& o, std::string subject)
    : streams_{s},
      control_{control},
      quiet_{o.quiet},
      command_line_{o.command_line},
      console_{s.err},
      out_{s.out},
      json_{json_descriptor(s, o)},
      printer_{console_, json_},
      findings_{[this](diagnostic const& d) { printer_.print(d); }},
      progress_{mode_of(o), control, console_, s.err, json_} {
  printer_.set_subject(std::move(subject));
}

exit_code session::current() const {
  auto both = exit_;
  if (job_exit_) {
    both.add(*job_exit_);
  } else {
    both.add(findings_.counts(), {});
  }
  return both.value();
}

std::uint64_t session::seconds() const {
  auto const spent = std::chrono::steady_clock::now() - begun_;
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(spent).count());
}

// A file of messages has one a line; a terminal's are wrapped.
void session::tell(std::string const& line) {
  console_.line(console_.is_terminal() ? wrapped(line, 6, console_.columns()) : line);
}

void session::say(std::string_view text) {
  if (!quiet_) { tell(concat("sysb: ", text)); }
}

void session::fatal(fatal_error const& e) {
  auto const code = jobs::code_of(e.what_kind(), control_.counters.stop_signal);
  end_ = e.what();
  exit_.add(code);
  // The contract wants a closed stdout to be quiet; the summary has nowhere to go either,
  // unless it goes to another descriptor.
  if (code != exit_code::closed_pipe) {
    auto const& subject = printer_.subject();
    auto text = concat("sysb: ", subject, subject.empty() ? "" : ": ");
    if (e.offset()) { text += concat("at 0x", hex(*e.offset()), ": "); }
    auto const what = printable(e.what());
    auto const path = printable(e.path());
    if (!path.empty() && path != subject && what.find(path) == std::string::npos) { text += concat(path, ": "); }
    tell(concat(text, what));
  }
  if (code == exit_code::usage) { return; }
  json_.object("fatal", [&](json_writer& w) {
    w.field("kind", to_text(e.what_kind())).field("text", std::string_view{e.what()});
    if (!e.path().empty()) { w.name_field("path", e.path()); }
    if (e.offset()) { w.field("offset", *e.offset()); }
  });
}

void session::finish(jobs::outcome const& done) {
  job_exit_ = done.exit;
  auto& out = summary_;
  out.verdict = done.result;
  out.output_written = done.committed;
  out.forced = done.forced;
  out.content_verified = done.content_verified;
  static_cast<jobs::totals&>(out) = done.members;
  if (done.ended) { fatal(*done.ended); }
}

// The job's own, unless something went wrong after it.
wpar::verdict session::verdict(exit_code c) const noexcept {
  if (verdict_of_all_) { return *verdict_of_all_; }
  return job_exit_ == c ? summary_.verdict : jobs::verdict_of(c);
}

void session::count(fault_counts const& seen) noexcept { add_counts(counted_, seen); }

void session::settle_line() {
  auto const code = current();
  line_->result = verdict(code);
  auto const unread = code == exit_code::failed || code == exit_code::unsupported;
  line_->verdict = unread ? "unknown" : to_text(line_->told && code == exit_code::done ? *line_->told : line_->result);
  if (!end_.empty()) {
    line_->reason = end_;
  } else if (line_->reason.empty() || current() == exit_code::damaged) {
    if (!printer_.first_error().empty()) { line_->reason = printer_.first_error(); }
  }
}

void session::print_summary(exit_code c) {
  json_.object("summary", [&](json_writer& w) {
    auto const& s = summary_;
    auto seen = counted_;
    add_counts(seen, findings_.counts());
    w.field("verdict", s.compared.value_or(to_text(verdict(c)))).field("exit", jobs::number_of(c, s.is_diff));
    w.field("output", s.output_written ? "written" : "none");
    w.field("refused", s.refused).field("forced", s.forced);
    if (s.content_verified) { w.field("content_verified", *s.content_verified); }
    w.field("entries", s.entries).field("bytes", s.bytes);
    w.field("errors", seen.of(severity::error));
    w.field("warnings", seen.of(severity::warning));
    w.field("notes", seen.of(severity::note));
    w.field("kept", s.kept).field("dropped", s.dropped).field("replaced", s.replaced).field("added", s.added);
    if (s.wpar) { w.field("wpar", *s.wpar); }
    if (s.level) {
      w.key("level").begin_object().field("source", s.level->source);
      if (s.level->minimum_ok) { w.field("minimum_ok", *s.level->minimum_ok); }
      if (!s.level->host.empty()) { w.field("host", s.level->host); }
      w.field("action", s.level->action).end_object();
    }
    if (line_) {
      w.name_field("image", line_->image);
      if (!line_->host.empty()) { w.name_field("host", line_->host); }
      if (!line_->level.empty()) { w.name_field("source_level", line_->level); }
      if (!line_->kind.empty()) { w.field("kind", std::string_view{line_->kind}); }
      if (!line_->reason.empty()) { w.field("first_reason", printable(line_->reason)); }
    }
    if (s.more) { s.more(w); }
  });
}

int session::close() noexcept {
  progress_.stop();
  // A stream that fails while the last words are written still decides the exit code.
  auto const guarded = [&](auto const& step) {
    try {
      step();
    } catch (fatal_error const& e) {
      auto const quiet = e.what_kind() == fatal_error::kind::closed_pipe;
      if (!quiet && !exit_.has(exit_code::failed)) { console_.line(concat("sysb: ", e.what())); }
      exit_.add(jobs::code_of(e.what_kind()));
    } catch (std::exception const& e) {
      console_.line(concat("sysb: ", e.what()));
      exit_.add(exit_code::failed);
    }
  };
  printer_.summarise_hidden();
  guarded([&] { out_.flush(); });
  if (current() != exit_code::usage) {
    guarded([&] {
      print_summary(current());
      json_.flush();
    });
  }
  return jobs::number_of(current(), summary_.is_diff);
}

void run_guarded(command& c, session& s) {
  try {
    c.run(s);
  } catch (fatal_error const& e) { s.fatal(e); } catch (std::bad_alloc const&) {
    s.fatal({fatal_error::kind::internal, "out of memory"});
  } catch (std::exception const& e) { s.fatal({fatal_error::kind::internal, concat("internal error: ", e.what())}); }
}

}  // namespace sysb::cli
