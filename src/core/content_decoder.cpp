// SPDX-License-Identifier: Apache-2.0
#include "core/content_decoder.hpp"

namespace sysb {

content_end unpack(content_decoder& decoder, piece_source const& next, std::span<std::byte> room,
                   piece_target const& emit) {
  using status = content_decoder::status;
  auto left = room;
  auto const deliver = [&] {
    emit(room.first(room.size() - left.size()));
    left = room;
  };
  auto in = next();
  for (;;) {
    auto now = decoder.decode(in, left);
    bool cut = false;
    if (now == status::need_input) {
      in = next();
      if (!in.empty()) { continue; }
      // Nothing more is stored: the decoder says what is missing, once.
      now = decoder.decode(in, left);
      cut = now != status::failed;
    }
    deliver();
    if (cut) { return content_end::cut; }
    if (now == status::done) { return content_end::proven; }
    if (now == status::failed) { return content_end::failed; }
  }
}

}  // namespace sysb
