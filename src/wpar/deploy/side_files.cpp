// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "wpar/deploy/deploy.hpp"
#include "wpar/deploy/texts.hpp"

namespace sysb::wpar::deploy {

void make_side_files(facts const& f, request const& r, assessment const& a, result const& done,
                     std::function<void(side_file const&)> const& take) {
  auto const plan = plan_file_systems(f, r, a.kind.kind);
  take({"fs.plan", to_text(plan, r.target), 0644});
  if (auto text = reduced_image_data(f, a, plan); !text.empty()) { take({"image.data", std::move(text), 0644}); }
  take({"wpar.spec", wpar_spec(r, plan), 0644});
  take({"deploy.sh", deploy_script(f, r, a, plan, done), 0755});
  if (wants_metadata(r)) { take({"restore-metadata.sh", std::string{restore_metadata_sh}, 0755}); }
  take({"collect-host.sh", std::string{collect_host_sh}, 0755});
  take({"report.json", report_json(f, r, a, plan, done), 0644});
  take({"report.txt", report_text(f, r, a, plan, done), 0644});
}

bool wants_metadata(request const& r) noexcept {
  return r.target == target_kind::tree || r.target == target_kind::archive;
}

}  // namespace sysb::wpar::deploy
