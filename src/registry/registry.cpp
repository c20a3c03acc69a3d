// SPDX-License-Identifier: Apache-2.0
// The tables: a new format or carrier is one line here.
#include "registry/registry.hpp"

#include <algorithm>
#include <array>

#include "catalog/diagnostics.hpp"
#include "formats/aix_acl/diagnostics.hpp"
#include "formats/aix_archive/diagnostics.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "formats/compression/compression.hpp"
#include "formats/cpio/cpio.hpp"
#include "formats/iso9660/iso9660.hpp"
#include "formats/odm/diagnostics.hpp"
#include "formats/packed/packed.hpp"
#include "formats/stanza/diagnostics.hpp"
#include "formats/swvpd/diagnostics.hpp"
#include "formats/tape/tape.hpp"
#include "formats/tar/tar.hpp"
#include "formats/udf/udf.hpp"
#include "inventory/diagnostics.hpp"
#include "output/diagnostics.hpp"
#include "output/output.hpp"
#include "registry/diagnostics.hpp"
#include "registry/tape_folder.hpp"
#include "registry/transfer_diagnostics.hpp"

namespace sysb::registry {

std::span<image_format const* const> image_formats() noexcept {
  static std::array<image_format const*, 1> const all{&backup_by_name::format()};
  return all;
}

carrier_table carriers() noexcept {
  static auto const all = [] {
    std::vector<carrier_format const*> out;
    for (auto const some : {compression::carriers()}) { out.insert(out.end(), some.begin(), some.end()); }
    for (auto const* one : {&tar::carrier(), &cpio::carrier(), &iso9660::carrier(), &udf::carrier()}) {
      out.push_back(one);
    }
    for (auto const* one : tape::carriers()) { out.push_back(one); }
    return out;
  }();
  return all;
}

std::span<input_form const> input_forms() noexcept {
  static constexpr std::array<input_form, 2> all{{
      {"volumes", "volumes of one set, in order (--volumes) or as NAME.1 NAME.2 ..., headed or plainly cut"},
      {tape_folder_id, "directory with the files of a tape (file1 file2 file3 file4)"},
  }};
  return all;
}

std::span<output_kind const> outputs() {
  static auto const all = [] {
    auto const some = output::kinds();
    std::vector<output_kind> out{some.begin(), some.end()};
    out.push_back(backup_by_name::bff_output_kind());
    return out;
  }();
  return all;
}

std::span<diag_code const* const> all_codes() {
  static auto const all = [] {
    std::vector<diag_code const*> out;
    auto const take = [&](std::span<diag_code const* const> some) { out.insert(out.end(), some.begin(), some.end()); };
    take(packed::codes());
    take(aix_acl::codes());
    take(aix_archive::codes());
    take(stanza::codes());
    take(odm::codes());
    take(swvpd::codes());
    take(inventory::codes());
    take(output::codes());
    take(index::codes());
    static constexpr std::array ours{&set_found,          &set_not_joined, &chosen_by_number,  &text_mode_added,
                                     &text_mode_stripped, &bytes_swapped,  &padded_blocks,     &cut_at_limit,
                                     &encrypted,          &second_image,   &installation_file, &pieces_beside,
                                     &bytes_displaced,    &other_start};
    take(ours);
    for (auto const* f : image_formats()) { take(f->codes()); }
    for (auto const* c : carriers()) { take(c->codes()); }
    auto const by_id = [](diag_code const* a, diag_code const* b) { return a->id < b->id; };
    std::sort(out.begin(), out.end(), by_id);
    out.erase(std::unique(out.begin(), out.end()), out.end());  // carriers of one folder share theirs
    return out;
  }();
  return all;
}

}  // namespace sysb::registry
