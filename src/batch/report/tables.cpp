// SPDX-License-Identifier: Apache-2.0
// Everything as CSV, JSON Lines and Prometheus text.
#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "batch/report/estate.hpp"

namespace sysb::batch::report {

namespace {

// RFC 4180. A spreadsheet takes a cell that begins with one of =+-@ for a formula: it gets a quote in front.
std::string cell(std::string_view text) {
  auto const shown = printable(text);
  auto const formula = !shown.empty() && std::string_view{"=+-@"}.find(shown.front()) != std::string_view::npos;
  std::string out = "\"";
  if (formula) { out.push_back('\''); }
  for (auto const c : shown) {
    if (c == '"') { out.push_back('"'); }
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

reason first_reason(image const& i) {
  if (i.result && !i.result->reasons.empty()) { return i.result->reasons.front(); }
  if (!i.row.seen.blocks.empty()) { return i.row.seen.blocks.front(); }
  return i.row.seen.decide.empty() ? reason{} : i.row.seen.decide.front();
}

std::string csv(estate const& e) {
  std::string out =
      "key,image,hostname,level,host_action,verdict,class,wpar,members,bytes,image_bytes,filesets,state,exit,attempts,"
      "seconds,peak_memory,output,output_bytes,output_xxh3,wave,owner,reason_id,reason\n";
  for (auto const& i : e.images) {
    auto const& s = i.row.seen;
    auto const why = first_reason(i);
    out += concat(cell(i.row.key), ',', cell(i.row.image_path()), ',', cell(s.hostname), ',', cell(s.level), ',',
                  cell(s.host_action), ',', cell(s.verdict), ',', cell(to_text(i.standing)), ',', cell(s.kind), ',',
                  s.members, ',', s.bytes, ',', i.row.image.size, ',', s.filesets, ',', cell(batch::to_text(i.state)),
                  ',');
    if (i.result) {
      auto const& r = *i.result;
      out += concat(r.exit, ',', std::uint64_t{r.attempts.size()}, ',', static_cast<std::uint64_t>(r.seconds + 0.5),
                    ',', r.peak_memory, ',');
      out += r.output ? concat(cell(r.output->path), ',', r.output->size, ',', cell(r.output->xxh3), ',')
                      : std::string{",,,"};
    } else {
      out += ",,,,,,,";
    }
    out += concat(cell(i.row.wave), ',', cell(i.row.owner), ',', cell(why.id), ',', cell(why.text), '\n');
  }
  return out;
}

void write_reasons(json_writer& w, std::string_view field, std::vector<reason> const& reasons) {
  w.key(field).begin_array();
  for (auto const& r : reasons) {
    w.begin_object().field("id", std::string_view{r.id}).field("text", std::string_view{r.text}).end_object();
  }
  w.end_array();
}

std::string json_lines(estate const& e) {
  std::string out;
  for (auto const& i : e.images) {
    json_writer w{out};
    auto const& s = i.row.seen;
    w.begin_object().field("schema", 1).field("type", "estate_image").name_field("key", i.row.key);
    w.name_field("image", i.row.image_path())
        .name_field("hostname", s.hostname)
        .field("level", std::string_view{s.level});
    w.field("host_action", std::string_view{s.host_action}).field("verdict", std::string_view{s.verdict});
    w.field("class", to_text(i.standing)).field("wpar", std::string_view{s.kind}).field("entries", s.members);
    w.field("bytes", s.bytes).field("image_bytes", i.row.image.size).field("filesets", s.filesets);
    w.field("state", batch::to_text(i.state)).name_field("wave", i.row.wave).name_field("owner", i.row.owner);
    write_reasons(w, "blocks", s.blocks);
    write_reasons(w, "decide", s.decide);
    if (i.result) {
      auto const& r = *i.result;
      w.field("exit", r.exit).field("attempts", std::uint64_t{r.attempts.size()});
      w.field("milliseconds", static_cast<std::uint64_t>(r.seconds * 1000 + 0.5)).field("peak_memory", r.peak_memory);
      write_reasons(w, "reasons", r.reasons);
      if (r.output) {
        w.key("output")
            .begin_object()
            .name_field("path", r.output->path)
            .field("format", std::string_view{r.output->format});
        w.field("size", r.output->size).field("xxh3", std::string_view{r.output->xxh3}).end_object();
      }
    }
    w.end_object();
    out.push_back('\n');
  }
  return out;
}

std::string fileset_csv(estate const& e) {
  std::string out = "fileset,level,images\n";
  for (auto const& f : e.filesets) {
    for (auto const& [level, images] : f.levels) { out += concat(cell(f.name), ',', cell(level), ',', images, '\n'); }
  }
  return out;
}

std::string fileset_lines(estate const& e) {
  std::string out;
  for (auto const& f : e.filesets) {
    json_writer w{out};
    w.begin_object().field("schema", 1).field("type", "estate_fileset").name_field("name", f.name);
    w.field("images", f.images).key("levels").begin_array();
    for (auto const& [level, images] : f.levels) {
      w.begin_object().field("level", std::string_view{level}).field("images", images).end_object();
    }
    w.end_array().end_object();
    out.push_back('\n');
  }
  return out;
}

std::string label(std::string_view text) {
  std::string out;
  for (auto const c : printable(text)) {
    if (c == '"' || c == '\\') { out.push_back('\\'); }
    out.push_back(c);
  }
  return out;
}

}  // namespace

void put_tables(estate const& e, options const& o, put_file const& put) {
  if (o.write.csv) {
    put("data/images.csv", csv(e));
    put("data/filesets.csv", fileset_csv(e));
  }
  if (o.write.json) {
    put("data/images.jsonl", json_lines(e));
    put("data/filesets.jsonl", fileset_lines(e));
  }
}

void put_figures(estate const& e, put_file const& put) {
  std::string out = "# HELP sysb_batch_jobs Jobs of the batch by state.\n# TYPE sysb_batch_jobs gauge\n";
  for (std::size_t i = 0; i < job_states; ++i) {
    out += concat("sysb_batch_jobs{state=\"", batch::to_text(static_cast<job_state>(i)), "\"} ", e.states[i], '\n');
  }
  out += "# HELP sysb_batch_images Images of the batch by class.\n# TYPE sysb_batch_images gauge\n";
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    out += concat("sysb_batch_images{class=\"", to_text(static_cast<row_class>(i)), "\"} ", e.classes[i], '\n');
  }
  out +=
      "# HELP sysb_batch_rule_images Images that a rule blocks or asks a decision of.\n# TYPE sysb_batch_rule_images "
      "gauge\n";
  for (auto const& r : e.rules) {
    out += concat("sysb_batch_rule_images{rule=\"", label(r.id), "\",effect=\"blocks\"} ", r.blocked, '\n');
    out += concat("sysb_batch_rule_images{rule=\"", label(r.id), "\",effect=\"decide\"} ", r.decide, '\n');
  }
  auto const figure = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    out += concat("# HELP ", name, ' ', help, "\n# TYPE ", name, " gauge\n", name, ' ', value, '\n');
  };
  figure("sysb_batch_image_bytes", "Size of all images.", e.image_bytes);
  figure("sysb_batch_read_bytes", "Size of the images of all jobs that succeeded.", e.bytes_read);
  figure("sysb_batch_written_bytes", "Size of all outputs.", e.bytes_written);
  figure("sysb_batch_incomplete_outputs", "Jobs that failed and wrote an output that is not complete.", e.incomplete);
  figure("sysb_batch_job_seconds", "Seconds of all jobs that succeeded, one after the other.",
         static_cast<std::uint64_t>(e.seconds + 0.5));
  figure("sysb_batch_attempts", "Attempts of all jobs.", e.attempts);
  figure("sysb_batch_peak_memory_bytes", "Largest memory of a job.", e.peak_memory);
  figure("sysb_batch_member_bytes", "Content of the images whose index tells digests.", e.equal.bytes);
  figure("sysb_batch_equal_member_bytes", "What keeping each content of them once would save, an estimate.",
         e.equal.saved);
  put("sysb.prom", out);
}

}  // namespace sysb::batch::report
