// SPDX-License-Identifier: Apache-2.0
#include "cli/rule_arguments.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
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
#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "cli/words.hpp"
#include "core/fatal_error.hpp"
#include "wpar/deploy/host.hpp"
#include "wpar/level.hpp"
#include "wpar/profile.hpp"
#include "wpar/rules.hpp"

namespace sysb::cli {

namespace {

// Lists of names and specification files are small; a wrong path must not fill the memory.
constexpr std::size_t text_limit = 16u << 20;

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
  if (!level) {
    usage(concat(option, ' ', quoted(*text), ": not a level (4.3.3, 7.2, 7.2.5.0, 7200-05, 7200-05-03-2148)"));
  }
  return level;
}

}  // namespace

void rule_arguments::define(option_table& options) {
  options.flag("--shared", shared_, "/usr and /opt come from the host: drop them, keep the mount points");
  options.flag("--private", private_, "the WPAR has its own /usr and /opt; without either: by the image's content");
  options.optional_text("-n,--name", name_, "NAME", "name of the WPAR");
  options.optional_text("--hostname", hostname_, "H", "host name of the WPAR");
  options.optional_text("--host-level", host_level_, "LEVEL", "level of the hosting system: 7.2, 7.2.5.0 or 7200-05");
  options.list("-T", controls_, "ATTR=VALUE", "preserve_private=yes|no, preserve_wpars=yes|no, as mkwpar -T");
  options.optional_text("-f,--spec", spec_, "SPEC",
                        "WPAR specification file: its general and copy_controls stanzas; the command line wins");
  options.optional_text("--assume-level", assume_level_, "LEVEL", "when the image does not tell its level");
  options.flag("--force", force_, "go on where a rule says the image is not fit; never where it is damaged");
  options.list("--keep", keep_, "PATH",
               "keep a file system below /usr or /opt in a shared WPAR, or /bos_inst; may be repeated");
  options.optional_text("--private-filesets", list_, "FILE", "filesets not visible in a WPAR, names one a line");
  options.optional_text("--private-flag", flag_bit_, "BIT", "the bit of cp_flag that marks them: 0x400 or 1024");
  options.optional_text("--media", media_, "DIR", "installation media whose .toc or lpp_name mark them PRIVATE");
  options.optional_text("--host", host_, "FILE", "what collect-host.sh printed on the hosting system");
  options.optional_text("--vg", vg_, "VG", "volume group of the WPAR on the host; default rootvg");
  options.number("--margin", margin_, "PERCENT", 0, 1000, "room added to each planned file system; default 10");
  options.optional_text("--address", address_, "A", "address of the WPAR, IPv4 or IPv6");
  options.optional_text("--netmask", netmask_, "M", "its netmask (IPv4)");
  options.optional_text("--prefixlen", prefixlen_, "N", "length of its prefix (IPv6)");
  options.optional_text("--interface", interface_, "I", "interface of the host that carries it: en0");
  options.optional_text("--profile", profile_, "FILE",
                        "known findings: rule, pattern, reason; counted, not shown again");
  options.flag("--quiesce", quiesce_, "disable in the copy what would start or speak by itself; listed, reversible");
}

namespace {

bool only(std::string_view text, std::string_view also, bool letters) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
    auto const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return (c >= '0' && c <= '9') || (letters && letter) || also.find(c) != std::string_view::npos;
  });
}

bool is_address(std::string const& text, int family) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

}  // namespace

void rule_arguments::judge_network() const {
  if (vg_ && (!only(*vg_, "_.-", true) || vg_->front() == '-')) {
    usage(concat("--vg ", quoted(*vg_), ": not a name of a volume group"));
  }
  if (interface_ && !only(*interface_, "", true)) {
    usage(concat("--interface ", quoted(*interface_), ": not an interface"));
  }
  if (!address_) {
    if (netmask_ || prefixlen_ || interface_) { usage("--netmask, --prefixlen and --interface need --address"); }
    return;
  }
  auto const v6 = address_->find(':') != std::string::npos;
  if (!is_address(*address_, v6 ? AF_INET6 : AF_INET)) {
    usage(concat("--address ", quoted(*address_), ": not an address"));
  }
  if (v6 ? netmask_.has_value() : prefixlen_.has_value()) { usage("--netmask goes with IPv4, --prefixlen with IPv6"); }
  if (netmask_ && !is_address(*netmask_, AF_INET)) {
    usage(concat("--netmask ", quoted(*netmask_), ": not a netmask"));
  }
  if (prefixlen_ && (!only(*prefixlen_, "", false) || prefixlen_->size() > 3 || std::stoi(*prefixlen_) > 128)) {
    usage(concat("--prefixlen ", quoted(*prefixlen_), ": a number up to 128"));
  }
}

// The file is evidence about a host and nothing else: a level on the command line wins.
void rule_arguments::apply_host(wpar::request& r) const {
  auto parsed = wpar::deploy::parse_host(read_text(*host_));
  if (!parsed.host) {
    throw fatal_error{fatal_error::kind::io, concat("--host ", quoted(*host_), ": ", printable(parsed.error)),
                      std::nullopt, *host_};
  }
  if (!r.host_level) { r.host_level = parsed.host->running; }
  if (auto const* const group = parsed.host->find_group(r.vg)) { r.partition_mb = group->partition_mb; }
  r.host = std::make_shared<wpar::deploy::host_facts const>(std::move(*parsed.host));
}

void rule_arguments::judge() {
  judge_network();
  if (shared_ && private_) { usage("--shared and --private exclude each other"); }
  static_cast<void>(parse_level_option("--host-level", host_level_));
  static_cast<void>(parse_level_option("--assume-level", assume_level_));
  if (name_) {
    if (auto const fault = wpar::wpar_name_fault(*name_); !fault.empty()) {
      usage(concat("-n ", quoted(*name_), ": not a name of a WPAR: ", fault));
    }
  }
  if (hostname_) {
    if (auto const fault = wpar::host_name_fault(*hostname_); !fault.empty()) {
      usage(concat("--hostname ", quoted(*hostname_), ": not a host name: ", fault));
    }
  }
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
  if (host_) { return "--host"; }
  if (vg_) { return "--vg"; }
  if (margin_) { return "--margin"; }
  if (address_) { return "--address"; }
  if (quiesce_) { return "--quiesce"; }
  if (profile_) { return "--profile"; }
  return {};
}

void rule_arguments::read_media(wpar::request& r) const {
  r.media_given = true;
  dir_stream const folder{::opendir(media_->c_str())};
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
  r.vg = vg_.value_or(r.vg);
  r.margin = margin_.value_or(r.margin);
  r.address = address_.value_or(std::string{});
  r.netmask = netmask_.value_or(std::string{});
  r.prefixlen = prefixlen_.value_or(std::string{});
  r.interface = interface_.value_or(std::string{});
  r.quiesce = quiesce_;
  if (host_) { apply_host(r); }
  if (profile_) {
    auto parsed = wpar::parse_profile(*profile_, read_text(*profile_), current_time());
    if (!parsed.value) { usage(concat("--profile ", quoted(*profile_), ": ", parsed.error)); }
    r.known = std::make_shared<wpar::profile const>(std::move(*parsed.value));
  }
  if (spec_) { wpar::apply_spec(r, *spec_, read_text(*spec_), findings); }
  return r;
}

}  // namespace sysb::cli
