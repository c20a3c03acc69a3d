// SPDX-License-Identifier: Apache-2.0
// From names to a reader: open, join, unwrap until an image shows, and say what was found instead.
#include <algorithm>

#include "base/text.hpp"
#include "catalog/catalog_reader.hpp"
#include "catalog/recorder.hpp"
#include "core/fatal_error.hpp"
#include "core/ledger.hpp"
#include "formats/tape/stream.hpp"
#include "io/io.hpp"
#include "registry/bid.hpp"
#include "registry/contained_reader.hpp"
#include "registry/diagnostics.hpp"
#include "registry/end_watch.hpp"
#include "registry/foreign.hpp"
#include "registry/padded_blocks.hpp"
#include "registry/pieces.hpp"
#include "registry/registry.hpp"
#include "registry/tape_files.hpp"
#include "registry/tape_folder.hpp"
#include "registry/transfer_diagnostics.hpp"
#include "registry/transfer_faults.hpp"
#include "registry/volume_names.hpp"
#include "registry/volumes.hpp"

namespace sysb::registry {

namespace {

class opener {
 public:
  opener(image_spec const& spec, limits const& l, diagnostic_sink& findings)
      : spec_{spec},
        limits_{l},
        findings_{findings},
        formats_{spec.formats.empty() ? image_formats() : spec.formats},
        carriers_{spec.carried_by.empty() ? carriers() : spec.carried_by} {}

  [[nodiscard]] opened_image open() {
    if (spec_.volumes.empty()) { throw fatal_error{fatal_error::kind::usage, "no image given"}; }
    auto source = open_given();
    auto const* format = unwrap_given(source);
    if (format == nullptr && drive_) { format = search_drive(source); }
    if (format == nullptr) { format = search_tape(source); }
    if (auto const p = find_padding(*source, *format, limits_); p && source->position() == 0) {
      findings_.report({.code = &padded_blocks,
                        .offset = p->data,
                        .path = {},
                        .detail = concat("of every ", p->block, " bytes the last ", p->block - p->data, " are padding"),
                        .level = {}});
      source = without_padding(std::move(source), *p, source_options());
    }
    if (!spec_.member.empty() && !member_used_) { source = take_numbered(std::move(source), *format); }
    if (spec_.need_seekable || spec_.how == on_damage::salvage) {
      source = io::make_seekable(std::move(source), source_options());
    }
    opened_image out;
    out.container = container_;
    out.format = format;
    out.source = std::move(source);
    out.reader = watched_reader(out);
    return out;
  }

 private:
  [[nodiscard]] image_format const* unwrap_given(std::unique_ptr<byte_source>& source) {
    try {
      return unwrap(source, container_, findings_);
    } catch (fatal_error const& e) {
      if (e.what_kind() == fatal_error::kind::unsupported) { explain_members(); }
      if (e.what_kind() == fatal_error::kind::damaged && !single_file().empty()) {
        (void)explain_packed(single_file(), findings_);
      }
      throw;
    }
  }

  // A carrier without an image in it: what its members are instead.
  void explain_members() const {
    for (auto const& head : *unknown_members_) {
      if (auto const fault = fault_of_head(head, judge())) {
        findings_.report({.code = fault->code, .offset = {}, .path = {}, .detail = fault->detail, .level = {}});
        return;
      }
    }
  }

  // The one file that was given, where it is not one of several that were found by its name.
  [[nodiscard]] std::string single_file() const {
    auto const& name = spec_.volumes.front();
    if (!chosen_in_folder_.empty()) { return chosen_in_folder_; }
    return spec_.volumes.size() == 1 && name != "-" && !drive_ && !is_directory(name) && volumes_beside(name).empty()
               ? name
               : std::string{};
  }

  // The first reader of an image also says what can be seen of the image's way here.
  [[nodiscard]] std::unique_ptr<image_reader> watched_reader(opened_image& image) const {
    watched_image about{.file = single_file(),
                        .volumes = spec_.volumes,
                        .wrapped = image.container.size() > (chosen_in_folder_.empty() ? 0u : 1u),
                        .has_members = carrier_has_members_,
                        .number = number_in_file_,
                        .format = image.format,
                        .formats = formats_,
                        .judge = judge()};
    auto watch = std::make_unique<end_watch>(*image.source, findings_, std::move(about));
    try {
      auto reader = image.format->open(*image.source, limits_, *watch, spec_.how);
      return std::make_unique<contained_reader>(std::move(watch), std::move(reader), image.container);
    } catch (fatal_error const& e) {
      if (e.what_kind() == fatal_error::kind::damaged) { watch->failed(); }
      throw;
    }
  }

