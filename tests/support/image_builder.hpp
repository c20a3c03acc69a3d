// SPDX-License-Identifier: Apache-2.0
// Builds by-name images member by member, right ones and wrong ones, in memory or into a file.
//
//   auto image = image_builder{}.volume().file("./etc/motd", "hello").end().bytes();
//
// What it wrote it also knows (members()), so that an expected listing does not come from a reader.
// Every image is synthetic: no clock, no random numbers, the same calls give the same bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/image_record.hpp"

namespace sysb::test {

// Where a symbolic link's target and its security record stand; public documents do not settle it.
enum class symlink_layout : std::uint8_t {
  target,               // target[size], no security record
  security_target,      // security record, target[size]
  target_nul_security,  // target with NUL padded to 8, security record
  target_security,      // target[size] padded to 8, security record
  target_dsize,         // size 0, target[dsize], no security record
  target_nul,           // size and dsize 0, target with NUL padded to 8
};

// How a further name of a file is recorded; unsettled as well.
enum class link_layout : std::uint8_t {
  repeated,    // size and data again
  empty,       // size 0, security record, no data
  empty_bare,  // size 0, neither security record nor data
  sized,       // size kept, security record, no data
  sized_bare,  // size kept, neither security record nor data
};

// Lengths of 4 GiB and more.
enum class large_layout : std::uint8_t {
  dsize_pad,  // dsize | pad << 32
  size_pad,   // size | pad << 32, dsize 0
  wrapped,    // size and dsize modulo 2^32, pad 0
};

struct raw_security {
  std::uint32_t acl_words = 0;
  std::uint32_t pcl_words = 0;
  bytes body;
};

struct member_options {
  std::optional<std::uint32_t> perm;  // permission and set-id bits; the kind gives the rest
  std::optional<std::uint32_t> mode;  // all 32 bits, wins over perm
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::optional<std::uint32_t> mtime;  // default: the volume's date
  std::optional<std::uint32_t> atime;  // default: mtime
  std::optional<std::uint32_t> ctime;  // default: mtime
  std::optional<std::uint32_t> nlink;
  std::optional<std::uint32_t> ino;
  device dev = {10, 8};
  device rdev;
  std::optional<std::uint32_t> size;
  std::optional<std::uint32_t> dsize;
  std::optional<std::uint32_t> pad;
  std::vector<ace> acl;
  bool acl_enabled = true;     // with entries: S_IXACL in both modes
  bool acl_full_mode = false;  // acl_mode repeats the whole mode, as one 2012 writer did
  std::uint16_t acl_reserved = 0;
  std::optional<std::uint32_t> acl_mode;
  std::optional<raw_security> security;  // instead of the computed record
  bool bare = false;                     // no security record at all
  bytes name_padding;
  bytes data_padding;
  bytes opaque_before;  // between security record and data, as given
  bytes opaque_after;   // after the padded data, as given
  std::uint8_t type = record_type::name_x;
  header_overrides header;
};

// What the builder knows of a member it wrote.
struct known_member {
  std::string path;
  std::string kind;  // as the JSON contract names it: "file" "directory" "symlink" ...
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;    // plain bytes; 0 for a directory
  std::uint64_t stored = 0;  // bytes of content that stand in the image
  bool packed = false;
  std::int64_t mtime = 0;
  std::string target;
  std::string digest;  // XXH3-128 of the plain content of a file that has some here, else empty
  std::uint64_t offset = 0;
  std::uint64_t content_offset = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t end = 0;
};

enum class tail : std::uint8_t {
  none,   // the image stops after its end record
  zeros,  // zeros to the end of the cluster
  stale,  // the bytes of the cluster before, as the one-buffer writer leaves them
};

class image_output;  // where bytes go: memory or a descriptor

class image_builder {
 public:
  image_builder();                         // in memory
  explicit image_builder(int descriptor);  // a regular file; stays the caller's
  ~image_builder();
  image_builder(image_builder&&) noexcept;
  image_builder& operator=(image_builder&&) noexcept;

  image_builder& volume(volume_fields const& f = {});

