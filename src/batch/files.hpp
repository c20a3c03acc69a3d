// SPDX-License-Identifier: Apache-2.0
// The few things a batch does to files: read one whole, put one in its place, tell an image by samples.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/os/descriptor.hpp"
#include "batch/row.hpp"

namespace sysb::batch {

// Nothing where the file is not there; throws fatal_error{io} for every other reason, and beyond `limit` bytes.
[[nodiscard]] std::optional<std::string> read_file(std::string const& path, std::uint64_t limit = 1u << 30);
// Written aside, synced, renamed, the folder synced: a reader sees the old text or the new one. Piece by piece here;
// what is not placed is removed. Throws fatal_error{io}.
class aside_file {
 public:
  explicit aside_file(std::string path, unsigned mode = 0600);
  ~aside_file();
  aside_file(aside_file const&) = delete;
  aside_file& operator=(aside_file const&) = delete;
  void write(std::string_view text);
  // The file that stands in the place has the same bytes. After the last write().
  [[nodiscard]] bool same_as_old();
  void place(bool sync = true);

 private:
  void flush();
  std::string path_, aside_, buffer_;
  unique_fd fd_;
};

// The same of a whole text.
void write_file(std::string const& path, std::string_view text, unsigned mode = 0600);
// The same without syncing, for what can be made again at any time; readable as the umask leaves it.
void put_plain(std::string const& path, std::string_view text);
// A second name of a file, or a copy where the file system has none. Throws fatal_error{io}.
void keep_as(std::string const& path, std::string const& name);
// Makes a folder and those above it where they are missing, less what the umask takes. Throws fatal_error{io}.
void make_folders(std::string const& path, unsigned mode = 0700);
void sync_folder(std::string const& path);  // best effort on file systems that cannot

// A file or a folder with all that is in it, following no link. 0, or errno of what could not be removed.
int remove_whole(std::string const& path) noexcept;

// A link that leads nowhere exists too. Throws fatal_error{io}: it cannot be told.
[[nodiscard]] bool exists(std::string const& path);
[[nodiscard]] std::string absolute_path(
    std::string const& path);  // against the working directory; "." and "//" removed
[[nodiscard]] std::string parent_folder(std::string const& path);  // of an absolute path
[[nodiscard]] std::string file_part(std::string const& path);

// Size, time and samples of the volumes together. Of a folder (the files of a tape): of its files by name. Throws
// fatal_error{io}.
[[nodiscard]] identity identify(std::vector<std::string> const& volumes);
// What differs, as a person reads it; empty when nothing does.
[[nodiscard]] std::string difference(identity const& planned, identity const& found);

[[nodiscard]] std::string host_name();

}  // namespace sysb::batch
