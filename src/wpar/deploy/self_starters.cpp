// SPDX-License-Identifier: Apache-2.0
#include "wpar/deploy/self_starters.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.hpp"

namespace sysb::wpar::deploy {

namespace {

constexpr std::string_view blank{" \t"};
constexpr std::size_t most_of_a_kind = 300;

// Entries of /etc/inittab that AIX brings itself.
constexpr std::array<std::string_view, 44> base_entries{
    "init",      "brc",          "powerfail", "mkatmpvc",    "atmsvcd",   "load64bit",
    "tunables",  "securityboot", "rc",        "rcemgr",      "fbcheck",   "srcmstr",
    "rctcpip",   "rcnfs",        "cron",      "piobe",       "cons",      "qdaemon",
    "writesrv",  "uprintfd",     "shdaemon",  "logsymp",     "pfcdaemon", "platform_agent",
    "aso",       "l2",           "l3",        "l4",          "l5",        "l6",
    "l7",        "l8",           "l9",        "dt",          "dt_nogb",   "install_assist",
    "random",    "xmdaily",      "perfstat",  "trustedboot", "rcwpars",   "wpars",
    "nimclient", "artex"};

// What rc.tcpip starts in any case: without them little of a system works.
constexpr std::array<std::string_view, 3> base_daemons{"syslogd", "portmap", "inetd"};

bool starts_with(std::string_view s, std::string_view front) noexcept { return s.substr(0, front.size()) == front; }

std::string_view trimmed(std::string_view v) noexcept {
  auto const first = v.find_first_not_of(blank);
  return first == std::string_view::npos ? std::string_view{} : v.substr(first);
}

std::string_view last_part(std::string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

bool is_crontab(std::string_view path) noexcept {
  constexpr std::string_view front{"var/spool/cron/crontabs/"};
  return starts_with(path, front) && path.find('/', front.size()) == std::string_view::npos &&
         path.size() > front.size();
}

// How one line of a text starts something, or does not.
bool starts_in_inittab(std::string_view line) {
  if (line.empty() || line.front() == ':' || line.front() == '#') { return false; }
  auto const one = line.find(':');
  auto const two = line.find(':', std::min(one, line.size() - 1) + 1);
  auto const three = two == std::string_view::npos ? two : line.find(':', two + 1);
  if (one == std::string_view::npos || three == std::string_view::npos) { return false; }
  auto const action = line.substr(two + 1, three - two - 1);
  return action != "off" && action != "initdefault" &&
         std::find(base_entries.begin(), base_entries.end(), line.substr(0, one)) == base_entries.end();
}

bool starts_in_table(std::string_view line) {  // crontab, inetd.conf
  auto const text = trimmed(line);
  return !text.empty() && text.front() != '#';
}

bool starts_in_rc_tcpip(std::string_view line) {
  auto text = trimmed(line);
  if (!starts_with(text, "start ") && !starts_with(text, "start\t")) { return false; }
  text = trimmed(text.substr(5));
  auto const program = last_part(text.substr(0, text.find_first_of(blank)));
  return std::find(base_daemons.begin(), base_daemons.end(), program) == base_daemons.end();
}

struct text_kind {
  std::string_view kind;
  std::string_view comment;  // what makes a line one
  bool (*starts)(std::string_view line);
};

text_kind const* kind_of_text(std::string_view path) {
  static constexpr text_kind inittab{"inittab", ":", starts_in_inittab};
  static constexpr text_kind crontab{"crontab", "#", starts_in_table};
  static constexpr text_kind inetd{"inetd", "#", starts_in_table};
  static constexpr text_kind rc_tcpip{"rc.tcpip", "#", starts_in_rc_tcpip};
  if (path == "etc/inittab") { return &inittab; }
  if (path == "etc/inetd.conf") { return &inetd; }
  if (path == "etc/rc.tcpip") { return &rc_tcpip; }
  return is_crontab(path) ? &crontab : nullptr;
}

void each_line(std::string_view text, std::function<void(std::string_view line, std::string_view end)> const& visit) {
  while (!text.empty()) {
    auto const nl = text.find('\n');
    auto const line = text.substr(0, nl);
    visit(line, nl == std::string_view::npos ? std::string_view{} : text.substr(nl, 1));
    text = nl == std::string_view::npos ? std::string_view{} : text.substr(nl + 1);
  }
}

// A line of crontab, inetd.conf or rc.tcpip that goes on in the next one would be cut in two by a comment.
bool goes_on(std::string_view line) noexcept { return !line.empty() && line.back() == '\\'; }

std::string quiesced(text_kind const& kind, std::string_view text) {
  std::string out;
  bool inside = false;
  each_line(text, [&](std::string_view line, std::string_view end) {
    if (inside || kind.starts(line)) {
      out += concat(kind.comment, quiesce_mark);
      inside = goes_on(line) && kind.kind != "crontab";
    }
    out += concat(line, end);
  });
  return out;
}

// Remote file systems that are mounted at boot.
bool is_mounted_remote(mount_stanza const& m) {
  return (!m.nodename.empty() || starts_with(m.vfs, "nfs")) &&
         (m.mount_at_boot == "true" || m.mount_at_boot == "automatic");
}

// In /etc/filesystems a line that begins with '*' is a comment.
std::string without_remote_mounts(facts const& f) {
  std::string out;
  bool remote = false;
  each_line(f.filesystems_file.text, [&](std::string_view line, std::string_view end) {
    if (!line.empty() && line.front() == '/') {
      auto const colon = line.find(':');
      auto const mount = normal_path(line.substr(0, colon));
      remote = colon != std::string_view::npos &&
               std::any_of(f.mounts.begin(), f.mounts.end(),
                           [&](mount_stanza const& m) { return m.mount == mount && is_mounted_remote(m); });
    }
    auto const text = trimmed(line);
    auto const equals = text.find('=');
    auto name = text.substr(0, equals);
    name = name.substr(0, name.find_first_of(blank));
    if (remote && equals != std::string_view::npos && name == "mount") {
      out += concat('*', quiesce_mark, line, "\n\tmount\t\t= false", end);
    } else {
      out += concat(line, end);
    }
  });
  return out;
}

struct named_place {
  std::string_view kind, front, what;
  bool below;  // anything below it; else the member itself
};
constexpr std::array<named_place, 21> places{{
    {"nfs", "etc/exports", "directories that other hosts may mount", false},
    {"keytab", "etc/krb5/krb5.keytab", "Kerberos keys of the source", false},
    {"keytab", "etc/krb5.keytab", "Kerberos keys of the source", false},
    {"ldap", "etc/security/ldap/ldap.cfg", "users come from LDAP", false},
    {"mail", "var/spool/mqueue", "mail that waits to be sent", true},
    {"mail", "var/spool/clientmqueue", "mail that waits to be sent", true},
    {"at", "var/spool/cron/atjobs", "job of at", true},
    {"print", "var/spool/lpd/qdir", "print job that waits", true},
    {"backup", "usr/tivoli/tsm/client/ba/bin64/dsm.sys", "client of a backup server", false},
    {"backup", "usr/tivoli/tsm/client/ba/bin/dsm.sys", "client of a backup server", false},
    {"backup", "opt/tivoli/tsm/client/ba/bin/dsm.sys", "client of a backup server", false},
    {"backup", "usr/openv/netbackup/bp.conf", "client of a backup server", false},
    {"cluster", "etc/cluster/rhosts", "PowerHA", false},
    {"cluster", "usr/es/sbin/cluster/etc/rhosts", "PowerHA", false},
    {"cluster", "var/mmfs/gen/mmsdrfs", "GPFS", false},
    {"nim", "etc/niminfo", "NIM client, left out", false},
    {"snmp", "etc/snmpdv3.conf", "SNMP answers and traps", false},
    {"syslog", "etc/syslog.conf", "messages may go to other hosts", false},
    {"ntp", "etc/ntp.conf", "sets the clock, which a WPAR may not", false},
    {"ssh", "etc/ssh/ssh_host_", "host key of the source", true},
    {"rc.d", "etc/rc.d/rc", "runs at start", true},
}};

named_place const* place_of(std::string_view path) {
  for (auto const& p : places) {
    if (!p.below) {
      if (path == p.front) { return &p; }
      continue;
    }
    if (p.kind == "rc.d") {
      // etc/rc.d/rcN.d/SNAME
      auto const dir = parent_path(path);
      if (starts_with(path, p.front) && parent_path(dir) == "etc/rc.d" && starts_with(last_part(path), "S")) {
        return &p;
      }
    } else if (p.kind == "ssh" ? starts_with(path, p.front) : is_below(path, p.front)) {
      return &p;
    }
  }
  return nullptr;
}

}  // namespace

bool is_startup_text(std::string_view path) noexcept { return kind_of_text(path) != nullptr; }
bool is_startup_member(std::string_view path) noexcept { return place_of(path) != nullptr; }

std::vector<self_starter> find_self_starters(facts const& f) {
  std::vector<self_starter> out;
  for (auto const& [path, text] : f.startup_texts) {
    auto const* const kind = kind_of_text(path);
    if (kind == nullptr || !text.readable()) { continue; }
    std::size_t n = 0;
    each_line(text.text, [&, &at = path](std::string_view line, std::string_view) {
      if (kind->starts(line) && ++n <= most_of_a_kind) { out.push_back({kind->kind, at, std::string{line}, true}); }
    });
  }
  for (auto const& m : f.mounts) {
    if (is_mounted_remote(m)) {
      out.push_back({"nfs", "etc/filesystems", concat('/', m.mount, " from ", m.nodename), true});
    }
  }
  for (auto const& path : f.startup_members) {
    if (auto const* const p = place_of(path)) { out.push_back({p->kind, path, std::string{p->what}, false}); }
  }
  return out;
}

std::map<std::string, std::string, std::less<>> quiesced_texts(facts const& f) {
  std::map<std::string, std::string, std::less<>> out;
  for (auto const& [path, text] : f.startup_texts) {
    auto const* const kind = kind_of_text(path);
    if (kind == nullptr || !text.readable()) { continue; }
    auto changed = quiesced(*kind, text.text);
    if (changed != text.text) { out.emplace(path, std::move(changed)); }
  }
  if (f.filesystems_file.readable()) {
    auto changed = without_remote_mounts(f);
    if (changed != f.filesystems_file.text) { out.emplace("etc/filesystems", std::move(changed)); }
  }
  return out;
}

}  // namespace sysb::wpar::deploy