  // --member of a file that is no carrier: which of the images that stand in it one after another.
  [[nodiscard]] std::unique_ptr<byte_source> take_numbered(std::unique_ptr<byte_source> source,
                                                           image_format const& format) {
    auto const number = file_number(spec_.member);
    if (!number) {
      throw fatal_error{fatal_error::kind::usage,
                        concat("--member ", quoted(spec_.member), ": the image is in no archive, disc or tape")};
    }
    ledger unheard;
    for (std::uint64_t at = 1; at < *number; ++at) {
      std::optional<std::uint64_t> next;
      bool whole = true;
      {
        auto const reader = format.open(*source, limits_, unheard);
        reader->expect_skips(true, 1);
        entry e;
        while (reader->next(e)) { reader->skip(); }
        whole = reader->complete();
        if (whole) { next = format.image_after(*source, reader->end_offset()); }
      }
      if (!whole) {
        throw fatal_error{fatal_error::kind::damaged,
                          concat("--member ", quoted(spec_.member), ": image ", at,
                                 " of the file breaks off before its end record, and where the next one begins is not "
                                 "known; --member ",
                                 at, " --salvage reads what is left of it")};
      }
      if (!next) {
        throw fatal_error{fatal_error::kind::usage, concat("--member ", quoted(spec_.member), ": the file holds ", at,
                                                           at == 1 ? " image" : " images")};
      }
      source = io::slice(std::move(source), *next, ~std::uint64_t{0});
    }
    number_in_file_ = static_cast<unsigned>(*number);
    return source;
  }

  [[nodiscard]] io::source_options source_options() const {
    return {.tmpdir = spec_.tmpdir, .counters = spec_.counters, .window_bytes = limits_.window_bytes};
  }
  [[nodiscard]] std::unique_ptr<byte_source> open_one(std::string const& name) const {
    return io::open_file(name, source_options());
  }

  [[nodiscard]] std::unique_ptr<byte_source> open_given() {
    auto const& name = spec_.volumes.front();
    if (spec_.volumes.size() > 1) { return open_set(spec_.volumes); }
    if (is_directory(name)) { return open_folder(name); }
    drive_ = io::open_tape_drive(name, source_options());
    if (drive_) { return open_drive(); }
    if (auto const set = volumes_beside(name); !set.empty()) {
      auto const is_set = belong_together(set);
      if (is_set ||
          (best_bid(formats_, open_one(name)->peek(first_look)) == nullptr && unknown(set[1]) && sizes_of_a_cut(set))) {
        findings_.report({.code = is_set ? &set_found : &set_not_joined,
                          .offset = {},
                          .path = {},
                          .detail = named(set),
                          .level = {}});
      }
      if (is_set) { return open_set(set); }
    }
    return open_one(name);
  }

  [[nodiscard]] std::unique_ptr<byte_source> open_folder(std::string const& directory) {
    auto const path = backup_in_folder(directory, spec_.member, limits_, formats_, judge());
    auto const images = spec_.member.empty() ? images_in(directory, judge()) : std::vector<std::string>{};
    auto const others = std::any_of(images.begin(), images.end(), [](auto const& i) { return !ends_in_number(i); });
    if (!path || others) {
      if (images.empty()) { return open_one(directory); }  // which says what is wrong
      throw fatal_error{fatal_error::kind::usage,
                        concat("is a directory with ", images.size(), images.size() == 1 ? " image" : " images",
                               " in it; give the file: ", named(images)),
                        std::nullopt, directory};
    }
    member_used_ = chose_file_ = !spec_.member.empty();
    if (spec_.member.empty()) {
      findings_.report({.code = &chosen_by_number, .offset = {}, .path = {}, .detail = quoted(*path), .level = {}});
    }
    container_.emplace_back(tape_folder_id);
    chosen_in_folder_ = *path;
    return open_one(*path);
  }
  [[nodiscard]] static bool ends_in_number(std::string const& name) {
    return !name.empty() && name.back() >= '0' && name.back() <= '9';
  }

  [[nodiscard]] std::unique_ptr<byte_source> open_drive() {
    auto const number = file_number(spec_.member);
    member_used_ = chose_file_ = number.has_value();
    return numbered_file_on(*drive_, number.value_or(1));
  }

