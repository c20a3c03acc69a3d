// SPDX-License-Identifier: Apache-2.0
// What makes an image a system copy WPAR: gather_facts() reads it once and gathers facts, assess() holds the rules
// V01 to V34 against them, make_plan() says what becomes of every member, make_side_files() writes what AIX needs
// beside the output. Survey, assessment and plan only read: nothing is written but by a sink.
#pragma once

#include "sysb/archive.hpp"        // IWYU pragma: export
#include "sysb/outputs.hpp"        // IWYU pragma: export
#include "wpar/deploy/deploy.hpp"  // IWYU pragma: export
#include "wpar/plan.hpp"           // IWYU pragma: export
#include "wpar/request.hpp"        // IWYU pragma: export
#include "wpar/rules.hpp"          // IWYU pragma: export
#include "wpar/survey.hpp"         // IWYU pragma: export
