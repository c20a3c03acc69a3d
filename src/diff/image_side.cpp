// SPDX-License-Identifier: Apache-2.0
// An image, walked or by its index; and an index alone.
#include <random>
#include <utility>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "catalog/diagnostics.hpp"
#include "catalog/indexed_reader.hpp"
#include "catalog/table.hpp"
#include "core/link_identity.hpp"
#include "diff/diagnostics.hpp"
#include "diff/side.hpp"
#include "pipeline/content_job.hpp"

namespace sysb::diff {

namespace {

// A key is not to be guessed from outside; that of both halves is 128 bits.
class group_keys {
 public:
  [[nodiscard]] group_key of(entry const& e) const {
    if (!may_be_linked(e)) { return {}; }
    auto const id = link_identity_of(e);
    return {id.inode_hash(seed_), id.inode_hash(~seed_) ^ id.metadata_hash(seed_)};
  }

 private:
  std::uint64_t seed_ = std::random_device{}();
};

void set_group(entry const& e, group_keys const& keys, member& m) {
  m.group = keys.of(e);
  if (m.group.any() && !has_data(e)) { m.own_data = false; }
}

class image_side final : public side {
 public:
  image_side(registry::opened_image image, std::string name, side_context const& c)
      : context_{c}, image_{std::move(image)} {
    about_.name = std::move(name);
    about_.kind = side_kind::image;
    about_.format = image_.reader->description().format;
    about_.container = image_.container;
    indexed_ = image_.indexed;
    about_.by_index = indexed_ != nullptr && indexed_->uses_index();
    tools_.decoder = image_.reader->make_decoder();
  }

  void walk(side_visitor& v) override {
    // Where nothing can be reached without reading what stands before it, contents are read as they come by.
    auto const now = !image_.source->cheap_seek();
    again_ = !now;
    try {
      pass(v, now);
    } catch (begin_again const&) {
      if (!image_.reader->seekable()) { throw; }
      image_.reader->rewind();
      image_.reader->expect_skips(true, context_.threads);
      entry e;
      while (image_.reader->next(e)) { context_.counters->stop_if_asked(); }
      image_.reader->rewind();
      v.restart();
      pass(v, now);
    }
    // Of a damaged record not even the name is sure: nothing that was not met is proven to be missing.
    about_.complete = image_.reader->complete() && !damaged_;
  }

  [[nodiscard]] std::unique_ptr<content_source> contents() override {
    if (!again_) { return image_.reader->seekable() ? std::make_unique<by_reader>(*this) : nullptr; }
    if (auto const run = apart()) { return std::make_unique<by_file>(*this, *run); }
    return std::make_unique<by_reader>(*this);
  }
  [[nodiscard]] bool several_readers() const noexcept override { return again_ && apart().has_value(); }
  void check_unchanged() const override { image_.source->check_unchanged(); }

 private:
  void pass(side_visitor& v, bool now) {
    auto& reader = *image_.reader;
    auto& counters = *context_.counters;
    counters.total = image_.source->medium_size().value_or(0);
    reader.expect_skips(!now, context_.threads);
    entry e;
    member m;
    std::uint64_t count = 0;
    while (reader.next(e)) {
      if (++count % 256 == 0 || now) {
        counters.stop_if_asked();
        counters.bytes = image_.source->medium_position();
        counters.entries = count;
      }
      from_entry(e, m);
      set_group(e, keys_, m);
      damaged_ = damaged_ || e.damaged || e.incomplete;
      if (m.content == proof::readable) {
        auto const kept = by_index() ? indexed_->digest() : std::nullopt;
        if (kept) {
          m.content = proof::known;
          m.digest = *kept;
        }
        auto const whole = e.size <= context_.bounds.survey_member_bytes && v.wants(e);
        if (whole || now) { read_here(v, e, m, whole); }
      }
      v.take(m);
    }
    reader.expect_skips(false, 1);
  }

  [[nodiscard]] bool by_index() const noexcept { return indexed_ != nullptr && indexed_->uses_index(); }

  void read_here(side_visitor& v, entry const& e, member& m, bool whole) {
    auto const outcome = pipeline::run_content(
        {.stored = e.stored, .plain = e.size, .packed = e.packed, .digest = true, .keep = whole}, tools_,
        [&] {
          context_.counters->stop_if_asked();
          return image_.reader->read_stored();
        },
        [](std::span<std::byte const>) {});
    if (outcome.fault != nullptr) {
      context_.findings->report(
          {.code = outcome.fault, .offset = e.offset, .path = e.path, .detail = outcome.fault_text, .level = {}});
    }
    if (outcome.fault != nullptr || outcome.result.bytes != e.size) {
      m.content = proof::unproven;
      return;
    }
    if (m.content == proof::known && *outcome.result.digest != m.digest) {
      context_.findings->report({.code = &index::content_differs,
                                 .offset = e.offset,
                                 .path = e.path,
                                 .detail = concat("the index has ", sysb::to_text(m.digest), ", read was ",
                                                  sysb::to_text(*outcome.result.digest)),
                                 .level = {}});
    }
    m.content = proof::known;
    m.digest = *outcome.result.digest;
    if (whole) { v.content(e, outcome.kept); }
  }

  // Workers read the file by themselves: the walk of this run has seen every record of it. An index has not.
  [[nodiscard]] std::optional<byte_source::file_run> apart() const {
    return about_.by_index ? std::nullopt : image_.reader->file();
  }