  // The tape stands before its first file, which boots the machine.
  [[nodiscard]] image_format const* search_drive(std::unique_ptr<byte_source>& source) {
    auto const seen = source->peek(second_look);
    std::vector<std::byte> const head{seen.begin(), seen.end()};
    if (file_number(spec_.member) || !container_.empty() || !may_be_boot_image(head)) { return nullptr; }
    if (auto const* f = backup_in_stream(source)) { return f; }
    source = backup_further_on(*drive_, is_table_of_contents(head), judge());
    return unwrap(source, container_, findings_);
  }

  // The second volume says so by its header; or the image stops in the first, and the second begins
  // like nothing at all. Faults of either are told when it is read.
  [[nodiscard]] bool belong_together(std::vector<std::string> const& names) const {
    ledger unheard;
    try {
      auto first = open_one(names[0]);
      auto second = open_one(names[1]);
      std::vector<std::string> layers;
      auto const* const format = unwrap(first, layers, unheard);
      if (format == nullptr) { return false; }
      auto const plain = layers.empty();
      layers.clear();
      if (unwrap(second, layers, unheard) != nullptr) { return is_next_volume(*format, *first, *second); }
      return plain && layers.empty() && sizes_of_a_cut(names) && !format->ends_in(*first);
    } catch (fatal_error const& e) {
      if (e.what_kind() == fatal_error::kind::interrupted) { throw; }
      return false;
    }
  }
  [[nodiscard]] bool unknown(std::string const& name) const {
    return judge()(open_one(name)->peek(first_look)) == carrier_format::request::content::unknown;
  }
  [[nodiscard]] static std::string named(std::vector<std::string> const& set) {
    constexpr std::size_t shown = 20;
    std::string out;
    for (std::size_t i = 0; i < std::min(set.size(), shown); ++i) { out += concat(i == 0 ? "" : ", ", quoted(set[i])); }
    return set.size() > shown ? concat(out, " and ", set.size() - shown, " more") : out;
  }

  // Each volume may be compressed by itself, or the whole was before it was cut: then only the
  // first shows it.
  [[nodiscard]] std::unique_ptr<byte_source> open_set(std::vector<std::string> const& names) {
    std::vector<volume> set;
    bool each_wrapped = true;
    for (auto const& name : names) {
      set.push_back({name, open_one(name)});
      each_wrapped = each_wrapped && best_bid(carriers_, set.back().source->peek(second_look)) != nullptr;
    }
    if (each_wrapped) {
      for (auto& v : set) {
        container_.clear();
        (void)unwrap(v.source, container_, findings_);
      }
    }
    return join_volumes(std::move(set), formats_);
  }

  // Replaces `source` by what is inside, layer by layer; null when no image shows.
  [[nodiscard]] image_format const* unwrap(std::unique_ptr<byte_source>& source, std::vector<std::string>& layers,
                                           diagnostic_sink& findings) const {
    // --member may have chosen one of a tape's files; inside that nothing is chosen any more.
    auto member = chose_file_ ? std::string{} : spec_.member;
    for (;;) {
      if (auto const* f = best_bid(formats_, source->peek(first_look))) { return f; }
      auto const* c = best_bid(carriers_, source->peek(second_look));
      if (c == nullptr) { return nullptr; }
      if (layers.size() >= limits_.carrier_depth) {
        throw fatal_error{fatal_error::kind::unsupported,
                          concat("more than ", limits_.carrier_depth, " carriers, one in the other (", told(layers),
                                 "): no image was found")};
      }
      carrier_format::request const request{.member = member,
                                            .tmpdir = spec_.tmpdir,
                                            .depth = static_cast<std::uint32_t>(layers.size()),
                                            .counters = spec_.counters,
                                            .judge = remembering_judge()};
      source = c->open(std::move(source), limits_, request, findings);
      layers.emplace_back(c->id());
      if (c->holds_members()) {  // carriers further inside have members of their own
        carrier_has_members_ = true;
        member_used_ = member_used_ || !member.empty();
        member.clear();
      }
    }
  }

  // A tape in one stream begins with a boot image, which looks like anything: what is known to be
  // something else is not searched.
  [[nodiscard]] image_format const* search_tape(std::unique_ptr<byte_source>& source) {
    auto const seen = source->peek(second_look);
    std::vector<std::byte> const head{seen.begin(), seen.end()};
    if (may_be_boot_image(head)) {
      if (auto const* f = backup_in_stream(source)) { return f; }
    }
    // Its volume header may be what is lost.
    if (spec_.how == on_damage::salvage && foreign_name(head).empty()) {
      auto const finds = [](image_format const* f) { return f->finds_lost_start(); };
      auto const f = std::find_if(formats_.begin(), formats_.end(), finds);
      if (f != formats_.end()) { return *f; }
    }
    constexpr std::size_t searched = 1u << 20;
    auto const more = source->peek(searched);
    refuse(head, fault_of_start(more.first(std::min(more.size(), searched)), formats_));
  }
  [[nodiscard]] image_format const* backup_in_stream(std::unique_ptr<byte_source>& source) {
    if (source->position() != 0 || !layers_left()) { return nullptr; }
    auto const at = tape::find_backup(*source, limits_.tape_search_bytes, judge());
    if (!at) { return nullptr; }
    source = io::slice(std::move(source), *at, ~std::uint64_t{0});
    container_.emplace_back(tape::stream_carrier().id());
    return best_bid(formats_, source->peek(first_look));
  }
  [[nodiscard]] bool layers_left() const noexcept { return container_.size() < limits_.carrier_depth; }

