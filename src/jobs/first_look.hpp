// SPDX-License-Identifier: Apache-2.0
// A system copy of a damaged image: the pass before all others, and what is told of each member that is not in the
// output as it was saved.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "core/limits.hpp"
#include "jobs/events.hpp"
#include "jobs/image.hpp"
#include "pipeline/pipeline.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/missing.hpp"

namespace sysb::jobs {

class first_look {
 public:
  // Reads everything: damage, changed files, and whose the members are.
  first_look(registry::opened_image& image, image_request const& r, unsigned threads, events& e);
  first_look(first_look const&) = delete;
  first_look& operator=(first_look const&) = delete;

  // For the survey: corrected; false for what is lost.
  [[nodiscard]] bool prepare(entry& e) const;
  pipeline::review seen;
  std::optional<wpar::deploy::ownership> owners;  // always there once it is made

 private:
  image_request const& request_;
};

class loss_teller {
 public:
  using line_taker = std::function<void(wpar::deploy::missing_member const&)>;  // may be empty
  loss_teller(first_look const& look, wpar::facts const& facts, wpar::deploy::result& done, line_taker take)
      : look_{look}, facts_{facts}, done_{done}, take_{std::move(take)} {}

  void add(pipeline::member_event const& m);
  // Records whose names the walk could read, and no more of them than that.
  void add_unread(std::function<bool(std::string const&)> const& is_wanted);
  // Where bytes were skipped, records may be lost that only the inventory knows of.
  void add_absent();

 private:
  void add(std::string path, std::string reason, std::uint64_t size, bool partial);

  first_look const& look_;
  wpar::facts const& facts_;
  wpar::deploy::result& done_;
  line_taker take_;
  std::unordered_set<std::string> told_;
  std::unordered_set<std::string> came_;  // members of which an error was said
};

}  // namespace sysb::jobs
