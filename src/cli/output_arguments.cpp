// SPDX-License-Identifier: Apache-2.0
#include "cli/output_arguments.hpp"

#include <sys/stat.h>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

namespace {

std::vector<std::string> format_words() {
  std::vector<std::string> words;
  for (auto const& k : registry::outputs()) { words.emplace_back(k.id); }
  return words;
}

bool archive_format(std::string_view id) noexcept {
  return id == "pax" || id == "ustar" || id == "gnutar" || id == "newc";
}

}  // namespace

void output_arguments::define_on_loss(option_table& options) {
  options.choice("--on-loss", on_loss_, "WHAT", {"report", "stop"},
                 "when the output cannot hold a property of a member: report it (default), or stop with exit "
                 "code 4");
}

void output_arguments::define_overwrite(option_table& options, std::string text) {
  options.flag("--overwrite", overwrite_, std::move(text));
}

void output_arguments::define_sparse(option_table& options) {
  options.flag("--sparse", sparse_, "leave holes for runs of zeros in the files of a tree");
}

void output_arguments::define(option_table& options) {
  options.text("-o,--output", out_, "OUT",
               "a directory to create (OUT ends in / or --format tree), or an archive by its suffix: .tar .cpio, "
               "each with .gz .xz .zst, or .bff; - is standard output (pax)");
  options.choice("--format", format_, "F", format_words(),
                 "tree pax ustar gnutar newc bff mtree json null; wins over the suffix");
  options.choice("--compress", compress_, "C", {"none", "gzip", "xz", "zstd"},
                 "none gzip xz zstd; wins over the suffix");
  options.number("--level", level_, "N", 0, 22, "compression level");
  define_overwrite(options, "replace an existing OUT");
  define_sparse(options);
  define_on_loss(options);
}

void output_arguments::judge() {
  if (out_.empty()) { usage("no OUT given: -o OUT"); }
  auto const streams = out_ == "-";
  // pax is the default archive: it loses nothing.
  auto const suffix = streams ? output::output_name{.format = "pax"} : output::parse_output_name(out_);
  auto const format = format_.empty() ? suffix.format : format_;
  if (format.empty()) { usage(concat("the suffix of ", quoted(out_), " names no format: use --format")); }
  to_.kind = jobs::find_output(format);
  if (to_.kind == nullptr) { usage(concat("no such format: ", format)); }
  if (streams && to_.tree()) { usage("a tree cannot go to standard output"); }
  if (!to_.tree() && out_.back() == '/') { usage(concat(quoted(out_), " is the name of a directory")); }
  if (!streams) { to_.path = jobs::without_slashes(out_); }
  judge_compression(format, suffix.compress);
  if (sparse_ && !to_.tree()) { usage("--sparse is for trees"); }
}

void output_arguments::judge_compression(std::string_view format, output::compression suffix) {
  to_.compress = archive_format(format) ? suffix : output::compression::none;
  if (!compress_.empty()) {
    to_.compress = output::parse_compression(compress_).value_or(output::compression::none);
    if (!archive_format(format) && to_.compress != output::compression::none) {
      usage(concat("--compress ", compress_, ": the format ", format, " is written uncompressed"));
    }
  }
  if (!level_) { return; }
  switch (to_.compress) {
    case output::compression::none: usage("--level without compression");
    case output::compression::gzip:
    case output::compression::xz:
      if (*level_ > 9) { usage("--level: at most 9 for gzip and xz"); }
      return;
    case output::compression::zstd:
      if (*level_ < 1) { usage("--level: 1 to 22 for zstd"); }
      return;
  }
}

void output_arguments::judge_tree(std::string directory) {
  if (directory.empty()) { usage("no DIR given: -C DIR"); }
  out_ = std::move(directory);
  to_.kind = jobs::find_output("tree");
  if (to_.kind == nullptr) { throw fatal_error{fatal_error::kind::internal, "no tree output"}; }
  to_.path = jobs::without_slashes(out_);
}

jobs::output_request output_arguments::request(int out) const {
  auto r = to_;
  r.stream = out_ == "-" ? out : -1;
  r.overwrite = overwrite_;
  r.sparse = sparse_;
  r.stop_on_loss = on_loss_ == "stop";
  r.level = level_ ? static_cast<int>(*level_) : -1;
  return r;
}

std::string written_text(session const& s, jobs::output_request const& to, jobs::outcome const& done) {
  auto const name = to.to_stream() ? std::string{"standard output"} : quoted(to.path);
  struct stat st {};
  auto const file = !to.to_stream() && ::stat(to.path.c_str(), &st) == 0 && S_ISREG(st.st_mode);
  // What a stream or a tree takes nobody has counted: the content in it has a size.
  auto const size =
      file ? human_size(static_cast<std::uint64_t>(st.st_size)) : concat(human_size(done.members.bytes), " of content");
  return concat(name, ": ", size, " in ", duration_text(s.seconds()));
}

void say_copied(session& s, jobs::output_request const& to, jobs::outcome const& done) {
  if (!done.committed) { return; }
  s.say(concat(written_text(s, to, done), "; ", counted(done.members.kept, "member", "members"),
               done.members.refused == 0 ? "" : concat(", ", done.members.refused, " refused")));
}

}  // namespace sysb::cli
