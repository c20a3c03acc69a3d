// SPDX-License-Identifier: Apache-2.0
// The plain content of one member, read whole because a rule needs it.
#include <algorithm>
#include <span>
#include <vector>

#include "base/text.hpp"
#include "wpar/survey_parts.hpp"

namespace sysb::wpar {

member_content read_member(image_reader& reader, entry const& e, std::uint64_t limit) {
  member_content out;
  auto const give_up = [&](read_state s, std::string why, bool damaged) {
    out.bytes.clear();
    out.state = s;
    out.why = std::move(why);
    out.damaged = damaged;
    return std::move(out);
  };
  if (e.size == 0) {
    reader.skip();
    return out;
  }
  if (e.size > limit || e.stored > limit) {
    reader.skip();
    return give_up(read_state::too_large, concat(e.size, " bytes, the limit is ", limit), false);
  }
  if (e.content != content_state::here) {
    reader.skip();
    auto const linked = e.content == content_state::elsewhere;
    return give_up(read_state::undecodable,
                   linked ? "its content stands under another name" : "its content was not found", !linked);
  }
  auto const take = [&](std::span<std::byte const> piece) {
    out.bytes.insert(out.bytes.end(), piece.begin(), piece.end());
  };
  out.bytes.reserve(static_cast<std::size_t>(e.size));
  if (!e.packed) {
    for (auto piece = reader.read_stored(); !piece.empty(); piece = reader.read_stored()) {
      take(piece.first(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), e.size - out.bytes.size()))));
    }
    if (out.bytes.size() == e.size) { return out; }
    auto const found = std::uint64_t{out.bytes.size()};
    return give_up(read_state::undecodable, concat("expected ", e.size, " bytes, found ", found), true);
  }
  auto const decoder = reader.make_decoder();
  decoder->reset(e.stored, e.size);
  std::vector<std::byte> room(static_cast<std::size_t>(std::min<std::uint64_t>(e.size, 64u << 10)));
  switch (unpack(
      *decoder, [&] { return reader.read_stored(); }, room, take)) {
    case content_end::failed: return give_up(read_state::undecodable, decoder->error_text(), true);
    case content_end::cut: return give_up(read_state::undecodable, "packed content is cut", true);
    case content_end::proven: break;
  }
  if (out.bytes.size() == e.size) { return out; }
  return give_up(read_state::undecodable, "packed content ends early", true);
}

}  // namespace sysb::wpar
