// SPDX-License-Identifier: Apache-2.0
// One pass of members into a sink, with what every writing command does around it.
#pragma once
#include "cli/input.hpp"
#include "cli/session.hpp"
#include "core/entry_sink.hpp"
#include "core/member_plan.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

// After begin_again: passes over all members, so that the reader knows what they are, and leaves it
// before the first one.
void look_through(session& s, registry::opened_image& image);

// One pass over the members that starts again where the reader asks for it; `possible`: what the
// first start wrote is gone by then.
template <typename Work>
void run_again_if_asked(session& s, registry::opened_image& image, bool possible, Work const& work) {
  // Lines that went out are not said a second time.
  if (possible && !image.source->cheap_seek()) { s.findings().remember(); }
  try {
    work();
    return;
  } catch (begin_again const&) {
    if (!possible) { throw; }
  }
  s.findings().repeat();
  look_through(s, image);
  work();
}

class copy_run {
 public:
  copy_run(session& s, registry::opened_image& image, member_plan& plan, entry_sink& sink)
      : session_{s}, image_{image}, plan_{plan}, sink_{sink} {}

  pipeline::copy_options options;

  // Copies, finishes the sink, looks whether the source changed, fills the summary.
  void run(char const* phase);
  // --salvage: looks through the image for what is not whole, before run().
  void salvage(image_arguments const& image);
  // True where the output may appear: nothing found that makes it incomplete, or salvage. Members that
  // were refused for safety do not count: the rest of the output is whole.
  // Asked again after --verify, which may find more.
  [[nodiscard]] bool may_commit() const noexcept;

 private:
  session& session_;
  registry::opened_image& image_;
  member_plan& plan_;
  entry_sink& sink_;
  pipeline::salvage_list broken_;
  bool complete_ = false;
};

}  // namespace sysb::cli
