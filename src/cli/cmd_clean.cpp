// SPDX-License-Identifier: Apache-2.0
// `sysb clean DIR`: removes what killed runs left beside their outputs.
#include <memory>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "output/leftovers.hpp"

namespace sysb::cli {

namespace {

class clean_command final : public command {
 public:
  void define(option_table& options) override {
    options.positionals(words_);
    options.flag("--dry-run", dry_run_, "only list what would be removed");
  }
  void judge() override {
    if (words_.size() != 1) {
      throw fatal_error{fatal_error::kind::usage, words_.empty() ? std::string{"no DIR given"}
                                                                 : concat("unexpected argument ", quoted(words_[1]))};
    }
  }
  [[nodiscard]] std::string subject() const override { return words_.empty() ? std::string{} : words_.front(); }
  void run(session& s) override {
    std::uint64_t removed = 0, bytes = 0;
    for (auto const& what : output::find_leftovers(words_.front())) {
      auto const gone = !what.in_use && (dry_run_ || output::remove_leftover(what));
      if (gone) {
        ++removed;
        bytes += what.bytes;
      }
      s.json().object("leftover", [&](json_writer& w) {
        w.name_field("path", what.path).field("alive", !gone).field("removed", gone && !dry_run_);
      });
      if (!s.json().wanted()) { s.out().write(concat(printable(what.path), gone ? "" : "  in use, left alone", '\n')); }
    }
    s.summary().entries = removed;
    s.summary().bytes = bytes;
    s.say(concat(removed, removed == 1 ? " leftover " : " leftovers ", dry_run_ ? "would be removed" : "removed", ", ",
                 human_size(bytes)));
  }

 private:
  std::vector<std::string> words_;
  bool dry_run_ = false;
};

}  // namespace

command_entry const clean_entry{
    "clean", "DIR", "remove what killed runs left in a folder of outputs",
    "Every ending but SIGKILL and a loss of power leaves nothing. What a killed run left carries a name of ours "
    "(.sysb-NUMBER.part, .tree) and no lock of a living process: that is removed, and nothing else.",
    [] { return std::unique_ptr<command>{new clean_command}; }};

}  // namespace sysb::cli
