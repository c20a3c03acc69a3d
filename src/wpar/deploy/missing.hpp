// SPDX-License-Identifier: Apache-2.0
// What a salvaged copy lacks: each member with the reason, the file sets it belongs to by the image's own
// software inventory, and the file system. Members whose headers are lost, too, have no record; where bytes were
// skipped the inventory tells which files should be there and are not.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"
#include "core/limits.hpp"
#include "inventory/verifier.hpp"
#include "wpar/facts.hpp"

namespace sysb::wpar::deploy {

// Whose file a name is. Told of every member of one pass.
class ownership {
 public:
  ownership(limits const& bounds, std::string tmpdir) : inventory_{bounds, std::move(tmpdir)} {}
  // The whole content of this member is needed.
  [[nodiscard]] bool wants(entry const& e) { return inventory_.wants(e); }
  // `content` is empty where it was not wanted, or is not whole.
  void member(entry const& e, std::span<std::byte const> content, bool whole);
  void finish();

  // "bos.net.tcp.client, bos.rte"; empty: no inventory names it.
  [[nodiscard]] std::string filesets_of(std::string_view path) const;
  // Files that an inventory names and that no whole member is.
  void for_each_absent(std::function<void(std::string const& path)> const& f) const;

 private:
  inventory::verifier inventory_;
};

struct missing_member {
  std::string path;  // as in the image
  std::string filesets;
  std::string file_system;  // "/usr"
  std::string reason;
  std::uint64_t size = 0;
  bool partial = false;  // what is left was written under another name
};

class missing_members {
 public:
  void add(missing_member m);
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t partial() const noexcept { return partial_; }
  // The first of them, for the report; all are in missing.txt.
  [[nodiscard]] std::vector<missing_member> const& first() const noexcept { return first_; }
  [[nodiscard]] std::map<std::string, std::uint64_t> const& by_fileset() const noexcept { return by_fileset_; }
  [[nodiscard]] std::map<std::string, std::uint64_t> const& by_file_system() const noexcept { return by_file_system_; }

  static constexpr std::size_t most_named = 1000;
  static constexpr std::size_t most_counted = 4096;  // the rest together

 private:
  std::uint64_t count_ = 0, partial_ = 0;
  std::vector<missing_member> first_;
  std::map<std::string, std::uint64_t> by_fileset_, by_file_system_;
};

// The mount point of image.data, or /etc/filesystems, that the name lies below; "/" where none is known.
[[nodiscard]] std::string file_system_of(facts const& f, std::string_view path);

// One line of missing.txt, fields parted by tabs: name (escaped, so that one name is one line), file sets, file
// system, bytes, reason; "-" for what is not known.
void append_missing_line(std::string& out, missing_member const& m);
inline constexpr std::string_view missing_head =
    "# name (\\0ooo: a byte in octal), file sets, file system, bytes, reason; parted by tabs\n";

}  // namespace sysb::wpar::deploy
