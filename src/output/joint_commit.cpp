// SPDX-License-Identifier: Apache-2.0
#include "output/joint_commit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <thread>
#include <utility>

#include "base/digest.hpp"
#include "base/number.hpp"
#include "base/os/directory.hpp"
#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "output/fd.hpp"
#include "output/leftovers.hpp"
#include "output/place.hpp"
#include "output/remove_tree.hpp"

namespace sysb::output {

namespace {

constexpr std::string_view head = "sysb-journal 1";
constexpr std::size_t longest = 1u << 20;  // thousands of files; side files are some ten
constexpr auto patience = std::chrono::seconds{60};
constexpr auto pause = std::chrono::milliseconds{20};

std::string journal_name(std::string const& out_name) {
  return concat(".sysb-", hex(table_hash(as_bytes(out_name), 0), 16), ".lock");
}

// The file that has this name now: one that is being removed does not count.
bool still_named(int fd) noexcept {
  struct stat st {};
  return ::fstat(fd, &st) == 0 && st.st_nlink != 0;
}

struct journal {
  std::string out;                   // the name of OUT beside it
  std::vector<file_identity> parts;  // OUT last
};

std::string write_text(std::string const& out_name, std::vector<file_identity> const& parts) {
  auto text = concat(head, "\nout ");
  for (auto const c : out_name) { text += hex(static_cast<unsigned char>(c), 2); }
  text += '\n';
  for (auto const& p : parts) {
    text += concat(p.device, ' ', p.inode, ' ', p.size, ' ', p.seconds, ' ', p.nanoseconds, ' ',
                   p.filled           ? "filled"
                   : p.staged.empty() ? "-"
                                      : p.staged.c_str(),
                   '\n');
  }
  return text + "end\n";
}

std::string_view cut(std::string_view& text, char at) {
  auto const end = std::min(text.find(at), text.size());
  auto const out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// Nothing where it was not written to its end: then nothing had appeared.
std::optional<journal> parse(std::string_view text) {
  if (cut(text, '\n') != head) { return std::nullopt; }
  auto line = cut(text, '\n');
  if (cut(line, ' ') != "out" || line.empty() || line.size() % 2 != 0) { return std::nullopt; }
  journal j;
  for (std::size_t i = 0; i < line.size(); i += 2) {
    unsigned byte = 0;
    if (!to_number(line.substr(i, 2), byte, 16) || byte == 0 || byte == '/') { return std::nullopt; }
    j.out += static_cast<char>(byte);
  }
  for (;;) {
    line = cut(text, '\n');
    if (line == "end") { break; }
    file_identity p;
    bool const ok = to_number(cut(line, ' '), p.device) && to_number(cut(line, ' '), p.inode) &&
                    to_number(cut(line, ' '), p.size) && to_number(cut(line, ' '), p.seconds) &&
                    to_number(cut(line, ' '), p.nanoseconds) && !line.empty() &&
                    line.find('/') == std::string_view::npos;
    if (!ok) { return std::nullopt; }
    p.filled = line == "filled";
    if (!p.filled && line != "-") { p.staged = line; }
    j.parts.push_back(std::move(p));
  }
  if (j.parts.empty()) { return std::nullopt; }
  return j;
}

constexpr std::string_view unread_journal{"cannot read the journal of a killed run"};

// Locked by the caller. One that another user can have written says nothing: it could name any file.
std::optional<journal> read(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) { throw_os(errno, unread_journal); }
  if (!S_ISREG(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 022) != 0 || st.st_nlink != 1 ||
      static_cast<std::uint64_t>(st.st_size) > longest) {
    return std::nullopt;
  }
  std::string text(static_cast<std::size_t>(st.st_size), '\0');
  auto const got = read_fully_at(fd, std::as_writable_bytes(std::span{text.data(), text.size()}), 0);
  if (got.error != 0) { throw_os(got.error, unread_journal); }
  text.resize(got.bytes);
  return parse(text);
}

unique_fd open_dir(int at, std::string const& name) {
  return unique_fd{::openat(at, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

// None in a folder that is not there. What cannot be looked at for another reason must not be taken for missing:
// something finished would be taken back.
void require_missing(int error, std::string const& name) {
  if (error != ENOENT) { throw_os(error, concat("cannot look at ", quoted(name), ", which a killed run left"), name); }
}

std::vector<std::string> names_in(int at, std::string const& name) {
  std::vector<std::string> names;
  auto const d = read_directory(open_dir(at, name));
  if (!d) {
    require_missing(errno, name);
    return names;
  }
  while (auto const found = next_name(d.get())) { names.emplace_back(*found); }
  if (errno != 0) { require_missing(errno, name); }
  return names;
}

class settling {
 public:
  settling(int folder, journal const& j) : folder_{folder}, journal_{j} {}

  left_behind run(std::string const& side_folder) {
    if (is_complete()) { return left_behind::finished; }
    undo(folder_, concat(journal_.out, ".mtree"));
    auto const side = split_place(side_folder);
    unique_fd const above{::open(side.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!side_folder.empty() && above.ok() && !undo(above.get(), side.name)) { undo_below(above.get(), side.name); }
    return undone_ ? left_behind::taken_back : left_behind::nothing;
  }

 private:
  // OUT comes last.
  bool is_complete() const {
    auto const& out = journal_.parts.back();
    struct stat st {};
    if (::fstatat(folder_, journal_.out.c_str(), &st, 0) != 0) {
      require_missing(errno, journal_.out);
      return false;
    }
    if (st.st_dev != out.device || st.st_ino != out.inode) { return false; }
    if (!S_ISDIR(st.st_mode)) {
      auto const there = identity_of(folder_, journal_.out);
      if (!there) { require_missing(errno, journal_.out); }
      return there && there->same_file(out);
    }
    if (!out.filled) { return true; }
    // Where members were still to come, the folder that they come from is there.
    auto const names = names_in(folder_, journal_.out);
    return !names.empty() && std::none_of(names.begin(), names.end(), [](auto const& n) { return is_staged_name(n); });
  }

  bool undo(int folder, std::string const& name) {
    auto const there = identity_of(folder, name);
    if (!there) { return false; }
    auto const& parts = journal_.parts;
    auto const what = std::find_if(parts.begin(), parts.end(), [&](auto const& p) { return p.same_file(*there); });
    if (what == parts.end()) { return false; }
    int error = 0;
    if (!what->staged.empty() && identity_of(folder, what->staged)) {  // what it had replaced
      error = ::renameat(folder, what->staged.c_str(), folder, name.c_str()) == 0 ? 0 : errno;
    } else if (::unlinkat(folder, name.c_str(), 0) != 0) {
      error = errno == EISDIR || errno == EPERM ? remove_tree(folder, name.c_str()) : errno;
    }
    if (error != 0) { throw_os(error, concat("cannot take back ", quoted(name), ", which a killed run left"), name); }
    undone_ = true;
    return true;
  }

  void undo_below(int above, std::string const& name) {
    auto const fd = open_dir(above, name);
    if (!fd.ok()) { return require_missing(errno, name); }
    for (auto const& n : names_in(fd.get(), ".")) {
      if (!is_staged_name(n)) { undo(fd.get(), n); }
    }
  }

  int folder_;
  journal const& journal_;
  bool undone_ = false;
};

unique_fd open_journal(int folder, std::string const& name, int flags) {
  return unique_fd{::openat(folder, name.c_str(), flags | O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600)};
}

left_behind settle(std::string const& folder, std::string const& name, std::optional<std::string> const& side_folder) {
  unique_fd const in{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!in.ok()) { return left_behind::nothing; }  // told when it is written to
  auto const fd = open_journal(in.get(), name, 0);
  if (!fd.ok() || held_by_another(fd.get()) || !still_named(fd.get())) { return left_behind::nothing; }
  auto const found = read(fd.get());
  auto done = left_behind::nothing;
  if (found) { done = settling{in.get(), *found}.run(side_folder.value_or(concat(folder, '/', found->out, ".d"))); }
  struct stat st {};
  if (::fstat(fd.get(), &st) == 0 && S_ISREG(st.st_mode)) { ::unlinkat(in.get(), name.c_str(), 0); }
  return done;
}

}  // namespace

left_behind settle_killed_run(std::string const& out, std::string const& side_folder) {
  auto const where = split_place(out);
  return settle(where.folder, journal_name(where.name), side_folder);
}

left_behind settle_journal(std::string const& folder, std::string const& name) {
  return settle(folder, name, std::nullopt);
}

joint_commit::joint_commit(std::string const& out, std::string const& side_folder) : out_{out} {
  auto const where = split_place(out);
  name_ = journal_name(where.name);
  folder_ = unique_fd{::open(where.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder_.ok()) { throw_os(errno, concat("cannot open folder ", quoted(where.folder)), out_); }
  auto const until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto fd = open_journal(folder_.get(), name_, O_CREAT);
    if (!fd.ok()) { throw_os(errno, concat("cannot write in folder ", quoted(where.folder)), out_); }
    if (!held_by_another(fd.get())) {
      struct stat st {};
      auto error = ::fstat(fd.get(), &st) == 0 ? 0 : errno;
      if (error == 0 && st.st_nlink == 0) { continue; }  // its owner has just removed it
      if (error == 0 && st.st_size != 0) {
        if (auto const found = read(fd.get())) { (void)settling{folder_.get(), *found}.run(side_folder); }
        if (::ftruncate(fd.get(), 0) != 0) { error = errno; }  // it told of a run that is settled now
      }
      if (error != 0) {
        ::unlinkat(folder_.get(), name_.c_str(), 0);
        throw_os(error, concat("cannot write ", quoted(name_), " beside ", quoted(out_)), out_);
      }
      journal_ = std::move(fd);
      return;
    }
    if (std::chrono::steady_clock::now() >= until) {
      throw fatal_error{fatal_error::kind::io,
                        concat("another run has been putting its files in place at ", quoted(out_),
                               " for a minute: nothing is written beside them"),
                        std::nullopt, out_};
    }
    std::this_thread::sleep_for(pause);
  }
}

joint_commit::~joint_commit() {
  if (journal_.ok()) { ::unlinkat(folder_.get(), name_.c_str(), 0); }
}

void joint_commit::close() {
  unique_fd const journal{std::move(journal_)};
  if (::unlinkat(folder_.get(), name_.c_str(), 0) != 0) {
    throw_os(errno, concat(quoted(out_), " is complete, but its journal cannot be removed: ", quoted(name_)), out_);
  }
}

void joint_commit::announce(std::vector<file_identity> const& parts) {
  auto const text = write_text(split_place(out_).name, parts);
  if (auto const error = write_fully(journal_.get(), as_bytes(text)); error != 0) {
    throw_os(error, concat("cannot write in folder ", quoted(split_place(out_).folder)), out_);
  }
}

}  // namespace sysb::output
