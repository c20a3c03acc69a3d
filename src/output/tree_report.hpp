// SPDX-License-Identifier: Apache-2.0
// What a tree has to say, gathered from several threads and told in image order.
#pragma once
#include <cstdint>
#include <mutex>
#include <string>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"

namespace sysb::output {

// One cause that may meet every member: counted, told once.
class cause_tally {
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

// What a tree may lack, by cause.
struct tree_losses {
  cause_tally owners, devices, attributes, metadata;
  void stop() const;  // for directories, which come at the end
  void report(diagnostic_sink& d) const;
};

}  // namespace sysb::output
