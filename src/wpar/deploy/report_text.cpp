// SPDX-License-Identifier: Apache-2.0
// report.txt: the verdict first, then what to decide, what to watch, what is lost, the file systems, what was left
// out, what is still to do on AIX, and the rules.
#include <algorithm>

#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/groups.hpp"
#include "wpar/deploy/report_parts.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

namespace {

std::string members_text(std::uint64_t n) { return concat(n, n == 1 ? " member" : " members"); }

std::string yes_no(bool v) { return v ? "yes" : "no"; }

std::string first_line(std::string_view s) { return printable(s.substr(0, s.find('\n'))); }

// What a terminal would act on as \xHH, but for `kept`; all else as it is, quotes and backslashes of commands too.
std::string without_controls(std::string_view s, std::string_view kept) {
  std::string out;
  for (auto const c : s) {
    auto const b = static_cast<unsigned char>(c);
    if ((b < 0x20 || b == 0x7f) && kept.find(c) == std::string_view::npos) {
      out += concat("\\x", hex(b, 2));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string one_line(std::string_view s) { return without_controls(s, {}); }

void heading(std::string& out, std::string_view text) {
  out += concat(out.empty() ? "" : "\n", text, "\n", std::string(text.size(), '-'), "\n");
}

void row(std::string& out, std::string_view name, std::string_view value) {
  auto const pad = name.size() < 22 ? 22 - name.size() : 1;
  out += concat(name, ':', std::string(pad, ' '), value.empty() ? std::string_view{"-"} : value, "\n");
}

void put_verdict(std::string& out, facts const& f, request const& r, assessment const& a, result const& done) {
  std::string verdict{to_text(a.outcome)};
  std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  out += concat(verdict, ": a ", to_text(a.kind.kind), " system copy WPAR of ", printable(r.image_name), " (level ",
                printable(a.source.text()), ")", r.force && a.outcome != verdict::fit ? ", forced" : "", "\n");
  for (auto const& x : a.results) {
    if (x.level == severity::error) { out += concat("  because ", x.id(), ": ", printable_text(x.text), "\n"); }
  }
  if (r.salvage && done.missing.count() != 0) {
    out += concat("  what is written lacks ", members_text(done.missing.count()), " (below, and missing.txt)\n");
  }
  out += concat("Proven where it was made: ", proven_text(f, r, done), ".\n", not_tried, "\n");

  heading(out, "Image and output");
  row(out, "image",
      concat(printable(r.image_name), done.image_size == 0 ? "" : concat(", ", done.image_size, " bytes")));
  if (!done.image_digest.empty()) { row(out, "image, samples", concat("XXH3-128 ", done.image_digest)); }
  row(out, "output",
      concat(printable(r.output_name), done.output_size == 0 ? "" : concat(", ", done.output_size, " bytes")));
  if (done.output_cksum) { row(out, "output, cksum", concat(std::uint64_t{*done.output_cksum})); }
  row(out, "command", printable(done.command_line));
}

void put_decide(std::string& out, facts const& f, request const& r, assessment const& a) {
  heading(out, "Decide");
  auto const questions = open_questions(f, r, a);
  if (questions.empty()) { out += "nothing\n"; }
  for (auto const& q : questions) {
    out += concat("- ", printable_text(q.text), " [", q.id, "]\n");
    if (!q.answer.empty()) { out += concat("    answer: ", one_line(q.answer), "\n"); }
  }
}

void put_watch(std::string& out, facts const& f, request const& r, assessment const& a, fs_plan const& plan) {
  heading(out, "Watch");
  auto const at = out.size();
  for (auto const& x : a.results) {
    if (x.asks == group::watch) { out += concat("- ", printable_text(x.text), " [", x.id(), "]\n"); }
  }
  for (auto const& o : script_obstacles(r, a, plan)) {
    out += concat("- deploy.sh only explains: ", printable(o), "\n");
  }
  put_self_starters(out, f, r);
  if (out.size() == at) { out += "nothing\n"; }
}

void put_lost(std::string& out, request const& r, result const& done) {
  heading(out, "Lost");
  auto const items = losses(r, done);
  if (items.empty()) { out += "nothing that is known\n"; }
  for (auto const& x : items) {
    out += concat("- ", printable_text(x.text), x.times > 1 ? concat(" (", x.times, " times)") : "",
                  x.id.empty() ? "" : concat(" [", x.id, ']'), "\n");
  }
}

void put_counts(std::string& out, std::string_view title, std::map<std::string, std::uint64_t> const& counts) {
  for (auto const& [name, n] : counts) {
    out += concat("  ", title, ' ', name.empty() ? std::string{"unknown"} : printable(name), ": ", n, "\n");
  }
}

void put_missing(std::string& out, request const& r, result const& done) {
  if (!r.salvage) { return; }
  heading(out, "Missing");
  auto const& m = done.missing;
  if (m.count() == 0) {
    out += "nothing: every member is whole\n";
    return;
  }
  out +=
      concat(members_text(m.count()), " of the image could not be written whole; every name stands in missing.txt\n");
  if (m.partial() != 0) { out += concat(members_text(m.partial()), " kept in part, as NAME.sysb-partial\n"); }
  constexpr std::size_t most = 50;
  for (std::size_t i = 0; i < m.first().size() && i < most; ++i) {
    auto const& x = m.first()[i];
    out += concat("- ", printable(x.path), ": ", printable(x.reason), " (",
                  x.filesets.empty() ? std::string{"no file set"} : printable(x.filesets), ", ",
                  printable(x.file_system), ")\n");
  }
  if (m.count() > most) { out += concat("and ", m.count() - most, " more\n"); }
  put_counts(out, "file set", m.by_fileset());
  put_counts(out, "file system", m.by_file_system());
}

void put_changed(std::string& out, result const& done) {
  if (done.changed_all == 0) { return; }
  heading(out, "Changed while they were saved, taken as they were stored");
  for (auto const& x : done.changed) { out += concat("- ", printable(x.path), ": ", printable(x.what), "\n"); }
  if (done.changed_all > done.changed.size()) {
    out += concat("and ", done.changed_all - done.changed.size(), " more\n");
  }
}

void put_left_out(std::string& out, result const& done) {
  heading(out, "Left out");
  auto const lines = done.members.left_out_by_subtree();
  if (lines.empty()) {
    out += "nothing\n";
    return;
  }
  out += concat(members_text(done.members.dropped()), "; every name stands in dropped.txt\n");
  auto sorted = lines;
  std::stable_sort(sorted.begin(), sorted.end(), [](auto const& x, auto const& y) { return x.members > y.members; });
  constexpr std::size_t most = 200;
  for (std::size_t i = 0; i < sorted.size() && i < most; ++i) {
    auto const& x = sorted[i];
    out += concat('/', printable(x.subtree), ": ", members_text(x.members), ", ", human_size(x.bytes),
                  x.rule.empty() ? "" : concat(" [", x.rule, ']'), "\n");
  }
  if (sorted.size() > most) { out += concat("and ", std::uint64_t{sorted.size() - most}, " more subtrees\n"); }
  if (!done.members.replaced().empty()) {
    heading(out, "Replaced");
    for (auto const& x : done.members.replaced()) {
      out += concat('/', printable(x.path), " [", x.rule, "] ", printable(x.reason), "\n");
    }
  }
}

void put_steps(std::string& out, facts const& f, request const& r, assessment const& a, fs_plan const& plan) {
  heading(out, "Still to do on AIX");
  unsigned n = 0;
  for (auto const& s : steps_on_aix(f, r, a, plan)) {
    out += concat(++n, ". ", one_line(s.what), "\n");
    if (!s.command.empty()) { out += concat("     ", one_line(s.command), "\n"); }
  }
  out += "\nWhat AIX does by itself\n";
  if (a.kind.kind == wpar_kind::shared) { out += "- mounts /usr and /opt of the host, read-only\n"; }
  out += "- builds /dev from the exported devices\n";
  if (r.target == target_kind::bff && !r.empty_devices) {
    out += "- discards the customized device classes of the source\n";
  }
  if (r.target == target_kind::bff) {
    out += r.preserves_private() ? "- keeps filesets not visible in a WPAR: mkwpar is told "
                                   "preserve_private=yes\n"
                                 : "- removes filesets not visible in a WPAR unless mkwpar is told "
                                   "preserve_private=yes\n";
  }
  out += "- runs, at the first start and in this order, what stands in /usr/lib/wpars/wparconvert.d";
  if (a.kind.kind == wpar_kind::shared) {
    out += " of the host\n";
  } else if (f.wparconvert.empty()) {
    out += " (nothing in this image)\n";
  } else {
    out += ":\n";
    for (auto const& s : f.wparconvert) { out += concat("    /", printable(s), "\n"); }
  }
  out += "Neither these programs nor scripts of filesets were run or emulated here.\n";
}

void put_rules(std::string& out, assessment const& a) {
  heading(out, "Rules");
  std::string passed;
  for (auto const& info : rules()) {
    if (!a.worst(info.id())) {
      passed += concat(passed.empty() ? "" : " ", info.id());
      continue;
    }
    auto const worst = *a.worst(info.id());
    out += concat(info.id(), "  ", to_text(worst), std::string(9 - to_text(worst).size(), ' '), info.code.title, "\n");
    for (auto const& r : a.results) {
      if (r.rule != &info) { continue; }
      out += concat("     ", printable_text(r.text));
      if (!r.path.empty()) {
        out += concat(" [", printable(r.path), r.offset ? concat(" at 0x", hex(*r.offset)) : "", ']');
      }
      out += "\n";
    }
  }
  out += concat("passed: ", passed.empty() ? "none" : passed, "\n");
}

void put_facts(std::string& out, facts const& f, request const& r, assessment const& a) {
  auto const& d = f.image_data;
  heading(out, "Facts");
  row(out, "kind", to_text(a.what));
  row(out, "level", concat(printable(a.source.text()), " (", to_text(a.source.source), ')'));
  row(out, "made", first_line(d.date_time));
  row(out, "uname", first_line(d.uname_info));
  row(out, "machine", first_line(d.cpu_id));
  row(out, "members", concat(f.members, ", ", f.packed, " packed, ", human_size(f.content_bytes), " of content"));
  row(out, "complete", yes_no(f.complete));
  row(out, "filesets", f.swvpd.count_text());
  row(out, "/usr, /opt", concat(human_size(f.count_below("usr").bytes), ", ", human_size(f.count_below("opt").bytes)));
  row(out, "WPAR", concat(to_text(a.kind.kind), " (", printable(a.kind.reason), ')'));
  row(out, "name", printable(r.name));
  row(out, "host name", printable(r.hostname));
  row(out, "host level", a.host ? printable_text(a.host->text) : std::string{"not given"});
  row(out, "preserve_private", yes_no(r.preserves_private()));
  if (!f.wpars.empty()) {
    heading(out, "WPARs of the source");
    for (auto const& w : f.wpars) {
      auto const n = w.usable ? f.count_below(w.base) : subtree_count{};
      out += concat(printable(w.name), ": /", printable(w.base), " (", w.basis, "), ", members_text(n.members), " of ",
                    human_size(n.bytes), w.usable ? "" : concat("; ", printable(w.why_not)), "\n");
    }
  }
}

void put_totals(std::string& out, plan_totals const& totals) {
  heading(out, "Plan of members");
  for (auto const& line : totals.lines()) {
    out += concat(to_text(line.action), ": ", members_text(line.members), ", ", human_size(line.bytes));
    if (!line.rule.empty()) { out += concat(" [", line.rule, ']'); }
    if (!line.reason.empty()) { out += concat(' ', printable_text(line.reason)); }
    out += "\n";
  }
}

void put_complaints(std::string& out, facts const& f) {
  if (f.swvpd.complaints.empty()) { return; }
  heading(out, "Faults of the software database");
  for (auto const& x : f.swvpd.complaints) { out += concat(printable(x), "\n"); }
}

void put_devices(std::string& out, facts const& f, request const& r) {
  if (f.device_classes.empty()) { return; }
  heading(out, "Customized device classes");
  auto const emptied = r.target != target_kind::bff || r.empty_devices;
  for (auto const& c : f.device_classes) {
    out += concat(c.name, ": ", c.objects, " objects, ",
                  !emptied     ? "left to AIX"
                  : !c.sound   ? "NOT emptied: "
                  : c.pristine ? "emptied (pristine copy)"
                               : "emptied",
                  emptied && !c.sound ? c.why_not : "", "\n");
  }
}

void put_private(std::string& out, facts const& f, request const& r) {
  heading(out, "Filesets not visible in a WPAR");
  if (r.preserves_private()) {
    out += "kept: preserve_private=yes\n";
    return;
  }
  if (f.hidden.filesets.empty()) { out += "none is proven; nothing was removed for this reason\n"; }
  for (auto const& p : f.hidden.filesets) {
    out += concat(printable(p.name), " (", to_text(p.basis), "): ",
                  !p.installed ? std::string{"not installed"}
                  : p.inventory.empty()
                      ? std::string{"not decided, nothing removed"}
                      : concat(p.files, " files of its own by ", printable(p.inventory), ", ", p.shared_files,
                               " with another owner and ", p.undecided_files, " not decided stay"),
                  "\n");
  }
  for (auto const& c : f.hidden.candidates) { out += concat("candidate, not acted on: ", printable(c), "\n"); }
  for (auto const& u : f.hidden.undecided) { out += concat("not decided: ", printable(u), "\n"); }
  auto const rows = rows_without_files(f);
  if (rows.empty()) { return; }
  out += "rows of the software database whose files are gone:\n";
  for (auto const* x : rows) {
    out += concat("  ", printable(x->name), ' ', printable(x->level), " (", to_text(x->part), ")\n");
  }
}

}  // namespace

std::string report_text(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                        result const& done) {
  std::string out;
  put_verdict(out, f, r, a, done);
  put_decide(out, f, r, a);
  put_watch(out, f, r, a, plan);
  put_lost(out, r, done);
  put_missing(out, r, done);
  put_changed(out, done);
  heading(out, "File systems");
  out += to_text(plan, r.target);
  put_left_out(out, done);
  put_steps(out, f, r, a, plan);
  put_rules(out, a);
  put_facts(out, f, r, a);
  put_totals(out, done.totals);
  put_complaints(out, f);
  put_devices(out, f, r);
  put_private(out, f, r);
  return without_controls(out, "\n\t");
}

}  // namespace sysb::wpar::deploy
