// SPDX-License-Identifier: Apache-2.0
// report.json: all that report.txt tells, for machines.
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/groups.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/deploy/report_parts.hpp"
#include "wpar/deploy/self_starters.hpp"
#include "wpar/file_system_counts.hpp"

namespace sysb::wpar::deploy {

namespace {

void put_json_list(json_writer& j, std::string_view name, std::vector<std::string> const& texts) {
  j.key(name).begin_array();
  for (auto const& t : texts) { j.value(std::string_view{t}); }
  j.end_array();
}

void put_json_facts(json_writer& j, facts const& f, request const& r, assessment const& a, result const& done) {
  auto const& d = f.image_data;
  j.key("image").begin_object();
  j.name_field("name", r.image_name);
  j.field("kind", to_text(a.what)).field("complete", f.complete).field("members", f.members);
  j.field("packed", f.packed).field("bytes", f.content_bytes).field("structure_errors", f.structure_errors);
  j.field("content_errors", f.content_errors).field("date_time", std::string_view{d.date_time});
  j.field("uname_info", std::string_view{d.uname_info}).field("cpu_id", std::string_view{d.cpu_id});
  j.field("oslevel", std::string_view{d.oslevel}).field("oslevel_r", std::string_view{d.oslevel_r});
  j.field("size", done.image_size).field("samples", std::string_view{done.image_digest});
  j.field("identity", std::string_view{image_identity(f)}).field("filesets", f.swvpd.count());
  j.field("fileset_parts", std::uint64_t{f.swvpd.filesets.size()});
  j.key("filesystems").begin_array();
  file_system_counts const counts{f};
  for (auto const& fs : d.file_systems) {
    auto const n = counts.of(fs.mount);
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

void put_run(json_writer& j, request const& r, result const& done) {
  j.key("output").begin_object().name_field("name", r.output_name);
  j.field("format", std::string_view{r.format}).field("size", done.output_size).key("cksum");
  if (done.output_cksum) {
    j.value(std::uint64_t{*done.output_cksum});
  } else {
    j.null();
  }
  j.field("members", done.members.found_lines()).end_object();
  j.name_field("command_line", done.command_line);
}

void put_questions(json_writer& j, facts const& f, request const& r, assessment const& a, fs_plan const& plan) {
  j.key("decide").begin_array();
  for (auto const& q : open_questions(f, r, a)) {
    j.begin_object().field("id", std::string_view{q.id}).field("text", std::string_view{q.text});
    j.field("advice", std::string_view{q.answer}).end_object();
  }
  j.end_array();
  j.key("watch").begin_array();
  for (auto const& x : a.results) {
    if (x.asks != group::watch) { continue; }
    j.begin_object().field("id", x.id()).field("text", std::string_view{x.text});
    j.field("advice", std::string_view{x.advice}).end_object();
  }
  j.end_array();
  j.key("self_starters").begin_array();
  for (auto const& s : find_self_starters(f)) {
    j.begin_object().field("kind", s.kind).name_field("path", concat('/', s.path));
    j.field("text", std::string_view{s.what}).field("disabled", s.can_quiesce && r.quiesce).end_object();
  }
  j.end_array();
  if (r.host) {
    put_json_list(j, "host_not_told", std::vector<std::string>(r.host->failed.begin(), r.host->failed.end()));
  }
  if (r.host && r.host->tells("lslpp")) {
    auto const seen = compare_with_host(f, *r.host);
    j.key("host_filesets").begin_object().field("same", seen.same);
    put_json_list(j, "to_update", seen.to_update);
    put_json_list(j, "newer_in_image", seen.newer);
    put_json_list(j, "not_on_host", seen.not_on_host);
    j.end_object();
  }
  put_json_list(j, "script_obstacles", script_obstacles(r, a, plan));
}

void put_plan(json_writer& j, fs_plan const& plan) {
  j.key("filesystem_plan").begin_object();
  j.field("rebuilt", plan.rebuilt).field("margin", plan.margin).field("partition", plan.partition);
  j.field("partition_from", std::string_view{plan.partition_from}).field("total", plan.total());
  j.key("filesystems").begin_array();
  for (auto const& row : plan.rows) {
    j.begin_object().name_field("mount", concat('/', row.mount));
    j.name_field("lv", row.lv);
    j.field("basis", to_text(row.basis)).field("source_size", row.source_size).field("minimum", row.source_minimum);
    j.field("members", row.members).field("content", row.content).field("needed", row.needed);
    j.field("planned", row.planned).field("why", std::string_view{row.why});
    j.key("attributes").begin_array();
    for (auto const& x : row.attributes) {
      j.begin_object().name_field("name", x.name);
      j.name_field("value", x.value);
      j.field("kept", x.kept).field("why", std::string_view{x.why}).end_object();
    }
    j.end_array().end_object();
  }
  j.end_array().key("left_out").begin_array();
  for (auto const& x : plan.left_out) {
    j.begin_object().name_field("mount", concat('/', x.mount));
    j.field("why", std::string_view{x.why}).end_object();
  }
  j.end_array();
  put_json_list(j, "too_small", plan.too_small);
  put_json_list(j, "unpaired", plan.unpaired);
  put_json_list(j, "contradictions", plan.contradictions);
  put_json_list(j, "no_script", plan.no_script);
  j.end_object();
}

void put_missing(json_writer& j, result const& done) {
  auto const& m = done.missing;
  j.key("missing").begin_object().field("members", m.count()).field("partial", m.partial());
  j.key("first").begin_array();
  for (auto const& x : m.first()) {
    j.begin_object().name_field("path", x.path);
    j.field("filesets", std::string_view{x.filesets});
    j.name_field("filesystem", x.file_system);
    j.field("size", x.size).field("partial", x.partial).field("reason", std::string_view{x.reason}).end_object();
  }
  j.end_array();
  auto const counts = [&](std::string_view key, std::string_view name, auto const& table) {
    j.key(key).begin_array();
    for (auto const& [of, n] : table) { j.begin_object().name_field(name, of).field("members", n).end_object(); }
    j.end_array();
  };
  counts("by_fileset", "fileset", m.by_fileset());
  counts("by_filesystem", "filesystem", m.by_file_system());
  j.end_object();
  j.field("changed_members", done.changed_all).key("changed").begin_array();
  for (auto const& x : done.changed) {
    j.begin_object().name_field("path", x.path).field("what", std::string_view{x.what}).end_object();
  }
  j.end_array();
}

void put_members(json_writer& j, facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                 result const& done) {
  j.key("lost").begin_array();
  for (auto const& x : losses(r, done)) {
    j.begin_object().field("id", std::string_view{x.id}).field("text", std::string_view{x.text});
    j.field("times", x.times).end_object();
  }
  j.end_array().key("left_out").begin_array();
  for (auto const& x : done.members.left_out_by_subtree()) {
    j.begin_object().name_field("subtree", concat('/', x.subtree));
    j.field("rule", std::string_view{x.rule}).field("members", x.members).field("bytes", x.bytes).end_object();
  }
  j.end_array().key("replaced").begin_array();
  for (auto const& x : done.members.replaced()) {
    j.begin_object().name_field("path", concat('/', x.path));
    j.field("rule", std::string_view{x.rule}).field("reason", std::string_view{x.reason}).end_object();
  }
  j.end_array().key("added").begin_array();
  for (auto const& x : done.members.added()) {
    j.begin_object().name_field("path", concat('/', x.path));
    j.field("rule", std::string_view{x.rule}).field("reason", std::string_view{x.reason}).end_object();
  }
  j.end_array().key("to_do").begin_array();
  for (auto const& s : steps_on_aix(f, r, a, plan)) {
    j.begin_object().field("what", std::string_view{s.what}).field("command", std::string_view{s.command}).end_object();
  }
  j.end_array();
  j.field("proven", std::string_view{proven_text(f, r, done)}).field("not_tried", not_tried);
}

}  // namespace

std::string report_json(facts const& f, request const& r, assessment const& a, fs_plan const& plan,
                        result const& done) {
  std::string out;
  json_writer j{out};
  j.begin_object().field("schema", 1).field("type", "report").field("verdict", to_text(a.outcome));
  j.field("exit", rules_exit_code(a, r))
      .field("forced", r.force && rules_exit_code(a, r) == 0 && a.outcome != verdict::fit);
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
  put_run(j, r, done);
  put_questions(j, f, r, a, plan);
  put_json_facts(j, f, r, a, done);
  put_plan(j, plan);
  put_members(j, f, r, a, plan, done);
  put_missing(j, done);
  j.key("rules").begin_array();
  for (auto const& info : rules()) {
    auto const worst = a.worst(info.id());
    j.begin_object().field("id", info.id()).field("title", info.code.title);
    j.field("result", worst ? to_text(*worst) : std::string_view{"ok"}).field("page", info.page);
    j.field("basis", info.basis).key("findings").begin_array();
    for (auto const& x : a.results) {
      if (x.rule != &info) { continue; }
      j.begin_object().field("severity", to_text(x.level)).field("text", std::string_view{x.text});
      j.field("group", to_text(x.asks)).field("advice", std::string_view{x.advice});
      if (!x.path.empty()) { j.name_field("path", x.path); }
      if (x.offset) { j.field("offset", *x.offset); }
      j.end_object();
    }
    j.end_array().end_object();
  }
  j.end_array();
  j.key("plan").begin_array();
  for (auto const& line : done.totals.lines()) {
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

}  // namespace sysb::wpar::deploy
