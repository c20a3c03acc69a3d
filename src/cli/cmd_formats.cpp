// SPDX-License-Identifier: Apache-2.0
// `sysb formats`: what can be read and what can be written.
#include <string>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

namespace {

class formats_command final : public command {
 public:
  void define(option_table&) override {}
  void run(session& s) override {
    heading(s, "images");
    for (auto const* f : registry::image_formats()) { row(s, "image", f->id(), f->title()); }
    heading(s, "carriers, unwrapped by content");
    for (auto const* f : registry::carriers()) { row(s, "carrier", f->id(), f->title()); }
    heading(s, "IMAGE may also be");
    for (auto const& f : registry::input_forms()) { row(s, "input", f.id, f.title); }
    heading(s, "outputs (--format)");
    for (auto const& o : registry::outputs()) { row(s, "output", o.id, o.title); }
  }

 private:
  static void heading(session& s, std::string_view text) {
    if (!s.json().wanted()) { s.out().write(concat(text, ":\n")); }
  }
  static void row(session& s, std::string_view role, std::string_view id, std::string_view title) {
    s.json().object("format", [&](json_writer& w) { w.field("role", role).field("id", id).field("title", title); });
    if (s.json().wanted()) { return; }
    auto const head = concat("  ", id, std::string(id.size() < 16 ? 16 - id.size() : 1, ' '));
    s.out().write(concat(head, wrapped(title, head.size()), '\n'));
  }
};

}  // namespace

command_entry const formats_entry{"formats", "", "what can be read and written", "",
                                  [] { return std::unique_ptr<command>{new formats_command}; }};

}  // namespace sysb::cli