  image_builder& file(std::string_view path, std::string_view content, member_options const& o = {});
  image_builder& file(std::string_view path, std::span<std::byte const> content, member_options const& o = {});
  image_builder& packed_file(std::string_view path, std::string_view content, member_options const& o = {});
  // Packed where AIX's own writer would: where that saves two blocks of 4096 bytes.
  image_builder& file_as_aix(std::string_view path, std::string_view content, member_options const& o = {});
  // A packed stream that came from elsewhere, or is broken on purpose; `size` is the plain size.
  image_builder& packed_stream(std::string_view path, std::span<std::byte const> stored, std::uint64_t size,
                               member_options const& o = {});
  // Content in pieces, for images of any size: `fill` writes the bytes that stand at `offset`.
  using filler = std::function<void(std::uint64_t offset, std::span<std::byte> out)>;
  image_builder& generated_file(std::string_view path, std::uint64_t size, filler const& fill,
                                member_options const& o = {});
  // `size` bytes of which only the first and the last 8 are not zero; a hole in a file.
  image_builder& huge_file(std::string_view path, std::uint64_t size, large_layout layout,
                           member_options const& o = {});
  image_builder& directory(std::string_view path, member_options const& o = {});
  image_builder& symlink(std::string_view path, std::string_view target, symlink_layout layout = symlink_layout::target,
                         member_options const& o = {});
  // A further name of the file that has `content`: o gives ino and nlink as for the first name.
  image_builder& hard_link(std::string_view path, std::string_view content, link_layout layout,
                           member_options const& o);
  image_builder& char_device(std::string_view path, device number, member_options const& o = {});
  image_builder& block_device(std::string_view path, device number, member_options const& o = {});
  image_builder& fifo(std::string_view path, member_options const& o = {});
  image_builder& socket(std::string_view path, member_options const& o = {});
  // AIX/RT 2.x and AIX PS/2 members: set o.type to name_rt or name_ps2 with file(), directory(),
  // symlink(); they have no security record.

  // Anything else, as it is.
  image_builder& raw(std::span<std::byte const> b);

  struct end_options {
    std::array<std::uint8_t, 2> stale = {1, 0};
    std::size_t cluster = 51200;
    tail fill = tail::zeros;
    header_overrides header;
  };
  image_builder& end();
  image_builder& end(end_options const& o);
  // Fills up the cluster without an end record.
  image_builder& fill_cluster(std::size_t cluster, tail fill = tail::zeros);

  [[nodiscard]] std::vector<known_member> const& members() const noexcept { return members_; }
  [[nodiscard]] std::uint64_t position() const noexcept;
  [[nodiscard]] std::uint64_t end_record_offset() const noexcept { return end_record_; }
  [[nodiscard]] std::uint32_t date() const noexcept { return volume_.date; }
  // Of an image in memory.
  [[nodiscard]] test::bytes bytes() const;

 private:
  struct plan;  // one record before it is written
  void put_record(plan const& p, member_options const& o);
  [[nodiscard]] name_fields fields(std::string_view path, std::uint32_t type_bits, std::uint32_t perm,
                                   member_options const& o) const;
  [[nodiscard]] test::bytes security_of(name_fields const& f, member_options const& o) const;
  image_builder& special(std::string_view path, std::uint32_t type_bits, std::uint32_t perm, member_options const& o);

  std::unique_ptr<image_output> out_;
  std::vector<known_member> members_;
  volume_fields volume_;
  std::uint32_t next_directory_ino_ = 0xffffffff;
  std::uint64_t end_record_ = 0;
};

// The volumes of a set: the first `volume_bytes` bytes, then for each further volume a header of
// its own and what fits after it. The last one is filled with zeros to `cluster`.
[[nodiscard]] std::vector<bytes> cut_volumes(std::span<std::byte const> image, volume_fields const& label,
                                             std::size_t volume_bytes, std::size_t cluster);

// One line a member: kind mode uid gid size stored packed mtime digest path [-> target], escaped.
[[nodiscard]] std::string listing(std::span<known_member const> members);
[[nodiscard]] std::string listing_line(known_member const& m);
[[nodiscard]] std::string kind_name(std::uint32_t mode);

// Deterministic filler text and bytes.
[[nodiscard]] std::string prose(std::size_t size, std::uint32_t seed = 1);
[[nodiscard]] bytes noise(std::size_t size, std::uint32_t seed = 1);

// Content that packs: letters that repeat in no short period. The same for one seed.
[[nodiscard]] std::string letters(std::size_t length, unsigned seed);

}  // namespace sysb::test
