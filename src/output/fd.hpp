// SPDX-License-Identifier: Apache-2.0
// The words for what the system refused.
#pragma once
#include <string_view>

#include "base/os/descriptor.hpp"

namespace sysb::output {

// fatal_error{io}: "what: reason". EPIPE becomes fatal_error{closed_pipe}.
[[noreturn]] void throw_os(int error_number, std::string_view what, std::string_view path = {});
// write_error, or closed_pipe likewise.
[[noreturn]] void throw_unwritten(int error_number);

}  // namespace sysb::output
