// SPDX-License-Identifier: Apache-2.0
#include "pipeline/diagnostics.hpp"

#include <array>

namespace sysb::pipeline {

std::span<diag_code const* const> codes() noexcept {
  static constexpr std::array all{&name_has_dotdot,      &parent_not_directory,
                                  &replaces_directory,   &absolute_names,
                                  &names_twice,          &root_not_directory,
                                  &link_outside,         &link_metadata_differs,
                                  &link_sizes_differ,    &link_content_differs,
                                  &link_content_missing, &link_group_too_wide,
                                  &link_content_passed,  &inode_used_again,
                                  &loss_member,          &loss_owner,
                                  &loss_mtime,           &loss_acl,
                                  &loss_aix_mode,        &loss_times,
                                  &loss_device};
  return all;
}

}  // namespace sysb::pipeline
