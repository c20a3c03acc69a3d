// SPDX-License-Identifier: Apache-2.0
// Where members go: archives, trees, manifests, records; and the way there.
//
// pipeline::copy_members() takes members from a reader through a plan into a sink; it reports what the output
// cannot hold. A sink is finished by finish(), which may throw; one that is not is abandoned. The staged outputs
// appear under their name with commit(), whole, or not at all.
#pragma once

#include "core/entry_sink.hpp"    // IWYU pragma: export
#include "core/member_plan.hpp"   // IWYU pragma: export
#include "core/output_kind.hpp"   // IWYU pragma: export
#include "output/output.hpp"      // IWYU pragma: export
#include "pipeline/pipeline.hpp"  // IWYU pragma: export
#include "pipeline/select.hpp"    // IWYU pragma: export
#include "sysb/findings.hpp"      // IWYU pragma: export
