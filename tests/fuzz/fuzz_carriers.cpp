// SPDX-License-Identifier: Apache-2.0
// Any bytes: whatever carriers show in them are opened, one in the other. Only fatal_error may leave,
// memory and output stay bounded, and a second pass over what can be read twice gives the same bytes.
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/digest.hpp"
#include "core/fatal_error.hpp"
#include "core/image_format.hpp"
#include "formats/compression/compression.hpp"
#include "formats/cpio/cpio.hpp"
#include "formats/iso9660/iso9660.hpp"
#include "formats/tape/tape.hpp"
#include "formats/tar/tar.hpp"
#include "formats/udf/udf.hpp"
#include "io/io.hpp"

namespace {

using namespace sysb;
using content = carrier_format::request::content;

constexpr unsigned deepest = 4;
constexpr std::uint64_t most_output = 32u << 20;

std::vector<carrier_format const*> const& all_carriers() {
  static auto const all = [] {
    std::vector<carrier_format const*> out{&tar::carrier(), &cpio::carrier(), &iso9660::carrier(), &udf::carrier()};
    for (auto const* c : compression::carriers()) { out.push_back(c); }
    for (auto const* c : tape::carriers()) { out.push_back(c); }
    return out;
  }();
  return all;
}

carrier_format const* best(std::span<std::byte const> head) {
  carrier_format const* found = nullptr;
  unsigned highest = 0;
  for (auto const* c : all_carriers()) {
    if (auto const bid = c->bid(head); bid > highest) {
      highest = bid;
      found = c;
    }
  }
  return found;
}

content judge(std::span<std::byte const> head) {
  if (head.size() > 3 && head[0] == std::byte{9} && head[3] == std::byte{0xea}) { return content::image; }
  return best(head) != nullptr ? content::carrier : content::unknown;
}

struct unheard final : diagnostic_sink {
  void report(diagnostic const& d) override {
    if (d.text().empty()) { __builtin_trap(); }
  }
};

limits small_limits() {
  limits l;
  l.decoder_bytes = 16u << 20;
  l.expansion_bytes = most_output;
  return l;
}

// Everything up to the end or the damage; nothing where a spool would have been needed.
std::optional<std::uint64_t> read_all(byte_source& s) {
  std::uint64_t bytes = 0;
  digester d;
  try {
    for (auto p = s.peek(1); !p.empty(); p = s.peek(1)) {
      d.update(p);
      bytes += p.size();
      // Every layer is held to the limit; a tape gives at most 64 KiB for a block.
      if (bytes > 8 * most_output) { __builtin_trap(); }
      s.consume(p.size());
    }
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::io) { return std::nullopt; }
    if (e.what_kind() != fatal_error::kind::damaged && e.what_kind() != fatal_error::kind::unsupported) {
      __builtin_trap();
    }
  }
  auto const value = d.value();
  return table_hash(std::as_bytes(std::span{&value, 1}), bytes);
}

void unwrap(std::unique_ptr<byte_source> source) {
  auto const l = small_limits();
  unheard findings;
  try {
    for (unsigned depth = 0; depth < deepest; ++depth) {
      auto const* const c = best(source->peek(68u << 10));
      if (c == nullptr) { break; }
      source = c->open(std::move(source), l, {.depth = depth, .judge = judge}, findings);
    }
  } catch (fatal_error const&) { return; }
  auto const begin = source->position();
  auto const first = read_all(*source);
  if (!first || !source->seekable()) { return; }
  source->seek(begin);
  auto const again = read_all(*source);
  if (again && *again != *first) { __builtin_trap(); }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const input = std::as_bytes(std::span{data, size});
  unwrap(io::from_memory({input.begin(), input.end()}));
  return 0;
}
