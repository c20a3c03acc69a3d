// SPDX-License-Identifier: Apache-2.0
// Sinks without an output format of their own: nothing, JSON lines.
#include <algorithm>
#include <span>
#include <string>

#include "base/text.hpp"
#include "core/entry_json.hpp"
#include "output/fd_writer.hpp"
#include "output/listing_sink.hpp"
#include "output/output.hpp"

namespace sysb::output {

namespace {

// A plain privilege list repeats the mode and says no more.
bool grants(std::span<std::byte const> pcl) noexcept {
  constexpr std::size_t head = 8;  // length, mode
  return pcl.size() > head && std::any_of(pcl.begin() + head, pcl.end(), [](std::byte b) { return b != std::byte{0}; });
}

class json_sink final : public listing_sink {
 public:
  explicit json_sink(int fd) : out_{fd, 256u << 10} {}
  void finish() override { out_.finish(); }

 private:
  void list(entry const& e, content_result const& r) override {
    current_ = e;
    // The contract shows names as the image has them.
    current_.path = e.image_path.empty() ? concat("./", e.path) : e.image_path;
    if (!e.link_to.empty()) { current_.link_to = e.image_link_to.empty() ? concat("./", e.link_to) : e.image_link_to; }
    line_.clear();
    json_writer w{line_};
    w.begin_object().field("schema", 1).field("type", "entry");
    write_entry_fields(w, current_, r.digest ? &*r.digest : nullptr);
    if (grants(current_.pcl)) { w.field("pcl", hex_bytes(current_.pcl)); }
    w.end_object();
    line_.push_back('\n');
    out_.write_text(line_);
  }

  fd_writer out_;
  entry current_;
  std::string line_;
};

}  // namespace

std::unique_ptr<entry_sink> make_null_sink() { return std::make_unique<null_sink>(); }
std::unique_ptr<entry_sink> make_json_sink(int fd) { return std::make_unique<json_sink>(fd); }

}  // namespace sysb::output
