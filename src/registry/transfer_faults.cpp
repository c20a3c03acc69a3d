// SPDX-License-Identifier: Apache-2.0
#include "registry/transfer_faults.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "registry/foreign.hpp"
#include "registry/transfer_diagnostics.hpp"

namespace sysb::registry {

namespace {

using namespace std::string_view_literals;
using content = carrier_format::request::content;

struct sealed {
  std::string_view start;
  std::string_view name;
  std::string_view way_out;
};

constexpr std::string_view by_openssl = "decrypt it first: openssl enc -d -CIPHER -in IMAGE | sysb check -";
constexpr std::string_view by_gpg = "decrypt it first: gpg -d IMAGE | sysb check -";
constexpr std::string_view by_age = "decrypt it first: age -d IMAGE | sysb check -";
constexpr std::array<sealed, 8> seals{{
    {"Salted__"sv, "a file encrypted by OpenSSL", by_openssl},
    {"U2FsdGVkX1"sv, "a file encrypted by OpenSSL (base64)",
     "decrypt it first: openssl enc -d -a -CIPHER -in IMAGE | sysb check -"},
    {"-----BEGIN PGP MESSAGE-----"sv, "a file encrypted by gpg (armored)", by_gpg},
    {"age-encryption.org/v1"sv, "a file encrypted by age", by_age},
    {"-----BEGIN AGE ENCRYPTED FILE-----"sv, "a file encrypted by age (armored)", by_age},
    {"-----BEGIN CMS-----"sv, "a file encrypted by OpenSSL (CMS)",
     "decrypt it first: openssl cms -decrypt -inform PEM -in IMAGE"},
    {"-----BEGIN PKCS7-----"sv, "a file encrypted by OpenSSL (S/MIME)",
     "decrypt it first: openssl smime -decrypt -inform PEM -in IMAGE"},
    {"LUKS\xba\xbe"sv, "an encrypted disk (LUKS)", "open it first with cryptsetup"},
}};

// The first packet of an OpenPGP message (RFC 4880, 9580): a session key encrypted to a key or by a
// passphrase. Its version follows its length, which makes the test more than a byte.
[[nodiscard]] bool is_openpgp(std::span<std::byte const> head) noexcept {
  auto const at = [&](std::size_t i) { return i < head.size() ? std::to_integer<unsigned>(head[i]) : 256u; };
  auto const tag = at(0);
  if (head.size() < 16 || (tag & 0x80u) == 0) { return false; }
  bool const young = (tag & 0x40u) != 0;
  auto const type = young ? tag & 0x3fu : (tag >> 2u) & 0x0fu;
  if (type != 1 && type != 3) { return false; }
  std::size_t body = 0;
  std::size_t length = 0;
  if (young) {
    if (at(1) < 192) {
      body = 2;
      length = at(1);
    } else if (at(1) < 224) {
      body = 3;
      length = ((at(1) - 192) << 8u) + at(2) + 192;
    } else {
      return false;
    }
  } else if ((tag & 3u) == 0) {
    body = 2;
    length = at(1);
  } else if ((tag & 3u) == 1) {
    body = 3;
    length = (at(1) << 8u) + at(2);
  } else {
    return false;
  }
  auto const version = at(body);
  if (type == 1) {
    // A key packet holds at least an id and one number; version 3 names its algorithm after the id.
    constexpr std::array<unsigned, 9> algorithms{1, 2, 16, 18, 19, 20, 22, 25, 26};
    auto const known = std::find(algorithms.begin(), algorithms.end(), at(body + 9)) != algorithms.end();
    return length >= 32 && length <= 2100 && ((version == 3 && known) || version == 6);
  }
  // Cipher, kind of passphrase and hash have small numbers.
  return length >= 4 && length <= 128 && (version == 4 || version == 5 || version == 6) && at(body + 1) <= 64 &&
         at(body + 1) != 0;
}

[[nodiscard]] std::vector<std::byte> reordered(std::span<std::byte const> head, std::size_t group, bool halves) {
  std::vector<std::byte> out{head.begin(), head.end() - static_cast<std::ptrdiff_t>(head.size() % group)};
  for (std::size_t i = 0; i + group <= out.size(); i += group) {
    auto const at = out.begin() + static_cast<std::ptrdiff_t>(i);
    if (halves) {
      std::rotate(at, at + 2, at + 4);
    } else {
      std::reverse(at, at + static_cast<std::ptrdiff_t>(group));
    }
  }
  return out;
}

[[nodiscard]] std::string_view carrier_name(std::span<std::byte const> head) noexcept {
  static constexpr std::array<magic_mark, 6> compressed{{
      {0, "\x1f\x8b\x08"sv, "a gzip file"},
      {0,
       "\xfd"
       "7zXZ\0"sv,
       "an xz file"},
      {0, "\x28\xb5\x2f\xfd"sv, "a zstd file"},
      {4, "1AY&SY"sv, "a bzip2 file"},
      {0, "\x04\x22\x4d\x18"sv, "an lz4 file"},
      {0, "\x1f\x9d\x90"sv, "a file packed by compress"},
  }};
  auto const name = name_by_magic(head, compressed);
  return name.empty() ? name_by_magic(head, archive_marks) : name;
}

// Carriage returns, alone and before line feeds, beside the two values next to them: where those occur and
// carriage returns never do, they were taken out.
struct line_ends {
  std::uint64_t line_feeds = 0;
  std::uint64_t pairs = 0;  // line feeds with a carriage return before them
  std::uint64_t returns = 0;
  std::uint64_t neighbours = 0;       // of 0x0c and 0x0e, the rarer
  std::uint64_t neighbour_pairs = 0;  // of them before line feeds, the rarer

