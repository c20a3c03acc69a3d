// SPDX-License-Identifier: Apache-2.0
// The scripts for AIX as they stand in this folder, and what is put into them.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace sysb::wpar::deploy {

// Made from the files of the same names by embed.py. "@WORD@" is a place for a value.
extern std::string_view const deploy_sh, preflight_sh, steps_sh, undo_sh, refuse_sh, restore_metadata_sh,
    collect_host_sh;

using values = std::map<std::string, std::string, std::less<>>;

// Every @WORD@ by its value; a value is not looked through again. A line that is nothing but "@WORD@" goes
// with its newline where the value is empty. An unknown word stays, and a test finds it.
[[nodiscard]] std::string fill(std::string_view text, values const& v);

// For a comment: one line, no control characters, at most `most` bytes.
[[nodiscard]] std::string remark(std::string_view text, std::size_t most = 300);

}  // namespace sysb::wpar::deploy
