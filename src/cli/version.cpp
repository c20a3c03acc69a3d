// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "cli/build_facts.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

namespace {

template <typename Rows, typename Id>
void ids(json_writer& w, std::string_view name, Rows const& rows, Id const& id) {
  w.key(name).begin_array();
  for (auto const& row : rows) { w.value(id(row)); }
  w.end_array();
}

}  // namespace

std::string version_text(std::string_view version) { return concat("sysb ", version, '\n'); }

std::string version_json(std::string_view version) {
  std::string out;
  json_writer w{out};
  w.begin_object().field("schema", 1).field("type", "version").field("version", version);
  w.field("commit", build_facts::commit).field("compiler", build_facts::compiler);
  w.key("libraries").begin_object();
  for (auto const& l : build_facts::libraries) { w.field(l.name, l.version); }
  w.end_object();
  ids(w, "features", build_facts::features, [](auto const& f) { return f; });
  ids(w, "images", registry::image_formats(), [](auto const* f) { return f->id(); });
  ids(w, "carriers", registry::carriers(), [](auto const* f) { return f->id(); });
  ids(w, "outputs", registry::outputs(), [](auto const& o) { return std::string_view{o.id}; });
  w.end_object();
  out.push_back('\n');
  return out;
}

}  // namespace sysb::cli
