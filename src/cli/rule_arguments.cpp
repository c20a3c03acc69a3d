// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_arguments.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/os/descriptor.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "wpar/level.hpp"

namespace sysb::cli {

namespace {

// Lists of names and specification files are small; a wrong path must not fill the memory.
constexpr std::size_t text_limit = 16u << 20;

[[noreturn]] void usage(std::string text) { throw fatal_error{fatal_error::kind::usage, std::move(text)}; }

[[noreturn]] void io_error(std::string_view what, std::string const& path, int error) {
  throw fatal_error{fatal_error::kind::io, concat(what, ' ', quoted(path), ": ", os_text(error)), std::nullopt, path};
}

std::string read_text(std::string const& path) {
  unique_fd const fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.ok()) { io_error("cannot open", path, errno); }
  std::string out;
  std::vector<std::byte> piece(64u << 10);
  for (;;) {
    auto const got = read_fully(fd.get(), piece);
    if (got.error != 0) { io_error("cannot read", path, got.error); }
    out.append(as_text(std::span{piece}.first(got.bytes)));
    if (out.size() > text_limit) { io_error("cannot read", path, EFBIG); }
    if (got.bytes < piece.size()) { return out; }
  }
}

std::optional<wpar::level> parse_level_option(std::string_view option, std::optional<std::string> const& text) {
  if (!text) { return std::nullopt; }
  auto level = wpar::parse_level(*text);
  if (!level) { usage(concat(option, ' ', quoted(*text), ": not a level (7.2.5.0, 7200-05, 7200-05-03-2148)")); }
  return level;
}

}  // namespace

void rule_arguments::define(option_table& options) {
  options.flag("--shared", shared_, "/usr and /opt come from the host: drop them, keep the mount points");
  options.flag("--private", private_, "the WPAR has its own /usr and /opt; without either: by the image's content");
  options.optional_text("-n,--name", name_, "NAME", "name of the WPAR");
  options.optional_text("--hostname", hostname_, "H", "host name of the WPAR");
  options.optional_text("--host-level", host_level_, "LEVEL", "level of the hosting system: 7.2.5.0 or 7200-05");
  options.list("-T", controls_, "ATTR=VALUE", "preserve_private=yes|no, preserve_wpars=yes|no, as mkwpar -T");
  options.optional_text("-f,--spec", spec_, "SPEC",
                        "WPAR specification file: its general and copy_controls stanzas; the command line wins");
  options.optional_text("--assume-level", assume_level_, "LEVEL", "when the image does not tell its level");
  options.flag("--force", force_, "go on where a rule says the image is not fit; never where it is damaged");
  options.list("--keep", keep_, "PATH", "keep a file system below /usr or /opt in a shared WPAR; may be repeated");
  options.optional_text("--private-filesets", list_, "FILE", "filesets not visible in a WPAR, names one a line");
  options.optional_text("--private-flag", flag_bit_, "BIT", "the bit of cp_flag that marks them: 0x400 or 1024");
  options.optional_text("--media", media_, "DIR", "installation media whose .toc or lpp_name mark them PRIVATE");
}

void rule_arguments::judge() {
  if (shared_ && private_) { usage("--shared and --private exclude each other"); }
  static_cast<void>(parse_level_option("--host-level", host_level_));
  static_cast<void>(parse_level_option("--assume-level", assume_level_));
  wpar::request probe;
  for (auto const& c : controls_) {
    if (!wpar::apply_copy_control(probe, c)) {
      usage(concat("-T ", quoted(c), ": preserve_private=yes|no or preserve_wpars=yes|no"));
    }
  }
  if (flag_bit_ && !wpar::parse_flag_bit(*flag_bit_)) {
    usage(concat("--private-flag ", quoted(*flag_bit_), ": exactly one bit, as 0x400 or 1024"));
  }
  for (auto const& k : keep_) {
    auto const path = normal_path(k);
    if (path.empty() || has_dotdot(path)) {
      usage(concat("--keep ", quoted(k), ": not a file system below /usr or /opt"));
    }
  }
}

std::string_view rule_arguments::first_given() const {
  if (shared_) { return "--shared"; }
  if (private_) { return "--private"; }
  if (name_) { return "-n"; }
  if (hostname_) { return "--hostname"; }
  if (host_level_) { return "--host-level"; }
  if (!controls_.empty()) { return "-T"; }
  if (spec_) { return "-f"; }
  if (assume_level_) { return "--assume-level"; }
  if (force_) { return "--force"; }
  if (!keep_.empty()) { return "--keep"; }
  if (list_) { return "--private-filesets"; }
  if (flag_bit_) { return "--private-flag"; }
  if (media_) { return "--media"; }
  return {};
}

void rule_arguments::read_media(wpar::request& r) const {
  r.media_given = true;
  std::unique_ptr<DIR, int (*)(DIR*)> const folder{::opendir(media_->c_str()), ::closedir};
  if (!folder) { io_error("cannot open", *media_, errno); }
  std::vector<std::string> names;
  while (auto const* const item = ::readdir(folder.get())) {
    std::string const name = item->d_name;
    if (name == ".toc" || name == "lpp_name") { names.push_back(name); }
  }
  if (names.empty()) { io_error("no .toc or lpp_name in", *media_, ENOENT); }
  std::sort(names.begin(), names.end());
  for (auto const& name : names) { r.media.push_back({name, read_text(concat(*media_, '/', name))}); }
}

wpar::request rule_arguments::make(diagnostic_sink& findings) const {
  wpar::request r;
  if (shared_) { r.kind = wpar::wpar_kind::shared; }
  if (private_) { r.kind = wpar::wpar_kind::private_usr; }
  r.name = name_.value_or(std::string{});
  r.name_given = name_.has_value();
  r.hostname = hostname_.value_or(std::string{});
  r.host_level = parse_level_option("--host-level", host_level_);
  r.assume_level = parse_level_option("--assume-level", assume_level_);
  for (auto const& c : controls_) { static_cast<void>(wpar::apply_copy_control(r, c)); }
  r.keep = keep_;
  r.force = force_;
  if (list_) {
    r.private_list_given = true;
    r.private_filesets = wpar::parse_name_list(read_text(*list_));
  }
  if (flag_bit_) { r.private_flag = wpar::parse_flag_bit(*flag_bit_); }
  if (media_) { read_media(r); }
  if (spec_) { wpar::apply_spec(r, *spec_, read_text(*spec_), findings); }
  return r;
}

}  // namespace sysb::cli
