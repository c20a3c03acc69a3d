// SPDX-License-Identifier: Apache-2.0
#include "batch/row.hpp"

#include "base/digest.hpp"
#include "base/text.hpp"
#include "batch/json.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::size_t longest_folder = 180;  // bytes; a file system's names have 255

std::string short_hash(std::string_view text) { return hex(table_hash(as_bytes(text), 0), 16); }

// Every piece with its length in front: no two lists have one text.
void add(std::string& to, std::string_view piece) { to += concat(piece.size(), ':', piece); }

void write_reasons(json_writer& w, std::string_view field, std::vector<reason> const& reasons) {
  w.key(field).begin_array();
  for (auto const& r : reasons) {
    w.begin_object().field("id", std::string_view{r.id}).field("text", std::string_view{r.text}).end_object();
  }
  w.end_array();
}

std::vector<reason> reasons_of(json const& object, std::string_view field) {
  std::vector<reason> out;
  auto const found = object.find(field);
  if (found == object.end() || !found->is_array()) { return out; }
  for (auto const& item : *found) {
    if (item.is_object()) { out.push_back({text_of(item, "id"), text_of(item, "text")}); }
  }
  return out;
}

void write_survey(json_writer& w, image_survey const& s) {
  w.key("survey").begin_object();
  w.field("verdict", std::string_view{s.verdict}).field("format", std::string_view{s.format});
  w.field("what", std::string_view{s.what}).field("kind", std::string_view{s.kind});
  w.field("level", std::string_view{s.level}).field("host_action", std::string_view{s.host_action});
  w.name_field("hostname", s.hostname).name_field("system", s.system.text());
  w.name_field("machine", s.system.machine).name_field("partition", s.system.partition);
  w.name_field("host", s.system.host).name_field("node_id", s.system.node_id).name_field("made", s.system.date);
  write_reasons(w, "blocks", s.blocks);
  write_reasons(w, "decide", s.decide);
  write_names(w, "rules", s.rules);
  w.field("members", s.members).field("bytes", s.bytes).field("filesets", s.filesets);
  if (s.index_time != 0) { w.field("index_time", s.index_time); }
  w.end_object();
}

image_survey survey_of(json const& object) {
  image_survey s;
  auto const found = object.find("survey");
  if (found == object.end() || !found->is_object()) { return s; }
  s.verdict = text_of(*found, "verdict");
  s.format = text_of(*found, "format");
  s.what = text_of(*found, "what");
  s.kind = text_of(*found, "kind");
  s.level = text_of(*found, "level");
  s.host_action = text_of(*found, "host_action");
  s.hostname = name_of(*found, "hostname");
  s.system = {name_of(*found, "machine"), name_of(*found, "partition"), name_of(*found, "host"),
              name_of(*found, "node_id"), name_of(*found, "made")};
  s.blocks = reasons_of(*found, "blocks");
  s.decide = reasons_of(*found, "decide");
  s.rules = names_of(*found, "rules");
  s.members = number_of(*found, "members");
  s.bytes = number_of(*found, "bytes");
  s.filesets = number_of(*found, "filesets");
  s.index_time = signed_of(*found, "index_time");
  return s;
}

}  // namespace

std::string job_id::text() const { return concat(input, '.', options, '.', version); }

job_id job_of(plan_row const& row) {
  std::string input = concat(row.image.size, ' ', row.image.mtime, ' ', row.image.samples);
  std::string wanted;
  add(wanted, row.out);
  for (auto const& v : row.volumes) { add(wanted, v); }
  for (auto const& [name, values] : row.options) {
    add(wanted, name);
    wanted += concat(values.size(), '=');
    for (auto const& v : values) { add(wanted, v); }
  }
  return {short_hash(input), short_hash(wanted), result_version};
}

std::string to_line(plan_row const& row) {
  std::string out;
  json_writer w{out};
  w.begin_object().field("schema", 1).field("type", "row").name_field("key", row.key);
  write_names(w, "volumes", row.volumes);
  if (!row.out.empty()) { w.name_field("out", row.out); }
  if (!row.wave.empty()) { w.name_field("wave", row.wave); }
  if (!row.owner.empty()) { w.name_field("owner", row.owner); }
  w.key("options").begin_object();
  for (auto const& [name, values] : row.options) { write_names(w, name, values); }
  w.end_object();
  w.key("identity").begin_object().field("size", row.image.size).field("mtime", row.image.mtime);
  w.field("samples", std::string_view{row.image.samples}).end_object();
  w.field("job", std::string_view{job_of(row).text()});
  write_survey(w, row.seen);
  w.field("seconds_estimated", static_cast<std::uint64_t>(row.seconds + 0.5));
  w.end_object();
  out.push_back('\n');
  return out;
}

plan_row parse_row(std::string_view line, std::string const& where) {
  auto const object = parse_object(line);
  auto const refuse = [&](std::string_view why) {
    throw fatal_error{fatal_error::kind::io, concat(where, ": ", why, "; run `sysb batch plan` again"), std::nullopt};
  };
  if (!object || text_of(*object, "type") != "row") { refuse("not a row of a plan"); }
  plan_row row;
  row.key = name_of(*object, "key");
  row.volumes = names_of(*object, "volumes");
  if (row.key.empty() || row.volumes.empty()) { refuse("a row without key or image"); }
  row.out = name_of(*object, "out");
  row.wave = name_of(*object, "wave");
  row.owner = name_of(*object, "owner");
  if (auto const options = object->find("options"); options != object->end() && options->is_object()) {
    for (auto const& [name, unused] : options->items()) { row.options[name] = names_of(*options, name); }
  }
  if (auto const image = object->find("identity"); image != object->end() && image->is_object()) {
    row.image = {number_of(*image, "size"), signed_of(*image, "mtime"), text_of(*image, "samples")};
  }
  row.seen = survey_of(*object);
  row.seconds = static_cast<double>(number_of(*object, "seconds_estimated"));
  return row;
}

std::string folder_name(std::string_view key) {
  static constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@+";
  std::string out;
  for (auto const c : key) {
    auto const first_dot = out.empty() && c == '.';
    if (plain.find(c) != std::string_view::npos && !first_dot) {
      out.push_back(c);
    } else {
      out += concat('%', hex(static_cast<unsigned char>(c), 2));
    }
  }
  if (out.size() <= longest_folder) { return out; }
  return concat(std::string_view{out}.substr(0, longest_folder - 20), "%-", short_hash(key));
}

}  // namespace sysb::batch
