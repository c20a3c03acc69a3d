// SPDX-License-Identifier: Apache-2.0
#include "batch/report/report.hpp"

#include <dirent.h>
#include <cerrno>
#include <memory>

#include "base/os/directory.hpp"
#include "base/text.hpp"
#include "batch/files.hpp"
#include "batch/report/estate.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch::report {

namespace {

constexpr char const* mark = ".sysb-report";  // so that an older report is told from somebody's folder

void refuse_foreign(std::string const& folder) {
  dir_stream const open{::opendir(folder.c_str())};
  if (!open) {
    if (errno == ENOENT) { return; }
    throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(folder), ": ", os_text(errno)), std::nullopt,
                      folder};
  }
  if (exists(concat(folder, '/', mark))) { return; }
  if (next_name(open.get())) {
    throw fatal_error{fatal_error::kind::io,
                      concat(quoted(folder), " is neither empty nor a report: name another folder"), std::nullopt,
                      folder};
  }
}

}  // namespace

std::optional<formats> parse_formats(std::string_view words) {
  formats f{false, false, false, false};
  for (auto const word : split(words, ',')) {
    if (word == "html") {
      f.html = true;
    } else if (word == "csv") {
      f.csv = true;
    } else if (word == "json") {
      f.json = true;
    } else if (word == "prom") {
      f.prom = true;
    } else {
      return std::nullopt;
    }
  }
  return f;
}

std::uint64_t write(batch_folder const& batch, std::string const& out, options const& o) {
  auto const folder = absolute_path(out);
  refuse_foreign(folder);
  auto const e = count(batch, o);
  if (parent_folder(folder) != "/" && !exists(parent_folder(folder))) {
    throw fatal_error{fatal_error::kind::io, concat("no folder ", quoted(parent_folder(folder)), ": it is never made"),
                      std::nullopt, parent_folder(folder)};
  }
  make_folders(folder, 0777);
  // Pages of images that are no longer there would be wrong links from outside.
  for (auto const* const part :
       {"/i", "/data", "/index.html", "/filesets.html", "/report.css", "/report.js", "/sysb.prom"}) {
    if (auto const error = remove_whole(folder + part); error != 0) {
      throw fatal_error{fatal_error::kind::io, concat("cannot remove ", quoted(folder + part), ": ", os_text(error)),
                        std::nullopt, folder + part};
    }
  }
  write_file(concat(folder, '/', mark), "a report of sysb batch: may be replaced by the next one\n");
  auto const put = [&](std::string const& name, std::string const& text) {
    auto const path = concat(folder, '/', name);
    make_folders(parent_folder(path), 0777);
    put_plain(path, text);
  };
  put_tables(e, o, put);
  if (o.write.prom) { put_figures(e, put); }
  if (o.write.html) { put_pages(e, o, put); }
  sync_folder(folder);
  return e.images.size();
}

}  // namespace sysb::batch::report
