// SPDX-License-Identifier: Apache-2.0
// Sinks: archives through libarchive, our own tree writer, manifests, nothing; and the staging
// that makes an output appear whole or not at all.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry_sink.hpp"
#include "core/output_kind.hpp"
#include "output/way_out.hpp"

namespace sysb::output {

// The owner in an output that cannot hold the image's.
inline constexpr std::uint32_t id_of_nobody = 65534;

enum class compression : std::uint8_t { none, gzip, xz, zstd };

// All kinds this floor can write: pax ustar gnutar newc tree mtree json null.
[[nodiscard]] std::span<output_kind const> kinds() noexcept;
[[nodiscard]] std::optional<compression> parse_compression(std::string_view word) noexcept;

struct output_name {
  std::string format;  // "pax", "newc", "bff", "tree" (name ends in '/'); empty: suffix unknown
  compression compress = compression::none;
};
// ".tar" (pax), ".cpio" (newc), each with ".gz" ".xz" ".zst"; ".bff"; trailing '/'.
[[nodiscard]] output_name parse_output_name(std::string_view out);

struct archive_options {
  std::string_view format;  // pax ustar gnutar newc
  compression compress = compression::none;
  int level = -1;             // -1: the default of the compressor
  unsigned threads = 1;       // compression workers; the bytes do not depend on it
  bool stop_on_loss = false;  // --on-loss stop: a loss of warning level throws fatal_error{loss}
};
// Writes to `fd`, which stays the caller's.
[[nodiscard]] std::unique_ptr<entry_sink> make_archive_sink(int fd, archive_options const& o,
                                                            diagnostic_sink& findings);

struct tree_options {
  bool sparse = false;      // --sparse: punch 4 KiB blocks of zeros
  bool privileged = false;  // owner, devices: only as root
  bool sync = true;
  int manifest_fd = -1;  // mtree of what a rootless tree cannot hold (OUT.mtree); -1: none
  // --on-loss stop: a loss of warning level throws fatal_error{loss} from the call that finds it;
  // one of a directory's metadata from finish().
  bool stop_on_loss = false;
};
// Below the directory `dirfd`, never outside it; dirfd stays the caller's.
[[nodiscard]] std::unique_ptr<entry_sink> make_tree_sink(int dirfd, tree_options const& o, diagnostic_sink& findings);
// The same sink on a tree that is only foretold: reports what it would report, as far as that can be known without
// writing. Of `o` privileged and stop_on_loss count; `target` says whose file system it is, and need not be there.
// What is too long for memory stands in `tmpdir`.
[[nodiscard]] std::unique_ptr<entry_sink> make_tree_forecast(std::string const& target, std::string const& tmpdir,
                                                             tree_options const& o, diagnostic_sink& findings);
[[nodiscard]] std::unique_ptr<entry_sink> make_mtree_sink(int fd);
[[nodiscard]] std::unique_ptr<entry_sink> make_json_sink(int fd);  // `entry` objects, one a line
[[nodiscard]] std::unique_ptr<entry_sink> make_null_sink();

// Throw fatal_error{io} as the staging of the same name would, before anything is written. Of a tree: whether
// the target is there.
void refuse_taken_file(std::string const& path, bool overwrite);
bool refuse_taken_tree(std::string const& path);

// What a file or directory is told by, whatever its name: for who comes after a run that was killed.
struct file_identity {
  std::uint64_t device = 0, inode = 0, size = 0;  // no size of a directory
  std::int64_t seconds = 0, nanoseconds = 0;      // of its last change of content
  std::string staged = {};                        // where what it replaces stands meanwhile; one component
  bool filled = false;                            // a directory that was there: its members move into it
  [[nodiscard]] bool same_file(file_identity const& o) const noexcept {
    return device == o.device && inode == o.inode && size == o.size && seconds == o.seconds &&
           nanoseconds == o.nanoseconds;
  }
};
// Of what `fd` has open, or of `name` in a folder, no link followed; nothing where it cannot be told.
[[nodiscard]] std::optional<file_identity> identity_of(int fd);
[[nodiscard]] std::optional<file_identity> identity_of(int folder, std::string const& name);

// A file that is written beside its final name (0600), synced, and renamed. An existing target is refused by the
// constructor unless `overwrite`; what is neither absent nor a regular file is refused always.
//
// It appears in three steps, so that several can appear together: prepare() for what takes time and may fail, place()
// for the rename, keep() once nothing can fail any more. Destroyed before keep(): what was there before is there again.
class staged_file {
 public:
  staged_file(std::string final_path, bool overwrite);
  // In a folder that appears as a whole later; `path` is for messages.
  staged_file(int folder, std::string name, std::string path);
  ~staged_file();
  staged_file(staged_file&&) noexcept;
  staged_file& operator=(staged_file&&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  void prepare(std::uint32_t mode = 0644);  // fsync, chmod(mode & ~umask)
  [[nodiscard]] file_identity identity() const;
  void place();  // rename, fsync of the folder, close; what it replaces is put aside
  void keep();   // removes what it replaced; throws where that cannot be
  void let_stay() noexcept {
    placed_ = false, staged_.clear(), way_out_.forget();
  }  // what it replaced stays under its staged name
  void commit(std::uint32_t mode = 0644) {
    prepare(mode);
    place();
    keep();
  }

 private:
  void stage();
  void take_back() noexcept;
  std::string final_;          // as given, for messages
  std::string name_, staged_;  // one component each, below folder_
  int folder_ = -1;
  int fd_ = -1;
  bool overwrite_;
  bool placed_ = false;
  on_way_out way_out_;
  bool for_good_ = false;  // what it replaced is gone: the file system cannot exchange two names
};

// A directory likewise (0700 until prepare); its target must be absent or empty. It is written
// beside its target and renamed; where that cannot be (the target is a mount point, the working
// directory, or its parent may not be written), in a folder inside it, and moved up by place().
class staged_tree {
 public:
  explicit staged_tree(std::string final_path);
  ~staged_tree();  // removes the staged tree, descriptor-relative
  staged_tree(staged_tree const&) = delete;
  staged_tree& operator=(staged_tree const&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  // What the umask leaves of `mode` here.
  [[nodiscard]] std::uint32_t masked(std::uint32_t mode) const;
  [[nodiscard]] file_identity identity() const;
  // The root's mode and owner were set through the sink on the descriptor; place() keeps them.
  void place();
  void keep() noexcept { placed_ = false; }
  void commit() {
    place();
    keep();
  }

 private:
  void move_up();
  void take_back() noexcept;
  std::string final_;
  std::string name_, staged_;
  int folder_ = -1;  // holds staged_: the parent of the target, or the target itself
  int fd_ = -1;
  int spare_ = -1;  // to be there when a tree has to be removed
  on_way_out way_out_;
  bool inside_ = false;
  bool placed_ = false;
};

// Throws fatal_error{io} when the file system of `path` has less than `bytes` or `inodes` free.
void require_space(std::string const& path, std::uint64_t bytes, std::uint64_t inodes);

}  // namespace sysb::output
