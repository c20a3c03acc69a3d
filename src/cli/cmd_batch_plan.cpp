// SPDX-License-Identifier: Apache-2.0
// `sysb batch plan MANIFEST|DIR... -d BATCH`: looks at the headers of every image and writes the plan.
#include <array>
#include <utility>

#include "base/text.hpp"
#include "cli/batch_arguments.hpp"
#include "cli/command.hpp"
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"

namespace sysb::cli {

namespace {

std::string last_of(batch::option_values const& options, char const* name) {
  auto const found = options.find(name);
  return found == options.end() || found->second.empty() ? std::string{} : found->second.back();
}

// What an output in "DIR/" is called after the key.
std::string suffix_of(batch::option_values const& options) {
  auto const format = last_of(options, "format"), compress = last_of(options, "compress");
  std::string out = ".tar";
  if (format == "tree") { return "/"; }
  if (format == "newc") { out = ".cpio"; }
  if (format == "bff" || format == "mtree" || format == "json") { out = concat('.', format); }
  if (compress == "gzip") { out += ".gz"; }
  if (compress == "xz") { out += ".xz"; }
  if (compress == "zstd") { out += ".zst"; }
  return out;
}

std::string plural(std::uint64_t n, std::string_view one, std::string_view many) {
  return concat(n, ' ', n == 1 ? one : many);
}

class batch_plan_command final : public command {
 public:
  void define(option_table& options) override {
    options.positionals(sources_);
    batch_.define(options);
    options.text("-o,--output", out_, "OUT",
                 "where the outputs go: a folder (\"DIR/\") or a pattern with {key}; without it, and without a column "
                 "\"out\", rows are checks");
    common_.define(options);
    threads_.define(options);
  }
  void judge() override {
    batch_.judge();
    if (sources_.empty()) { usage("no MANIFEST or DIR given"); }
    if (!out_.empty() && out_.back() != '/' && out_.find("{key}") == std::string::npos) {
      usage("-o of a batch is a folder (\"DIR/\") or a pattern with {key}");
    }
  }
  [[nodiscard]] std::string subject() const override { return batch_.given(); }

  void run(session& s) override {
    batch::plan_request r;
    r.sources = sources_;
    r.common = common_.values();
    r.out = out_;
    r.suffix = suffix_of(r.common);
    r.known = row_options();
    r.threads = threads_.value();
    r.counters = &s.counters();
    r.judge = judge_row;
    r.content_of = file_content_of;
    r.look = [&](batch::plan_row const& row) { return look_at_row(row, s.counters()); };
    r.index_time = index_time_of;
    auto const batch = batch_.folder();
    auto const totals = batch::plan_batch(batch, r, s.findings(), [&](batch::plan_row const& row) { print(s, row); });
    s.summary().entries = totals.rows;
    s.summary().output_written = true;
    s.json().object("plan", [&](json_writer& w) {
      w.name_field("batch", batch.path()).field("rows", totals.rows).field("looked_at", totals.looked_at);
      w.field("unchanged", totals.kept).field("fit", totals.fit).field("decide", totals.decide);
      w.field("unfit", totals.unfit).field("undecided", totals.undecided).field("damaged", totals.damaged);
      w.field("unknown", totals.unknown);
    });
    if (!s.json().wanted()) {
      s.out().write(concat("\n", plural(totals.rows, "image", "images"), ": ", totals.fit, " fit, ", totals.decide,
                           " fit with decisions, ", totals.unfit, " unfit, ", totals.undecided, " undecided, ",
                           totals.damaged, " damaged, ", totals.unknown, " not readable; ", totals.kept,
                           " unchanged since the last plan\n"));
    }
    s.say(concat("next: sysb batch run -d ", printable(batch_.given())));
  }

 private:
  static void print(session& s, batch::plan_row const& row) {
    auto const& seen = row.seen;
    s.json().object("row", [&](json_writer& w) {
      w.name_field("key", row.key).name_field("image", row.image_path());
      if (!row.out.empty()) { w.name_field("out", row.out); }
      w.field("size", row.image.size).field("verdict", std::string_view{seen.verdict});
      w.field("level", std::string_view{seen.level}).field("wpar", std::string_view{seen.kind});
      w.name_field("hostname", seen.hostname).field("entries", seen.members).field("bytes", seen.bytes);
      auto const& why = seen.blocks.empty() ? seen.decide : seen.blocks;
      w.field("reason_id", std::string_view{why.empty() ? std::string{} : why.front().id});
      w.field("reason", std::string_view{why.empty() ? std::string{} : why.front().text});
      w.field("seconds_estimated", static_cast<std::uint64_t>(row.seconds + 0.5));
    });
    if (s.json().wanted()) { return; }
    auto const& why = seen.blocks.empty() ? seen.decide : seen.blocks;
    auto const verdict = seen.verdict == "fit" && !seen.decide.empty() ? std::string{"fit, decide"} : seen.verdict;
    auto const pad = [](std::string text, std::size_t width) {
      if (text.size() < width) { text.append(width - text.size(), ' '); }
      return text;
    };
    s.out().write(concat(
        pad(printable(row.key), 32), "  ", pad(verdict, 11), "  ", pad(printable(seen.level), 10), "  ",
        pad(human_size(row.image.size), 10), "  ",
        why.empty() ? std::string{}
                    : concat(why.front().id, why.front().id.empty() ? "" : " ", printable_text(why.front().text)),
        '\n'));
  }

  batch_argument batch_;
  std::vector<std::string> sources_;
  std::string out_;
  common_row_options common_;
  thread_argument threads_;
};

}  // namespace

command_entry const batch_plan_entry{"batch plan", "MANIFEST|DIR... -d BATCH",
                                     "looks at many images and plans a job for each",
                                     "Reads the headers of every image that the manifests and folders name, holds the "
                                     "rules of `sysb wpar` against them, and "
                                     "writes BATCH/plan.jsonl, a row an image. Nothing is converted yet. Repeat it on "
                                     "a growing folder: images that did not "
                                     "change are not looked at again.\n"
                                     "A manifest is JSON Lines, or CSV or TSV with a header. Columns: image (or "
                                     "volumes, with semicolons between them), key, "
                                     "out, wave, owner, and any option of `sysb wpar` by its long name. Relative names "
                                     "count from the working directory. An "
                                     "unknown column, a key or an output that comes twice, and an output inside "
                                     "another are exit code 2, before any work.",
                                     [] { return std::unique_ptr<command>{new batch_plan_command}; }};

}  // namespace sysb::cli
