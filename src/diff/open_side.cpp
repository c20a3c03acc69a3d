// SPDX-License-Identifier: Apache-2.0
// What a name stands for, told by what is there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <utility>

#include "base/os/descriptor.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "catalog/side_file.hpp"
#include "core/fatal_error.hpp"
#include "diff/diagnostics.hpp"
#include "diff/side.hpp"
#include "output/archive_reader.hpp"
#include "output/mtree.hpp"

namespace sysb::diff {

namespace {

struct unheard final : diagnostic_sink {
  void report(diagnostic const& d) override { static_cast<void>(d); }
};

unique_fd open_or_throw(std::string const& name) {
  unique_fd fd{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd.ok()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(name), ": ", os_text(errno)), std::nullopt,
                      name};
  }
  return fd;
}

std::string first_bytes(std::string const& name) {
  auto const fd = open_or_throw(name);
  std::string out(16, '\0');
  auto const got = read_fully(fd.get(), std::as_writable_bytes(std::span{out}));
  out.resize(got.error == 0 ? got.bytes : 0);
  return out;
}

registry::image_spec spec_of(side_request const& r, side_context const& c) {
  return {.volumes = r.volumes,
          .member = r.member,
          .tmpdir = c.tmpdir,
          .need_seekable = r.read_twice,
          .how = on_damage::stop,
          .counters = c.counters};
}

std::unique_ptr<side> open_image(side_request const& r, side_context const& c) {
  auto image = registry::open_image(spec_of(r, c), c.bounds, *c.findings);
  auto const& name = r.volumes.front();
  if (r.volumes.size() == 1 && r.use_index) { r.use_index(image, name); }
  return make_image_side(std::move(image), name == "-" ? "standard input" : name, c);
}

// The first member of every archive of ours that can hold AIX's mode has it.
bool is_marked(std::string const& name) {
  auto const fd = open_or_throw(name);
  try {
    output::archive_reader reader{fd.get(), fatal_error::kind::damaged, "archive"};
    entry e;
    return reader.next(e) && reader.about().aix_mode;
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::io) { throw; }
    return false;
  }
}

// A tar or cpio is an archive of a system, or what one image travels in.
bool carries_an_image(side_request const& r, side_context const& c) {
  try {
    unheard nobody;
    auto const image = registry::open_image(spec_of(r, c), c.bounds, nobody);
    return true;
  } catch (fatal_error const& e) {
    if (e.what_kind() == fatal_error::kind::interrupted || e.what_kind() == fatal_error::kind::io) { throw; }
    return false;
  }
}

// The directory of a tape's files, and not a tree.
bool is_tape_folder(side_request const& r, side_context const& c) {
  struct stat st {};
  for (auto const* const file : {"file4", "file1"}) {
    if (::stat(concat(r.volumes.front(), '/', std::string_view{file}).c_str(), &st) == 0 && S_ISREG(st.st_mode)) {
      return carries_an_image(r, c);
    }
  }
  return false;
}

}  // namespace

std::unique_ptr<side> open_side(side_request const& r, side_context const& c) {
  auto const& name = r.volumes.front();
  struct stat st {};
  if (r.volumes.size() != 1 || name == "-") { return open_image(r, c); }
  if (::stat(name.c_str(), &st) != 0) {
    auto const error = errno;
    (void)open_or_throw(name);  // says what is missing
    throw fatal_error{fatal_error::kind::io, concat("cannot look at ", quoted(name), ": ", os_text(error)),
                      std::nullopt, name};
  }
  if (S_ISDIR(st.st_mode)) { return is_tape_folder(r, c) ? open_image(r, c) : make_tree_side(name, c); }
  if (!S_ISREG(st.st_mode) || !r.member.empty()) { return open_image(r, c); }
  auto const head = first_bytes(name);
  if (head.substr(0, index::magic.size()) == std::string_view{index::magic.data(), index::magic.size()}) {
    auto file = r.open_index(name);
    if (!file) {
      throw fatal_error{fatal_error::kind::damaged, concat("the index ", quoted(name), " cannot be used"), std::nullopt,
                        name};
    }
    return make_index_side(std::move(file), name, c);
  }
  if (head.substr(0, output::mtree_head.size()) == output::mtree_head) { return make_manifest_side(name, c); }
  auto const fd = open_or_throw(name);
  if (!output::is_archive(fd.get())) { return open_image(r, c); }
  if (!is_marked(name) && carries_an_image(r, c)) {
    c.findings->report({.code = &taken_as_carrier, .offset = {}, .path = {}, .detail = {}, .level = {}});
    return open_image(r, c);
  }
  return make_archive_side(name, c);
}

}  // namespace sysb::diff
