// SPDX-License-Identifier: Apache-2.0
// The index beside an IMAGE: found by name, held against the image, put in front of its reader.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "catalog/index_file.hpp"
#include "catalog/indexed_reader.hpp"
#include "cli/option_table.hpp"
#include "core/ledger.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

// IMAGE.sysbidx; empty for standard input.
[[nodiscard]] std::string index_name(std::string const& image);
// Time of change of the file that is called so, in nanoseconds; 0 where there is none.
[[nodiscard]] std::int64_t changed_time(std::string const& image);
// Throws fatal_error{io} when there is no such file; null, with a finding, when it is no sound index.
[[nodiscard]] std::unique_ptr<index::index_file> open_index_file(std::string const& path, diagnostic_sink& d);

class index_arguments {
 public:
  void define(option_table& options);
  void judge() const;  // throws fatal_error{usage}
  // The named index, or the one beside `image` where there is one; null when none is to be used.
  [[nodiscard]] std::unique_ptr<index::index_file> open(std::string const& image, diagnostic_sink& d) const;

 private:
  std::string name_;
  bool none_ = false;
};

// From here on the reader of `image` is an indexed one, where the index belongs to it; else a finding
// says why not. `findings` is what the reader of the image reports to.
void use_index(registry::opened_image& image, std::unique_ptr<index::index_file> file, std::string const& name,
               ledger& findings);

// The indexed reader of `image`, while it uses its index; else null.
[[nodiscard]] index::indexed_reader* by_index(registry::opened_image const& image);

// What is read through an index is held against the digests in it.
void verify_by_index(registry::opened_image const& image, pipeline::copy_options& how, diagnostic_sink& d);

}  // namespace sysb::cli
