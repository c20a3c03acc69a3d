// SPDX-License-Identifier: Apache-2.0
#include "batch/sources.hpp"

#include <dirent.h>
#include <sys/stat.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "base/os/directory.hpp"
#include "base/text.hpp"
#include "batch/files.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

constexpr std::size_t deepest_folder = 32;
constexpr std::string_view key_mark = "{key}";

bool is_folder(std::string const& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

class collector {
 public:
  explicit collector(plan_request const& r) : r_{r} {
    for (auto const& o : r.known) { known_.emplace(o.name, &o); }
  }

  source_rows run() {
    for (auto const& source : r_.sources) {
      if (is_folder(source)) {
        folder(absolute_path(source));
      } else {
        manifest(source);
      }
    }
    return std::move(out_);
  }

 private:
  // ---- folders

  void folder(std::string const& top) {
    std::vector<std::string> files;
    list(top, {}, 0, files);
    std::sort(files.begin(), files.end());
    for (auto const& file : files) {
      auto const path = concat(top, '/', file);
      if (auto const content = r_.content_of(path); content != file_content::image) {
        (content == file_content::empty ? out_.empty : out_.passed_over).push_back(path);
        continue;
      }
      plan_row row;
      row.key = unique_key(file);
      row.volumes = {path};
      row.options = r_.common;
      set_output(row, {}, {});
      out_.rows.push_back(std::move(row));
    }
  }

  void list(std::string const& top, std::string const& below, std::size_t depth, std::vector<std::string>& files) {
    auto const path = below.empty() ? top : concat(top, '/', below);
    dir_stream const open{::opendir(path.c_str())};
    if (!open) {
      auto const why = errno;
      if (below.empty()) {
        throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(path), ": ", os_text(why)), std::nullopt,
                          path};
      }
      out_.unread.push_back(path);
      return;
    }
    std::vector<std::string> folders;
    while (auto const item = next_name(open.get())) {
      // Hidden files are somebody's unfinished work, ours among them; an index is no image.
      if (item->front() == '.' || (item->size() > 8 && item->substr(item->size() - 8) == ".sysbidx")) { continue; }
      auto const whole = below.empty() ? std::string{*item} : concat(below, '/', *item);
      switch (kind_of(concat(top, '/', whole))) {
        case kind::folder: folders.push_back(whole); break;
        case kind::file: files.push_back(whole); break;
        case kind::other: out_.passed_over.push_back(concat(top, '/', whole)); break;
      }
    }
    if (errno != 0) { out_.unread.push_back(path); }
    for (auto const& f : folders) {
      if (depth == deepest_folder) {
        out_.unread.push_back(concat(top, '/', f));
      } else {
        list(top, f, depth + 1, files);
      }
    }
  }

  enum class kind : std::uint8_t { file, folder, other };

  // Links are followed to files only, so no folder is read twice. What cannot be looked at may be an image.
  static kind kind_of(std::string const& path) {
    struct stat s {};
    if (::lstat(path.c_str(), &s) != 0) { return errno == ENOENT ? kind::other : kind::file; }
    if (S_ISDIR(s.st_mode)) { return kind::folder; }
    if (S_ISLNK(s.st_mode) && ::stat(path.c_str(), &s) != 0) {
      return errno == ENOENT || errno == ELOOP ? kind::other : kind::file;
    }
    return S_ISREG(s.st_mode) ? kind::file : kind::other;
  }

  std::string unique_key(std::string const& wanted) {
    auto key = wanted;
    for (auto number = 2; !keys_.emplace(key, 0).second; ++number) { key = concat(wanted, '~', number); }
    return key;
  }

  // ---- manifests

  void manifest(std::string const& name) {
    auto text = read_file(name);
    if (!text) {
      throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(name), ": ", os_text(ENOENT)),
                        std::nullopt, name};
    }
    for (auto& row : parse_manifest(*text, name)) { add(std::move(row), name); }
    out_.manifest_texts.push_back(std::move(*text));
  }

  void add(manifest_row given, std::string const& name) {
    auto const where = concat(quoted(name), ", line ", given.line, ": ");
    auto const take = [&](char const* column) {
      auto const found = given.fields.find(column);
      std::vector<std::string> values;
      if (found != given.fields.end()) {
        values = std::move(found->second);
        given.fields.erase(found);
      }
      return values;
    };
    auto const one = [&](char const* column) {
      auto const values = take(column);
      if (values.size() > 1) { usage(concat(where, "column ", quoted(column), " has several values")); }
      return values.empty() ? std::string{} : values.front();
    };
    plan_row row;
    row.volumes = take("image");
    if (row.volumes.size() > 1) {
      usage(concat(where, "several images in one row; the volumes of one set go into \"volumes\""));
    }
    auto volumes = take("volumes");
    if (volumes.size() == 1) { volumes = split_volumes(volumes.front()); }
    if (row.volumes.empty() == volumes.empty()) {
      usage(concat(where, "a row needs ",
                   row.volumes.empty() ? "a column \"image\" or \"volumes\"" : "either \"image\" or \"volumes\""));
    }
    if (row.volumes.empty()) { row.volumes = std::move(volumes); }
    for (auto& v : row.volumes) {
      if (v.empty() || v == "-") { usage(concat(where, "an image is a file: standard input cannot be read again")); }
      v = absolute_path(v);
    }
    row.key = one("key");
    if (row.key.empty()) { row.key = file_part(row.volumes.front()); }
    if (!keys_.emplace(row.key, given.line).second) {
      usage(concat(where, "key ", quoted(row.key), " is there already; give each row a \"key\" of its own"));
    }
    row.wave = one("wave");
    row.owner = one("owner");
    auto const out = one("out");
    row.options = options_of(given, where);
    set_output(row, out, where);
    out_.rows.push_back(std::move(row));
  }

  // In CSV and TSV the volumes stand in one cell, with semicolons between them.
  static std::vector<std::string> split_volumes(std::string const& cell) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at <= cell.size();) {
      auto const end = std::min(cell.find(';', at), cell.size());
      out.push_back(cell.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }

  option_values options_of(manifest_row& given, std::string const& where) const {
    auto options = r_.common;
    for (auto& [column, values] : given.fields) {
      auto name = column;
      std::replace(name.begin(), name.end(), '_', '-');
      auto const found = known_.find(name);
      if (found == known_.end()) {
        usage(concat(where, "unknown column ", quoted(column),
                     "; known are image, volumes, key, out, wave, owner and the options of `sysb wpar`"));
      }
      set_option(options, *found->second, std::move(values), where);
    }
    return options;
  }

  static void set_option(option_values& options, known_option const& o, std::vector<std::string> values,
                         std::string const& where) {
    if (o.takes == known_option::form::flag) {
      auto const word = values.empty() ? std::string{"true"} : values.front();
      if (word == "false" || word == "no" || word == "0") {
        options.erase(o.name);
        return;
      }
      if (values.size() > 1 || (word != "true" && word != "yes" && word != "1")) {
        usage(concat(where, "column ", quoted(o.name), " is yes or no, not ", quoted(word)));
      }
      options[o.name] = {};
      return;
    }
    if (values.empty()) { usage(concat(where, "column ", quoted(o.name), " needs a value")); }
    if (o.takes == known_option::form::value && values.size() > 1) {
      usage(concat(where, "column ", quoted(o.name), " has several values"));
    }
    if (o.path) {
      for (auto& v : values) { v = absolute_path(v); }
    }
    options[o.name] = std::move(values);
  }

  // ---- outputs

  void set_output(plan_row& row, std::string const& own, std::string const& where) const {
    auto out = own;
    if (out.empty() && !r_.out.empty()) {
      auto const mark = r_.out.find(key_mark);
      if (mark != std::string::npos) {
        out = r_.out;
        out.replace(mark, key_mark.size(), folder_name(row.key));
      } else if (r_.out.back() == '/') {
        out = concat(r_.out, folder_name(row.key), r_.suffix);
      } else {
        usage("-o of a batch is a folder (\"DIR/\") or a pattern with {key}");
      }
    }
    if (out.empty()) { return; }
    if (out == "-") { usage(concat(where, "the output of a job is a file or a tree, not standard output")); }
    auto const tree = out.back() == '/';
    row.out = absolute_path(out);
    if (file_part(row.out).empty()) { usage(concat(where, "output ", quoted(out), " is the root directory")); }
    if (tree) { row.options["format"] = {"tree"}; }
  }

  plan_request const& r_;
  std::map<std::string, known_option const*> known_;
  std::map<std::string, std::size_t> keys_;
  source_rows out_;
};

}  // namespace

