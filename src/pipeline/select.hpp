// SPDX-License-Identifier: Apache-2.0
// Which members a person asked for. Shell globs by fnmatch(3) without FNM_PATHNAME on normal
// paths; a pattern that names a directory selects all below it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sysb::pipeline {

class selection {
 public:
  selection() = default;  // everything
  selection(std::vector<std::string> const& include, std::vector<std::string> const& exclude);
  // `path` as in the image or normal. Remembers which include patterns matched.
  [[nodiscard]] bool matches(std::string_view path) const;
  // An exclude pattern hits it: nobody needs it.
  [[nodiscard]] bool excludes(std::string_view path) const;
  [[nodiscard]] std::vector<std::string> unmatched() const;  // include patterns that hit nothing
  [[nodiscard]] bool everything() const noexcept { return include_.empty() && exclude_.empty(); }

 private:
  struct pattern {
    std::string given;
    std::string glob;  // normal_path of it
    bool literal;
    mutable bool hit = false;
  };
  [[nodiscard]] static bool hits(pattern const& p, std::string const& normal);
  std::vector<pattern> include_, exclude_;
};

}  // namespace sysb::pipeline
