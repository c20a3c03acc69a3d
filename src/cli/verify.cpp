// SPDX-License-Identifier: Apache-2.0
#include "cli/verify.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/os/temporary_file.hpp"
#include "base/text.hpp"
#include "cli/diagnostics.hpp"
#include "core/fatal_error.hpp"
#include "output/output.hpp"
#include "output/read_back.hpp"
#include "pipeline/pipeline.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

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
  std::lock_guard const hold{guard_};
  std::uint64_t const head[3]{m.path.size(), m.size,
                              static_cast<std::uint64_t>(m.kind) | (m.link ? 0x100u : 0u) | (m.raw ? 0x200u : 0u)};
  put(head, sizeof head);
  put(m.digest.data(), m.digest.size());
  put(m.path.data(), m.path.size());
  ++count_;
}

void written_record::rewind() {
  if (std::fflush(file_.get()) != 0 || std::fseek(file_.get(), 0, SEEK_SET) != 0) { fail(); }
  read_ = 0;
}

bool written_record::next(member& m) {
  if (read_ == count_) { return false; }
  ++read_;
  std::uint64_t head[3]{};
  get(head, sizeof head);
  get(m.digest.data(), m.digest.size());
  m.path.resize(static_cast<std::size_t>(head[0]));
  get(m.path.data(), m.path.size());
  m.size = head[1];
  m.kind = static_cast<entry_kind>(head[2] & 0xff);
  m.link = (head[2] & 0x100) != 0;
  m.raw = (head[2] & 0x200) != 0;
  return true;
}

// --- the sink --------------------------------------------------------------------------------

namespace {

class recording_sink final : public entry_sink {
 public:
  recording_sink(std::unique_ptr<entry_sink> inner, written_record& record)
      : inner_{std::move(inner)}, record_{record} {}
  void begin_entry(entry const& e) override {
    current_ = describe(e);
    inner_->begin_entry(e);
  }
  void write_data(std::span<std::byte const> piece) override {
    if (current_.raw) { raw_.update(piece); }
    inner_->write_data(piece);
  }
  void end_entry(content_result const& r) override {
    inner_->end_entry(r);
    if (r.digest) { current_.digest = *r.digest; }
    record_.add(current_);
  }
  void finish() override { inner_->finish(); }
  [[nodiscard]] bool wants_digest() const noexcept override { return true; }
  [[nodiscard]] bool concurrent() const noexcept override { return inner_->concurrent(); }
  void put_file(entry const& e, content_source const& content) override {
    std::optional<content_result> r;
    inner_->put_file(e, [&](piece_target const& to) { return r = content(to); });
    if (!r) { return; }
    auto m = describe(e);
    if (r->digest) { m.digest = *r->digest; }
    record_.add(m);
  }
  [[nodiscard]] bool wants_raw() const noexcept override { return inner_->wants_raw(); }
  void begin_raw(entry const& e) override {
    current_ = describe(e);
    current_.raw = true;
    raw_.reset();
    inner_->begin_raw(e);
  }
  void end_raw() override {
    inner_->end_raw();
    current_.digest = raw_.value();
    record_.add(current_);
    current_.raw = false;
  }

 private:
  static written_record::member describe(entry const& e) {
    written_record::member m;
    m.path = normal_path(e.path);
    m.kind = e.kind;
    m.link = !e.link_to.empty();
    m.size = e.kind == entry_kind::file && !m.link ? e.size : 0;
    // Members without content are delivered without a digest.
    m.digest = digest_of({});
    return m;
  }
  std::unique_ptr<entry_sink> inner_;
  written_record& record_;
  written_record::member current_;
  digester raw_;
};

// --- the comparison --------------------------------------------------------------------------

class comparison {
 public:
  explicit comparison(session& s) : session_{s} {}
  void differ(std::string const& path, std::string detail) {
    ++count_;
    session_.findings().report(
        {.code = &verify_differs, .offset = {}, .path = path, .detail = std::move(detail), .level = {}});
  }
  // `found` is what stands there; content counts for regular files that are no links.
  void compare(written_record::member const& wanted, output::read_back_member const& found) {
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
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

 private:
  session& session_;
  std::uint64_t count_ = 0;
};

// Notes and warnings about the image were printed when it was read the first time.
class errors_only final : public diagnostic_sink {
 public:
  explicit errors_only(diagnostic_sink& down) : down_{down} {}
  void report(diagnostic const& d) override {
    if (d.effective() == severity::error) { down_.report(d); }
  }