source_rows collect_rows(plan_request const& r) { return collector{r}.run(); }

void refuse_collisions(std::vector<plan_row> const& rows) {
  std::map<std::string, plan_row const*> places;  // everything that an output occupies
  for (auto const& row : rows) {
    if (row.out.empty()) { continue; }
    for (auto const* const suffix : {"", ".d", ".mtree"}) {
      auto const [there, is_new] = places.emplace(row.out + suffix, &row);
      if (!is_new) {
        usage(concat("rows ", quoted(there->second->key), " and ", quoted(row.key), " both write ",
                     quoted(there->first)));
      }
    }
  }
  for (auto const& [place, row] : places) {
    for (auto above = parent_folder(place); above != "/"; above = parent_folder(above)) {
      auto const found = places.find(above);
      if (found == places.end()) { continue; }
      usage(concat("the output of row ", quoted(row->key), " lies inside that of row ", quoted(found->second->key),
                   ": ", quoted(place)));
    }
  }
  for (auto const& row : rows) {
    for (auto const& v : row.volumes) {
      for (auto above = v; above != "/"; above = parent_folder(above)) {
        auto const found = places.find(above);
        if (found == places.end()) { continue; }
        usage(concat("row ", quoted(found->second->key), " would write over the image of row ", quoted(row.key), ": ",
                     quoted(v)));
      }
    }
  }
}

}  // namespace sysb::batch
