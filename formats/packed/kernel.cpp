// SPDX-License-Identifier: Apache-2.0
// The inner loops. A cursor holds 64 bits of the stream with the bit below the last usable one
// set as a mark: however far the bits are shifted, counting the zeros below the mark says how
// many were used, so that a look-up need not add up lengths.
#include "formats/packed/kernel.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#define SYSB_PACKED_BMI2 1
#endif

namespace sysb::packed {
namespace {

// Bits that are whole after a load: 64, less 7 of a started byte, less the mark.
constexpr unsigned usable_bits = 56;

[[gnu::always_inline]] inline std::uint64_t load(std::uint8_t const* p) noexcept {
  std::uint64_t v = 0;
  std::memcpy(&v, p, sizeof v);
  if constexpr (std::endian::native == std::endian::little) { v = __builtin_bswap64(v); }
  return v;
}

[[gnu::always_inline]] inline void store(std::uint8_t* p, std::uint32_t symbols) noexcept {
  if constexpr (std::endian::native == std::endian::big) { symbols = __builtin_bswap32(symbols); }
  std::memcpy(p, &symbols, sizeof symbols);
}

[[gnu::always_inline]] inline unsigned used_bits(std::uint64_t held) noexcept {
  return static_cast<unsigned>(__builtin_ctzll(held));
}

// Where a cursor is, inside the loops.
struct place {
  std::uint8_t const* in;
  std::uint64_t held;
  std::uint8_t* out;
};

// Codes longer than the table is wide: one in hundreds, and not worth a second table. By value,
// so that the loops can keep their places in registers. Does not move at the end mark.
[[gnu::noinline, gnu::cold]] place long_code(place p, unsigned width, code_tree const& tree) noexcept {
  auto const one = decode_one(p.held, usable_bits, tree, std::min(width + 1, tree.levels));
  if (one.end_mark) { return p; }
  *p.out++ = one.symbol;
  auto const used = used_bits(p.held) + one.bits;
  p.in += used >> 3;
  p.held = (load(p.in) | 1) << (used & 7);
  return p;
}

template <unsigned Cursors, unsigned Width>
[[gnu::always_inline]] inline void run(cursor* c, std::uint32_t const* table, code_tree const& tree) noexcept {
  constexpr auto lookups = usable_bits / Width;
  constexpr auto shift = 64 - Width;
  // The most that a group can move: all its look-ups, and a long code after them.
  constexpr std::size_t in_step = (7 + usable_bits + max_levels) / 8;
  constexpr std::size_t out_step = lookups * lookup_entry::max_symbols + 1;
  constexpr std::size_t store_slack = sizeof(std::uint32_t);

  std::uint8_t const* in[Cursors];
  std::uint64_t held[Cursors];
  std::uint8_t* out[Cursors];
  for (unsigned k = 0; k < Cursors; ++k) {
    if (static_cast<std::size_t>(c[k].in_end - c[k].at.byte) < in_step + 8) { return; }
    in[k] = c[k].at.byte;
    held[k] = (load(in[k]) | 1) << c[k].at.bit;
    out[k] = c[k].out;
  }

  for (auto at_end = false; !at_end;) {
    auto groups = ~std::size_t{0};
    for (unsigned k = 0; k < Cursors; ++k) {
      auto const in_left = static_cast<std::size_t>(c[k].in_end - in[k]);
      auto const out_left = static_cast<std::size_t>(c[k].out_end - out[k]);
      groups = std::min(groups, in_left < 8 ? 0 : (in_left - 8) / in_step);
      groups = std::min(groups, out_left < store_slack ? 0 : (out_left - store_slack) / out_step);
    }
    if (groups == 0) { break; }
    for (; groups != 0 && !at_end; --groups) {
      std::uint32_t entry[Cursors];
#pragma GCC unroll 8
      for (unsigned i = 0; i < lookups; ++i) {
#pragma GCC unroll 4
        for (unsigned k = 0; k < Cursors; ++k) {
          entry[k] = table[held[k] >> shift];
          store(out[k], entry[k]);
          held[k] <<= lookup_entry::bits(entry[k]);
          out[k] += lookup_entry::count(entry[k]);
        }
      }
#pragma GCC unroll 4
      for (unsigned k = 0; k < Cursors; ++k) {
        auto const used = used_bits(held[k]);
        in[k] += used >> 3;
        held[k] = (load(in[k]) | 1) << (used & 7);
      }
#pragma GCC unroll 4
      for (unsigned k = 0; k < Cursors; ++k) {
        if (__builtin_expect(entry[k] == 0, 0)) {
          auto const next = long_code({in[k], held[k], out[k]}, Width, tree);
          at_end |= next.out == out[k];
          in[k] = next.in;
          held[k] = next.held;
          out[k] = next.out;
        }
      }
    }
  }
  for (unsigned k = 0; k < Cursors; ++k) {
    auto const used = used_bits(held[k]);
    c[k].at = {in[k] + (used >> 3), used & 7};
    c[k].out = out[k];
  }
}

template <unsigned Cursors>
[[gnu::always_inline]] inline void run_width(cursor* c, lookup_table const& table, code_tree const& tree) noexcept {
  switch (table.width()) {
    case 8: run<Cursors, 8>(c, table.entries(), tree); break;
    case 9: run<Cursors, 9>(c, table.entries(), tree); break;
    case 10: run<Cursors, 10>(c, table.entries(), tree); break;
    case 11: run<Cursors, 11>(c, table.entries(), tree); break;
    case 12: run<Cursors, 12>(c, table.entries(), tree); break;
  }
}

[[gnu::always_inline]] inline void run_all(cursor* c, unsigned n, lookup_table const& table,
                                           code_tree const& tree) noexcept {
  switch (n) {
    case 1: run_width<1>(c, table, tree); break;
    case 2: run_width<2>(c, table, tree); break;
    case 3: run_width<3>(c, table, tree); break;
    case 4: run_width<4>(c, table, tree); break;
  }
}

using run_function = void (*)(cursor*, unsigned, lookup_table const&, code_tree const&) noexcept;

void run_plain(cursor* c, unsigned n, lookup_table const& table, code_tree const& tree) noexcept {
  run_all(c, n, table, tree);
}

#ifdef SYSB_PACKED_BMI2
// Shifts by any register: with several cursors there is a queue at the one that plain x86 has.
[[gnu::target("bmi,bmi2")]] void run_bmi2(cursor* c, unsigned n, lookup_table const& table,
                                          code_tree const& tree) noexcept {
  run_all(c, n, table, tree);
}
#endif

run_function choose_run() noexcept {
#ifdef SYSB_PACKED_BMI2
  if (__builtin_cpu_supports("bmi2") != 0) { return &run_bmi2; }
#endif
  return &run_plain;
}

}  // namespace

void run_cursors(cursor* c, unsigned n, lookup_table const& table, code_tree const& tree) noexcept {
  static run_function const run_best = choose_run();
  run_best(c, n, table, tree);
}

stop step_to(cursor& c, std::uint8_t const* target, lookup_table const& table, code_tree const& tree) noexcept {
  auto const shift = 64 - table.width();
  while (c.at.byte < target) {
    auto const held = load(c.at.byte) << c.at.bit;
    auto const entry = table.entries()[held >> shift];
    auto bits = lookup_entry::bits(entry);
    auto const left = static_cast<std::size_t>(target - c.at.byte) * 8 - c.at.bit;
    if (entry != 0 && bits <= left && c.out_end - c.out >= 4) {
      store(c.out, entry);
      c.out += lookup_entry::count(entry);
    } else {
      auto const one = decode_one(held, usable_bits, tree);
      if (one.end_mark) { return stop::end_mark; }
      if (c.out == c.out_end) { return stop::full; }
      *c.out++ = one.symbol;
      bits = one.bits;
    }
    bits += c.at.bit;
    c.at.byte += bits >> 3;
    c.at.bit = bits & 7;
  }
  return stop::reached;
}

}  // namespace sysb::packed
