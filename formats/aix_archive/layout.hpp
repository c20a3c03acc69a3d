// SPDX-License-Identifier: Apache-2.0
// AIX ar archives: numbers are decimal text (the mode octal), left-justified, blank-padded.
#pragma once
#include <cstddef>

namespace sysb::aix_archive {

struct small_file_head {
  char magic[8];     // [0x00] "<aiaff>\n"
  char memoff[12];   // [0x08] member table
  char gstoff[12];   // [0x14] global symbol table
  char fstmoff[12];  // [0x20] first member
  char lstmoff[12];  // [0x2c] last member
  char freeoff[12];  // [0x38] first member of the free list
};
static_assert(sizeof(small_file_head) == 68 && offsetof(small_file_head, fstmoff) == 0x20);

struct small_member_head {
  char size[12];    // [0x00] bytes of content
  char nxtmem[12];  // [0x0c] next member
  char prvmem[12];  // [0x18] previous member
  char date[12];    // [0x24]
  char uid[12];     // [0x30]
  char gid[12];     // [0x3c]
  char mode[12];    // [0x48] octal
  char namlen[4];   // [0x54]
};                  // name, a NUL where its length is odd, "`\n", content, a NUL to an even offset
static_assert(sizeof(small_member_head) == 88 && offsetof(small_member_head, namlen) == 0x54);

struct big_file_head {
  char magic[8];      // [0x00] "<bigaf>\n"
  char memoff[20];    // [0x08]
  char gstoff[20];    // [0x1c] symbols of 32-bit members
  char gst64off[20];  // [0x30] symbols of 64-bit members
  char fstmoff[20];   // [0x44]
  char lstmoff[20];   // [0x58]
  char freeoff[20];   // [0x6c]
};
static_assert(sizeof(big_file_head) == 128 && offsetof(big_file_head, fstmoff) == 0x44);

struct big_member_head {
  char size[20];    // [0x00]
  char nxtmem[20];  // [0x14]
  char prvmem[20];  // [0x28]
  char date[12];    // [0x3c]
  char uid[12];     // [0x48]
  char gid[12];     // [0x54]
  char mode[12];    // [0x60]
  char namlen[4];   // [0x6c]
};
static_assert(sizeof(big_member_head) == 112 && offsetof(big_member_head, namlen) == 0x6c);

}  // namespace sysb::aix_archive
