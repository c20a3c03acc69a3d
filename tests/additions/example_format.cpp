// SPDX-License-Identifier: Apache-2.0
#include "additions/example_format.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::example_format {

namespace {

constexpr std::string_view magic = "EXAMPLE ";
constexpr std::size_t header_bytes = 10;
constexpr std::size_t most_of_table = 64u << 10;

class reader final : public image_reader {
 public:
  explicit reader(byte_source& source) : source_{source} {
    about_.format = "example";
    about_.variant = "of the tests";
    auto const seen = source.peek(most_of_table);
    table_.str(std::string{as_text(seen.subspan(std::min(seen.size(), header_bytes)))});
  }
  image_description const& description() const noexcept override { return about_; }
  bool next(entry& out) override {
    std::string line;
    place_ = table_.tellg();
    if (!std::getline(table_, line) || line == ".") {
      complete_ = line == ".";
      return false;
    }
    out.clear();
    std::istringstream fields{line};
    fields >> out.path;
    for (auto& x : extents_) { fields >> x.at >> x.bytes; }
    if (!fields) { throw fatal_error{fatal_error::kind::damaged, "this is no member", out.offset}; }
    out.mode = 0100644;
    out.offset = static_cast<std::uint64_t>(place_);
    out.size = out.stored = extents_[0].bytes + extents_[1].bytes;
    out.content = out.size != 0 ? content_state::here : content_state::none;
    return true;
  }
  std::span<std::byte const> read_stored() override {
    auto const x = std::find_if(extents_.begin(), extents_.end(), [](extent const& e) { return e.bytes != 0; });
    if (x == extents_.end()) { return {}; }
    source_.seek(x->at);
    auto const seen = source_.peek(static_cast<std::size_t>(x->bytes));
    auto const out = seen.first(std::min<std::size_t>(seen.size(), x->bytes));
    x->at += out.size();
    x->bytes = out.empty() ? 0 : x->bytes - out.size();
    return out;
  }
  std::span<std::byte const> read_raw() override { return {}; }
  void skip() override {}
  bool complete() const noexcept override { return complete_; }
  std::uint64_t end_offset() const noexcept override { return source_.size().value_or(0); }
  std::span<std::byte const> volume_header() const noexcept override { return {}; }
  bool seekable() const noexcept override { return true; }
  void seek_record(std::uint64_t offset) override {
    table_.clear();
    table_.seekg(static_cast<std::streamoff>(offset));
  }
  void rewind() override { seek_record(0); }
  std::unique_ptr<content_decoder> make_decoder() const override { return nullptr; }

 private:
  struct extent {
    std::uint64_t at = 0, bytes = 0;
  };
  byte_source& source_;
  image_description about_;
  std::istringstream table_;
  std::streampos place_;
  std::array<extent, 2> extents_;
  bool complete_ = false;
};

class example final : public image_format {
 public:
  std::string_view id() const noexcept override { return "example"; }
  std::string_view title() const noexcept override { return "the example of the tests"; }
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    return as_text(head).substr(0, magic.size()) == magic ? 8 * magic.size() : 0;
  }
  std::unique_ptr<image_reader> open(byte_source& source, limits const&, diagnostic_sink&, on_damage) const override {
    return std::make_unique<reader>(source);
  }
  std::optional<volume_mark> volume_of(std::span<std::byte const> head) const noexcept override {
    if (bid(head) == 0 || head.size() < header_bytes) { return std::nullopt; }
    return volume_mark{
        .number = std::to_integer<std::uint32_t>(head[magic.size()]) - '0', .date = 0, .header_bytes = header_bytes};
  }
  bool ends_in(byte_source&) const override { return true; }
  std::span<diag_code const* const> codes() const noexcept override { return {}; }
};

}  // namespace

image_format const& format() {
  static example const the_format;
  return the_format;
}

}  // namespace sysb::example_format
