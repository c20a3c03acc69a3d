// SPDX-License-Identifier: Apache-2.0
// Where members go that are only looked at, or that nobody will see any more.
#pragma once
#include "core/entry_sink.hpp"

namespace sysb::pipeline {

struct no_sink final : entry_sink {
  void begin_entry(entry const&) override {}
  void write_data(std::span<std::byte const>) override {}
  void end_entry(content_result const&) override {}
  void finish() override {}
  [[nodiscard]] bool wants_data() const noexcept override { return false; }
};

}  // namespace sysb::pipeline
