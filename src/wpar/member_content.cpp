// SPDX-License-Identifier: Apache-2.0
// The plain content of one member, read whole because a rule needs it.
#include <span>

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
  if (!e.packed) {
    out.bytes.reserve(static_cast<std::size_t>(e.size));
    for (auto piece = reader.read_stored(); !piece.empty(); piece = reader.read_stored()) {
      if (piece.size() > e.size - out.bytes.size()) { piece = piece.first(e.size - out.bytes.size()); }
      out.bytes.insert(out.bytes.end(), piece.begin(), piece.end());
    }
    if (out.bytes.size() == e.size) { return out; }
    auto const found = std::uint64_t{out.bytes.size()};
    return give_up(read_state::undecodable, concat("expected ", e.size, " bytes, found ", found), true);
  }
  auto const decoder = reader.make_decoder();
  decoder->reset(e.stored, e.size);
  out.bytes.resize(static_cast<std::size_t>(e.size));
  std::span<std::byte> room{out.bytes};
  std::span<std::byte const> in = reader.read_stored();
  while (true) {
    auto const before_in = in.size();
    auto const before_out = room.size();
    switch (decoder->decode(in, room)) {
      case content_decoder::status::done:
        if (room.empty()) { return out; }
        return give_up(read_state::undecodable, "packed content ends early", true);
      case content_decoder::status::failed: return give_up(read_state::undecodable, decoder->error_text(), true);
      case content_decoder::status::need_input:
        if (!in.empty()) { break; }
        in = reader.read_stored();
        if (in.empty()) { return give_up(read_state::undecodable, "packed content is cut", true); }
        continue;
      case content_decoder::status::need_output: break;
    }
    // A decoder that takes nothing and gives nothing will not get further.
    if (in.size() == before_in && room.size() == before_out) {
      return give_up(read_state::undecodable, "packed content does not end where it should", true);
    }
  }
}

}  // namespace sysb::wpar
