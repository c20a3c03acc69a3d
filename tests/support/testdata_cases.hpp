// SPDX-License-Identifier: Apache-2.0
// Every case of testdata/backup_by_name. All of it is synthetic and deterministic; the committed
// files are compared with these, so that neither can change alone.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "support/image_builder.hpp"

namespace sysb::test {

struct data_file {
  std::string name;
  bytes content;
};

// One folder below testdata/.
struct data_case {
  std::string folder;  // "backup_by_name/good/rootvg-7.1"
  std::vector<data_file> files;
};

// Images with nothing to find but notes and, where origin.txt says so, warnings; listing.txt.
[[nodiscard]] std::vector<data_case> good_cases();
// Images that deviate in ways that are no damage: listing.txt, and the warnings in expected.txt.
[[nodiscard]] std::vector<data_case> compat_cases();
// One kind of fault each; expected.txt has the ids of the errors, one a line, "fatal KIND" where
// the image cannot even be opened, or "-" where only a writer refuses (names that lead outside).
[[nodiscard]] std::vector<data_case> bad_cases();
// Volumes of one set.
[[nodiscard]] std::vector<data_case> volume_set_cases();

[[nodiscard]] std::vector<data_case> all_cases();

// "synthetic …" and what the case shows.
[[nodiscard]] data_file origin(std::string_view shows);

// The end of an image that is padded to 512 bytes.
[[nodiscard]] inline image_builder::end_options small_end() {
  image_builder::end_options e;
  e.cluster = 512;
  return e;
}

}  // namespace sysb::test
