// SPDX-License-Identifier: Apache-2.0
// One member of an image: what its record says, in the image's own terms.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sysb {

enum class entry_kind : std::uint8_t { file, directory, symlink, char_device, block_device, fifo, socket };

// Index of the names the JSON contract fixes: "file" "directory" "symlink" ...
[[nodiscard]] char const* to_text(entry_kind k) noexcept;

struct device_number {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  bool operator==(device_number const&) const = default;
};

// An unknown block that the reader stepped over inside a record. Offsets from the record start.
struct opaque_block {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

enum class content_state : std::uint8_t {
  none,       // the kind has no content, or size is 0
  here,       // the content stands in this record
  elsewhere,  // repeated hard link without data: the content stands under another name
  refused,    // where the content starts could not be proven; a finding was reported
};

// Reused from record to record by the reader, so that names and ACLs keep their buffers.
struct entry {
  std::string path;  // raw bytes as in the image, with "./"; never empty after next()
  entry_kind kind = entry_kind::file;
  std::uint32_t mode = 0;  // AIX's raw 32-bit st_mode, high attribute bits included
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;    // bytes of plain content; 0 for directories; target length of a link
  std::uint64_t stored = 0;  // bytes of content as stored in the image (packed length)
  bool packed = false;
  content_state content = content_state::none;
  std::int64_t mtime = 0;  // signed seconds since 1970, never clamped
  std::int64_t atime = 0;
  std::int64_t ctime = 0;
  std::uint32_t nlink = 0;  // as recorded: 16 bits, does not prove that other names are present
  std::uint32_t ino = 0;    // a link-group key only, with dev; 0 where the writer blanked it
  device_number dev;
  device_number rdev;
  std::string target;  // symbolic link

  std::vector<std::byte> acl;  // raw ACL and PCL as in the security record; empty where none
  std::vector<std::byte> pcl;
  bool acl_extended = false;  // entries beyond owner, group, others (enabled or not)
  std::string acl_text;       // AIX's text, only where acl_extended
  std::vector<opaque_block> opaque;

  std::uint64_t offset = 0;          // of the record, from the start of the by-name stream
  std::uint64_t content_offset = 0;  // of the stored content; meaningful with content_state::here
  std::uint64_t record_bytes = 0;    // header, security record, content and padding
  bool damaged = false;              // an error was reported for this member
  // The stored content is whole by its own end and has this length, and not the recorded one. A finding was
  // reported, and the state is content_state::refused until somebody takes the content as it was stored.
  std::optional<std::uint64_t> stored_size;
  // Salvage only: the content is cut, or nothing proves that it is what was saved. read_stored()
  // gives what there is of it; a finding was reported.
  bool incomplete = false;

  std::string link_to;  // set by the link resolver, never by a reader: the first name
  // For a sink, whose `path` and `link_to` are normal: what they are in the image. Set by the pipeline.
  std::string image_path;
  std::string image_link_to;

  [[nodiscard]] std::uint32_t permissions() const noexcept { return mode & 07777; }
  void clear();  // back to the defaults, buffers kept
};

}  // namespace sysb
