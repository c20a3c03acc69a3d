// SPDX-License-Identifier: Apache-2.0
// Members that the survey reads, by the numbers that inputs and seeds of fuzz_survey give them: append only.
#pragma once
#include <array>
#include <string_view>

namespace sysb::fuzz {

inline constexpr std::array<std::string_view, 34> survey_paths{"./image.data",
                                                               "./bosinst.data",
                                                               "./etc/filesystems",
                                                               "./etc/exclude.rootvg",
                                                               "./etc/inittab",
                                                               "./etc/passwd",
                                                               "./etc/group",
                                                               "./etc/exports",
                                                               "./etc/rc.tcpip",
                                                               "./etc/wpars/web.cf",
                                                               "./etc/wpars/devexports",
                                                               "./etc/ct_node_id",
                                                               "./etc/objrepos/CuAt",
                                                               "./etc/objrepos/CuAt.vc",
                                                               "./etc/objrepos/CuDv",
                                                               "./etc/objrepos/CuDvDr",
                                                               "./etc/objrepos/CuVPD",
                                                               "./etc/objrepos/lpp",
                                                               "./etc/objrepos/product",
                                                               "./etc/objrepos/inventory",
                                                               "./etc/objrepos/inventory.vc",
                                                               "./usr/lib/objrepos/lpp",
                                                               "./usr/lib/objrepos/product",
                                                               "./usr/lib/objrepos/inventory",
                                                               "./usr/lib/objrepos/inventory.vc",
                                                               "./usr/lib/objrepos/fix",
                                                               "./usr/lib/objrepos/fix.vc",
                                                               "./usr/lib/objrepos/PdAt",
                                                               "./usr/share/lib/objrepos/lpp",
                                                               "./usr/lpp/bos/liblpp.a",
                                                               "./usr/lpp/bos/inst_root/liblpp.a",
                                                               "./var/spool/cron/crontabs/root",
                                                               "./etc/hosts",
                                                               "./lpp_name"};

}  // namespace sysb::fuzz
