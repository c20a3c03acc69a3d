// SPDX-License-Identifier: Apache-2.0
// A tree and its contents as a FUSE file system, by libfuse's low-level interface. The rest of the program sees
// neither.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mount/contents.hpp"
#include "mount/links.hpp"
#include "mount/tree.hpp"

namespace sysb::mount {

// False: this program was built without FUSE, and mounted_image can only say so.
[[nodiscard]] bool is_built_in() noexcept;

struct mount_options {
  std::string directory;
  std::string source;  // the image's name, for mount(8)
  link_policy links = link_policy::inside;
  std::optional<std::uint32_t> uid, gid;  // everything belongs to them; else as the image says
  bool allow_other = false;
  bool exec = false;
  std::string more;  // -o, judged by refuse_option()
};

// The first of `-o` options that a read-only mount of foreign files does not take ("rw", "dev", …); empty: none.
[[nodiscard]] std::string refused_option(std::string const& options);

class mounted_image {
 public:
  // Mounts; throws fatal_error{io} where that fails. `files` and `bytes` outlive this. From here on until the
  // destructor somebody who looks into the directory waits for serve().
  mounted_image(mount_options const& o, tree const& files, contents& bytes);
  ~mounted_image();

  // Answers until the directory is unmounted, or `stop_fd` can be read from; `threads` work beside each other.
  // After a stop the destructor unmounts, whoever uses the directory.
  void serve(int stop_fd, unsigned threads);
  // Requests that were answered, or are being.
  [[nodiscard]] std::uint64_t served() const noexcept;
  // The end of it, whoever uses the directory; nothing is left to do where it is unmounted already.
  void unmount() noexcept;
  // The mount is another process's: the destructor leaves it alone.
  void abandon() noexcept;

 private:
  struct session;
  std::unique_ptr<session> session_;
};

// The attribute of the top that says which process serves it, for who waits for its end.
inline constexpr char const* server_attribute = "user.sysb.server";
// As mount(8) and /proc/self/mountinfo show it.
inline constexpr char const* file_system_type = "fuse.sysb";

}  // namespace sysb::mount
