// SPDX-License-Identifier: Apache-2.0
// `sysb ls IMAGE [PATTERN...]`: members, one a line, from their headers alone.
#include <cstdint>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/listing.hpp"
#include "cli/session.hpp"
#include "core/entry_json.hpp"
#include "jobs/diagnostics.hpp"

namespace sysb::cli {

namespace {

class ls_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    image_.define_index(options);
    image_.define_salvage(options, false);
    select_.define(options);
    options.flag("-l,--long", long_, "mode, owner, size and time (UTC), as `tar tv` shows them");
  }
  void judge() override { image_.judge(0, any_number, ""); }
  [[nodiscard]] std::string subject() const override { return image_.subject(); }

  void run(session& s) override {
    s.printer().set_least_text(severity::warning);
    auto image = image_.open_by_index(s, false);
    auto const chosen = select_.make(image_.rest());
    auto& counters = s.counters();
    counters.phase = "list";
    counters.total = image.source->medium_size().value_or(0);
    first_names links{image_.tmpdir()};
    auto const wants_links = long_ || s.json().wanted();
    image.reader->expect_skips(true, jobs::usual_threads());
    entry e;
    std::string line;
    while (image.reader->next(e)) {
      if (++s.summary().entries % 256 == 0) {
        counters.stop_if_asked();
        counters.bytes = image.source->medium_position();
        counters.entries = s.summary().entries;
      }
      // Before the selection: the first name of a link may be one that nobody asked for.
      if (wants_links) { links.resolve(e); }
      if (!chosen.everything() && !chosen.matches(e.path)) { continue; }
      ++s.summary().kept;
      if (wants_links) { s.summary().bytes += content_of(e); }
      if (s.json().wanted()) {
        s.json().object("entry", [&](json_writer& w) { write_entry_fields(w, e); });
        continue;
      }
      line.clear();
      if (long_) {
        line = listing_line(e);
      } else {
        append_printable(line, e.path);
      }
      line.push_back('\n');
      s.out().write(line);
    }
    counters.entries = s.summary().entries;
    counters.bytes = image.source->medium_position();
    jobs::report_unmatched(chosen, s.findings());
    image.source->check_unchanged();
  }

 private:
  // Content of files, each once, as info and check count it. The first of several names may stand there without the data.
  std::uint64_t content_of(entry const& e) {
    if (e.kind != entry_kind::file) { return 0; }
    auto const file = std::pair{std::uint64_t{e.dev.major} << 32 | e.dev.minor, e.ino};
    if (e.link_to.empty()) {
      if (e.size == 0 && e.nlink > 1) { without_data_.insert(file); }
      return e.size;
    }
    return e.size != 0 && without_data_.erase(file) != 0 ? e.size : 0;
  }

  std::set<std::pair<std::uint64_t, std::uint32_t>> without_data_;
  image_arguments image_;
  select_arguments select_;
  bool long_ = false;
};

}  // namespace

command_entry const ls_entry{
    "ls", "IMAGE [PATTERN...]", "members of an image, one a line",
    "Names are printed with control characters and bytes that are not UTF-8 escaped (\\n"
    ", \\xHH), on a terminal or not; --json gives the exact bytes. A pattern that matches nothing is "
    "exit code 1.",
    [] { return std::unique_ptr<command>{new ls_command}; }};

}  // namespace sysb::cli
