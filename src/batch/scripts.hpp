// SPDX-License-Identifier: Apache-2.0
// Texts with which engines that exist call the unit. Nothing is run here.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "batch/state.hpp"

namespace sysb::batch {

struct script_request {
  std::string program = "sysb";  // as the engine's machines call it
  std::uint64_t jobs = 1;        // -j: at once
  unsigned threads = 1;          // of each job
  std::uint64_t shards = 0;      // tasks of an array; 0: chosen from the plan
  std::string image;             // of containers (k8s)
};

[[nodiscard]] std::span<std::string_view const> engines() noexcept;  // "slurm" "parallel" ...

// Throws fatal_error{usage} for an engine that is not known, fatal_error{io} for a plan that cannot be read.
[[nodiscard]] std::string script_for(batch_folder const& batch, std::string_view engine, script_request const& r);

}  // namespace sysb::batch
