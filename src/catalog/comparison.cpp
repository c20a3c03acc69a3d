// SPDX-License-Identifier: Apache-2.0
#include "catalog/comparison.hpp"

#include <utility>

#include "base/text.hpp"
#include "catalog/diagnostics.hpp"

namespace sysb::index {

void index_comparison::report(diag_code const& code, entry const& e, std::string detail) {
  findings_.report({.code = &code, .offset = e.offset, .path = e.path, .detail = std::move(detail), .level = {}});
}

bool index_comparison::advance() {
  if (pending_) { return true; }
  try {
    while (!ended_ && index_.next(kept_, facts_)) {
      if (facts_.facts.digest) { return pending_ = true; }
    }
  } catch (unusable const& e) {
    findings_.report({.code = &damaged_index, .offset = {}, .path = {}, .detail = e.what(), .level = severity::error});
  }
  ended_ = true;
  return false;
}

void index_comparison::member(entry const& e, digest128 const& content) {
  while (advance() && kept_.offset < e.offset) {
    report(not_in_image, kept_, {});
    pending_ = false;
  }
  if (!pending_ || kept_.offset != e.offset || kept_.path != e.path) {
    report(not_in_index, e, {});
    return;
  }
  pending_ = false;
  ++compared_;
  if (*facts_.facts.digest == content) { return; }
  report(content_differs, e, concat("the index has ", to_text(*facts_.facts.digest), ", read was ", to_text(content)));
}

void index_comparison::finish() {
  while (advance()) {
    report(not_in_image, kept_, {});
    pending_ = false;
  }
}

}  // namespace sysb::index
