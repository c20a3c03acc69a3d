// SPDX-License-Identifier: Apache-2.0
// Every size that comes from an image is held against these before it is used.
#pragma once
#include <cstdint>

namespace sysb {

struct limits {
  std::uint32_t name_bytes = 1976;                  // what a by-name header can hold
  std::uint32_t security_bytes = 128u << 10;        // ACL and PCL together (facts 18.8)
  std::uint64_t window_bytes = 4u << 20;            // look-ahead that needs no seeking (18.10)
  std::uint64_t opaque_gap_bytes = 1u << 20;        // unknown block between records (Q1)
  std::uint64_t survey_member_bytes = 64ull << 20;  // a member that a rule reads whole
  std::uint64_t expansion_ratio = 2000;             // decompressed : compressed, after the first MiB
  std::uint64_t expansion_bytes = 16ull << 40;
  std::uint64_t decoder_bytes = 192ull << 20;      // memory one decompressor may take for its window
  std::uint64_t tape_search_bytes = 512ull << 20;  // before the backup on a tape without file marks
  std::uint32_t carrier_depth = 8;
};

}  // namespace sysb
