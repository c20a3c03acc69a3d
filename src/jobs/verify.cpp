// SPDX-License-Identifier: Apache-2.0
#include "jobs/verify.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "base/hash_set.hpp"
#include "base/os/temporary_file.hpp"
#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "core/fatal_error.hpp"
#include "jobs/diagnostics.hpp"
#include "output/diagnostics.hpp"
#include "output/output.hpp"
#include "output/read_back.hpp"
#include "pipeline/content_job.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::jobs {

// --- the record ------------------------------------------------------------------------------

void written_record::fail() { throw fatal_error{fatal_error::kind::io, concat("temporary file: ", os_text(errno))}; }

written_record::written_record(std::string const& tmpdir) {
  auto fd = make_temporary_file(tmpdir);
  if (!fd.ok()) {
    throw fatal_error{fatal_error::kind::io, concat("cannot write in ", quoted(tmpdir), ": ", os_text(errno)),
                      std::nullopt, tmpdir};
  }
  file_.reset(::fdopen(fd.get(), "w+"));
  if (!file_) { fail(); }
  (void)fd.release();  // the stream closes it
}

void written_record::put(void const* data, std::size_t size) {
  if (size != 0 && std::fwrite(data, 1, size, file_.get()) != size) { fail(); }
}

void written_record::get(void* data, std::size_t size) {
  if (size != 0 && std::fread(data, 1, size, file_.get()) != size) { fail(); }
}

void written_record::add(member const& m) {
  std::uint64_t const head[]{m.path.size(),
                             m.size,
                             static_cast<std::uint64_t>(m.kind) | (m.link ? 0x100u : 0u) | (m.raw ? 0x200u : 0u),
                             m.permissions,
                             m.uid,
                             m.gid,
                             static_cast<std::uint64_t>(m.mtime)};
  put(head, sizeof head);
  put(m.digest.data(), m.digest.size());
  put(m.path.data(), m.path.size());
  ++count_;
}

void written_record::lost(diagnostic const& d) {
  lost_owners |= d.code == &output::owners_not_set;
  lost_metadata |= d.code == &output::metadata_not_set;
  for (auto const* code : {&output::file_system_refuses, &output::unsafe_place, &output::replaces_directory,
                           &output::link_without_target}) {
    if (d.code == code) { left_out_.insert(table_hash(as_bytes(normal_path(d.path)), 0)); }
  }
}

bool written_record::left_out(std::string_view path) const {
  return left_out_.count(table_hash(as_bytes(path), 0)) != 0;
}

void written_record::rewind() {
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) { fail(); }
  read_ = 0;
}

bool written_record::next(member& m) {
  if (read_ == count_) { return false; }
  ++read_;
  std::uint64_t head[7]{};
  get(head, sizeof head);
  get(m.digest.data(), m.digest.size());
  m.path.resize(static_cast<std::size_t>(head[0]));
  get(m.path.data(), m.path.size());
  m.size = head[1];
  m.kind = static_cast<entry_kind>(head[2] & 0xff);
  m.link = (head[2] & 0x100) != 0;
  m.raw = (head[2] & 0x200) != 0;
  m.permissions = static_cast<std::uint32_t>(head[3]);
  m.uid = static_cast<std::uint32_t>(head[4]);
  m.gid = static_cast<std::uint32_t>(head[5]);
  m.mtime = static_cast<std::int64_t>(head[6]);
  return true;
}

// --- the sink --------------------------------------------------------------------------------

namespace {

class recording_sink final : public entry_sink {
 public:
  recording_sink(std::unique_ptr<entry_sink> inner, written_record& record, ledger& findings)
      : inner_{std::move(inner)}, record_{record}, losses_{findings, [this](diagnostic const& d) {
                                                             record_.lost(d);
                                                             return true;
                                                           }} {}
  [[nodiscard]] wants needs() const noexcept override {
    auto out = inner_->needs();
    out.digest = true;
    return out;
  }
  [[nodiscard]] std::unique_ptr<slot> place(entry const& e) override {
    auto to = inner_->place(e);
    pending_.push_back({describe(e), false});
    if (!to) {
      pending_.back().closed = true;
      pass_on();
      return nullptr;
    }
    return std::make_unique<recorded>(*this, pending_.back(), std::move(to));
  }
  void finish() override { inner_->finish(); }

