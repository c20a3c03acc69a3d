// SPDX-License-Identifier: Apache-2.0
// zlib and bzip2, a block at a time.
#include "formats/tape/unpack.hpp"

#include <bzlib.h>
#include <zlib.h>

#include <new>
#include <string_view>

#include "base/text.hpp"
#include "formats/tape/layout.hpp"

namespace sysb::tape {

namespace {

enum class outcome : std::uint8_t { whole, damaged, too_long };

[[nodiscard]] outcome inflate_block(std::vector<std::byte>& packed, std::vector<std::byte>& plain) {
  z_stream z{};
  if (::inflateInit(&z) != Z_OK) { throw std::bad_alloc{}; }
  z.next_in = reinterpret_cast<Bytef*>(packed.data());
  z.avail_in = static_cast<uInt>(packed.size());
  z.next_out = reinterpret_cast<Bytef*>(plain.data());
  z.avail_out = static_cast<uInt>(plain.size());
  auto const result = ::inflate(&z, Z_FINISH);
  auto const full = z.avail_out == 0;
  plain.resize(plain.size() - z.avail_out);
  ::inflateEnd(&z);
  if (result == Z_STREAM_END) { return outcome::whole; }
  return full ? outcome::too_long : outcome::damaged;
}

[[nodiscard]] outcome bunzip_block(std::vector<std::byte>& packed, std::vector<std::byte>& plain) {
  auto made = static_cast<unsigned>(plain.size());
  auto const result =
      ::BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(plain.data()), &made, reinterpret_cast<char*>(packed.data()),
                                   static_cast<unsigned>(packed.size()), 0, 0);
  if (result == BZ_MEM_ERROR) { throw std::bad_alloc{}; }
  plain.resize(result == BZ_OK ? made : 0);
  if (result == BZ_OK) { return outcome::whole; }
  return result == BZ_OUTBUFF_FULL ? outcome::too_long : outcome::damaged;
}

[[nodiscard]] std::string at(std::string_view text, chunk const& c) {
  return concat(text, " at byte 0x", hex(c.data_at - sizeof(aws_header)), " of the tape file");
}

}  // namespace

plain_block unpack_block(byte_source& s, step_function step, chunk const& first) {
  plain_block out;
  if (!first.begins) {
    out.problem = at("a compressed block without its beginning", first);
    return out;
  }
  std::vector<std::byte> packed;
  bool cut = false;
  for (auto c = first;;) {
    if (packed.size() + c.size > het_longest) {
      out.problem = at(concat("a compressed block of more than ", het_longest, " bytes"), first);
      return out;
    }
    auto const had = packed.size();
    packed.resize(had + c.size);
    auto const got = s.probe(c.data_at, std::span{packed}.subspan(had));
    out.next = c.next;
    cut = got != c.size || c.next == ~std::uint64_t{0};
    if (cut) { packed.resize(had + got); }
    if (cut || c.ends) { break; }
    c = step(s, c.next);
    if (c.what == chunk::kind::broken) {
      out.problem = c.problem;
      return out;
    }
    if (c.what == chunk::kind::end) {
      cut = true;
      break;
    }
    if (c.what != chunk::kind::data || c.begins || c.method != first.method) {
      out.problem = at("a compressed block without its end", first);
      return out;
    }
  }
  out.bytes.resize(het_longest);
  auto const result =
      first.method == packing::zlib ? inflate_block(packed, out.bytes) : bunzip_block(packed, out.bytes);
  if (cut) {  // what there is of it is sound
    out.problem = "the tape file ends inside a block";
    return out;
  }
  if (result == outcome::too_long) {
    out.problem = at(concat("a block that becomes more than ", het_longest, " bytes"), first);
  } else if (result == outcome::damaged) {
    out.problem = at("a compressed block that does not unpack", first);
  }
  if (result != outcome::whole) { out.bytes.clear(); }  // its check value was not reached
  return out;
}

}  // namespace sysb::tape
