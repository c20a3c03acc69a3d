// SPDX-License-Identifier: Apache-2.0
// A side file made of any bytes, its checksums true or not: only what says that it is unusable may leave, members
// come in order and stand in the image, and every table leads to members.
#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

#include "base/cursor.hpp"
#include "base/digest.hpp"
#include "catalog/builder.hpp"
#include "catalog/index_file.hpp"
#include "catalog/lookup.hpp"
#include "catalog/side_file.hpp"
#include "core/fatal_error.hpp"
#include "formats/backup_by_name/backup_by_name.hpp"
#include "fuzz.hpp"
#include "io/io.hpp"
#include "support/image_builder.hpp"

namespace {

using namespace sysb;
using namespace sysb::index;
using fuzz::require;
using bytes = std::vector<std::byte>;

// The index that inputs begin with has no findings, so no code is known.
diag_code const* code_of(std::string_view) { return nullptr; }

bytes make_index(bytes const& image) {
  auto const source = io::from_memory(image);
  fuzz::quiet findings;
  auto const reader = backup_by_name::format().open(*source, limits{}, findings);
  auto const about = identify(*source, 0);
  reader->rewind();
  bytes out;
  builder index{[&](std::span<std::byte const> b) { out.insert(out.end(), b.begin(), b.end()); }, about};
  entry e;
  while (reader->next(e)) {
    bytes head(head_bytes(e));
    require(source->probe(e.offset, head) == head.size(), "the image is sound");
    index.add(e, head, nullptr);
  }
  index.finish(reader->end_offset(), false);
  return out;
}

bytes const& sound_index() {
  static auto const made = [] {
    test::member_options o;
    o.ino = 9;
    o.nlink = 2;
    test::image_builder b;
    b.volume().directory("./etc").file("./etc/motd", "hello").symlink("./etc/link", "motd").file("./one", "linked", o);
    b.hard_link("./two", "linked", test::link_layout::empty, o).packed_file("./text", test::prose(3000));
    for (int i = 0; i < 300; ++i) { b.file(concat("./many/", i % 50, "/", i), "x"); }
    return make_index(b.end().bytes());
  }();
  return made;
}

template <typename T>
T load(std::span<std::byte const> b, std::size_t at) {
  return byte_cursor{b.subspan(at)}.take<T>();
}
template <typename T>
void store(std::span<std::byte> b, std::size_t at, T const& v) {
  std::memcpy(b.data() + at, &v, sizeof v);
}

// All checksums made right, as far as the parts can be found.
void sign(std::span<std::byte> b) {
  if (b.size() < sizeof(front_record) + sizeof(footer_record)) { return; }
  auto const footer_at = b.size() - sizeof(footer_record);
  auto f = load<footer_record>(b, footer_at);
  auto const end = std::min<std::uint64_t>(f.blocks_end, footer_at);
  for (std::size_t at = sizeof(front_record); at + sizeof(block_record) <= end;) {
    auto block = load<block_record>(b, at);
    auto const room = static_cast<std::size_t>(end) - at - sizeof(block_record);
    auto const n = std::min<std::size_t>(block.bytes, room);
    block.checksum = block_checksum(block, b.subspan(at + sizeof(block_record), n));
    store(b, at, block);
    at += sizeof(block_record) + n;
  }
  std::size_t at = static_cast<std::size_t>(end);
  auto const each = [&](table_id id, std::uint64_t pairs) {
    for (std::uint64_t left = pairs; left != 0 && at + sizeof(page_record) <= footer_at;
         left -= std::min<std::uint64_t>(left, pairs_a_page)) {
      auto p = load<page_record>(b, at);
      p.checksum = table_hash(std::as_bytes(std::span{p.pairs}),
                              (std::uint64_t{static_cast<std::uint8_t>(id)} << 56) ^ p.number);
      store(b, at, p);
      at += sizeof(page_record);
    }
  };
  each(table_id::blocks, f.blocks);
  each(table_id::names, f.names);
  each(table_id::runs, f.runs);
  each(table_id::links, f.links);
  each(table_id::again, f.again);
  each(table_id::orphans, f.orphans);
  if (f.findings_bytes <= footer_at) {
    f.findings_checksum = table_hash(
        b.subspan(footer_at - static_cast<std::size_t>(f.findings_bytes), static_cast<std::size_t>(f.findings_bytes)),
        0);
  }
  f.index_bytes = b.size();
  f.checksum = table_hash(std::as_bytes(std::span{&f, 1}).subspan(sizeof(le64)), 0);
  store(b, footer_at, f);
}

// `use` may find the index unusable, and nothing else.
template <typename Use>
void allowed(Use const& use) {
  try {
    use();
  } catch (unusable const& e) { require(fuzz::is_clean(e.what()), "what is wrong has no controls"); }
}

void use(index_file& x) {
  constexpr std::uint64_t most = 64;  // of each table
  std::vector<std::string> names;
  allowed([&] {
    entry e;
    index_file::member m;
    std::uint64_t expected = 0, end = 0;
    while (x.next(e, m)) {
      require(e.offset >= end, "records follow each other");
      end = e.offset + e.record_bytes;
      require(m.ordinal == expected++, "members come in order");
      require(e.offset + e.record_bytes <= x.image().stream_bytes, "members stand in the image");
      if (names.size() < most) { names.push_back(normal_path(e.path)); }
    }
    require(expected == x.members(), "all members come");
  });
  for (auto const& n : names) {
    allowed([&] {
      for (auto const& f : x.find(n)) { require(f.what.ordinal < x.members(), "a name leads to a member"); }
    });
    auto const key = x.key_of(n);
    allowed([&] {
      for (auto const o : x.under(key)) { require(o < x.members(), "a key leads to members"); }
    });
    allowed([&] {
      auto const range = x.runs_of(key);
      for (auto i = range.from; i < std::min(range.to, range.from + most); ++i) {
        auto const run = x.run_at(i);
        require(run.first < x.members() && run.count <= x.members() - run.first, "a run is of members");
      }
    });
  }
  allowed([&] {
    for (std::uint64_t i = 0; i < std::min(x.names_again(), most); ++i) {
      require(x.name_again(i).ordinal < x.members(), "a name again");
    }
  });
  allowed([&] {
    for (std::uint64_t i = 0; i < std::min(x.orphans(), most); ++i) {
      require(x.orphan(i).ordinal < x.members(), "an orphan");
    }
  });
  for (std::uint64_t i = 0; i < std::min(x.members(), most); ++i) {
    auto const ordinal = i * (x.members() / most + 1);
    allowed([&] {
      entry e;
      index_file::member m;
      x.seek_ordinal(ordinal);
      if (x.next(e, m)) { require(m.ordinal == ordinal || ordinal >= x.members(), "a number leads to its member"); }
      auto const at = e.offset;
      x.seek_offset(at);
      if (x.next(e, m)) { require(e.offset >= at, "an offset leads to no earlier member"); }
      for (auto const o : x.linked(e)) { require(o < x.members(), "a link leads to a member"); }
    });
  }
}

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937 random{seed};
  if (auto const& start = sound_index(); size < sizeof(footer_record) && start.size() <= most) {
    std::memcpy(data, start.data(), start.size());
    size = start.size();
  }
  size = LLVMFuzzerMutate(data, size, most);
  if (random() % 4 != 0) { sign(std::as_writable_bytes(std::span{data, size})); }
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const input = std::as_bytes(std::span{data, size});
  fuzz::bounded_work const bound{size, 512u << 20, 8192};
  fuzz::quiet findings;
  auto const x = open_index(io::from_memory({input.begin(), input.end()}), "image.sysbidx", code_of, findings);
  require((x == nullptr) == (findings.count != 0), "an index that is not used has a reason");
  if (x) { use(*x); }
  return 0;
}