 private:
  struct pending {
    written_record::member member;
    bool closed = false;
  };

  // The record of a member that passes as it is: its bytes are digested where they come from.
  class recorded_bytes final : public content_feed::record {
   public:
    recorded_bytes(content_feed::record& from, written_record::member& m) : from_{from}, member_{m} {}
    [[nodiscard]] std::optional<run> in_file() override {
      auto const at = from_.in_file();
      if (at) { member_.digest = digest_of_run(*at, member_.record_bytes); }
      return at;
    }
    [[nodiscard]] bool stream(piece_target const& to) override {
      digester all;
      bool const whole = from_.stream([&](std::span<std::byte const> p) {
        all.update(p);
        to(p);
      });
      member_.digest = all.value();
      return whole;
    }

   private:
    content_feed::record& from_;
    written_record::member& member_;
  };

  class recorded_feed final : public content_feed {
   public:
    recorded_feed(content_feed& from, written_record::member& m) : from_{from} {
      if (auto* const whole = from.whole_record()) {
        record_.emplace(*whole, m);
        m.raw = true;
      }
    }
    [[nodiscard]] bool stream(piece_target const& to) override { return from_.stream(to); }
    [[nodiscard]] std::optional<bool> copy_to(int fd, std::uint64_t at) override { return from_.copy_to(fd, at); }
    [[nodiscard]] record* whole_record() override { return record_ ? &*record_ : nullptr; }

   private:
    content_feed& from_;
    std::optional<recorded_bytes> record_;
  };

  class recorded final : public slot {
   public:
    recorded(recording_sink& sink, pending& p, std::unique_ptr<slot> to)
        : sink_{sink}, pending_{p}, to_{std::move(to)} {}
    [[nodiscard]] order when() const noexcept override { return to_->when(); }
    void fill(content_feed& from) override {
      recorded_feed feed{from, pending_.member};
      to_->fill(feed);
    }
    void close(content_result const& r) override {
      to_->close(r);
      if (r.digest && !pending_.member.raw) { pending_.member.digest = *r.digest; }
      pending_.closed = true;
      sink_.pass_on();
    }

   private:
    recording_sink& sink_;
    pending& pending_;
    std::unique_ptr<slot> to_;
  };

  // In the order of the output, which is that of the places.
  void pass_on() {
    for (; !pending_.empty() && pending_.front().closed; pending_.pop_front()) { record_.add(pending_.front().member); }
  }

  static digest128 digest_of_run(content_feed::record::run const& at, std::uint64_t bytes) {
    digester all;
    scratch_buffer buffer;
    pipeline::file_pieces pieces{at.file, at.offset, bytes, buffer};
    // Where the file ends before, the walk over it says where it is cut.
    for (auto p = pieces.next(); !p.empty(); p = pieces.next()) { all.update(p); }
    return all.value();
  }

