// SPDX-License-Identifier: Apache-2.0
// AIX "backup" archives by name (mksysb, savevg, savewpar, installp packages): the reader, a
// writer of plain and packed records, and a sink that copies unchanged records byte for byte.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "core/diagnostic.hpp"
#include "core/entry.hpp"
#include "core/entry_sink.hpp"
#include "core/image_format.hpp"
#include "core/output_kind.hpp"

namespace sysb::backup_by_name {

[[nodiscard]] image_format const& format();
// "bff": what a new record can hold.
[[nodiscard]] output_kind const& bff_output_kind();
// Every finding the reader and the sink can report.
[[nodiscard]] std::span<diag_code const* const> codes();

// Clusters of `backup` by default; a finished archive is a multiple of it.
inline constexpr std::uint64_t cluster_bytes = 51'200;

// Writes records in the layouts that real archives prove (facts 4-8); what is uninitialised
// memory there is zero here. Of a symbolic link it writes the target without a security record.
class writer {
 public:
  explicit writer(std::function<void(std::span<std::byte const>)> out);

  void volume(volume_label const& label);
  void volume_raw(std::span<std::byte const> header);

  // Header and security record of `about`, whose path is written as it is. Of a regular file
  // `stored_size` bytes are to follow through data(); `packed` says that they are a packed
  // stream of about.size plain bytes. Nothing follows for the other kinds.
  // A raw ACL in `about` is written as it is, otherwise one is made from the mode.
  // Throws fatal_error{unsupported} for what a record cannot hold (4 GiB, name, target).
  void begin_member(entry const& about, std::uint64_t stored_size, bool packed);
  void data(std::span<std::byte const> piece);
  void end_member();  // throws fatal_error{internal} when the data was short or long

  // Whole records of another archive, as they are.
  void raw(std::span<std::byte const> piece);
  // Bytes of records that go to the output by another way.
  void raw_elsewhere(std::uint64_t bytes) noexcept { position_ += bytes; }

  // End record, then zeros to a multiple of cluster_bytes.
  void finish();

  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

 private:
  void put(std::span<std::byte const> bytes);
  void zeros(std::uint64_t n);
  std::function<void(std::span<std::byte const>)> out_;
  std::uint64_t position_ = 0;
  std::uint64_t data_left_ = 0;
  std::uint64_t data_size_ = 0;
  bool in_member_ = false;
};

// A .bff on `fd` (which stays the caller's): takes raw records as they are, and plain records
// for generated members. An empty `volume_header` gets a new one with date 0.
[[nodiscard]] std::unique_ptr<entry_sink> make_bff_sink(int fd, std::span<std::byte const> volume_header,
                                                        diagnostic_sink& findings);

}  // namespace sysb::backup_by_name
