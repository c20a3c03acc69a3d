// SPDX-License-Identifier: Apache-2.0
// `sysb --version`, for people and with --json.
#pragma once
#include <string>
#include <string_view>

namespace sysb::cli {

[[nodiscard]] std::string version_text(std::string_view version);
// One object on one line: version, commit, compiler, libraries as the program was built with them, features, formats.
[[nodiscard]] std::string version_json(std::string_view version);

}  // namespace sysb::cli
