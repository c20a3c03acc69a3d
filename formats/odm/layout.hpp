// SPDX-License-Identifier: Apache-2.0
// The fixed part of an ODM class file. Integers are big-endian on AIX and little-endian in the
// Linux port of the library; the structures hold bytes, accessors take the order.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::odm {

template <byte_order Order>
struct file_head {
  using word = file_int<std::uint32_t, Order>;
  word magic;              // [0x000] 0x000dcfac
  word n_objects;          // [0x004] record slots in use
  word w08;                // [0x008] 0
  word magic2;             // [0x00c] 0x000dcfac
  word name_off;           // [0x010] 0x148 + 40 * n_desc
  word rec_size;           // [0x014]
  word n_desc;             // [0x018]
  word desc_off;           // [0x01c] 0x148
  word collection;         // [0x020] 0
  word open_flag;          // [0x024] 0
  word pointer;            // [0x028] 0
  word data_off;           // [0x02c] first record
  word reserved[4];        // [0x030] 0
  std::uint8_t path[256];  // [0x040] 0
  word w140;               // [0x140] 0
  word neg_magic;          // [0x144] 0xfff23054
};
static_assert(sizeof(file_head<byte_order::big>) == 0x148);
static_assert(offsetof(file_head<byte_order::big>, data_off) == 0x2c);
static_assert(offsetof(file_head<byte_order::big>, neg_magic) == 0x144);

template <byte_order Order>
struct descriptor_slot {
  using word = file_int<std::uint32_t, Order>;
  word name_off;     // [0x00]
  word type;         // [0x04]
  word offset;       // [0x08] in the record
  word size;         // [0x0c] declared size
  word link_class;   // [0x10]
  word link_column;  // [0x14]
  word reserved[4];  // [0x18] 0
};
static_assert(sizeof(descriptor_slot<byte_order::big>) == 40);

template <byte_order Order>
struct record_head {
  using word = file_int<std::uint32_t, Order>;
  word id;        // [0x00] position of the record
  word reserved;  // [0x04] 0
  word scratch;   // [0x08] 0
};
static_assert(sizeof(record_head<byte_order::big>) == 12);

inline constexpr std::uint32_t class_magic = 0x000dcfac;
inline constexpr std::uint32_t class_neg_magic = 0xfff23054;
inline constexpr std::uint32_t descriptors_at = 0x148;

}  // namespace sysb::odm
