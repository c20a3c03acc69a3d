// SPDX-License-Identifier: Apache-2.0
// Rule V34: which images come from one system. The one judge of it, for several images of a call and for a batch.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sysb::wpar {

struct facts;

// What an image says of the system that it was made of; empty where it does not say.
struct system_identity {
  std::string machine, partition, host, node_id, date;
  // Machine and host in one word, as batches keep it; empty: the image does not tell a machine.
  [[nodiscard]] std::string text() const;
  bool operator==(system_identity const&) const = default;
};
[[nodiscard]] system_identity identity_of(facts const& f);

struct system_group {
  std::vector<std::size_t> images;  // two or more, ascending
  std::string why;                  // what is the same, and whether they were made at one time; printable
};
// One machine and one host name, or one RSCT node id, is one system; two partitions of a machine are two, whatever
// their host names. Groups stand in order of their first images.
[[nodiscard]] std::vector<system_group> images_of_one_system(std::span<system_identity const> all);

// An image that was looked at before, as people named it.
struct known_system {
  std::string image;
  system_identity identity;
};

}  // namespace sysb::wpar
