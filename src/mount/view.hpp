// SPDX-License-Identifier: Apache-2.0
// Which members a mount shows: all of them, a selection, or what a plan makes of them.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "catalog/catalog.hpp"
#include "core/diagnostic.hpp"
#include "core/limits.hpp"
#include "core/member_plan.hpp"
#include "core/progress.hpp"
#include "mount/contents.hpp"
#include "mount/tree.hpp"
#include "pipeline/select.hpp"
#include "registry/registry.hpp"

namespace sysb::mount {

// The catalog of an image that was just opened. By its index, what that says of it goes to `findings`; without one
// the headers are walked over, once, and the catalog is kept in a file without a name in `folder`. Members that are
// damaged are in it then, and what the walk found went to whoever opened the image.
[[nodiscard]] std::shared_ptr<catalog const> members_of(registry::opened_image& image, std::string const& folder,
                                                        progress& counters, diagnostic_sink& findings);

// The image, unpacked to a file without a name in `folder`, where it could only be read from its start.
[[nodiscard]] registry::opened_image spooled(registry::opened_image image, std::string const& folder, limits const& l,
                                             diagnostic_sink& findings, progress& counters);

struct choice {
  pipeline::selection const* selected = nullptr;  // null: everything
  member_plan* plan = nullptr;                    // null: as they are
};
// `shown` and `generated` of `members` after the choice; one pass over its catalog.
void choose(shown_members& members, choice const& c, contents& bytes, std::string const& folder,
            progress const& counters);

// How many members have names that no directory can hold. `between` is called now and then, to let others go first.
[[nodiscard]] std::uint64_t names_not_shown(catalog const& members, progress const& counters,
                                            std::function<void()> const& between);

}  // namespace sysb::mount