  static written_record::member describe(entry const& e) {
    written_record::member m;
    m.path = normal_path(e.path);
    m.kind = e.kind;
    m.link = !e.link_to.empty();
    m.size = e.kind == entry_kind::file && !m.link ? e.size : 0;
    m.record_bytes = e.record_bytes;
    m.permissions = e.permissions();
    m.uid = e.uid;
    m.gid = e.gid;
    m.mtime = e.mtime;
    // Members without content are delivered without a digest.
    m.digest = digest_of({});
    return m;
  }
  std::unique_ptr<entry_sink> inner_;
  written_record& record_;
  ledger::listener losses_;
  std::deque<pending> pending_;
};

// --- the comparison --------------------------------------------------------------------------

class written_comparison {
 public:
  written_comparison(output_kind const& to, ledger& findings) : to_{to}, findings_{findings} {}
  void differ(std::string const& path, std::string detail) {
    ++count_;
    findings_.report({.code = &verify_differs, .offset = {}, .path = path, .detail = std::move(detail), .level = {}});
  }
  // `found` is what stands there.
  void compare(written_record const& record, written_record::member const& wanted,
               output::read_back_member const& found) {
    compare_content(wanted, found);
    compare_metadata(record, wanted, found);
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  // Content counts for regular files that are no links.
  void compare_content(written_record::member const& wanted, output::read_back_member const& found) {
    auto const file = wanted.kind == entry_kind::file;
    if (wanted.link) {
      if (!found.link) { differ(wanted.path, "written as a hard link, found as something else"); }
      return;
    }
    if (found.kind != wanted.kind) {
      differ(wanted.path, concat("expected a ", to_text(wanted.kind), ", found a ", to_text(found.kind)));
    } else if (file && found.size != wanted.size) {
      differ(wanted.path, concat("expected ", wanted.size, " bytes, found ", found.size));
    } else if (file && found.digest != wanted.digest) {
      differ(wanted.path, concat("expected digest ", to_text(wanted.digest), ", found ", to_text(found.digest)));
    }
  }
  // Likewise mode, owner and time, but for what was said to be lost.
  void compare_metadata(written_record const& record, written_record::member const& wanted,
                        output::read_back_member const& found) {
    if (wanted.link || found.kind != wanted.kind) { return; }
    auto const has_mode = to_.id != "tree" || wanted.kind != entry_kind::symlink;
    // Set-id bits are not left to an owner who is not meant.
    std::uint32_t const may_lack = record.lost_owners ? 06000u : 0u;
    auto const added = found.permissions & ~wanted.permissions;
    auto const missing = wanted.permissions & ~found.permissions & ~may_lack;
    if (!record.lost_metadata && has_mode && (added != 0 || missing != 0)) {
      differ(wanted.path, concat("expected mode ", octal(wanted.permissions), ", found ", octal(found.permissions)));
    }
    auto const mtime = std::clamp(wanted.mtime, to_.holds.min_mtime, to_.holds.max_mtime);
    if (!record.lost_metadata && found.mtime != mtime) {
      differ(wanted.path, concat("expected time ", mtime, ", found ", found.mtime));
    }
    auto const id = [&](std::uint32_t v) { return v <= to_.holds.max_id ? v : output::id_of_nobody; };
    if (!record.lost_owners && (found.uid != id(wanted.uid) || found.gid != id(wanted.gid))) {
      differ(wanted.path,
             concat("expected owner ", id(wanted.uid), ':', id(wanted.gid), ", found ", found.uid, ':', found.gid));
    }
  }

  output_kind const& to_;
  ledger& findings_;
  std::uint64_t count_ = 0;
};

void verify_archive(events& e, int fd, written_record& record, written_comparison& c) {
  written_record::member wanted;
  output::read_archive_back(fd, [&](output::read_back_member const& found) {
    e.counters.stop_if_asked();
    ++e.counters.entries;
    auto const path = normal_path(found.path);
    if (!record.next(wanted)) {
      c.differ(path, "was not written");
    } else if (wanted.path != path) {
      throw fatal_error{fatal_error::kind::io, concat("the result differs from the plan: expected ",
                                                      quoted(wanted.path), ", found ", quoted(path))};
    } else {
      c.compare(record, wanted, found);
    }
  });
  while (record.next(wanted)) { c.differ(wanted.path, "is missing"); }
}

// Directories that the image does not hold: 0755, of the user who runs this, as old as the first member below them.
// `seen`: hashes, by `seed`, of names that were held against the tree.
void verify_implied(int fd, written_record& record, hash_set& seen, std::uint64_t seed, written_comparison& c) {
  record.rewind();
  written_record::member below;
  written_record::member wanted;
  wanted.kind = entry_kind::directory;
  wanted.permissions = 0755;
  wanted.uid = ::geteuid();
  wanted.gid = ::getegid();
  while (record.next(below)) {
    if (record.left_out(below.path)) { continue; }
    for (auto up = parent_path(below.path); !up.empty() && seen.add(table_hash(as_bytes(up), seed));
         up = parent_path(up)) {
      wanted.path = std::string{up};
      wanted.mtime = below.mtime;
      if (auto const found = output::read_tree_back(fd, wanted.path)) {
        c.compare(record, wanted, *found);
      } else {
        c.differ(wanted.path, "is missing");
      }
    }
  }
}

void verify_tree(events& e, int fd, written_record& record, written_comparison& c) {
  auto const root = ::geteuid() == 0;
  written_record::member wanted;
  hash_set seen;
  std::uint64_t const seed = std::random_device{}();
  while (record.next(wanted)) {
    e.counters.stop_if_asked();
    ++e.counters.entries;
    if (record.left_out(wanted.path)) { continue; }
    seen.add(table_hash(as_bytes(wanted.path), seed));
    auto const found = output::read_tree_back(fd, wanted.path);
    auto const device = is_device(wanted.kind);
    if (found) {
      c.compare(record, wanted, *found);
    } else if (root || !device) {  // without root they stand in the manifest only
      c.differ(wanted.path, "is missing");
    }
  }
  verify_implied(fd, record, seen, seed, c);
}

// Record for record, and every packed member decoded once more.
void verify_bff(events& e, int fd, written_record& record, written_comparison& c, wpar_request const& r, outcome& out) {
  auto& findings = e.findings;
  // Notes and warnings about the image were said when it was read the first time.
  ledger::listener const errors_only{findings, [](diagnostic const& d) { return d.effective() == severity::error; }};
  auto image = registry::open_image({.volumes = {concat("/proc/self/fd/", fd)},
                                     .member = {},
                                     .tmpdir = r.image.tmpdir,
                                     .need_seekable = true,
                                     .counters = &e.counters},
                                    r.image.bounds, findings);
  written_record::member wanted;
  entry m;
  digester all;
  while (image.reader->next(m)) {
    e.counters.stop_if_asked();
    ++e.counters.entries;
    auto const path = normal_path(m.path);
    if (!record.next(wanted)) {
      c.differ(path, "was not written");
      continue;
    }
    if (wanted.path != path || wanted.kind != m.kind) {
      throw fatal_error{fatal_error::kind::io, concat("the result differs from the plan: expected ",
                                                      quoted(wanted.path), ", found ", quoted(path))};
    }
    all.reset();
    if (wanted.raw) {
      for (auto p = image.reader->read_raw(); !p.empty(); p = image.reader->read_raw()) { all.update(p); }
    } else {
      for (auto p = image.reader->read_stored(); !p.empty(); p = image.reader->read_stored()) { all.update(p); }
    }
    auto const content = wanted.raw || (wanted.kind == entry_kind::file && !wanted.link);
    if (content && all.value() != wanted.digest) { c.differ(path, "its bytes are not those that were written"); }
  }
  while (record.next(wanted)) { c.differ(wanted.path, "is missing"); }
  image.reader->rewind();
  keep_all plan;
  auto const sink = output::make_null_sink();
  pipeline::copy_options how;
  how.keep_going = true;
  how.tmpdir = r.image.tmpdir;
  how.counters = &e.counters;
  auto const seen = pipeline::copy_members(*image.reader, plan, *sink, how, findings);
  out.content_verified = seen.content_verified && seen.complete;
}

}  // namespace

std::unique_ptr<entry_sink> make_recording_sink(std::unique_ptr<entry_sink> inner, written_record& record,
                                                ledger& findings) {
  return std::make_unique<recording_sink>(std::move(inner), record, findings);
}

bool verify_output(events& e, opened_output const& to, wpar_request const& r, written_record& record, outcome& out) {
  e.counters.phase = "verify";
  e.counters.entries = 0;
  e.counters.bytes = 0;
  e.counters.total = 0;
  record.rewind();
  written_comparison c{*r.to.kind, e.findings};
  if (r.to.tree()) {
    verify_tree(e, to.tree(), record, c);
  } else if (r.to.kind->id == "bff") {
    verify_bff(e, to.file(), record, c, r, out);
  } else {
    verify_archive(e, to.file(), record, c);
  }
  return c.count() == 0;
}

}  // namespace sysb::jobs
