// SPDX-License-Identifier: Apache-2.0
// What is known of an image once all of its headers were seen: members by ordinal and by path, children of a
// directory, link groups, digests.
//
//   auto file = sysb::jobs::open_index_file("mksysb.img.sysbidx", findings);  // null, and a finding: of no use
//   sysb::catalog const members{std::move(file)};
//   if (auto const at = members.find("/etc/motd")) { std::cout << members.at(*at).size << '\n'; }
//
// Ordinals count from 0 in image order. A catalog does not change: any number of threads may ask it at the same time.
// An index says how its image was when it was made: index::difference() of index::identify() tells whether it
// still is. Whoever walks an image can make a catalog on the way with an index::recorder.
#pragma once

#include "catalog/catalog.hpp"     // IWYU pragma: export
#include "catalog/identity.hpp"    // IWYU pragma: export
#include "catalog/index_file.hpp"  // IWYU pragma: export
#include "catalog/recorder.hpp"    // IWYU pragma: export
#include "jobs/image.hpp"          // IWYU pragma: export
#include "sysb/findings.hpp"       // IWYU pragma: export