  // For carriers that hold several files; it may outlive this.
  [[nodiscard]] content_judge judge() const {
    using content = carrier_format::request::content;
    return [formats = formats_, wrappers = carriers_](std::span<std::byte const> head) {
      if (best_bid(formats, head) != nullptr) { return content::image; }
      return best_bid(wrappers, head) != nullptr ? content::carrier : content::unknown;
    };
  }

  // How the members begin that are nothing known, as many as may be told of.
  [[nodiscard]] content_judge remembering_judge() const {
    return [judged = judge(), seen = unknown_members_](std::span<std::byte const> head) {
      constexpr std::size_t most = 16;
      auto const what = judged(head);
      if (what == carrier_format::request::content::unknown && seen->size() < most) {
        seen->emplace_back(head.begin(), head.end());
      }
      return what;
    };
  }

  [[nodiscard]] static std::string told(std::vector<std::string> const& layers) {
    std::string out;
    for (auto const& l : layers) { out += out.empty() ? l : concat(" > ", l); }
    return out;
  }

  [[noreturn]] void refuse(std::span<std::byte const> head, std::optional<transfer_fault> const& start) const {
    auto text = std::string{"not an image of a known format"};
    auto fault = fault_of_head(head, judge());
    auto const pieces =
        !fault && container_.empty() ? pieces_of(spec_.volumes, formats_, judge()) : std::optional<transfer_fault>{};
    // Text may stand before an image, and zeros; other archives hold records of their own.
    auto const name = foreign_name(head);
    auto const may_hide_it = name.empty() || name == "a text file" || name == "a run of zero bytes";
    if (!fault && !pieces && may_hide_it) { fault = start; }
    for (auto const& f : {fault, pieces}) {
      if (f) { findings_.report({.code = f->code, .offset = {}, .path = {}, .detail = f->detail, .level = {}}); }
    }
    if (fault) {
      text += concat(": looks like ", fault->name);
    } else if (!name.empty()) {
      text += concat(": looks like ", name);
    } else {
      text += concat(": starts with ", hex_bytes(head.first(std::min<std::size_t>(head.size(), 8))));
    }
    if (!container_.empty()) { text += concat(" (inside ", told(container_), ")"); }
    throw fatal_error{fatal_error::kind::unsupported, std::move(text), 0};
  }

  image_spec const& spec_;
  limits const& limits_;
  diagnostic_sink& findings_;
  format_table formats_;
  carrier_table carriers_;
  std::vector<std::string> container_;
  std::unique_ptr<io::tape_drive> drive_;
  std::string chosen_in_folder_;
  bool chose_file_ = false;      // --member did, among the files of a tape
  unsigned number_in_file_ = 1;  // of the image, where several stand in one file
  std::shared_ptr<std::vector<std::vector<std::byte>>> unknown_members_ =
      std::make_shared<std::vector<std::vector<std::byte>>>();
  mutable bool carrier_has_members_ = false;
  mutable bool member_used_ = false;  // by a carrier that has members, in whatever layer
};

}  // namespace

opened_image open_image(image_spec const& spec, limits const& l, diagnostic_sink& findings) {
  return opener{spec, l, findings}.open();
}

void go_by_catalog(opened_image& image, index::recorder& members) {
  auto file = members.finish(*image.reader, [](int fd) { return io::open_descriptor(fd, {}); });
  if (!file) { return; }
  image.reader = std::make_unique<index::catalog_reader>(std::move(image.reader), *image.source, std::move(file));
  image.indexed = nullptr;
}

std::unique_ptr<image_reader> reopen(opened_image& image, limits const& l, diagnostic_sink& findings) {
  image.source->seek(0);
  return std::make_unique<contained_reader>(nullptr, image.format->open(*image.source, l, findings), image.container);
}

}  // namespace sysb::registry
