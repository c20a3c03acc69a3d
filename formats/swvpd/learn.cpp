// SPDX-License-Identifier: Apache-2.0
// What the bits of cp_flag may mean, learned from which filesets have them. A report: nobody
// published the bits, so no result of this may remove anything by itself.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "formats/swvpd/swvpd.hpp"

namespace sysb::swvpd {
namespace {

constexpr std::size_t least_drivers = 8;  // "many" drivers
constexpr std::string_view always_visible[] = {"bos.rte", "bos.rte.libc", "bos.net.tcp.client",
                                               "bos.net.tcp.client_core", "rpm.rte"};

bool must_be_visible(std::string_view name) noexcept {
  return name.starts_with("openssh.") ||
         std::find(std::begin(always_visible), std::end(always_visible), name) != std::end(always_visible);
}

using flag_map = std::map<std::string, std::uint32_t>;

void judge_private(bit_use& b, flag_map const& flags, flag_map const& twin, bool wpar_level) {
  std::size_t drivers = 0;
  std::size_t visible_set = 0;
  std::size_t visible_seen = 0;
  for (auto const& [name, value] : flags) {
    bool const set = (value & b.mask) != 0;
    if (set && name.starts_with("devices.")) { ++drivers; }
    if (must_be_visible(name)) {
      ++visible_seen;
      if (set) { ++visible_set; }
    }
  }
  bool ok = true;
  auto const test = [&](bool passed, std::string text) {
    b.reasons.push_back(concat(passed ? "passed: " : "failed: ", text));
    ok = ok && passed;
  };
  test(wpar_level, "the level is at least 6.1");
  test(drivers >= least_drivers, concat("set on ", std::uint64_t{drivers}, " filesets devices.*"));
  test(visible_seen != 0 && visible_set == 0, concat("set on ", std::uint64_t{visible_set}, " of ",
                                                     std::uint64_t{visible_seen}, " filesets that every system needs"));
  std::size_t common = 0;
  std::size_t differ = 0;
  for (auto const& [name, value] : flags) {
    auto const other = twin.find(name);
    if (other == twin.end()) { continue; }
    ++common;
    if (((value ^ other->second) & b.mask) != 0) { ++differ; }
  }
  test(common != 0 && differ == 0,
       concat("lpp and product differ on ", std::uint64_t{differ}, " of ", std::uint64_t{common}, " filesets"));
  b.reasons.emplace_back("open: no media list has confirmed it");
  b.private_candidate = ok;
}

void judge_root(bit_use& b, flag_map const& flags, std::set<std::string> const& in_root) {
  if (in_root.empty()) {
    b.reasons.emplace_back("open: the root part is not known");
    return;
  }
  auto const differ = std::count_if(flags.begin(), flags.end(), [&](auto const& f) {
    return ((f.second & b.mask) != 0) != (in_root.count(f.first) != 0);
  });
  b.root_part_candidate = differ == 0;
  b.reasons.push_back(concat(differ == 0 ? "passed: " : "failed: ", "differs from \"has a root part\" on ",
                             std::int64_t{differ}, " filesets"));
}

void add_bits(flag_report& out, std::string_view class_name, flag_map const& flags, flag_map const& twin,
              std::set<std::string> const& in_root) {
  for (unsigned n = 0; n < 32; ++n) {
    bit_use b;
    b.class_name = std::string{class_name};
    b.mask = 1u << n;
    for (auto const& [name, value] : flags) {
      if ((value & b.mask) != 0) { b.filesets.push_back(name); }
    }
    if (b.filesets.empty()) { continue; }
    judge_root(b, flags, in_root);
    judge_private(b, flags, twin, out.wpar_level);
    out.bits.push_back(std::move(b));
  }
}

}  // namespace

flag_report learn_flags(database const& usr, database const* root) {
  flag_report out;
  auto const level = bos_rte_level(usr);
  out.wpar_level = level && *level >= first_with_wpars;
  flag_map lpp;
  flag_map product;
  std::set<std::string> in_root;
  for (auto const& f : usr.filesets) {
    if (!f.suspect && f.cp_flag) { lpp.emplace(f.name, *f.cp_flag); }
  }
  for (auto const& f : usr.product_flags) { product.emplace(f.name, f.cp_flag); }
  if (root != nullptr) {
    for (auto const& f : root->filesets) {
      if (!f.suspect) { in_root.insert(f.name); }
    }
  }
  add_bits(out, "lpp", lpp, product, in_root);
  add_bits(out, "product", product, lpp, in_root);
  return out;
}

}  // namespace sysb::swvpd
