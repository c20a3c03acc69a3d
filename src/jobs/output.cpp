// SPDX-License-Identifier: Apache-2.0
#include "jobs/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/checked.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "output/diagnostics.hpp"
#include "output/leftovers.hpp"
#include "registry/registry.hpp"

namespace sysb::jobs {

namespace {

// The directory by a name that something can stand beside: "." becomes where it is.
std::string named_path(std::string const& path) {
  auto const last = std::string_view{path}.substr(path.rfind('/') + 1);
  if (last != "." && last != ".." && !last.empty()) { return path; }
  std::unique_ptr<char, void (*)(void*)> const real{::realpath(path.c_str(), nullptr), std::free};
  if (!real || std::string_view{real.get()} == "/") {
    throw fatal_error{fatal_error::kind::io, concat(quoted(path), " cannot be the target of a tree"), std::nullopt,
                      path};
  }
  return real.get();
}

std::string folder_of(std::string const& path) {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

output_kind const* find_output(std::string_view id) {
  for (auto const& k : registry::outputs()) {
    if (k.id == id) { return &k; }
  }
  return nullptr;
}

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') { path.pop_back(); }
  return path;
}

std::string output_request::base_name() const {
  auto const slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

void refuse_existing(output_request const& o) {
  struct stat st {};
  if (o.to_stream() || o.nothing()) { return; }
  require_parent(o.path);
  // A tree's target may be there, empty; the staging judges that.
  if (o.tree() || o.overwrite) { return; }
  if (::lstat(o.path.c_str(), &st) == 0) {
    throw fatal_error{fatal_error::kind::io, concat(quoted(o.path), " exists already (use --overwrite to replace it)"),
                      std::nullopt, o.path};
  }
}

void require_parent(std::string const& path) {
  auto const folder = folder_of(path);
  struct stat st {};
  if (::stat(folder.c_str(), &st) == 0) {
    if (S_ISDIR(st.st_mode)) { return; }
    throw fatal_error{fatal_error::kind::io, concat(quoted(folder), " is not a directory"), std::nullopt, folder};
  }
  auto const why = errno;
  throw fatal_error{fatal_error::kind::io,
                    why == ENOENT ? concat("the folder ", quoted(folder), " for ", quoted(path),
                                           " is not there, and none is made above an output: is its disk mounted?")
                                  : concat("cannot look into folder ", quoted(folder), ": ", os_text(why)),
                    std::nullopt, folder};
}

opened_output::opened_output(output_request const& o, image_reader const& image, unsigned threads,
                             diagnostic_sink& findings)
    : to_{o} {
  if (to_.nothing()) {
    sink_ = output::make_null_sink();
    return;
  }
  if (!to_.to_stream()) { require_parent(to_.path); }
  if (to_.tree()) {
    tree_.emplace(to_.path);
    manifest_.emplace(concat(named_path(to_.path), ".mtree"), o.overwrite);
    sink_ = output::make_tree_sink(tree_->fd(),
                                   {.sparse = o.sparse,
                                    .privileged = ::geteuid() == 0,
                                    .sync = true,
                                    .manifest_fd = manifest_ ? manifest_->fd() : -1,
                                    .stop_on_loss = o.stop_on_loss},
                                   findings);
    return;
  }
  auto fd = o.stream;
  if (!to_.to_stream()) {
    file_.emplace(to_.path, o.overwrite);
    fd = file_->fd();
  }
  auto const format = to_.kind->id;
  if (format == "bff") {
    sink_ = backup_by_name::make_bff_sink(fd, image.volume_header(), findings);
  } else if (format == "mtree") {
    sink_ = output::make_mtree_sink(fd);
  } else if (format == "json") {
    sink_ = output::make_json_sink(fd);
  } else {
    sink_ = output::make_archive_sink(fd,
                                      {.format = format,
                                       .compress = to_.compress,
                                       .level = o.level,
                                       .threads = threads,
                                       .stop_on_loss = o.stop_on_loss},
                                      findings);
  }
}

namespace {

void require_writable_folder(std::string const& path) {
  require_parent(path);
  auto const folder = folder_of(path);
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) == 0) { return; }
  auto const why = os_text(errno);
  throw fatal_error{fatal_error::kind::io, concat("cannot write in folder ", quoted(folder), ": ", why), std::nullopt,
                    folder};
}

}  // namespace

void try_side_file(std::string const& folder, std::string_view name, bool overwrite) {
  auto const path = concat(folder, '/', name);
  struct stat st {};
  // The folder of side files is made where it is missing, and only that one.
  require_writable_folder(::stat(folder.c_str(), &st) == 0 ? path : folder);
  output::refuse_taken_file(path, overwrite);
}

void try_target(output_request const& o) {
  if (o.to_stream() || o.nothing()) { return; }
  if (o.tree()) { (void)output::refuse_taken_tree(o.path); }
  auto const file = o.tree() ? concat(named_path(o.path), ".mtree") : o.path;
  require_writable_folder(file);
  output::refuse_taken_file(file, o.overwrite);
}

std::unique_ptr<entry_sink> open_forecast(output_request const& o, std::string const& tmpdir,
                                          diagnostic_sink& findings) {
  return output::make_tree_forecast(o.path, tmpdir, {.privileged = ::geteuid() == 0, .stop_on_loss = o.stop_on_loss},
                                    findings);
}

void require_output_space(output_request const& o, std::uint64_t bytes, std::uint64_t entries) {
  // How far content shrinks is not known before it is compressed.
  if (o.to_stream() || o.nothing() || o.compress != output::compression::none) { return; }
  if (!o.kind->holds.content) { return; }
  // A header, padding and, in a tree, a block a member: less than this on every file system.
  auto const overhead = checked_mul(entries, o.tree() ? 1024 : 512);
  auto const need = overhead ? checked_add(bytes, *overhead) : std::nullopt;
  if (!need) {
    throw fatal_error{fatal_error::kind::damaged, "the sizes in the image add up to more than any disk holds"};
  }
  output::require_space(o.path, *need, o.tree() ? entries : 1);
}

unsigned opened_output::copy_threads(unsigned threads) const noexcept {
  if (to_.compress == output::compression::none || to_.nothing()) { return threads; }
  return std::min(threads, std::max(2u, threads / 4));
}

std::string opened_output::named() const { return to_.tree() ? named_path(to_.path) : to_.path; }

void opened_output::commit(side_directory* side) {
  // What takes time, and what may fail, before anything appears.
  if (side != nullptr) { side->prepare(); }
  if (manifest_) { manifest_->prepare(); }
  if (file_) { file_->prepare(); }
  if (side != nullptr || manifest_) {
    joint_.emplace(named(), side != nullptr ? side->path() : std::string{});
    // Another run may have been faster.
    if (tree_) { (void)output::refuse_taken_tree(to_.path); }
    if (file_) { output::refuse_taken_file(to_.path, to_.overwrite); }
    std::vector<output::file_identity> parts;
    if (side != nullptr) { side->announce(parts); }
    if (manifest_) { parts.push_back(manifest_->identity()); }
    if (tree_) { parts.push_back(tree_->identity()); }
    if (file_) { parts.push_back(file_->identity()); }
    joint_->announce(parts);
  }
  if (side != nullptr) { side->place(); }
  if (manifest_) { manifest_->place(); }
  if (tree_) { tree_->place(); }
  if (file_) { file_->place(); }
  if (tree_) { tree_->keep(); }
  // Nothing is taken back from here on: what was replaced goes, OUT's own predecessor last.
  try {
    if (side != nullptr) { side->keep(); }
    if (manifest_) { manifest_->keep(); }
    if (file_) { file_->keep(); }
  } catch (...) {
    if (side != nullptr) { side->let_stay(); }
    if (manifest_) { manifest_->let_stay(); }
    if (file_) { file_->let_stay(); }
    throw;
  }
  if (joint_) { joint_->close(); }
}

void tell_leftovers(std::string const& path, diagnostic_sink& findings) {
  auto const folder = folder_of(path);
  std::uint64_t count = 0, bytes = 0;
  try {
    for (auto const& left : output::find_leftovers(folder)) {
      if (left.in_use) { continue; }
      ++count;
      bytes += left.bytes;
    }
  } catch (fatal_error const&) { return; }  // a folder that may be written but not read
  if (count == 0) { return; }
  findings.report({.code = &output::killed_run_met,
                   .offset = {},
                   .path = folder,
                   .detail = concat(count, count == 1 ? " unfinished file" : " unfinished files", ", ",
                                    human_size(bytes), ": see sysb clean"),
                   .level = {}});
}

void settle_killed_run(output_request const& o, std::string const& side_folder, diagnostic_sink& findings) {
  if (o.to_stream() || o.nothing()) { return; }
  if (o.tree() || !side_folder.empty()) {
    auto const out = o.tree() ? named_path(o.path) : o.path;
    if (output::settle_killed_run(out, side_folder) == output::left_behind::taken_back) {
      findings.report({.code = &output::killed_run_met,
                       .offset = {},
                       .path = o.path,
                       .detail = "its files that stood here without the rest were taken back",
                       .level = {}});
    }
    if (!side_folder.empty()) { tell_leftovers(concat(side_folder, "/."), findings); }
  }
  tell_leftovers(o.path, findings);
}

side_directory::side_directory(std::string path, bool overwrite)
    : path_{without_slashes(std::move(path))}, overwrite_{overwrite} {
  require_parent(path_);
  struct stat st {};
  if (::stat(path_.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) { return; }
  if (::lstat(path_.c_str(), &st) == 0) {
    throw fatal_error{fatal_error::kind::io, concat(quoted(path_), " is not a directory"), std::nullopt, path_};
  }
  // 0700 until it is complete: what stands in it tells of the system.
  whole_.emplace(path_);
}

void side_directory::prepare() {
  for (auto& f : files_) { flush(f); }
  for (auto& f : files_) {
    f.file.prepare(f.mode);
    if (whole_) {
      f.file.place();
      f.file.keep();
    }
  }
  if (!whole_) { return; }
  files_.clear();
  if (::fchmod(whole_->fd(), static_cast<mode_t>(whole_->masked(0755))) != 0) {
    throw fatal_error{fatal_error::kind::io, concat("cannot set the mode of ", quoted(path_), ": ", os_text(errno)),
                      std::nullopt, path_};
  }
}

void side_directory::announce(std::vector<output::file_identity>& parts) const {
  if (whole_) { parts.push_back(whole_->identity()); }
  for (auto const& f : files_) { parts.push_back(f.file.identity()); }
}

void side_directory::place() {
  if (whole_) { whole_->place(); }
  for (auto& f : files_) { f.file.place(); }
}

void side_directory::keep() {
  if (whole_) { whole_->keep(); }
  for (auto& f : files_) { f.file.keep(); }
  for (auto const& path : outdated_) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
      throw fatal_error{fatal_error::kind::io,
                        concat("cannot remove ", quoted(path), " of an earlier run: ", os_text(errno)), std::nullopt,
                        path};
    }
  }
}

