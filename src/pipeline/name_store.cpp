// SPDX-License-Identifier: Apache-2.0
#include "pipeline/name_store.hpp"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::pipeline {

name_store::name_store(std::string tmpdir) : tmpdir_{tmpdir.empty() ? "/var/tmp" : std::move(tmpdir)} {}

name_store::~name_store() {
  if (fd_ >= 0) { ::close(fd_); }
}

void name_store::spill() {
  if (fd_ < 0) {
    auto name = concat(tmpdir_, "/sysb-names-XXXXXX");
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ < 0) {
      throw fatal_error{fatal_error::kind::io, concat("cannot create a temporary file in ", quoted(tmpdir_), ": ",
                                                      os_text(errno), "; name another folder with --tmpdir")};
    }
    ::unlink(name.c_str());
  }
  std::string_view rest{memory_};
  while (!rest.empty()) {
    auto const n = ::write(fd_, rest.data(), rest.size());
    if (n < 0) {
      if (errno == EINTR) { continue; }
      throw fatal_error{fatal_error::kind::io,
                        concat("cannot write to a temporary file in ", quoted(tmpdir_), ": ", os_text(errno))};
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  spilled_ += memory_.size();
  memory_.clear();
}

name_store::ref name_store::add(std::string_view name) {
  if (memory_.size() + name.size() > in_memory) { spill(); }
  ref const r{spilled_ + memory_.size(), static_cast<std::uint32_t>(name.size())};
  memory_.append(name);
  return r;
}

std::string name_store::get(ref r) const {
  if (r.offset >= spilled_) { return memory_.substr(r.offset - spilled_, r.length); }
  std::string out(r.length, '\0');
  std::size_t done = 0;
  while (done < out.size()) {
    auto const n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(r.offset + done));
    if (n < 0 && errno == EINTR) { continue; }
    if (n <= 0) {
      throw fatal_error{fatal_error::kind::io,
                        concat("cannot read a temporary file back: ", os_text(n < 0 ? errno : EIO))};
    }
    done += static_cast<std::size_t>(n);
  }
  return out;
}

}  // namespace sysb::pipeline
