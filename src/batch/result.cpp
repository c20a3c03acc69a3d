// SPDX-License-Identifier: Apache-2.0
// result.json and running.json: written by us, read by engines, reports and people.
#include <algorithm>

#include "base/text.hpp"
#include "batch/files.hpp"
#include "batch/json.hpp"
#include "batch/state.hpp"

namespace sysb::batch {

namespace {

std::uint64_t milliseconds(double seconds) { return static_cast<std::uint64_t>(std::max(0.0, seconds) * 1000 + 0.5); }

void write_attempts(json_writer& w, std::vector<attempt> const& attempts) {
  w.key("attempts").begin_array();
  for (auto const& a : attempts) {
    w.begin_object().field("start", a.start).field("end", a.end).name_field("host", a.host);
    w.field("exit", a.exit).field("signal", a.signal).field("fatal", std::string_view{a.fatal});
    w.field("engine", std::string_view{a.engine}).end_object();
  }
  w.end_array();
}

// The fields of the summary, so that result.json is read like one.
void write_summary(json_writer& w, job_result const& r) {
  auto const summary = parse_object(r.summary);
  if (!summary) {
    if (!r.verdict.empty()) { w.field("verdict", std::string_view{r.verdict}); }
    return;
  }
  for (auto const& [name, value] : summary->items()) {
    if (name == "type" || name == "schema" || name == "exit" || name == "output") { continue; }
    if (value.is_string()) {
      w.field(name, std::string_view{value.get_ref<std::string const&>()});
    } else if (value.is_boolean()) {
      w.field(name, value.get<bool>());
    } else if (value.is_number_unsigned()) {
      w.field(name, value.get<std::uint64_t>());
    } else if (value.is_object() && name == "level") {
      w.key(name).begin_object();
      for (auto const& [part, text] : value.items()) {
        if (text.is_string()) { w.field(part, std::string_view{text.get_ref<std::string const&>()}); }
        if (text.is_boolean()) { w.field(part, text.get<bool>()); }
      }
      w.end_object();
    }
  }
}

job_id parse_job(std::string_view text) {
  job_id id{{}, {}, 0};
  auto const first = text.find('.');
  auto const second = text.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) { return id; }
  id.input = text.substr(0, first);
  id.options = text.substr(first + 1, second - first - 1);
  for (auto const c : text.substr(second + 1)) {
    if (c < '0' || c > '9') { return {{}, {}, 0}; }
    id.version = id.version * 10 + static_cast<unsigned>(c - '0');
  }
  return id;
}

}  // namespace

std::string to_text(job_result const& r, plan_row const& row) {
  std::string out;
  json_writer w{out};
  w.begin_object().field("schema", 1).field("type", "job").name_field("key", r.key);
  w.field("job", std::string_view{r.job.text()}).name_field("image", row.image_path());
  w.key("identity").begin_object().field("size", row.image.size).field("mtime", row.image.mtime);
  w.field("samples", std::string_view{row.image.samples}).end_object();
  w.field("state", to_text(r.state)).field("exit", r.exit);
  write_summary(w, r);
  write_attempts(w, r.attempts);
  w.key("reasons").begin_array();
  for (auto const& why : r.reasons) {
    w.begin_object().field("id", std::string_view{why.id}).field("text", std::string_view{why.text}).end_object();
  }
  w.end_array();
  w.key("findings").begin_object();
  for (auto const& [id, count] : r.findings) { w.field(id, count); }
  w.end_object();
  w.field("bytes_in", r.bytes_in).field("bytes_out", r.bytes_out);
  w.field("milliseconds", milliseconds(r.seconds)).field("seconds", (milliseconds(r.seconds) + 500) / 1000);
  w.field("peak_memory", r.peak_memory);
  if (r.output) {
    w.key("output").begin_object().name_field("path", r.output->path);
    w.field("format", std::string_view{r.output->format}).field("size", r.output->size);
    w.field("xxh3", std::string_view{r.output->xxh3}).end_object();
  }
  if (!r.report.empty()) { w.name_field("report", r.report); }
  w.end_object();
  out.push_back('\n');
  return out;
}

std::optional<job_result> parse_result(std::string_view text) {
  auto const object = parse_object(text);
  if (!object || text_of(*object, "type") != "job") { return std::nullopt; }
  auto const state = parse_state(text_of(*object, "state"));
  if (!state) { return std::nullopt; }
  job_result r;
  r.key = name_of(*object, "key");
  r.job = parse_job(text_of(*object, "job"));
  r.state = *state;
  r.exit = static_cast<int>(signed_of(*object, "exit"));
  r.verdict = text_of(*object, "verdict");
  if (auto const list = object->find("attempts"); list != object->end() && list->is_array()) {
    for (auto const& a : *list) {
      if (!a.is_object()) { continue; }
      r.attempts.push_back({signed_of(a, "start"), signed_of(a, "end"), name_of(a, "host"), text_of(a, "engine"),
                            static_cast<int>(signed_of(a, "exit")), static_cast<int>(signed_of(a, "signal")),
                            text_of(a, "fatal")});
    }
  }
  if (auto const list = object->find("reasons"); list != object->end() && list->is_array()) {
    for (auto const& why : *list) {
      if (why.is_object()) { r.reasons.push_back({text_of(why, "id"), text_of(why, "text")}); }
    }
  }
  if (auto const counts = object->find("findings"); counts != object->end() && counts->is_object()) {
    for (auto const& [id, count] : counts->items()) {
      if (count.is_number_unsigned()) { r.findings[id] = count.get<std::uint64_t>(); }
    }
  }
  r.bytes_in = number_of(*object, "bytes_in");
  r.bytes_out = number_of(*object, "bytes_out");
  r.members = number_of(*object, "entries");
  r.seconds = static_cast<double>(number_of(*object, "milliseconds")) / 1000;
  r.peak_memory = number_of(*object, "peak_memory");
  if (auto const out = object->find("output"); out != object->end() && out->is_object()) {
    r.output = {name_of(*out, "path"), text_of(*out, "format"), number_of(*out, "size"), text_of(*out, "xxh3")};
  }
  r.report = name_of(*object, "report");
  return r;
}

void batch_folder::put_running(std::string_view key, running_job const& r) const {
  std::string out;
  json_writer w{out};
  w.begin_object().field("schema", 1).field("type", "running").name_field("key", key).name_field("host", r.host);
  w.field("pid", r.pid).field("born", r.born).field("start", r.start).field("engine", std::string_view{r.engine});
  w.end_object();
  out.push_back('\n');
  make_folders(job_folder(key));
  write_file(job_folder(key) + "/running.json", out);
}

std::optional<running_job> batch_folder::running(std::string_view key) const {
  auto const file = job_folder(key) + "/running.json";
  auto const text = read_file(file);
  auto const object = text ? parse_object(*text) : std::nullopt;
  if (!object) { return std::nullopt; }
  running_job r{name_of(*object, "host"), text_of(*object, "engine"), signed_of(*object, "start"),
                static_cast<int>(signed_of(*object, "pid")), number_of(*object, "born")};
  if (r.host == host_name()) { return lives_here(r.pid, r.born) ? std::optional{r} : std::nullopt; }
  auto const age = age_of(file);
  return age && *age < silent_seconds ? std::optional{r} : std::nullopt;
}

}  // namespace sysb::batch
