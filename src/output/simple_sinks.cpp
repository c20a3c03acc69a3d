// SPDX-License-Identifier: Apache-2.0
// Sinks without an output format of their own: nothing, two at once, JSON lines.
#include <algorithm>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "core/entry_json.hpp"
#include "output/fd_writer.hpp"
#include "output/output.hpp"
#include "output/size_guard.hpp"

namespace sysb::output {

namespace {

class null_sink final : public entry_sink {
 public:
  void begin_entry(entry const&) override {}
  void write_data(std::span<std::byte const>) override {}
  void end_entry(content_result const&) override {}
  void finish() override {}
  [[nodiscard]] bool wants_data() const noexcept override { return false; }
};

class tee_sink final : public entry_sink {
 public:
  tee_sink(std::unique_ptr<entry_sink> first, std::unique_ptr<entry_sink> second)
      : first_{std::move(first)}, second_{std::move(second)} {}
  void begin_entry(entry const& e) override {
    first_->begin_entry(e);
    second_->begin_entry(e);
  }
  void write_data(std::span<std::byte const> piece) override {
    first_->write_data(piece);
    second_->write_data(piece);
  }
  void end_entry(content_result const& r) override {
    first_->end_entry(r);
    second_->end_entry(r);
  }
  void finish() override {
    first_->finish();
    second_->finish();
  }
  [[nodiscard]] bool wants_digest() const noexcept override {
    return first_->wants_digest() || second_->wants_digest();
  }
  [[nodiscard]] bool wants_data() const noexcept override { return first_->wants_data() || second_->wants_data(); }
  [[nodiscard]] bool concurrent() const noexcept override { return first_->concurrent() && second_->concurrent(); }
  void put_file(entry const& e, content_source const& content) override {
    first_->put_file(e, [&](piece_target const& to_first) {
      std::optional<content_result> result;
      second_->put_file(e, [&](piece_target const& to_second) {
        result = content([&](std::span<std::byte const> p) {
          to_first(p);
          to_second(p);
        });
        return result;
      });
      return result;
    });
  }

 private:
  std::unique_ptr<entry_sink> first_;
  std::unique_ptr<entry_sink> second_;
};

// A plain privilege list repeats the mode and says no more.
bool grants(std::span<std::byte const> pcl) noexcept {
  constexpr std::size_t head = 8;  // length, mode
  return pcl.size() > head && std::any_of(pcl.begin() + head, pcl.end(), [](std::byte b) { return b != std::byte{0}; });
}

class json_sink final : public entry_sink {
 public:
  explicit json_sink(int fd) : out_{fd, 256u << 10} {}
  void begin_entry(entry const& e) override {
    guard_.begin(e);
    current_ = e;
    // The contract shows names as the image has them.
    current_.path = e.image_path.empty() ? concat("./", e.path) : e.image_path;
    if (!e.link_to.empty()) { current_.link_to = e.image_link_to.empty() ? concat("./", e.link_to) : e.image_link_to; }
  }
  void write_data(std::span<std::byte const> piece) override { guard_.add(piece.size()); }
  void end_entry(content_result const& r) override {
    guard_.end();
    line_.clear();
    json_writer w{line_};
    w.begin_object().field("schema", 1).field("type", "entry");
    write_entry_fields(w, current_, r.digest ? &*r.digest : nullptr);
    if (grants(current_.pcl)) { w.field("pcl", hex_bytes(current_.pcl)); }
    w.end_object();
    line_.push_back('\n');
    out_.write_text(line_);
  }
  void finish() override { out_.finish(); }
  [[nodiscard]] bool wants_digest() const noexcept override { return true; }

 private:
  fd_writer out_;
  size_guard guard_;
  entry current_;
  std::string line_;
};

}  // namespace

std::unique_ptr<entry_sink> make_null_sink() { return std::make_unique<null_sink>(); }
std::unique_ptr<entry_sink> make_json_sink(int fd) { return std::make_unique<json_sink>(fd); }
std::unique_ptr<entry_sink> make_tee_sink(std::unique_ptr<entry_sink> first, std::unique_ptr<entry_sink> second) {
  return std::make_unique<tee_sink>(std::move(first), std::move(second));
}

}  // namespace sysb::output
