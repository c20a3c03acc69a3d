// SPDX-License-Identifier: Apache-2.0
// The headers of the cpio archive forms. The text forms hold numbers as digits.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/endian.hpp"

namespace sysb::cpio {

// "070701" (newc) and "070702" (crc): 8 hexadecimal digits a field, padding to 4 bytes.
struct newc_header {
  char magic[6];       // [0x00]
  char ino[8];         // [0x06]
  char mode[8];        // [0x0e]
  char uid[8];         // [0x16]
  char gid[8];         // [0x1e]
  char nlink[8];       // [0x26]
  char mtime[8];       // [0x2e]
  char file_size[8];   // [0x36]
  char dev_major[8];   // [0x3e]
  char dev_minor[8];   // [0x46]
  char rdev_major[8];  // [0x4e]
  char rdev_minor[8];  // [0x56]
  char name_size[8];   // [0x5e] with its NUL
  char check[8];       // [0x66]
};
static_assert(sizeof(newc_header) == 110 && offsetof(newc_header, mode) == 0x0e &&
              offsetof(newc_header, file_size) == 0x36 && offsetof(newc_header, name_size) == 0x5e);

// "070707" (odc): octal digits, no padding.
struct odc_header {
  char magic[6];       // [0x00]
  char dev[6];         // [0x06]
  char ino[6];         // [0x0c]
  char mode[6];        // [0x12]
  char uid[6];         // [0x18]
  char gid[6];         // [0x1e]
  char nlink[6];       // [0x24]
  char rdev[6];        // [0x2a]
  char mtime[11];      // [0x30]
  char name_size[6];   // [0x3b]
  char file_size[11];  // [0x41]
};
static_assert(sizeof(odc_header) == 76 && offsetof(odc_header, mode) == 0x12 &&
              offsetof(odc_header, name_size) == 0x3b && offsetof(odc_header, file_size) == 0x41);

// 070707 as a number, in the byte order of the machine that wrote; padding to 2 bytes. The two
// long fields have their high half first in either order.
template <typename Short>
struct binary_header {
  Short magic;           // [0x00]
  Short dev;             // [0x02]
  Short ino;             // [0x04]
  Short mode;            // [0x06]
  Short uid;             // [0x08]
  Short gid;             // [0x0a]
  Short nlink;           // [0x0c]
  Short rdev;            // [0x0e]
  Short mtime_high;      // [0x10]
  Short mtime_low;       // [0x12]
  Short name_size;       // [0x14]
  Short file_size_high;  // [0x16]
  Short file_size_low;   // [0x18]
};
static_assert(sizeof(binary_header<be16>) == 26 && offsetof(binary_header<be16>, name_size) == 0x14 &&
              offsetof(binary_header<le16>, file_size_low) == 0x18);

}  // namespace sysb::cpio
