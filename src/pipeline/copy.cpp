// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "pipeline/copier.hpp"

namespace sysb::pipeline {

copy_summary copy_members(image_reader& reader, member_plan& plan, entry_sink& sink, copy_options const& o, ledger& d) {
  return copier{reader, plan, sink, o, d}.run();
}

std::vector<std::byte> read_content(image_reader& reader, entry const& e, std::uint64_t limit, diagnostic_sink& d) {
  if (e.size > limit) {
    throw fatal_error{fatal_error::kind::damaged,
                      concat("member is larger than expected (", e.size, " bytes, at most ", limit, ')'), e.offset,
                      e.path};
  }
  std::vector<std::byte> out;
  if (e.content != content_state::here) {
    reader.skip();
    return out;
  }
  content_tools tools;
  tools.decoder = reader.make_decoder();
  auto const outcome = run_content(
      {e.stored, e.size, e.packed, false}, tools, [&] { return reader.read_stored(); },
      [&](std::span<std::byte const> p) { out.insert(out.end(), p.begin(), p.end()); });
  if (outcome.fault != nullptr) {
    d.report({.code = outcome.fault, .offset = e.offset, .path = e.path, .detail = outcome.fault_text, .level = {}});
  }
  return out;
}

}  // namespace sysb::pipeline