  class by_file final : public content_source {
   public:
    by_file(image_side& of, byte_source::file_run run) : of_{of}, run_{run} {
      tools_.decoder = of.image_.reader->make_decoder();
    }
    [[nodiscard]] std::optional<diagnostic> read(content_place const& where, piece_target const& to) override {
      if (auto const near = window(where); near.size() == where.stored && !near.empty()) {
        return of_.deliver(where, tools_, pipeline::one_piece(near), to);
      }
      pipeline::file_pieces pieces{run_, where.content_offset, where.stored, tools_.in};
      return of_.deliver(
          where, tools_,
          [&] {
            of_.context_.counters->stop_if_asked();
            return pieces.next();
          },
          to);
    }

   private:
    // Contents are asked for in the order of the image, small ones close to each other: one call reads many.
    // Empty where it would read what nobody asked for; then, and where it is cut, the content is read by itself.
    [[nodiscard]] std::span<std::byte const> window(content_place const& where) {
      constexpr std::uint64_t small = 32u << 10;
      constexpr std::size_t ahead = 256u << 10;
      auto const close = where.content_offset >= last_ && where.content_offset - last_ < small;
      last_ = where.content_offset + where.stored;
      if (where.stored > small) { return {}; }
      if (where.content_offset < at_ || last_ > at_ + window_.size()) {
        if (!close) { return {}; }
        of_.context_.counters->stop_if_asked();
        window_.resize(ahead);
        at_ = where.content_offset;
        window_.resize(read_fully_at(run_.fd, window_, run_.base + at_).bytes);
        if (last_ > at_ + window_.size()) { return {}; }
      }
      return std::span{window_}.subspan(static_cast<std::size_t>(where.content_offset - at_),
                                        static_cast<std::size_t>(where.stored));
    }

    image_side& of_;
    byte_source::file_run run_;
    pipeline::content_tools tools_;
    std::vector<std::byte> window_;
    std::uint64_t at_ = 0, last_ = 0;
  };

  class by_reader final : public content_source {
   public:
    explicit by_reader(image_side& of) : of_{of} {}
    [[nodiscard]] std::optional<diagnostic> read(content_place const& where, piece_target const& to) override {
      auto& reader = *of_.image_.reader;
      reader.seek_record(where.order);
      if (!reader.next(entry_) || entry_.offset != where.order || entry_.content != content_state::here) {
        return diagnostic{.code = &record_gone, .offset = where.order, .path = where.path, .detail = {}, .level = {}};
      }
      return of_.deliver(
          where, of_.tools_,
          [&] {
            of_.context_.counters->stop_if_asked();
            return reader.read_stored();
          },
          to);
    }

   private:
    image_side& of_;
    entry entry_;
  };

  [[nodiscard]] std::optional<diagnostic> deliver(content_place const& where, pipeline::content_tools& tools,
                                                  piece_source const& next, piece_target const& to) {
    auto const outcome =
        pipeline::run_content({.stored = where.stored, .plain = where.size, .packed = where.packed}, tools, next, to);
    auto const about = [&](diag_code const& code, std::string text) {
      return diagnostic{
          .code = &code, .offset = where.order, .path = where.path, .detail = std::move(text), .level = {}};
    };
    auto const whole = outcome.fault == nullptr && outcome.result.bytes == where.size;
    if (!whole && !about_.complete) { return diagnostic{}; }  // the walk said where the image is cut
    if (outcome.fault != nullptr) { return about(*outcome.fault, outcome.fault_text); }
    if (!whole) { return about(record_gone, concat("expected ", where.size, " bytes, found ", outcome.result.bytes)); }
    return std::nullopt;
  }

  side_context context_;
  registry::opened_image image_;
  index::indexed_reader* indexed_ = nullptr;
  pipeline::content_tools tools_;
  group_keys keys_;
  bool damaged_ = false;
  bool again_ = false;  // contents can be had after the walk without reading everything before them
};

class index_side final : public side {
 public:
  index_side(std::unique_ptr<index::index_file> file, std::string name, side_context const& c)
      : context_{c}, file_{std::move(file)} {
    about_.name = std::move(name);
    about_.kind = side_kind::index;
    about_.format = "sysbidx";
    about_.by_index = true;
  }

  void walk(side_visitor& v) override {
    entry e;
    member m;
    index::index_file::member facts;
    std::uint64_t count = 0;
    try {
      while (file_->next(e, facts)) {
        if (++count % 256 == 0) {
          context_.counters->stop_if_asked();
          context_.counters->entries = count;
        }
        from_entry(e, m);
        set_group(e, keys_, m);
        if (m.content == proof::readable) {
          m.content = facts.facts.digest ? proof::known : proof::unproven;
          if (facts.facts.digest) { m.digest = *facts.facts.digest; }
        }
        v.take(m);
      }
    } catch (index::unusable const& why) {
      throw fatal_error{fatal_error::kind::damaged,
                        concat("the index ", quoted(about_.name), " is damaged: ", why.what())};
    }
  }
  [[nodiscard]] std::unique_ptr<content_source> contents() override { return nullptr; }

 private:
  side_context context_;
  std::unique_ptr<index::index_file> file_;
  group_keys keys_;
};

}  // namespace

std::string_view to_text(side_kind k) noexcept {
  switch (k) {
    case side_kind::image: return "image";
    case side_kind::index: return "index";
    case side_kind::tree: return "tree";
    case side_kind::archive: return "archive";
    case side_kind::manifest: return "manifest";
  }
  return "";
}

content_place place_of(member const& m) {
  return {.path = m.path,
          .order = m.order,
          .content_offset = m.content_offset,
          .stored = m.stored,
          .size = m.size,
          .packed = m.packed};
}

std::unique_ptr<side> make_image_side(registry::opened_image image, std::string name, side_context const& c) {
  return std::make_unique<image_side>(std::move(image), std::move(name), c);
}

std::unique_ptr<side> make_index_side(std::unique_ptr<index::index_file> file, std::string name,
                                      side_context const& c) {
  return std::make_unique<index_side>(std::move(file), std::move(name), c);
}

}  // namespace sysb::diff
