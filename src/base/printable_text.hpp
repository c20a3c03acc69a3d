// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace sysb {

// A sentence with names in it that printable() has made safe already: their backslashes are not doubled again. What a
// terminal would act on is escaped as printable() does.
[[nodiscard]] std::string printable_text(std::string_view text);

}  // namespace sysb
