// SPDX-License-Identifier: Apache-2.0
#include "registry/end_watch.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "io/io.hpp"
#include "registry/pieces.hpp"
#include "registry/transfer_diagnostics.hpp"

namespace sysb::registry {

namespace {

constexpr std::size_t sample_bytes = 4u << 20;

[[nodiscard]] bool is_path(std::string_view path, std::string_view name) noexcept {
  if (path.substr(0, 2) == "./") { path.remove_prefix(2); }
  return path == name;
}

// Bytes around `near` where the source can go back, else what stands ahead.
[[nodiscard]] std::vector<std::byte> sample(byte_source& source, std::uint64_t near, std::uint64_t& base) {
  constexpr std::uint64_t before = 1u << 20;
  std::vector<std::byte> out(sample_bytes);
  if (!source.seekable()) {
    base = source.position();
    auto const seen = source.peek(byte_source::max_peek);
    out.assign(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(std::min(seen.size(), sample_bytes)));
    return out;
  }
  auto const here = source.position();
  base = near - std::min(near, before);
  source.seek(base);
  out.resize(source.probe(base, out));
  source.seek(here);
  return out;
}

}  // namespace

end_watch::end_watch(byte_source& source, diagnostic_sink& listener, watched_image about)
    : source_{source}, listener_{listener}, about_{std::move(about)} {
  constexpr std::size_t kept = 64u << 10;
  if (source_.seekable() || source_.position() != 0) { return; }
  auto const seen = source_.peek(kept);
  start_.assign(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(std::min(seen.size(), kept)));
}

void end_watch::report(diagnostic const& d) {
  auto const fault = about_.format->fault_of(*d.code);
  cut_ = cut_ || fault == walk_fault::cut;
  later_volume_ = later_volume_ || fault == walk_fault::goes_on;
  if (!lost_ && (fault == walk_fault::lost || fault == walk_fault::cut)) {
    lost_ = true;
    lost_at_ = d.offset.value_or(0);
  }
  listener_.report(d);
}

void end_watch::saw(entry const& e) {
  constexpr std::uint64_t head_of_tape_file = 64;
  if (seen_++ < head_of_tape_file && is_path(e.path, "tapeblksz")) { has_tape_block_size_ = true; }
  if (has_tape_block_size_ && !has_passwd_ && is_path(e.path, "etc/passwd")) { has_passwd_ = true; }
}

void end_watch::tell(transfer_fault const& f, std::optional<std::uint64_t> at) {
  listener_.report({.code = f.code, .offset = at, .path = {}, .detail = f.detail, .level = {}});
}

void end_watch::ended(image_reader const& reader) {
  if (told_) { return; }
  told_ = true;
  if (reader.complete()) {
    if (has_tape_block_size_ && !has_passwd_) { tell({&installation_file, {}, {}}); }
    if (auto const at = about_.format->image_after(source_, reader.end_offset())) {
      auto const skipped = concat(about_.number == 1 ? "only the first" : concat("only number ", about_.number),
                                  " was read; --member ", about_.number + 1, " reads the next");
      auto const where =
          concat("at byte ", *at, ": ", about_.has_members ? "take the file out of its carrier first; " : "", skipped);
      tell({&second_image, {}, where}, *at);
    }
    return;
  }
  // A packed file that breaks off looks like the end of its input from inside.
  if (about_.wrapped && !about_.file.empty() && explain_packed(about_.file, listener_)) { return; }
  if (lost_) { explain_break(lost_at_); }
  if (later_volume_ || cut_ || (lost_ && about_.volumes.size() > 1)) { explain_pieces(); }
}

void end_watch::failed() noexcept {
  if (told_) { return; }
  told_ = true;
  try {
    if (about_.wrapped && !about_.file.empty() && explain_packed(about_.file, listener_)) { return; }
    explain_break(lost_ ? lost_at_ : source_.position());
    explain_pieces();
  } catch (std::exception const&) {  // the fault that brought us here is told by who found it
  }
}

bool explain_packed(std::string const& file, diagnostic_sink& listener) {
  auto const raw = io::open_file(file, {});
  if (!raw->seekable()) { return false; }
  auto fault = fault_of_bytes(raw->peek(byte_source::max_peek), 0, nullptr);
  if (!fault && raw->size()) { fault = fault_of_length(*raw->size()); }
  if (!fault) { return false; }
  listener.report({.code = fault->code, .offset = {}, .path = {}, .detail = fault->detail, .level = {}});
  return true;
}

void end_watch::explain_break(std::uint64_t near) {
  std::uint64_t base = 0;
  auto const some = sample(source_, near, base);
  auto fault = fault_of_bytes(some, base, about_.format);
  if (!fault) { fault = fault_of_bytes(start_, 0, about_.format); }
  if (fault) {
    tell(*fault);
    return;
  }
  auto const size = source_.medium_size();
  if (cut_ && size) {
    if (auto const cut = fault_of_length(*size)) { tell(*cut, *size); }
  }
}

void end_watch::explain_pieces() {
  if (about_.file.empty() && about_.volumes.size() < 2) { return; }
  auto const given = about_.file.empty() ? about_.volumes : std::vector{about_.file};
  if (auto const fault = pieces_of(given, about_.formats, about_.judge)) { tell(*fault); }
}

}  // namespace sysb::registry
