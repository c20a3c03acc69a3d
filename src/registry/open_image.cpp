// SPDX-License-Identifier: Apache-2.0
// From names to a reader: open, join, unwrap until an image shows, and say what was found instead.
#include <algorithm>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "registry/contained_reader.hpp"
#include "registry/foreign.hpp"
#include "registry/registry.hpp"
#include "registry/volumes.hpp"

namespace sysb::registry {

namespace {

// A plain image shows in little; what a file system looks like stands behind its first 32 KiB.
constexpr std::size_t first_look = 4u << 10;
constexpr std::size_t second_look = 68u << 10;

template <typename Format>
[[nodiscard]] Format const* best_bid(std::span<Format const* const> all, std::span<std::byte const> head) {
  Format const* best = nullptr;
  unsigned highest = 0;
  for (auto const* f : all) {
    auto const bid = f->bid(head);
    if (bid > highest) {
      highest = bid;
      best = f;
    }
  }
  return best;
}

class opener {
 public:
  opener(image_spec const& spec, limits const& l, diagnostic_sink& findings)
      : spec_{spec}, limits_{l}, findings_{findings} {}

  [[nodiscard]] opened_image open() {
    if (spec_.volumes.empty()) { throw fatal_error{fatal_error::kind::usage, "no image given"}; }
    auto source = spec_.volumes.size() == 1 ? open_one(spec_.volumes.front()) : open_set();
    auto const* format = unwrap(source, container_);
    if (format == nullptr) { refuse(*source); }
    if (spec_.need_seekable) { source = io::make_seekable(std::move(source), source_options()); }
    opened_image out;
    out.container = container_;
    out.format = format;
    out.source = std::move(source);
    out.reader = make_reader(out, limits_, findings_);
    return out;
  }

  static std::unique_ptr<image_reader> make_reader(opened_image& image, limits const& l, diagnostic_sink& d) {
    auto reader = image.format->open(*image.source, l, d);
    if (image.container.empty()) { return reader; }
    return std::make_unique<contained_reader>(std::move(reader), image.container);
  }

 private:
  [[nodiscard]] io::source_options source_options() const {
    return {.tmpdir = spec_.tmpdir, .counters = spec_.counters, .window_bytes = limits_.window_bytes};
  }
  [[nodiscard]] std::unique_ptr<byte_source> open_one(std::string const& name) const {
    return io::open_file(name, source_options());
  }

  // Each volume may be compressed by itself, or the whole was before it was cut: then only the
  // first shows it.
  [[nodiscard]] std::unique_ptr<byte_source> open_set() {
    std::vector<volume> set;
    bool each_wrapped = true;
    for (auto const& name : spec_.volumes) {
      set.push_back({name, open_one(name)});
      each_wrapped = each_wrapped && best_bid(carriers(), set.back().source->peek(first_look)) != nullptr;
    }
    if (each_wrapped) {
      for (auto& v : set) {
        container_.clear();
        (void)unwrap(v.source, container_);
      }
    }
    return join_volumes(std::move(set));
  }

  // Replaces `source` by what is inside, layer by layer; null when no image shows.
  [[nodiscard]] image_format const* unwrap(std::unique_ptr<byte_source>& source,
                                           std::vector<std::string>& layers) const {
    for (;;) {
      if (auto const* f = best_bid(image_formats(), source->peek(first_look))) { return f; }
      auto const* c = best_bid(carriers(), source->peek(second_look));
      if (c == nullptr) { return nullptr; }
      if (layers.size() >= limits_.carrier_depth) {
        throw fatal_error{fatal_error::kind::unsupported,
                          concat("more than ", limits_.carrier_depth, " carriers, one in the other (",
                                 told(layers), "): no image was found")};
      }
      carrier_format::request const request{.member = spec_.member,
                                            .tmpdir = spec_.tmpdir,
                                            .depth = static_cast<std::uint32_t>(layers.size()),
                                            .counters = spec_.counters,
                                            .judge = judge};
      source = c->open(std::move(source), limits_, request, findings_);
      layers.emplace_back(c->id());
    }
  }

  // For carriers that hold several files.
  [[nodiscard]] static carrier_format::request::content judge(std::span<std::byte const> head) {
    using content = carrier_format::request::content;
    if (best_bid(image_formats(), head) != nullptr) { return content::image; }
    return best_bid(carriers(), head) != nullptr ? content::carrier : content::unknown;
  }

  [[nodiscard]] static std::string told(std::vector<std::string> const& layers) {
    std::string out;
    for (auto const& l : layers) { out += out.empty() ? l : concat(" > ", l); }
    return out;
  }

  [[noreturn]] void refuse(byte_source& source) const {
    auto const head = source.peek(second_look);
    auto text = std::string{"not an image of a known format"};
    if (auto const name = foreign_name(head); !name.empty()) {
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
  std::vector<std::string> container_;
};

}  // namespace

opened_image open_image(image_spec const& spec, limits const& l, diagnostic_sink& findings) {
  return opener{spec, l, findings}.open();
}

std::unique_ptr<image_reader> reopen(opened_image& image, limits const& l, diagnostic_sink& findings) {
  image.source->seek(0);
  return opener::make_reader(image, l, findings);
}

}  // namespace sysb::registry
