// SPDX-License-Identifier: Apache-2.0
#include "pipeline/content_job.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os/transfer.hpp"
#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::pipeline {

piece_source one_piece(std::span<std::byte const> bytes) {
  return [bytes]() mutable { return std::exchange(bytes, {}); };
}

content_outcome run_content(content_request const& r, content_tools& tools, piece_source const& next,
                            piece_target const& emit) {
  content_outcome out;
  if (r.digest) { tools.digest.reset(); }
  if (r.sum) { tools.sum.reset(); }
  if (r.keep) { out.kept.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(r.wanted(), kept_at_once_bytes))); }
  auto const deliver = [&](std::span<std::byte const> bytes) {
    if (r.only_first) {
      bytes = bytes.first(
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), *r.only_first - out.result.bytes)));
    }
    if (bytes.empty()) { return; }
    if (r.digest) { tools.digest.update(bytes); }
    if (r.sum) { tools.sum.update(bytes); }
    if (r.keep) { out.kept.insert(out.kept.end(), bytes.begin(), bytes.end()); }
    out.result.bytes += bytes.size();
    emit(bytes);
  };
  if (!r.packed) {
    for (auto piece = next(); !piece.empty(); piece = next()) { deliver(piece); }
  } else {
    auto& decoder = *tools.decoder;
    decoder.reset(r.stored, r.plain);
    // A small member comes out in one piece.
    auto const want =
        static_cast<std::size_t>(r.plain <= small_member_bytes ? std::max<std::uint64_t>(r.plain, 1) : piece_bytes);
    auto const end = unpack(decoder, next, tools.out.at_least(want), deliver);
    if (end != content_end::proven) {
      out.fault = decoder.error();
      out.fault_text = end == content_end::failed ? decoder.error_text() : "stored bytes end early";
      out.true_size = decoder.true_size();
    }
  }
  if (r.only_first && out.result.bytes == *r.only_first) { out.fault = nullptr; }
  if (r.digest) { out.result.digest = tools.digest.value(); }
  if (r.sum) { out.result.sum = tools.sum.value(); }
  return out;
}

file_pieces::file_pieces(byte_source::file_run run, std::uint64_t offset, std::uint64_t length, scratch_buffer& buffer)
    : run_{run},
      offset_{offset},
      left_{length},
      buffer_{buffer.at_least(static_cast<std::size_t>(std::min<std::uint64_t>(length, piece_bytes)))} {}

std::span<std::byte const> file_pieces::next() {
  auto const want = static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_bytes));  // stays in the cache
  if (want == 0) { return {}; }
  auto const [done, error] =
      read_fully_at(run_.fd, buffer_.first(want), static_cast<std::uint64_t>(run_.base + offset_));
  if (error != 0) { throw fatal_error{fatal_error::kind::io, concat("read failed: ", os_text(error)), offset_ + done}; }
  // Shorter: the image is cut, and the reader that walks over this member says so.
  offset_ += done;
  left_ = done < want ? 0 : left_ - want;
  return {buffer_.data(), done};
}

}  // namespace sysb::pipeline
