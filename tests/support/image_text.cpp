// SPDX-License-Identifier: Apache-2.0
// Expected listings, volume sets and filler content for built images.
#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "support/image_builder.hpp"

namespace sysb::test {

std::string kind_name(std::uint32_t mode) {
  switch (mode & mode_bits::type_mask) {
    case mode_bits::fifo: return "fifo";
    case mode_bits::char_device: return "char_device";
    case mode_bits::directory: return "directory";
    case mode_bits::block_device: return "block_device";
    case mode_bits::file: return "file";
    case mode_bits::symlink: return "symlink";
    case mode_bits::socket: return "socket";
    default: return "unknown";
  }
}

std::string listing_line(known_member const& m) {
  auto line = concat(m.kind, " ", hex(m.mode, 8), " ", m.uid, " ", m.gid, " ", m.size, " ", m.stored, " ",
                     m.packed ? "packed" : "plain", " ", m.mtime, " ", m.digest.empty() ? std::string{"-"} : m.digest,
                     " ", printable(m.path));
  if (m.kind == "symlink") { line += concat(" -> ", printable(m.target)); }
  return line + "\n";
}

std::string listing(std::span<known_member const> members) {
  std::string out;
  for (auto const& m : members) { out += listing_line(m); }
  return out;
}

std::vector<bytes> cut_volumes(std::span<std::byte const> image, volume_fields const& label, std::size_t volume_bytes,
                               std::size_t cluster) {
  if (volume_bytes <= 72) { throw std::invalid_argument{"a volume must hold more than its header"}; }
  std::vector<bytes> out;
  auto number = label.number;
  while (!image.empty()) {
    bytes volume;
    if (number != label.number) {
      auto next = label;
      next.number = number;
      volume = volume_header(next);
    }
    auto const take = std::min(image.size(), volume_bytes - volume.size());
    append(volume, image.first(take));
    image = image.subspan(take);
    ++number;
    out.push_back(std::move(volume));
  }
  pad_to(out.back(), cluster);
  return out;
}

std::string prose(std::size_t size, std::uint32_t seed) {
  static constexpr std::array<std::string_view, 24> words{
      "volume", "group",  "logical", "member", "record", "system", "copy", "partition",
      "level",  "device", "backup",  "image",  "the",    "of",     "and",  "in",
      "root",   "file",   "set",     "to",     "host",   "is",     "a",    "with"};
  std::string out;
  out.reserve(size + 16);
  auto state = seed * 2654435761u + 12345u;
  std::size_t column = 0;
  while (out.size() < size) {
    state = state * 1664525u + 1013904223u;
    auto const word = words[(state >> 16) % words.size()];
    out += word;
    column += word.size() + 1;
    if (column > 70) {
      out += '\n';
      column = 0;
    } else {
      out += ' ';
    }
  }
  out.resize(size);
  return out;
}

bytes noise(std::size_t size, std::uint32_t seed) {
  bytes out(size);
  auto state = seed * 2654435761u + 99991u;
  for (auto& b : out) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    if (state == 0) { state = 1; }
    b = static_cast<std::byte>(state >> 11);
  }
  return out;
}

}  // namespace sysb::test
