// SPDX-License-Identifier: Apache-2.0
// Stands for file_system.cpp where there is no libfuse.
#include "core/fatal_error.hpp"
#include "mount/file_system.hpp"

namespace sysb::mount {

bool is_built_in() noexcept { return false; }

struct mounted_image::session {};

mounted_image::mounted_image(mount_options const& /*o*/, tree const& /*files*/, contents& /*bytes*/) {
  throw fatal_error{fatal_error::kind::io, "this program was built without FUSE: build it with libfuse3 to mount"};
}
mounted_image::~mounted_image() = default;
void mounted_image::serve(int /*stop_fd*/, unsigned /*threads*/) {}
std::uint64_t mounted_image::served() const noexcept { return 0; }
void mounted_image::unmount() noexcept {}
void mounted_image::abandon() noexcept {}

}  // namespace sysb::mount
