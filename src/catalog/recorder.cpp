// SPDX-License-Identifier: Apache-2.0
#include "catalog/recorder.hpp"

#include <unistd.h>

#include <limits>
#include <random>
#include <utility>

#include "base/os/temporary_file.hpp"
#include "base/os/transfer.hpp"
#include "core/fatal_error.hpp"

namespace sysb::index {

namespace {

constexpr std::size_t buffered = 256u << 10;

// Nobody compares it with an image, and its keys need not be the same tomorrow.
identity of_this_run() {
  identity out{.stream_bytes = std::numeric_limits<std::int64_t>::max(), .changed = 0, .samples = {}};
  std::random_device entropy;
  for (auto& b : out.samples) { b = static_cast<std::byte>(entropy()); }
  return out;
}

// It cannot be written: there is no catalog then, and nothing else is lost.
struct no_room {};

}  // namespace

recorder::recorder(std::string const& folder, builder::takes what) : what_{what}, file_{make_temporary_file(folder)} {
  if (!file_.ok()) { return; }
  buffer_.reserve(buffered);
  builder_.emplace([this](std::span<std::byte const> b) { write(b); }, of_this_run(), what);
}

void recorder::write(std::span<std::byte const> bytes) {
  if (buffer_.size() + bytes.size() > buffered) { flush(); }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void recorder::flush() {
  if (write_fully(file_.get(), buffer_) != 0) { throw no_room{}; }
  buffer_.clear();
}

void recorder::add(entry const& e, std::span<std::byte const> head) {
  if (builder_) { add(e, {.head_hash = head_hash_of(head), .digest = {}}); }
}

void recorder::add(entry const& e, member_facts const& facts) {
  if (!builder_) { return; }
  try {
    builder_->add(e, facts);
    return;
  } catch (no_room const&) {
  } catch (fatal_error const& f) {
    if (f.what_kind() != fatal_error::kind::unsupported) { throw; }  // it holds no damaged members
  }
  builder_.reset();
}

std::unique_ptr<index_file> recorder::finish(image_reader const& walked, opener const& open) {
  if (what_ == builder::takes::sound && !walked.complete()) { return nullptr; }
  return finish(walked.end_offset(), open);
}

std::unique_ptr<index_file> recorder::finish(std::uint64_t end_offset, opener const& open) {
  if (!builder_) { return nullptr; }
  try {
    builder_->finish(end_offset, false);
    flush();
  } catch (no_room const&) { return nullptr; }
  builder_.reset();
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) { return nullptr; }  // a source begins where its descriptor stands
  return std::make_unique<index_file>(open(file_.release()), [](std::string_view) { return nullptr; });
}

}  // namespace sysb::index
