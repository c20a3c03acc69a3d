// SPDX-License-Identifier: Apache-2.0
// One pass of members into a sink, with what every job does around it.
#pragma once
#include "core/entry_sink.hpp"
#include "core/member_plan.hpp"
#include "jobs/jobs.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::jobs {

class copy_run {
 public:
  copy_run(events& e, registry::opened_image& image, member_plan& plan, entry_sink& sink, outcome& out)
      : events_{e}, image_{image}, plan_{plan}, sink_{sink}, out_{out} {}

  pipeline::copy_options options;

  // Options that follow from the output: what it can hold, and whether there is room for it.
  void write_to(output_request const& to);
  // Salvage, changed files: looks through the image before run(), or goes by what was seen already.
  void look_through(image_request const& image);
  void use(pipeline::review const& seen, image_request const& image);
  // Copies, and fills the outcome's totals.
  void read(char const* phase);
  // The same; then looks whether the source changed, and finishes the sink.
  void run(char const* phase);
  // True where the output may appear: nothing found that makes it incomplete, or salvage. Members that
  // were refused for safety do not count: the rest of the output is whole.
  // Asked again after the output was read back, which may find more.
  [[nodiscard]] bool may_commit() const;

 private:
  events& events_;
  registry::opened_image& image_;
  member_plan& plan_;
  entry_sink& sink_;
  outcome& out_;
  pipeline::review seen_;
  output_request const* to_ = nullptr;
  bool complete_ = false;
};

}  // namespace sysb::jobs
