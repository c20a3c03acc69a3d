// SPDX-License-Identifier: Apache-2.0
// `sysb evidence IMAGE -o FILE`: what the image shows of undocumented things, without any name or content;
// `sysb evidence --read BUNDLE`: what such a bundle settles.
#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/evidence.hpp"
#include "io/io.hpp"
#include "output/output.hpp"

namespace sysb::cli {

namespace {

class evidence_command final : public command {
 public:
  void define(option_table& options) override {
    image_.define(options);
    options.text("-o,--output", out_, "FILE", "where the evidence goes: a text that can be sent to a public issue");
    options.flag("--overwrite", overwrite_, "replace an existing FILE");
    options.text("--level", level_, "LEVEL", "level of the system that made the image, such as 7200-05");
    options.text("--read", bundle_, "BUNDLE", "say what a bundle of evidence settles; no IMAGE is read");
  }
  void judge() override {
    if (!bundle_.empty()) {
      if (!out_.empty() || !level_.empty() || overwrite_) { usage("--read goes with no other option of evidence"); }
      return;
    }
    image_.judge(0, 0, "");
    if (out_.empty()) { usage("no output: -o FILE"); }
    if (out_ == "-") { usage("evidence goes to a file: -o FILE"); }
    // The one text of the user's that gets in is a level and nothing else.
    auto const fits = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; };
    if (level_.size() > 20 || !std::all_of(level_.begin(), level_.end(), fits)) {
      usage(concat("--level ", quoted(level_), " is no level, such as 7.2.5.0 or 7200-05-03-2148"));
    }
  }
  [[nodiscard]] std::string subject() const override { return bundle_.empty() ? image_.subject() : bundle_; }

  void run(session& s) override {
    if (!bundle_.empty()) {
      read_bundle(s);
      return;
    }
    output::staged_file file{out_, overwrite_};
    backup_by_name::evidence found;
    ledger::listener const counted{s.findings(), [&](diagnostic const& d) {
                                     found.found(*d.code);
                                     return true;
                                   }};
    // Records are looked at again where they stand: a pipe is spooled.
    auto image = image_.open(s, true);
    auto& reader = *image.reader;
    found.volume(reader.volume_header(), image.container);
    auto& counters = s.counters();
    counters.phase = "evidence";
    counters.total = image.source->medium_size().value_or(0);
    std::vector<std::byte> head;
    entry e;
    while (reader.next(e)) {
      counters.stop_if_asked();
      counters.bytes = image.source->medium_position();
      counters.entries = ++s.summary().entries;
      head.resize(backup_by_name::evidence::head_bytes);
      head.resize(image.source->probe(e.offset, std::span{head}.first(static_cast<std::size_t>(std::min<std::uint64_t>(
                                                    head.size(), std::max<std::uint64_t>(e.record_bytes, 64))))));
      found.member(e, head);
    }
    if (!reader.complete()) {
      auto const at = reader.end_offset();
      head.resize(256);
      image.source->seek(at);
      head.resize(image.source->probe(at, head));
      found.stopped(at, head);
    }
    image.source->check_unchanged();
    text_writer out{file.fd()};
    out.write(found.text(SYSB_VERSION, level_, reader.complete()));
    out.flush();
    file.commit();
    s.summary().output_written = true;
    s.say(concat(quoted(out_), ": no name, content, id, host or date is in it; look into it before you send it"));
  }

 private:
  void read_bundle(session& s) const {
    constexpr std::size_t most = 4u << 20;
    auto const source = io::open_file(bundle_, {});
    auto const seen = source->peek(most);
    auto const text = backup_by_name::what_evidence_settles(as_text(seen.first(std::min(seen.size(), most))));
    s.json().object("evidence", [&](json_writer& w) { w.field("text", text); });
    if (!s.json().wanted()) { s.out().write(text); }
  }

  image_arguments image_;
  std::string out_, level_, bundle_;
  bool overwrite_ = false;
};

}  // namespace

command_entry const evidence_entry{
    "evidence", "IMAGE", "what the image shows of undocumented things, without names",
    "Writes a text that can be sent to a public issue: for each kind of record how it is laid out, how many there are, "
    "and a few of them with their lengths. Names become their length and class of characters, owners, inodes and "
    "devices the order in which they were first seen; no content, date, host or user is in it. CONTRIBUTING.md "
    "says what is wanted and why.\n"
    "--read BUNDLE says which open questions such a text settles.",
    [] { return std::unique_ptr<command>{new evidence_command}; }};

}  // namespace sysb::cli
