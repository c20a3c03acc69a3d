// SPDX-License-Identifier: Apache-2.0
// What a command is to the program: its options, its judgement of them, its work. One file
// a command; the table of all of them is in app.cpp.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_table.hpp"
#include "core/diagnostic.hpp"
#include "wpar/systems.hpp"

namespace sysb::cli {

class session;

// Every command has these.
struct common_options {
  bool json = false;
  std::optional<std::uint64_t> json_fd;
  std::string progress;  // "", "plain", "json"
  bool quiet = false;
  std::string command_line;  // as it was typed, words quoted where they need it
};

class command {
 public:
  virtual ~command() = default;
  command() = default;
  command(command const&) = delete;
  command& operator=(command const&) = delete;

  virtual void define(option_table& options) = 0;
  // After parsing, before anything is opened. Throws fatal_error{usage}.
  virtual void judge() {}
  // True when content goes to standard output, so that --json needs --json-fd.
  [[nodiscard]] virtual bool content_to_stdout() const { return false; }
  // The image, as messages name it; empty where there is none.
  [[nodiscard]] virtual std::string subject() const { return {}; }
  virtual void run(session& s) = 0;

  // Where the command takes several images, each gets a run of its own: see many_images.hpp.
  [[nodiscard]] virtual std::size_t images() const { return 1; }
  [[nodiscard]] virtual std::string image_name(std::size_t) const { return {}; }
  virtual void choose(std::size_t) {}   // for the next run()
  virtual void finish_all(session&) {}  // after the last, in the session of all of them
  [[nodiscard]] virtual bool counts_filesets() const { return false; }
  // The systems that were met on the way; null: the command tells none apart.
  [[nodiscard]] virtual std::vector<wpar::known_system> const* systems() const { return nullptr; }
};

struct command_entry {
  std::string_view name;       // one word, or two: "batch plan"
  std::string_view arguments;  // "IMAGE [PATTERN...]"
  std::string_view summary;    // one line
  std::string_view details;    // paragraphs for the command's own --help, separated by \n
  std::unique_ptr<command> (*make)();
};

// In the order --help lists them.
extern command_entry const info_entry, ls_entry, cat_entry, filesets_entry, check_entry, extract_entry, convert_entry,
    wpar_entry, index_entry, mount_entry, umount_entry, diff_entry, evidence_entry, batch_plan_entry, batch_run_entry,
    batch_run_one_entry, batch_status_entry, batch_retry_entry, batch_clean_entry, batch_report_entry,
    batch_script_entry, formats_entry, explain_entry, clean_entry;

// Findings that the command line itself reports, for `sysb explain`.
[[nodiscard]] std::vector<diag_code const*> known_codes();

}  // namespace sysb::cli