  // Of two returns before a line feed only one was taken: a few pairs may be left.
  [[nodiscard]] bool stripped() const noexcept {
    return (returns == 0 && neighbours >= 16) || (pairs * 16 <= neighbour_pairs && neighbour_pairs >= 4);
  }
};

[[nodiscard]] line_ends count_line_ends(std::span<std::byte const> some) noexcept {
  std::array<std::uint64_t, 3> alone{};
  std::array<std::uint64_t, 3> paired{};
  line_ends out;
  auto const place = [](std::byte b) { return std::to_integer<unsigned>(b) - 0x0cu; };
  for (std::size_t i = 0; i < some.size(); ++i) {
    if (auto const p = place(some[i]); p < alone.size()) { ++alone[p]; }
    if (some[i] != std::byte{'\n'}) { continue; }
    ++out.line_feeds;
    if (i == 0) { continue; }
    if (auto const p = place(some[i - 1]); p < paired.size()) { ++paired[p]; }
  }
  out.returns = alone[1];
  out.pairs = paired[1];
  out.neighbours = std::min(alone[0], alone[2]);
  out.neighbour_pairs = std::min(paired[0], paired[2]);
  return out;
}

}  // namespace

std::optional<transfer_fault> fault_of_head(std::span<std::byte const> head, content_judge const& judge) {
  auto const text = as_text(head);
  for (auto const& s : seals) {
    if (text.substr(0, s.start.size()) == s.start) {
      return transfer_fault{&encrypted, std::string{s.name}, concat(s.name.substr(2), ": ", s.way_out)};
    }
  }
  if (is_openpgp(head)) {
    return transfer_fault{&encrypted, "a file encrypted by gpg", concat("file encrypted by gpg: ", by_gpg)};
  }
  // Only what shows an image at once counts for more than two bytes that happen to fit.
  constexpr std::size_t looked_at = 4096;
  auto const front = head.first(std::min(head.size(), looked_at));
  if (front.size() < 8) { return std::nullopt; }
  if (judge(reordered(front, 2, false)) == content::image) {
    return transfer_fault{&bytes_swapped, "an AIX backup with its bytes swapped in pairs",
                          "in pairs; put them back: dd if=IMAGE of=FIXED conv=swab"};
  }
  if (judge(reordered(front, 4, false)) == content::image) {
    return transfer_fault{&bytes_swapped, "an AIX backup with its bytes reversed in fours",
                          "reversed in groups of four; read the medium again by another way"};
  }
  if (judge(reordered(front, 4, true)) == content::image) {
    return transfer_fault{&bytes_swapped, "an AIX backup with its half-words swapped",
                          "half-words of four bytes exchanged; read the medium again by another way"};
  }
  // What an image travels in, put back in order: as far as a disc's descriptor stands behind its start.
  constexpr std::size_t carriers_end = 36u << 10;
  auto const swapped = reordered(head.first(std::min(head.size(), carriers_end)), 2, false);
  if (auto const name = carrier_name(swapped); !name.empty()) {
    return transfer_fault{&bytes_swapped, concat(name, " with its bytes swapped in pairs"),
                          "in pairs; put them back: dd if=IMAGE of=FIXED conv=swab"};
  }
  return std::nullopt;
}

std::optional<transfer_fault> fault_of_start(std::span<std::byte const> head,
                                             std::span<image_format const* const> formats) {
  for (auto const* const f : formats) {
    auto const found = f->records_in(head);
    if (!found) { continue; }
    if (found->header) {
      return transfer_fault{
          &other_start, "something before an AIX backup",
          concat("a volume header stands at byte ", *found->header, ": take out what stands before it: tail -c +",
                 *found->header + 1, " IMAGE | sysb check -")};
    }
    return transfer_fault{&other_start, "an AIX backup without its volume header",
                          concat("sound records stand from byte ", found->first,
                                 " on, and no volume header before them: --salvage reads what is whole")};
  }
  return std::nullopt;
}

std::optional<transfer_fault> fault_of_bytes(std::span<std::byte const> some, std::uint64_t base,
                                             image_format const* format) {
  constexpr std::uint64_t enough = 16;
  auto const ends = count_line_ends(some);
  // The first line feed of the sample may have lost the byte before it.
  if (ends.line_feeds >= enough && ends.pairs + 1 >= ends.line_feeds) {
    return transfer_fault{&text_mode_added,
                          {},
                          concat("all ", ends.line_feeds,
                                 " line feeds looked at have one before them: transfer it again in binary mode")};
  }
  auto const in_binary = [](std::string const& evidence) {
    return transfer_fault{&text_mode_stripped, {}, concat(evidence, ": transfer it again in binary mode")};
  };
  auto const none_left = ends.returns == 0 ? concat("none is left in ", some.size(), " bytes")
                                           : concat("none is left before ", ends.line_feeds, " line feeds");
  if (format == nullptr) { return ends.stripped() ? std::optional{in_binary(none_left)} : std::nullopt; }
  auto const displaced = format->displaced_records(some, base);
  if (displaced < 2) { return std::nullopt; }
  auto const headers = concat(displaced, " record headers stand beside their places");
  if (ends.stripped()) { return in_binary(concat(none_left, ", ", headers)); }
  return transfer_fault{&bytes_displaced, {}, concat(headers, ": copy it again, in binary mode")};
}

std::optional<transfer_fault> fault_of_length(std::uint64_t size) {
  constexpr std::uint64_t block = 512;
  constexpr std::uint64_t mib = 1u << 20;
  constexpr std::uint64_t gib = 1u << 30;
  struct limit {
    std::uint64_t size;
    std::string_view what;
  };
  constexpr std::array<limit, 7> limits{{
      {2 * gib - 1, "2^31-1 bytes: a program or file system without large files"},
      {2 * gib - block, "2^31-512 bytes: a JFS file system that is not enabled for large files, or ulimit"},
      {2 * gib, "2^31 bytes: a program or file system without large files"},
      {4 * gib - 1, "2^32-1 bytes: a FAT file system, or a program that counts in 32 bits"},
      {4 * gib - block, "2^32-512 bytes: a limit of 4 GiB"},
      {4 * gib, "2^32 bytes: a limit of 4 GiB"},
      {gib - block, "2^30-512 bytes: the default of fsize in /etc/security/limits of AIX (2097151 blocks)"},
  }};
  auto const advice = "; make or copy it again with ulimit -f unlimited, where large files are allowed";
  for (auto const& l : limits) {
    if (l.size == size) { return transfer_fault{&cut_at_limit, {}, concat(l.what, advice)}; }
  }
  if (size == 0) { return std::nullopt; }
  if (size % mib == 0 || (size + block) % mib == 0 || (size + 1) % mib == 0) {
    auto const whole = (size + block) / mib;
    auto const less = whole * mib - size;
    return transfer_fault{
        &cut_at_limit,
        {},
        concat(whole, " MiB", less == 0 ? std::string{} : concat(" less ", less, less == 1 ? " byte" : " bytes"),
               ": a limit (ulimit -f, a quota) or a copy that stopped between two blocks", advice)};
  }
  return std::nullopt;
}

}  // namespace sysb::registry
