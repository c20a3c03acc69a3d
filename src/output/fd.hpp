// SPDX-License-Identifier: Apache-2.0
// What the system refuses ends the run, with the words for it.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/os/descriptor.hpp"

namespace sysb::output {

// fatal_error{io}: "what: reason". EPIPE becomes fatal_error{closed_pipe}.
[[noreturn]] void throw_os(int error_number, std::string_view what, std::string_view path = {});
// write_error, or closed_pipe likewise.
[[noreturn]] void throw_unwritten(int error_number);
// That nobody can foretell, for names of files and seeds of tables. Throws fatal_error{io}.
[[nodiscard]] std::uint64_t unforeseen_number();

}  // namespace sysb::output
