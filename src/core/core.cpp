// SPDX-License-Identifier: Apache-2.0
// The few words that the vocabulary needs in text.
#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/fatal_error.hpp"
#include "core/member_plan.hpp"

namespace sysb {

std::string_view to_text(severity s) noexcept {
  switch (s) {
    case severity::note: return "note";
    case severity::warning: return "warning";
    case severity::error: return "error";
  }
  return "error";
}

std::string diagnostic::text() const {
  if (code->requirement && !detail.empty()) { return detail; }
  std::string out{code->title};
  if (!detail.empty()) { out += concat(" (", detail, ')'); }
  return out;
}

std::string_view to_text(fatal_error::kind k) noexcept {
  switch (k) {
    case fatal_error::kind::io: return "io";
    case fatal_error::kind::internal: return "internal";
    case fatal_error::kind::usage: return "usage";
    case fatal_error::kind::damaged: return "damaged";
    case fatal_error::kind::loss: return "loss";
    case fatal_error::kind::unsupported: return "unsupported";
    case fatal_error::kind::unfit: return "unfit";
    case fatal_error::kind::interrupted: return "interrupted";
    case fatal_error::kind::closed_pipe: return "closed_pipe";
  }
  return "internal";
}

char const* to_text(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return "file";
    case entry_kind::directory: return "directory";
    case entry_kind::symlink: return "symlink";
    case entry_kind::char_device: return "char_device";
    case entry_kind::block_device: return "block_device";
    case entry_kind::fifo: return "fifo";
    case entry_kind::socket: return "socket";
  }
  return "file";
}

void entry::clear() {
  static entry const blank;
  *this = blank;  // a copy of nothing into a string or vector leaves it its buffer
}

std::string_view to_text(plan_action a) noexcept {
  switch (a) {
    case plan_action::keep: return "keep";
    case plan_action::drop: return "drop";
    case plan_action::replace: return "replace";
    case plan_action::add: return "add";
  }
  return "keep";
}

}  // namespace sysb
