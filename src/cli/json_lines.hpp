// SPDX-License-Identifier: Apache-2.0
// The machine-readable stream: one JSON object a line, each with schema and type. Nothing
// is written where nobody asked for it, so that commands need not ask.
#pragma once
#include <mutex>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "cli/streams.hpp"

namespace sysb::cli {

class json_lines {
 public:
  // fd -1: nobody asked.
  explicit json_lines(int fd) noexcept : writer_{fd} {}
  [[nodiscard]] bool wanted() const noexcept { return writer_.fd() >= 0; }
  [[nodiscard]] int fd() const noexcept { return writer_.fd(); }

  // `fill` gets a json_writer inside the object. Safe from any thread.
  template <typename Fill>
  void object(std::string_view type, Fill const& fill) {
    if (!wanted()) { return; }
    std::lock_guard const hold{guard_};
    line_.clear();
    json_writer w{line_};
    w.begin_object().field("schema", 1).field("type", type);
    fill(w);
    w.end_object();
    line_.push_back('\n');
    writer_.write(line_);
  }
  void flush() {
    if (!wanted()) { return; }
    std::lock_guard const hold{guard_};
    writer_.flush();
  }

 private:
  text_writer writer_;
  std::string line_;
  std::mutex guard_;
};

}  // namespace sysb::cli
