// SPDX-License-Identifier: Apache-2.0
// Archives and manifests that sysb made. Names of one file are told by the first of them.
#include <fcntl.h>

#include <cerrno>
#include <random>
#include <utility>

#include "base/os/descriptor.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "diff/side.hpp"
#include "output/archive_reader.hpp"
#include "output/mtree_reader.hpp"

namespace sysb::diff {

namespace {

class name_groups {
 public:
  [[nodiscard]] group_key of(std::string_view normal) const noexcept {
    return {table_hash(as_bytes(normal), seed_), table_hash(as_bytes(normal), ~seed_)};
  }
  // A name that may lead others has the key of itself; whether any does, their table tells.
  void set(entry const& e, member& m) const {
    if (m.kind != entry_kind::file) { return; }
    auto const link = !e.link_to.empty();
    m.group = of(link ? normal_path(e.link_to) : m.path);
    m.own_data = !link;
    if (link) {
      m.content = proof::unproven;
      m.size = 0;
    }
  }

 private:
  std::uint64_t seed_ = std::random_device{}();
};

class archive_side final : public side {
 public:
  archive_side(std::string name, side_context const& c) : context_{c} {
    about_.name = std::move(name);
    about_.kind = side_kind::archive;
    about_.names_link = true;
    open();
  }

  void walk(side_visitor& v) override {
    member m;
    entry e;
    std::optional<bool> ours;
    while (reader_->next(e)) {
      context_.counters->stop_if_asked();
      ++context_.counters->entries;
      auto const& told = reader_->about();
      if (!ours) {
        ours = told.aix_mode;  // every archive of ours begins with a file or a directory
        about_.format = reader_->format();
      }
      from_entry(e, m);
      m.has = property::owner | property::mtime | property::permissions;
      m.has |= told.atime ? property::atime : 0;
      m.has |= told.ctime ? property::ctime : 0;
      auto const bare = e.kind != entry_kind::file && e.kind != entry_kind::directory && e.link_to.empty();
      if (told.aix_mode || (*ours && bare)) { m.has |= property::high_mode | property::acl; }
      names_.set(e, m);
      if (m.content == proof::readable) { read(v, e, m); }
      v.take(m);
    }
  }

  [[nodiscard]] std::unique_ptr<content_source> contents() override { return std::make_unique<from_start>(*this); }

 private:
  void open() {
    fd_ = unique_fd{::open(about_.name.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd_.ok()) {
      throw fatal_error{fatal_error::kind::io, concat("cannot open ", quoted(about_.name), ": ", os_text(errno)),
                        std::nullopt, about_.name};
    }
    reader_ = std::make_unique<output::archive_reader>(fd_.get(), fatal_error::kind::damaged,
                                                       "the archive cannot be read to its end");
  }

  void read(side_visitor& v, entry const& e, member& m) {
    auto const whole = e.size <= context_.bounds.survey_member_bytes && v.wants(e);
    std::vector<std::byte> kept;
    digest_.reset();
    std::uint64_t bytes = 0;
    for (auto piece = reader_->read(); !piece.empty(); piece = reader_->read()) {
      context_.counters->stop_if_asked();
      digest_.update(piece);
      bytes += piece.size();
      if (whole) { kept.insert(kept.end(), piece.begin(), piece.end()); }
    }
    if (bytes != e.size) {
      throw fatal_error{fatal_error::kind::damaged, "a member of the archive has another size than its header says",
                        std::nullopt, e.path};
    }
    m.content = proof::known;
    m.digest = digest_.value();
    if (whole) { v.content(e, kept); }
  }

  // One member after the walk: the archive is read once more from its start.
  class from_start final : public content_source {
   public:
    explicit from_start(archive_side& of) : of_{of} {}
    [[nodiscard]] std::optional<diagnostic> read(content_place const& where, piece_target const& to) override {
      of_.open();
      entry e;
      while (of_.reader_->next(e)) {
        of_.context_.counters->stop_if_asked();
        if (e.offset != where.order) { continue; }
        for (auto piece = of_.reader_->read(); !piece.empty(); piece = of_.reader_->read()) { to(piece); }
        return std::nullopt;
      }
      throw fatal_error{fatal_error::kind::io, concat(quoted(of_.about_.name), " changed while it was read")};
    }

   private:
    archive_side& of_;
  };

  side_context context_;
  unique_fd fd_;
  std::unique_ptr<output::archive_reader> reader_;
  name_groups names_;
  digester digest_;
};

class manifest_side final : public side {
 public:
  manifest_side(std::string name, side_context const& c) : context_{c} {
    about_.name = std::move(name);
    about_.kind = side_kind::manifest;
    about_.format = "mtree";
    about_.names_link = true;
  }

  void walk(side_visitor& v) override {
    output::mtree_reader from{about_.name};
    entry e;
    member m;
    while (from.next(e)) {
      context_.counters->stop_if_asked();
      ++context_.counters->entries;
      from_entry(e, m);
      m.has = property::owner | property::mtime | property::acl | property::permissions;
      if (from.aix_mode()) { m.has |= property::high_mode; }
      names_.set(e, m);
      if (m.kind == entry_kind::file && e.link_to.empty() && m.size != 0) {
        m.content = from.digest() ? proof::known : proof::unproven;
        if (from.digest()) { m.digest = *from.digest(); }
      }
      v.take(m);
    }
  }
  [[nodiscard]] std::unique_ptr<content_source> contents() override { return nullptr; }

 private:
  side_context context_;
  name_groups names_;
};

}  // namespace

std::unique_ptr<side> make_archive_side(std::string name, side_context const& c) {
  return std::make_unique<archive_side>(std::move(name), c);
}

std::unique_ptr<side> make_manifest_side(std::string name, side_context const& c) {
  return std::make_unique<manifest_side>(std::move(name), c);
}

}  // namespace sysb::diff
