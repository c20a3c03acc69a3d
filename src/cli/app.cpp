// SPDX-License-Identifier: Apache-2.0
// From arguments to a command, and from whatever ends it to an exit code.
#include "cli/app.hpp"

#include <fcntl.h>
#include <algorithm>
#include <array>
#include <cerrno>

#include "base/text.hpp"
#include "cli/many_images.hpp"
#include "cli/session.hpp"
#include "cli/version.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"

#ifndef SYSB_VERSION
#error "the build gives the version"
#endif

namespace sysb::cli {

namespace {

constexpr std::array<command_entry const*, 24> own_commands{
    &info_entry,          &ls_entry,           &cat_entry,         &filesets_entry,    &check_entry,
    &extract_entry,       &convert_entry,      &wpar_entry,        &index_entry,       &mount_entry,
    &umount_entry,        &diff_entry,         &evidence_entry,    &batch_plan_entry,  &batch_run_entry,
    &batch_run_one_entry, &batch_status_entry, &batch_retry_entry, &batch_clean_entry, &batch_report_entry,
    &batch_script_entry,  &formats_entry,      &explain_entry,     &clean_entry};

std::string command_line(std::string_view name, std::string_view summary) {
  auto const head = concat("  ", name, std::string(name.size() < 15 ? 15 - name.size() : 1, ' '));
  return concat(head, wrapped(summary, head.size()), '\n');
}

std::string list_of(command_table table, bool (*wanted)(command_entry const&)) {
  std::string out;
  for (auto const* c : table) {
    if (wanted(*c)) { out += command_line(c->name, c->summary); }
  }
  return out;
}

std::string general_help(command_table table) {
  std::string out =
      "usage: sysb COMMAND [OPTION...] ARGUMENT...\n"
      "\n"
      "Reads AIX system backup images (mksysb and relatives) on Linux, checks them, and\n"
      "makes a system copy WPAR or an archive of them.\n"
      "\n"
      "Commands:\n";
  out += list_of(table, [](command_entry const& c) { return c.name.find(' ') == std::string_view::npos; });
  out += command_line("batch", "many images: plan, work, resume, engines, report; sysb batch --help");
  out +=
      "\n"
      "Options:\n"
      "  -h, --help               this text; sysb help COMMAND, or sysb COMMAND --help,\n"
      "                           for the options of a command\n"
      "  -V, --version [--json]   the version; with --json how it was built\n"
      "\n"
      "IMAGE is a file, or - for standard input; --volumes names several volumes of\n"
      "one set in order. Compressed and carried images are told by their content.\n"
      "PATTERN is a shell glob in which * also matches a slash; a directory selects\n"
      "all below it.\n"
      "\n"
      "Exit codes: 0 done, 1 could not finish, 2 wrong command line, 3 image damaged,\n"
      "4 output cannot hold something (--on-loss stop), 5 not an image of a known\n"
      "format, 6 image not fit for the purpose, 130 interrupted.\n";
  return out;
}

std::string batch_help(command_table table) {
  return concat(
      "usage: sysb batch COMMAND [OPTION...]\n\nMany images: plan, work, resume, engines, the estate's "
      "report.\n\nCommands:\n",
      list_of(table, [](command_entry const& c) { return c.name.substr(0, 6) == "batch "; }));
}

std::string help_of(command_entry const& c, option_table const& options) {
  auto out = concat("usage: sysb ", c.name, " [OPTION...]", c.arguments.empty() ? "" : " ", c.arguments, "\n\n",
                    wrapped(c.summary, 0), "\n");
  auto rest = c.details;
  while (!rest.empty()) {
    auto const end = rest.find('\n');
    out += concat('\n', wrapped(rest.substr(0, end), 0), '\n');
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return concat(out, "\nOptions:\n", options.help());
}

// Help and version are content: a full disk is an error, a closed pipe is quiet.
int print(streams const& s, std::string_view text) {
  if (write_all(s.out, text)) { return 0; }
  if (errno == EPIPE) { return static_cast<int>(exit_code::closed_pipe); }
  write_all(s.err, concat("sysb: cannot write to standard output: ", os_text(errno), "\n"));
  return static_cast<int>(exit_code::failed);
}

// Every first word of a command, and what else may stand there.
std::vector<std::string_view> first_words(command_table table) {
  std::vector<std::string_view> out{"help", "batch", "--help", "--version"};
  for (auto const* c : table) {
    if (c->name.find(' ') == std::string_view::npos) { out.push_back(c->name); }
  }
  return out;
}

std::string meant(std::string_view word, command_table table) {
  auto const near = nearest(word, first_words(table));
  return near.empty() ? std::string{} : concat("; did you mean ", near, '?');
}

int usage_error(streams const& s, std::string_view command, std::string_view text) {
  write_all(s.err, concat("sysb: ", text, "\nsee: sysb", command.empty() ? "" : " ", command, " --help\n"));
  return static_cast<int>(exit_code::usage);
}

void judge_common(common_options const& o, command const& c, streams const& s) {
  auto const usage = [](std::string text) -> void { throw fatal_error{fatal_error::kind::usage, std::move(text)}; };
  if (o.json_fd) {
    auto const fd = static_cast<int>(*o.json_fd);
    auto const mode = ::fcntl(fd, F_GETFL);
    if (mode == -1) { usage(concat("--json-fd ", fd, ": no such open descriptor")); }
    if ((mode & O_ACCMODE) == O_RDONLY) { usage(concat("--json-fd ", fd, ": cannot be written to")); }
    if (fd == s.out && c.content_to_stdout()) {
      usage(concat("--json-fd ", fd, ": content goes there; name another descriptor"));
    }
  } else if (o.json && c.content_to_stdout()) {
    usage("content goes to standard output: --json needs --json-fd N");
  }
  if (o.quiet && !o.progress.empty()) { usage("--quiet and --progress exclude each other"); }
}

// For a report: what to type to get the same again.
std::string typed(std::string_view command, std::vector<std::string> const& args) {
  constexpr std::string_view plain{"/._-+@%,:="};
  auto out = concat("sysb ", command);
  for (auto const& a : args) {
    auto const simple = !a.empty() && std::all_of(a.begin(), a.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             plain.find(c) != std::string_view::npos;
    });
    out += concat(' ', simple ? a : shell_word(a));
  }
  return out;
}

void define_common(option_table& options, common_options& common) {
  options.flag("--json", common.json, "JSON objects on standard output, one a line");
  options.number("--json-fd", common.json_fd, "N", 0, 1u << 20, "JSON objects to descriptor N");
  options.choice("--progress", common.progress, "HOW", {"plain", "json"}, "plain: a line now and then; json: objects");
  options.flag("--quiet", common.quiet, "no progress and no remarks");
}

int run_command(command_entry const& entry, std::vector<std::string> const& args, streams const& s,
                run_control& control) {
  auto const c = entry.make();
  common_options common;
  option_table options;
  c->define(options);
  define_common(options, common);
  try {
    if (options.parse(args)) { return print(s, help_of(entry, options)); }
    c->judge();
    judge_common(common, *c, s);
  } catch (fatal_error const& e) { return usage_error(s, entry.name, e.what()); }
  common.command_line = typed(entry.name, args);
  if (c->images() > 1) { return run_many(*c, s, control, common); }
  session run{s, control, common, printable(c->subject())};
  run_guarded(*c, run);
  return run.close();
}

std::string help_of(command_entry const& entry) {
  auto const c = entry.make();
  common_options common;
  option_table options;
  c->define(options);
  define_common(options, common);
  return help_of(entry, options);
}

// `sysb help`, `sysb help check`, `sysb help batch plan`.
int help(std::vector<std::string> const& words, streams const& s, command_table table) {
  if (words.empty() || words.front() == "--help" || words.front() == "-h") { return print(s, general_help(table)); }
  std::string name = words.front();
  if (words.size() > 1) { name += concat(' ', words[1]); }
  for (auto const* c : table) {
    if (c->name == name && words.size() <= 2) { return print(s, help_of(*c)); }
  }
  if (name == "batch") { return print(s, batch_help(table)); }
  if (name == "help") { return print(s, general_help(table)); }
  std::vector<std::string_view> names;
  for (auto const* c : table) { names.push_back(c->name); }
  auto const near = nearest(name, names);
  return usage_error(
      s, "",
      concat("no such command: ", quoted(name), near.empty() ? std::string{} : concat("; did you mean ", near, '?')));
}

}  // namespace

command_table commands() noexcept { return own_commands; }

int run(std::vector<std::string> const& args, streams const& s, run_control& control, command_table table) noexcept {
  try {
    if (args.empty()) {
      write_all(s.err, general_help(table));
      return static_cast<int>(exit_code::usage);
    }
    auto const& word = args.front();
    if (word == "--help" || word == "-h") { return print(s, general_help(table)); }
    if (word == "help") { return help({args.begin() + 1, args.end()}, s, table); }
    if (word == "--version" || word == "-V") {
      auto const json = args.size() == 2 && args[1] == "--json";
      if (args.size() > 1 && !json) {
        return usage_error(s, "", concat("--version takes --json and nothing else: ", quoted(args[1])));
      }
      return print(s, json ? version_json(SYSB_VERSION) : version_text(SYSB_VERSION));
    }
    for (auto const* c : table) {
      if (c->name == word && word.find(' ') == std::string::npos) {
        return run_command(*c, {args.begin() + 1, args.end()}, s, control);
      }
      auto const two_words = args.size() > 1 && c->name == concat(word, ' ', args[1]);
      if (two_words) { return run_command(*c, {args.begin() + 2, args.end()}, s, control); }
    }
    if (word == "batch") {
      auto const text = batch_help(table);
      if (args.size() > 1 && (args[1] == "--help" || args[1] == "-h")) { return print(s, text); }
      if (args.size() == 1) { return usage_error(s, "batch", "no command given after batch"); }
      std::vector<std::string_view> below;
      for (auto const* c : table) {
        if (c->name.substr(0, 6) == "batch ") { below.push_back(c->name.substr(6)); }
      }
      auto const near = nearest(args[1], below);
      return usage_error(s, "batch",
                         concat("no such command: batch ", quoted(args[1]),
                                near.empty() ? std::string{} : concat("; did you mean batch ", near, '?')));
    }
    auto const what = !word.empty() && word.front() == '-' ? "no such option: " : "no such command: ";
    return usage_error(s, "", concat(what, quoted(word), meant(word, table)));
  } catch (std::bad_alloc const&) { write_all(s.err, "sysb: out of memory\n"); } catch (std::exception const& e) {
    // Told in pieces: there may be no memory for a sentence.
    write_all(s.err, "sysb: ");
    write_all(s.err, e.what());
    write_all(s.err, "\n");
  }
  return static_cast<int>(exit_code::failed);
}

}  // namespace sysb::cli
