// SPDX-License-Identifier: Apache-2.0
// Stands between a reader and those who listen: when the walk ends, well or badly, it says what can be seen
// of the image's way here. What that costs is paid at the end and where something is wrong, nowhere else.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/byte_source.hpp"
#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"
#include "registry/registry.hpp"
#include "registry/transfer_faults.hpp"

namespace sysb::registry {

struct watched_image {
  std::string file;                      // as it was given; empty where there is no single file (a set, a pipe)
  std::vector<std::string> volumes;      // all that were given
  bool wrapped = false;                  // in a carrier
  bool has_members = false;              // the carrier's members use --member up
  unsigned number = 1;                   // which image of the file
  image_format const* format = nullptr;  // never null
  format_table formats;                  // that were looked for
  content_judge judge;
};

// Of a file that cannot be unpacked: what happened to it, where its bytes tell. True where they do.
bool explain_packed(std::string const& file, diagnostic_sink& listener);

class end_watch final : public diagnostic_sink {
 public:
  end_watch(byte_source& source, diagnostic_sink& listener, watched_image about);

  void report(diagnostic const& d) override;

  void saw(entry const& e);
  void ended(image_reader const& reader);  // next() returned false
  // Reading or unpacking threw an error of damage: nothing is thrown from here.
  void failed() noexcept;

 private:
  void tell(transfer_fault const& f, std::optional<std::uint64_t> at = std::nullopt);
  void explain_break(std::uint64_t near);
  void explain_pieces();

  byte_source& source_;
  diagnostic_sink& listener_;
  watched_image about_;
  std::vector<std::byte> start_;  // where the source cannot go back, and may be at its end when something is wrong
  bool told_ = false;
  bool cut_ = false, lost_ = false, later_volume_ = false;
  std::uint64_t lost_at_ = 0;
  std::uint64_t seen_ = 0;
  bool has_tape_block_size_ = false, has_passwd_ = false;
};

}  // namespace sysb::registry
