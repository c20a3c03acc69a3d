// SPDX-License-Identifier: Apache-2.0
// What the kernel lets this process do to a tree, as far as it says so without a trial.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace sysb::output {

class privileges {
 public:
  // Reads /proc/self; what stands nowhere counts as allowed.
  [[nodiscard]] static privileges of_this_process();
  // From the texts of uid_map, gid_map and status there; for tests.
  privileges(std::string_view uid_map, std::string_view gid_map, std::string_view status);

  // As root: whether files can be given to this owner. Ids that a user namespace does not know cannot
  // be set, and no other than oneself and one's groups without the capability.
  [[nodiscard]] bool may_give_to(std::uint32_t uid, std::uint32_t gid) const noexcept;
  // Device nodes need the capability in the first user namespace.
  [[nodiscard]] bool may_make_devices() const noexcept { return devices_; }

 private:
  struct range {
    std::uint64_t first = 0, count = 0;
    [[nodiscard]] bool holds(std::uint32_t id) const noexcept { return id >= first && id - first < count; }
  };
  [[nodiscard]] static std::vector<range> parse(std::string_view map);

  std::vector<range> uids_, gids_;
  std::vector<std::uint64_t> groups_;
  bool chown_ = true;
  bool devices_ = true;
};

}  // namespace sysb::output
