// SPDX-License-Identifier: Apache-2.0
// A tree that is not written: which names there would be, and what they would be. 12 bytes a name; paths are not kept.
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include "base/digest.hpp"
#include "base/os/temporary_file.hpp"
#include "base/partitioned_table.hpp"
#include "base/text.hpp"
#include "output/fd.hpp"
#include "output/place.hpp"
#include "output/privileges.hpp"
#include "output/tree_host.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t usual_name_bytes = 255;

std::size_t longest_name_in(std::string path) {
  struct statvfs fs {};
  return look_at_file_system(path, fs) == 0 && fs.f_namemax != 0 ? fs.f_namemax : usual_name_bytes;
}

// A name that there is, or was.
struct foretold_name {
  enum : std::uint32_t { unused, gone, no_directory, empty_directory };  // with n names: empty_directory + n
  std::uint32_t low = 0, high = 0;                                       // of the key
  std::uint32_t what = unused;

  [[nodiscard]] std::uint64_t hash() const noexcept { return std::uint64_t{high} << 32 | low; }
  [[nodiscard]] bool occupied() const noexcept { return what != unused; }
  [[nodiscard]] bool is_there() const noexcept { return what > gone; }
  [[nodiscard]] bool is_directory() const noexcept { return what >= empty_directory; }
};
static_assert(sizeof(foretold_name) == 12);

class foretold_tree final : public tree_host {
 public:
  foretold_tree(std::string const& target, std::string const& tmpdir)
      : allowed_{privileges::of_this_process()}, name_bytes_{longest_name_in(target)}, tmpdir_{tmpdir} {
    named(top_).what = foretold_name::empty_directory;
  }

  [[nodiscard]] bool writes() const noexcept override { return false; }
  [[nodiscard]] unique_fd make_spool() noexcept override { return make_temporary_file(tmpdir_); }
  [[nodiscard]] std::optional<new_file_facts> new_files() const noexcept override { return std::nullopt; }
  [[nodiscard]] int sync() noexcept override { return 0; }

  [[nodiscard]] found_directory open(std::string const& path) override {
    auto key = top_;
    for (std::size_t at = 0; at < path.size();) {
      auto const end = std::min(path.find('/', at), path.size());
      bool is_directory = false;
      int const error = look(key, std::string_view{path}.substr(at, end - at), is_directory);
      if (error != 0 || !is_directory) { return {nullptr, error != 0 ? error : ENOTDIR}; }
      at = end + 1;
    }
    return {std::make_shared<held_directory const>(held_directory{unique_fd{}, key}), 0};
  }
  [[nodiscard]] int look(tree_place const& at, bool& is_directory) override {
    auto key = at.dir->key;
    return look(key, at.name, is_directory);
  }
  [[nodiscard]] int open_directory(tree_place& at) override {
    bool is_directory = false;
    int const error = look(at, is_directory);
    return error != 0 || is_directory ? error : ENOTDIR;
  }
  [[nodiscard]] int count_names(tree_place const& at, std::int64_t& out) override {
    out = named(key_of(at)).what - std::int64_t{foretold_name::empty_directory};
    return 0;
  }

  [[nodiscard]] int make(tree_place& at, mode_t mode, dev_t /*device*/) override {
    bool const device = S_ISCHR(mode) || S_ISBLK(mode);
    return add(at, S_ISDIR(mode), !device || allowed_.may_make_devices());
  }
  [[nodiscard]] int make_symlink(tree_place const& at, std::string const& target) override {
    return target.empty() ? ENOENT : target.size() >= PATH_MAX ? ENAMETOOLONG : add(at);
  }
  [[nodiscard]] int make_link(tree_place const& at, tree_place const& /*first*/) override { return add(at); }
  [[nodiscard]] int remove(tree_place const& at, bool directory) override {
    bool is_directory = false;
    if (int const error = look(at, is_directory); error != 0) { return error; }
    if (is_directory != directory) { return directory ? ENOTDIR : EISDIR; }
    auto& there = named(key_of(at));
    if (there.what > foretold_name::empty_directory) { return ENOTEMPTY; }
    there.what = foretold_name::gone;
    --named(at.dir->key).what;
    return 0;
  }

  [[nodiscard]] int set_owner(tree_place const& /*at*/, uid_t uid, gid_t gid) override {
    return allowed_.may_give_to(uid, gid) ? 0 : EPERM;
  }
  [[nodiscard]] int set_mode(tree_place const& /*at*/, mode_t /*mode*/) override { return 0; }
  [[nodiscard]] int set_times(tree_place const& /*at*/, std::int64_t /*atime*/, std::int64_t /*mtime*/) override {
    return 0;
  }

 private:
  // The key of a name is a hash of it, seeded with the key of its directory; an image cannot choose two that are equal.
  static std::uint64_t key_of(std::uint64_t directory, std::string_view name) noexcept {
    return name.empty() ? directory : table_hash(as_bytes(name), directory);
  }
  static std::uint64_t key_of(tree_place const& at) noexcept { return key_of(at.dir->key, at.name); }

  // The name's own where there is none yet.
  foretold_name& named(std::uint64_t key) {
    foretold_name const fresh{static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32),
                              foretold_name::gone};
    return *names_.find_or_add(fresh).first;
  }
  // One step down from the directory `key`.
  [[nodiscard]] int look(std::uint64_t& key, std::string_view name, bool& is_directory) const {
    if (name.size() > name_bytes_) { return ENAMETOOLONG; }
    key = key_of(key, name);
    auto const* const there = names_.find(key);
    is_directory = there != nullptr && there->is_directory();
    return there != nullptr && there->is_there() ? 0 : ENOENT;
  }
  int add(tree_place const& at, bool directory = false, bool allowed = true) {
    if (at.name.size() > name_bytes_) { return ENAMETOOLONG; }
    auto& there = named(key_of(at));
    if (there.is_there()) { return EEXIST; }
    if (!allowed) { return EPERM; }
    there.what = directory ? foretold_name::empty_directory : foretold_name::no_directory;
    ++named(at.dir->key).what;
    return 0;
  }

  privileges allowed_;
  std::size_t name_bytes_;
  std::string tmpdir_;
  std::uint64_t top_ = unforeseen_number();  // its key
  partitioned_table<foretold_name> names_;
};

}  // namespace

std::unique_ptr<tree_host> make_foretelling_host(std::string const& target, std::string const& tmpdir) {
  return std::make_unique<foretold_tree>(target, tmpdir);
}

}  // namespace sysb::output
