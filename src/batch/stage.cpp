// SPDX-License-Identifier: Apache-2.0
#include "batch/stage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/digest.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "batch/files.hpp"
#include "core/fatal_error.hpp"

namespace sysb::batch {

namespace {

[[noreturn]] void io_error(std::string_view what, std::string const& path, int error) {
  throw fatal_error{fatal_error::kind::io, concat(what, ' ', quoted(path), ": ", os_text(error)), std::nullopt, path};
}

}  // namespace

stage::stage(std::string const& out, std::string_view key, running_job const& who)
    : out_{out},
      path_{concat(parent_folder(out), '/', stage_mark, hex(table_hash(as_bytes(key), 0), 16), '.', who.host, '.',
                   who.pid, '.', who.born)} {
  if (::mkdir(path_.c_str(), 0700) == 0) { return; }
  if (errno == EEXIST) {  // an earlier attempt of this very process
    static_cast<void>(remove_whole(path_));
    if (::mkdir(path_.c_str(), 0700) == 0) { return; }
  }
  auto const error = errno;
  if (error == ENOENT) { io_error("the folder of the output is missing:", parent_folder(out), error); }
  io_error("cannot make a folder beside the output", out, error);
}

// Tried twice: what failed once, as a descriptor that was not to be had, may be over.
stage::~stage() {
  if (remove_whole(path_) != 0) { static_cast<void>(remove_whole(path_)); }
}

void stage::touch() const noexcept { ::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0); }

std::string stage::here(std::string const& name) const { return concat(path_, '/', name); }
std::string stage::there(std::string const& name) const { return concat(parent_folder(out_), '/', name); }

stage::way stage::place_one(std::string const& name) const {
  auto const from = here(name);
  auto const to = there(name);
  if (!exists(from)) { return way::nothing; }
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) { return way::renamed; }
  auto const old = exists(to);
  if (old && ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) { return way::exchanged; }
  // File systems that know neither. A folder does not replace a folder that holds something: the old one goes first.
  if (::rename(from.c_str(), to.c_str()) == 0) { return old ? way::replaced : way::renamed; }
  if (!old) { io_error("cannot rename to", to, errno); }
  auto const aside = here(".old");
  if (::rename(to.c_str(), aside.c_str()) != 0 || ::rename(from.c_str(), to.c_str()) != 0) {
    io_error("cannot rename to", to, errno);
  }
  static_cast<void>(remove_whole(aside));
  return way::replaced;
}

void stage::take_back(std::string const& name, way how) const noexcept {
  if (how == way::renamed) { static_cast<void>(::rename(there(name).c_str(), here(name).c_str())); }
  if (how == way::exchanged) {
    static_cast<void>(::renameat2(AT_FDCWD, there(name).c_str(), AT_FDCWD, here(name).c_str(), RENAME_EXCHANGE));
  }
}

void stage::place() const {
  auto const out = file_part(out_);
  std::array const names{out + ".d", out + ".mtree", out};
  std::array<way, names.size()> done{};
  try {
    for (std::size_t i = 0; i < names.size(); ++i) { done[i] = place_one(names[i]); }
    if (done.back() == way::nothing) { io_error("the command has written no", here(out), ENOENT); }
  } catch (...) {
    for (std::size_t i = names.size(); i-- > 0;) { take_back(names[i], done[i]); }
    throw;
  }
  sync_folder(parent_folder(out_));
}

running_job maker_of(std::string_view name) {
  running_job r;
  std::uint64_t last = 0, before = 0;
  auto const dot = name.rfind('.');
  if (dot == std::string_view::npos || !to_number(name.substr(dot + 1), last)) { return r; }
  auto const front = name.substr(0, dot);
  auto const second = front.rfind('.');
  if (second == std::string_view::npos || !to_number(front.substr(second + 1), before) || before > 1u << 30) {
    return r;
  }
  auto rest = front.substr(0, second);
  if (name.substr(0, stage_mark.size()) == stage_mark) {
    rest.remove_prefix(stage_mark.size());
    if (rest.size() < 18 || rest[16] != '.') { return r; }
    r.host = rest.substr(17);
    r.born = last;
  } else if (name.substr(0, 6) == ".sysb-") {  // a file that was being written: .sysb-FILE.HOST.PID.NUMBER
    auto const host = host_name();
    auto const ours = rest.size() > host.size() && rest.substr(rest.size() - host.size()) == host &&
                      rest[rest.size() - host.size() - 1] == '.';
    r.host = ours ? host : std::string{rest.substr(rest.rfind('.') + 1)};
  } else {
    return r;
  }
  r.pid = static_cast<int>(before);
  return r;
}

}  // namespace sysb::batch