void side_directory::let_stay() noexcept {
  if (whole_) { whole_->keep(); }
  for (auto& f : files_) { f.file.let_stay(); }
}

void side_directory::add(std::string_view name, std::string_view content, std::uint32_t mode) {
  append(begin(name, mode), content);
}

std::size_t side_directory::begin(std::string_view name, std::uint32_t mode) {
  auto path = concat(path_, '/', name);
  auto file =
      whole_ ? output::staged_file{whole_->fd(), std::string{name}, path} : output::staged_file{path, overwrite_};
  files_.push_back({std::move(file), mode, std::move(path)});
  return files_.size() - 1;
}

void side_directory::append(std::size_t file, std::string_view content) {
  constexpr std::size_t at_once = 256u << 10;
  auto& f = files_[file];
  if (f.waiting.size() + content.size() < at_once) {
    f.waiting += content;
    return;
  }
  flush(f);
  write_out(f, content);
}

void side_directory::outdate(std::span<std::string_view const> names) {
  if (whole_ || !overwrite_) { return; }
  for (auto const name : names) {
    auto path = concat(path_, '/', name);
    if (std::none_of(files_.begin(), files_.end(), [&](auto const& f) { return f.name == path; })) {
      outdated_.push_back(std::move(path));
    }
  }
}

void side_directory::flush(staged& f) {
  write_out(f, f.waiting);
  f.waiting.clear();
}

void side_directory::write_out(staged const& f, std::string_view text) {
  if (auto const error = write_fully(f.file.fd(), as_bytes(text)); error != 0) {
    throw fatal_error{fatal_error::kind::io, concat("write failed: ", os_text(error)), std::nullopt, f.name};
  }
}

}  // namespace sysb::jobs
