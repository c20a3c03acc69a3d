// SPDX-License-Identifier: Apache-2.0
#include "catalog/identity.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sysb::index {

namespace {
// The first has the volume header with the date of the backup. Few, because each may cost a disk a
// movement of its heads.
constexpr std::uint64_t sample_count = 8;
constexpr std::size_t sample_bytes = 4096;
}  // namespace

identity identify(byte_source& source, std::int64_t changed) {
  identity out{.stream_bytes = source.size().value_or(0), .changed = changed, .samples = {}};
  auto const last = out.stream_bytes > sample_bytes ? out.stream_bytes - sample_bytes : 0;
  digester sum;
  for (std::uint64_t i = 0; i < sample_count; ++i) {
    auto const rest = last % (sample_count - 1) * i / (sample_count - 1);
    source.seek(last / (sample_count - 1) * i + rest);
    auto const seen = source.peek(sample_bytes);
    sum.update(seen.first(std::min(seen.size(), sample_bytes)));
  }
  out.samples = sum.value();
  source.seek(0);
  return out;
}

std::string difference(identity const& kept, identity const& image) {
  if (kept.stream_bytes != image.stream_bytes) {
    return concat("made of ", kept.stream_bytes, " bytes, the image has ", image.stream_bytes);
  }
  if (kept.samples != image.samples) { return "samples of the image differ"; }
  return {};
}

}  // namespace sysb::index
