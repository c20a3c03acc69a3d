// SPDX-License-Identifier: Apache-2.0
// What stands beside the output: a reduced image.data, a specification file, a script for AIX, and
// the report in two forms.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "wpar/facts.hpp"
#include "wpar/plan.hpp"
#include "wpar/request.hpp"
#include "wpar/rules.hpp"

namespace sysb::wpar {

struct side_file {
  std::string name;  // "image.data" "wpar.spec" "deploy.sh" "report.json" "report.txt"
  std::string content;
  std::uint32_t mode = 0644;
  bool operator==(side_file const&) const = default;
};

[[nodiscard]] std::vector<side_file> make_side_files(facts const& f, request const& r, assessment const& a,
                                                     plan_totals const& totals);

// The stanzas of image.data with the fs/lv pairs that the WPAR keeps (mkwpar -L image_data=, and
// ./image.data of a .bff). Empty where the image has none. Verbatim but for what is left out and for an
// OSLEVEL line added where the level came from elsewhere.
[[nodiscard]] std::string reduced_image_data(facts const& f, request const& r, assessment const& a);

[[nodiscard]] std::string wpar_spec(request const& r);
[[nodiscard]] std::string deploy_script(facts const& f, request const& r, assessment const& a);
[[nodiscard]] std::string report_text(facts const& f, request const& r, assessment const& a, plan_totals const& totals);
[[nodiscard]] std::string report_json(facts const& f, request const& r, assessment const& a, plan_totals const& totals);

}  // namespace sysb::wpar