 private:
  diagnostic_sink& down_;
};

void verify_archive(session& s, int fd, written_record& record, comparison& c) {
  written_record::member wanted;
  output::read_archive_back(fd, [&](output::read_back_member const& found) {
    s.counters().stop_if_asked();
    ++s.counters().entries;
    auto const path = normal_path(found.path);
    if (!record.next(wanted)) {
      c.differ(path, "was not written");
    } else if (wanted.path != path) {
      throw fatal_error{fatal_error::kind::io, concat("the result differs from the plan: expected ",
                                                      quoted(wanted.path), ", found ", quoted(path))};
    } else {
      c.compare(wanted, found);
    }
  });
  while (record.next(wanted)) { c.differ(wanted.path, "is missing"); }
}

void verify_tree(session& s, int fd, written_record& record, comparison& c) {
  auto const root = ::geteuid() == 0;
  written_record::member wanted;
  while (record.next(wanted)) {
    s.counters().stop_if_asked();
    ++s.counters().entries;
    auto const found = output::read_tree_back(fd, wanted.path);
    auto const device = wanted.kind == entry_kind::char_device || wanted.kind == entry_kind::block_device;
    if (found) {
      c.compare(wanted, *found);
    } else if (root || !device) {  // without root they stand in the manifest only
      c.differ(wanted.path, "is missing");
    }
  }
}

// Record for record, and every packed member decoded once more.
void verify_bff(session& s, int fd, written_record& record, comparison& c, std::string const& tmpdir) {
  errors_only findings{s.findings()};
  auto image = registry::open_image({.volumes = {concat("/proc/self/fd/", fd)},
                                     .member = {},
                                     .tmpdir = tmpdir,
                                     .need_seekable = true,
                                     .counters = &s.counters()},
                                    s.bounds(), findings);
  written_record::member wanted;
  entry e;
  digester all;
  while (image.reader->next(e)) {
    s.counters().stop_if_asked();
    ++s.counters().entries;
    auto const path = normal_path(e.path);
    if (!record.next(wanted)) {
      c.differ(path, "was not written");
      continue;
    }
    if (wanted.path != path || wanted.kind != e.kind) {
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
  image.reader->seek_record(image.reader->volume_header().size());
  keep_all plan;
  auto const sink = output::make_null_sink();
  pipeline::copy_options how;
  how.keep_going = true;
  how.tmpdir = tmpdir;
  how.counters = &s.counters();
  auto const seen = pipeline::copy_members(*image.reader, plan, *sink, how, findings);
  s.summary().content_verified = seen.content_verified && seen.complete;
}

}  // namespace

std::unique_ptr<entry_sink> make_recording_sink(std::unique_ptr<entry_sink> inner, written_record& record) {
  return std::make_unique<recording_sink>(std::move(inner), record);
}

verify_result verify_output(session& s, opened_output const& out, output_choice const& choice, written_record& record,
                            std::string const& tmpdir) {
  s.counters().phase = "verify";
  s.counters().entries = 0;
  s.counters().bytes = 0;
  s.counters().total = 0;
  record.rewind();
  comparison c{s};
  if (choice.tree()) {
    verify_tree(s, out.tree(), record, c);
  } else if (choice.kind->id == "bff") {
    verify_bff(s, out.file(), record, c, tmpdir);
  } else {
    verify_archive(s, out.file(), record, c);
  }
  return {c.count()};
}

}  // namespace sysb::cli
