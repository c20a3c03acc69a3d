// SPDX-License-Identifier: Apache-2.0
// The report: facts, rules, plan totals by reason, and what AIX still does.
#include <algorithm>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "wpar/side_files.hpp"

namespace sysb::wpar {

namespace {

std::string members_text(std::uint64_t n) { return concat(n, n == 1 ? " member" : " members"); }

std::string yes_no(bool v) { return v ? "yes" : "no"; }

std::string first_line(std::string_view s) { return printable(s.substr(0, s.find('\n'))); }

void heading(std::string& out, std::string_view text) {
  out += concat(out.empty() ? "" : "\n", text, "\n", std::string(text.size(), '-'), "\n");
}

void row(std::string& out, std::string_view name, std::string_view value) {
  auto const pad = name.size() < 22 ? 22 - name.size() : 1;
  out += concat(name, ':', std::string(pad, ' '), value.empty() ? std::string_view{"-"} : value, "\n");
}

std::vector<installed_fileset const*> rows_without_files(facts const& f) {
  std::vector<installed_fileset const*> out;
  for (auto const& p : f.hidden.filesets) {
    for (auto const& x : f.swvpd.filesets) {
      if (x.name == p.name && p.parts[static_cast<std::size_t>(x.part)]) { out.push_back(&x); }
    }
  }
  return out;
}

void put_json_list(json_writer& j, std::string_view name, std::vector<std::string> const& texts) {
  j.key(name).begin_array();
  for (auto const& t : texts) { j.value(std::string_view{t}); }
  j.end_array();
}

bool drops_private(request const& r) noexcept { return !r.preserves_private(); }

void put_facts(std::string& out, facts const& f, request const& r, assessment const& a) {
  auto const& d = f.image_data;
  heading(out, "Image");
  row(out, "image", printable(r.image_name));
  row(out, "kind", to_text(a.what));
  row(out, "level", concat(printable(a.source.text()), " (", to_text(a.source.source), ')'));
  row(out, "made", first_line(d.date_time));
  row(out, "uname", first_line(d.uname_info));
  row(out, "machine", first_line(d.cpu_id));
  row(out, "members", concat(f.members, ", ", f.packed, " packed, ", human_size(f.content_bytes), " of content"));
  row(out, "complete", yes_no(f.complete));
  row(out, "filesets", concat(std::uint64_t{f.swvpd.filesets.size()}));
  row(out, "/usr, /opt", concat(human_size(f.count_below("usr").bytes), ", ", human_size(f.count_below("opt").bytes)));

  heading(out, "Decisions");
  row(out, "verdict", to_text(a.outcome));
  row(out, "WPAR", concat(to_text(a.kind.kind), " (", a.kind.reason, ')'));
  row(out, "name", printable(r.name));
  row(out, "host name", printable(r.hostname));
  row(out, "host level", a.host ? printable(a.host->text) : std::string{"not given"});
  row(out, "preserve_private", yes_no(r.preserves_private()));

  if (!d.file_systems.empty()) {
    heading(out, "File systems of image.data");
    for (auto const& fs : d.file_systems) {
      auto const n = f.count_in_file_system(fs.mount);
      out += concat('/', printable(fs.mount), ": ", human_size(fs.size), ", at least ", human_size(fs.min_size), ", ",
                    members_text(n.members), " of ", human_size(n.bytes), "\n");
    }
  }
  if (!f.wpars.empty()) {
    heading(out, "WPARs of the source");
    for (auto const& w : f.wpars) {
      auto const n = w.usable ? f.count_below(w.base) : subtree_count{};
      out += concat(printable(w.name), ": /", printable(w.base), " (", w.basis, "), ", members_text(n.members), " of ",
                    human_size(n.bytes), w.usable ? "" : concat("; ", w.why_not), "\n");
    }
  }
}

void put_rules(std::string& out, assessment const& a) {
  heading(out, "Rules");
  for (auto const& info : rules()) {
    auto const worst = a.worst(info.id());
    out += concat(info.id(), "  ", worst ? to_text(*worst) : std::string_view{"ok"},
                  std::string(9 - (worst ? to_text(*worst).size() : 2), ' '), info.code.title, "\n");
    for (auto const& r : a.results) {
      if (r.rule != &info) { continue; }
      out += concat("     ", r.text);
      if (!r.path.empty()) {
        out += concat(" [", printable(r.path), r.offset ? concat(" at 0x", hex(*r.offset)) : "", ']');
      }
      out += "\n";
    }
  }
}

void put_plan(std::string& out, plan_totals const& totals) {
  heading(out, "Plan");
  for (auto const& line : totals.lines()) {
    out += concat(to_text(line.action), ": ", members_text(line.members), ", ", human_size(line.bytes));
    if (!line.rule.empty()) { out += concat(" [", line.rule, ']'); }
    if (!line.reason.empty()) { out += concat(' ', line.reason); }
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
  if (!drops_private(r)) {
    out += "kept: preserve_private=yes\n";
    return;
  }
  if (f.hidden.filesets.empty()) { out += "none is proven; nothing was removed for this reason\n"; }
  for (auto const& p : f.hidden.filesets) {
    out += concat(printable(p.name), " (", to_text(p.basis), "): ",
                  !p.installed          ? std::string{"not installed"}
                  : p.inventory.empty() ? std::string{"not decided, nothing removed"}
                                        : concat(p.files, " files of its own by ", p.inventory, ", ", p.shared_files,
                                                 " with another owner and ", p.undecided_files, " not decided stay"),
                  "\n");
  }
  for (auto const& c : f.hidden.candidates) { out += concat("candidate, not acted on: ", c, "\n"); }
  for (auto const& u : f.hidden.undecided) { out += concat("not decided: ", u, "\n"); }
  auto const rows = rows_without_files(f);
  if (rows.empty()) { return; }
  out += "rows of the software database whose files are gone:\n";
  for (auto const* x : rows) { out += concat("  ", printable(x->name), ' ', x->level, " (", to_text(x->part), ")\n"); }
}

void put_rest(std::string& out, facts const& f, request const& r, assessment const& a) {
  heading(out, "What AIX still does");
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
  if (a.host && (a.host->action == host_action::syncwpar || a.host->action == host_action::migwpar)) {
    out += concat("- needs ", to_text(a.host->action), " before the first start\n");
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

void put_json_facts(json_writer& j, facts const& f, request const& r, assessment const& a) {
  auto const& d = f.image_data;
  j.key("image").begin_object();
  j.name_field("name", r.image_name);
  j.field("kind", to_text(a.what)).field("complete", f.complete).field("members", f.members);
  j.field("packed", f.packed).field("bytes", f.content_bytes).field("structure_errors", f.structure_errors);
  j.field("content_errors", f.content_errors).field("date_time", std::string_view{d.date_time});
  j.field("uname_info", std::string_view{d.uname_info}).field("cpu_id", std::string_view{d.cpu_id});
  j.field("oslevel", std::string_view{d.oslevel}).field("oslevel_r", std::string_view{d.oslevel_r});
  j.field("identity", std::string_view{image_identity(f)}).field("filesets", std::uint64_t{f.swvpd.filesets.size()});
  j.key("filesystems").begin_array();
  for (auto const& fs : d.file_systems) {
    auto const n = f.count_in_file_system(fs.mount);
    j.begin_object().name_field("mount", concat('/', fs.mount));
    j.name_field("lv", fs.lv).field("size", fs.size).field("min_size", fs.min_size);
    j.field("members", n.members).field("bytes", n.bytes).end_object();
  }
  j.end_array();
  j.key("wpars").begin_array();
  for (auto const& w : f.wpars) {
    auto const n = w.usable ? f.count_below(w.base) : subtree_count{};
    j.begin_object().name_field("name", w.name);
    j.name_field("directory", concat('/', w.base)).field("evidence", w.basis).field("usable", w.usable);
    j.field("members", n.members).field("bytes", n.bytes).end_object();
  }
  j.end_array();
  j.key("device_classes").begin_array();
  for (auto const& c : f.device_classes) {
    j.begin_object().field("name", std::string_view{c.name}).field("objects", c.objects).field("sound", c.sound);
    j.field("pristine", c.pristine).field("why_not", std::string_view{c.why_not}).end_object();
  }
  j.end_array();
  j.key("wparconvert").begin_array();
  for (auto const& s : f.wparconvert) { j.value(std::string_view{concat('/', s)}); }
  j.end_array();
  j.end_object();
}

}  // namespace

std::string report_text(facts const& f, request const& r, assessment const& a, plan_totals const& totals) {
  std::string out;
  put_facts(out, f, r, a);
  put_rules(out, a);
  put_plan(out, totals);
  put_complaints(out, f);
  put_devices(out, f, r);
  put_private(out, f, r);
  put_rest(out, f, r, a);
  return out;
}

std::string report_json(facts const& f, request const& r, assessment const& a, plan_totals const& totals) {
  std::string out;
  json_writer j{out};
  j.begin_object().field("schema", 1).field("type", "report").field("verdict", to_text(a.outcome));
  j.field("exit", exit_code(a, r)).field("forced", r.force && exit_code(a, r) == 0 && a.outcome != verdict::fit);
  j.field("wpar", to_text(a.kind.kind)).field("wpar_reason", std::string_view{a.kind.reason});
  j.name_field("wpar_name", r.name);
  j.name_field("hostname", r.hostname);
  j.field("preserve_private", r.preserves_private());
  j.key("level").begin_object().field("source", std::string_view{a.source.text()});
  j.field("from", to_text(a.source.source)).key("minimum_ok");
  if (a.source.minimum_ok) {
    j.value(*a.source.minimum_ok);
  } else {
    j.null();
  }
  j.field("host", r.host_level ? std::string_view{r.host_level->text} : std::string_view{});
  j.field("action", to_text(a.host ? a.host->action : host_action::unknown));
  j.field("text", a.host ? std::string_view{a.host->text} : std::string_view{}).end_object();
  put_json_facts(j, f, r, a);
  j.key("rules").begin_array();
  for (auto const& info : rules()) {
    auto const worst = a.worst(info.id());
    j.begin_object().field("id", info.id()).field("title", info.code.title);
    j.field("result", worst ? to_text(*worst) : std::string_view{"ok"}).field("page", info.page);
    j.field("basis", info.basis).key("findings").begin_array();
    for (auto const& x : a.results) {
      if (x.rule != &info) { continue; }
      j.begin_object().field("severity", to_text(x.level)).field("text", std::string_view{x.text});
      if (!x.path.empty()) { j.name_field("path", x.path); }
      if (x.offset) { j.field("offset", *x.offset); }
      j.end_object();
    }
    j.end_array().end_object();
  }
  j.end_array();
  j.key("plan").begin_array();
  for (auto const& line : totals.lines()) {
    j.begin_object().field("action", to_text(line.action)).field("rule", std::string_view{line.rule});
    j.field("reason", std::string_view{line.reason}).field("members", line.members).field("bytes", line.bytes);
    j.end_object();
  }
  j.end_array();
  j.key("private_filesets").begin_array();
  for (auto const& p : f.hidden.filesets) {
    j.begin_object().name_field("name", p.name);
    j.field("evidence", to_text(p.basis)).field("installed", p.installed).field("files", p.files);
    j.field("shared_files", p.shared_files)
        .field("undecided_files", p.undecided_files)
        .field("inventory", std::string_view{p.inventory})
        .end_object();
  }
  j.end_array();
  put_json_list(j, "private_candidates", f.hidden.candidates);
  put_json_list(j, "private_undecided", f.hidden.undecided);
  put_json_list(j, "software_database_faults", f.swvpd.complaints);
  j.key("rows_without_files").begin_array();
  for (auto const* x : rows_without_files(f)) {
    j.begin_object().name_field("name", x->name);
    j.field("level", std::string_view{x->level}).field("part", to_text(x->part)).end_object();
  }
  j.end_array();
  j.end_object();
  out += "\n";
  return out;
}

}  // namespace sysb::wpar
