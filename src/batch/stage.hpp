// SPDX-License-Identifier: Apache-2.0
// A folder beside an output, in which one attempt works; and how its result gets to its place.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "batch/state.hpp"

namespace sysb::batch {

// .sysb-batch.HASH.HOST.PID.BORN: the hash of the key, and the process that made it.
inline constexpr std::string_view stage_mark = ".sysb-batch.";

class stage {
 public:
  // Beside `out` (an absolute path). Throws fatal_error{io}: its folder is missing, or cannot be written.
  stage(std::string const& out, std::string_view key, running_job const& who);
  ~stage();  // removes what is left in it
  stage(stage const&) = delete;
  stage& operator=(stage const&) = delete;

  [[nodiscard]] std::string const& path() const noexcept { return path_; }
  void touch() const noexcept;
  // Renames NAME.d, NAME.mtree and then NAME to their places, whatever stands there. Throws fatal_error{io}: then what
  // stood there stands there again, where the file system can exchange two names.
  void place() const;

 private:
  enum class way : std::uint8_t { nothing, renamed, exchanged, replaced };
  [[nodiscard]] way place_one(std::string const& name) const;
  void take_back(std::string const& name, way how) const noexcept;
  [[nodiscard]] std::string here(std::string const& name) const;
  [[nodiscard]] std::string there(std::string const& name) const;
  std::string out_, path_;
};

// The process that made a folder or a file with our mark; pid 0 where the name is not one of ours.
[[nodiscard]] running_job maker_of(std::string_view name);

}  // namespace sysb::batch
