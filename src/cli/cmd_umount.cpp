// SPDX-License-Identifier: Apache-2.0
// `sysb umount DIR`: the end of a mount, and of the process that serves it.
#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/session.hpp"
#include "core/fatal_error.hpp"
#include "mount/unmount.hpp"

namespace sysb::cli {

namespace {

class umount_command final : public command {
 public:
  void define(option_table& options) override {
    options.positionals(words_);
    options.flag("--lazy", lazy_, "take DIR away now, though somebody uses it, and do not wait");
  }
  void judge() override {
    auto const usage = [](std::string text) { return fatal_error{fatal_error::kind::usage, std::move(text)}; };
    if (words_.empty() || words_.front().empty()) { throw usage("no DIR given"); }
    if (words_.size() > 1) { throw usage(concat("unexpected argument ", quoted(words_[1]))); }
  }
  [[nodiscard]] std::string subject() const override { return words_.empty() ? std::string{} : words_.front(); }
  void run(session& s) override { mount::unmount(words_.front(), lazy_, s.counters()); }

 private:
  std::vector<std::string> words_;
  bool lazy_ = false;
};

}  // namespace

command_entry const umount_entry{
    "umount", "DIR", "the end of a mount",
    "Unmounts DIR, which must be a mount of `sysb mount`, and returns when the process that served it has ended. While "
    "somebody uses it that fails (exit code 1), but for --lazy. A mount whose process was killed is cleaned up, too.",
    [] { return std::unique_ptr<command>{new umount_command}; }};

}  // namespace sysb::cli
