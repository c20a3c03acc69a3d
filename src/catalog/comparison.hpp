// SPDX-License-Identifier: Apache-2.0
// An image against its index, member by member: what rotted or changed since the index was made.
#pragma once
#include <cstdint>

#include "base/digest.hpp"
#include "catalog/index_file.hpp"
#include "core/diagnostic.hpp"
#include "core/entry.hpp"

namespace sysb::index {

class index_comparison {
 public:
  // An index that turns out to be damaged is an error here: it was to be compared with.
  index_comparison(index_file& index, diagnostic_sink& findings) : index_{index}, findings_{findings} {
    index_.rewind();
  }
  // For every member whose content was read, in image order.
  void member(entry const& e, digest128 const& content);
  // After the last one.
  void finish();
  [[nodiscard]] std::uint64_t compared() const noexcept { return compared_; }

 private:
  // The next member of the index that has a digest; false after the last.
  [[nodiscard]] bool advance();
  void report(diag_code const& code, entry const& e, std::string detail);

  index_file& index_;
  diagnostic_sink& findings_;
  entry kept_;
  index_file::member facts_;
  bool pending_ = false;  // kept_ is not judged yet
  bool ended_ = false;
  std::uint64_t compared_ = 0;
};

}  // namespace sysb::index
