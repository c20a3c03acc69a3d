// SPDX-License-Identifier: Apache-2.0
#include "core/piece_store.hpp"

#include <algorithm>
#include <cerrno>
#include <span>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb {

piece_store::piece_store(std::string tmpdir, std::size_t in_memory)
    : tmpdir_{tmpdir.empty() ? "/var/tmp" : std::move(tmpdir)}, in_memory_{in_memory} {}

void piece_store::spill() {
  if (!fd_.ok()) {
    fd_ = make_temporary_file(tmpdir_);
    if (!fd_.ok()) {
      throw fatal_error{fatal_error::kind::io, concat("cannot create a temporary file in ", quoted(tmpdir_), ": ",
                                                      os_text(errno), "; name another folder with --tmpdir")};
    }
  }
  if (auto const error = write_fully(fd_.get(), as_bytes(memory_)); error != 0) {
    throw fatal_error{fatal_error::kind::io,
                      concat("cannot write to a temporary file in ", quoted(tmpdir_), ": ", os_text(error))};
  }
  spilled_ += memory_.size();
  memory_.clear();
}

piece_store::ref piece_store::add(std::string_view name) {
  if (memory_.size() + name.size() > in_memory_) { spill(); }
  ref const r{spilled_ + memory_.size(), static_cast<std::uint32_t>(name.size())};
  memory_.append(name);
  return r;
}

std::string piece_store::get(ref r) const {
  std::string out(r.length, '\0');
  get(r.offset, std::as_writable_bytes(std::span{out}));
  return out;
}

void piece_store::get(std::uint64_t offset, std::span<std::byte> out) const {
  if (offset < spilled_) { return read_back(offset, out); }
  auto const from = as_bytes(memory_).subspan(static_cast<std::size_t>(offset - spilled_), out.size());
  std::copy(from.begin(), from.end(), out.begin());
}

void piece_store::read_back(std::uint64_t at, std::span<std::byte> to) const {
  auto const read = [&](std::uint64_t from, std::span<std::byte> bytes) {
    auto const got = read_fully_at(fd_.get(), bytes, from);
    if (got.bytes != bytes.size()) {
      throw fatal_error{fatal_error::kind::io,
                        concat("cannot read a temporary file back: ", os_text(got.error != 0 ? got.error : EIO))};
    }
  };
  while (!to.empty()) {
    auto const number = at / page_bytes;
    auto const skip = static_cast<std::size_t>(at % page_bytes);
    // What was written since would be missing in a page that was read before its end was there.
    if ((number + 1) * page_bytes > spilled_) { return read(at, to); }
    auto& p = cache_[static_cast<std::size_t>(number % pages)];
    if (p.number != number) {
      p.number = ~std::uint64_t{0};
      p.bytes.resize(page_bytes);
      read(number * page_bytes, p.bytes);
      p.number = number;
    }
    auto const n = std::min(to.size(), page_bytes - skip);
    std::copy_n(p.bytes.begin() + static_cast<std::ptrdiff_t>(skip), n, to.begin());
    at += n;
    to = to.subspan(n);
  }
}

}  // namespace sysb
