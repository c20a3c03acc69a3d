// SPDX-License-Identifier: Apache-2.0
// What a tree has to say, gathered from several threads and told in image order.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"

namespace sysb::output {

// One cause that may meet every member: counted, told once.
class tally {
 public:
  void add(entry const& e);
  void report(diag_code const& code, diagnostic_sink& d) const;
  void stop(diag_code const& code) const;  // throws fatal_error{loss} when anything was counted

 private:
  [[nodiscard]] std::string count_text() const;
  std::mutex mutex_;
  std::uint64_t count_ = 0;
  std::uint64_t record_ = 0;
  std::string first_;
};

// Findings of workers wait here, because only the thread that drives the reader may report.
// The first `most` in image order are kept, of the others the number: memory stays bounded.
class late_findings {
 public:
  void add(entry const& e, diagnostic d);
  void report(diagnostic_sink& d);

 private:
  static constexpr std::size_t most = 4096;
  std::mutex mutex_;
  std::map<std::pair<std::uint64_t, std::string>, diagnostic> kept_;
  std::map<std::string_view, std::pair<diag_code const*, std::uint64_t>> more_;
};

}  // namespace sysb::output
