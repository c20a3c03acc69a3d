// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

std::vector<side_file> make_side_files(facts const& f, request const& r, assessment const& a, result const& done) {
  std::vector<side_file> out;
  auto const plan = plan_file_systems(f, r, a.kind.kind);
  out.push_back({"fs.plan", to_text(plan, r.target), 0644});
  if (auto text = reduced_image_data(f, a, plan); !text.empty()) {
    out.push_back({"image.data", std::move(text), 0644});
  }
  out.push_back({"wpar.spec", wpar_spec(r, plan), 0644});
  out.push_back({"deploy.sh", deploy_script(f, r, a, plan, done), 0755});
  if (wants_metadata(r)) { out.push_back({"restore-metadata.sh", std::string{restore_metadata_sh}, 0755}); }
  out.push_back({"collect-host.sh", std::string{collect_host_sh}, 0755});
  out.push_back({"report.json", report_json(f, r, a, plan, done), 0644});
  out.push_back({"report.txt", report_text(f, r, a, plan, done), 0644});
  return out;
}

bool wants_metadata(request const& r) noexcept {
  return r.target == target_kind::tree || r.target == target_kind::archive;
}

}  // namespace sysb::wpar::deploy
