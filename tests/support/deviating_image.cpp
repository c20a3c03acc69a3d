// SPDX-License-Identifier: Apache-2.0
#include "support/deviating_image.hpp"

#include <algorithm>

#include "base/bsd_sum.hpp"
#include "formats/aix_archive/aix_archive.hpp"
#include "formats/packed/packed.hpp"
#include "support/image_builder.hpp"

namespace sysb::test {
namespace {

using scope = deviating_block::scope;

bool hit(std::mt19937& random, std::uint32_t per_mille) { return random() % 1000 < per_mille; }

template <typename T>
T const& pick(std::mt19937& random, std::vector<T> const& of) {
  return of[random() % of.size()];
}

// An archive as a content. Some stop in the middle of it.
bytes nested_archive(std::mt19937& random) {
  image_builder b;
  b.volume();
  auto const n = 1 + random() % 6;
  for (unsigned i = 0; i < n; ++i) {
    b.directory("./nested" + std::to_string(i));
    b.file("./nested/file" + std::to_string(i), prose(random() % 300, i + 1));
  }
  switch (random() % 4) {
    case 0: return b.end({.cluster = 512}).bytes();
    case 1: {  // the end record is the last thing
      auto out = b.end({.fill = tail::none}).bytes();
      return out;
    }
    case 2: {
      auto out = b.bytes();
      out.resize(out.size() / 8 * 8 - 8 * (random() % 8));
      return out;
    }
    default: {
      auto out = b.end({.fill = tail::none}).bytes();
      out.resize(out.size() + 8 * (random() % 12));
      return out;
    }
  }
}

bytes content(std::mt19937& random, bool hostile) {
  switch (random() % 12) {
    case 0: return {};
    case 1: return bytes(random() % 600);
    case 2: return noise(random() % 9000, static_cast<std::uint32_t>(random()));
    case 3:
    case 4:
      if (hostile) { return nested_archive(random); }
      [[fallthrough]];
    default: return to_bytes(prose(random() % 3000, static_cast<std::uint32_t>(random())));
  }
}

class maker {
 public:
  maker(deviation const& d, deviating_options const& o) : d_{d}, o_{o}, random_{o.seed} {}

  deviating_image run() {
    volume_fields v;
    v.header.magic = d_.volume_magic;
    append(out_.image, volume_header(v));
    if (o_.directories) { directory("./"); }
    for (std::size_t i = 0; i < o_.members; ++i) {
      if (d_.records && hit(random_, d_.records->per_mille)) { unknown_record(); }
      auto const name = "./dir" + std::to_string(i / 20) + "/member" + std::to_string(i);
      auto const kind = random_() % 10;
      if (o_.directories && kind < 2) {
        directory(name);
      } else if (o_.symlinks && kind == 2 && random_() % 3 == 0) {
        symlink(name, "../target/of/" + std::to_string(random_() % 100000));
      } else if (o_.packed && kind < 5) {
        packed(name);
      } else {
        file(name, content(random_, o_.hostile), false, std::nullopt);
      }
    }
    if (o_.inventory != 0) { product(); }
    if (d_.records && d_.records->after_members) {
      unknown_record();
      unknown_record();
    }
    append(out_.image, end_record({1, 0}, {}));
    out_.image.resize(static_cast<std::size_t>(round_up(out_.image.size(), 51200)));
    return std::move(out_);
  }

 private:
  void directory(std::string const& name) {
    name_fields f{.nlink = 2, .ino = 0xffffffff, .mode = mode_bits::directory | mode_bits::journalled | 0755};
    f.dsize = 256;
    f.name = name;
    f.magic = d_.plain_magic;
    record(f, {}, true);
  }
  void product() {
    std::string rows;
    for (std::size_t i = 0; i < o_.inventory; ++i) {
      auto const path = "/usr/lib/product/file" + std::to_string(i);
      auto const whole = to_bytes(prose(100 + random_() % 4000, static_cast<std::uint32_t>(random_())));
      bsd_sum sum;
      sum.update(whole);
      rows += path + ":\n\ttype = FILE\n\tmode = 644\n\tsize = " + std::to_string(whole.size()) + "\n\tchecksum = \"" +
              std::to_string(sum.value()) + " " + std::to_string(sum_blocks(whole.size())) + " \"\n\n";
      file("." + path, whole, false, std::nullopt);
    }
    file("./usr/lpp/product/liblpp.a",
         aix_archive::build({{.name = "product.rte.inventory", .content = rows}}, random_() % 2 == 0), false,
         std::nullopt);
  }
  void symlink(std::string const& name, std::string const& target) {
    name_fields f{.mode = mode_bits::symlink | 0777, .size = static_cast<std::uint32_t>(target.size())};
    f.dsize = f.size;
    f.name = name;
    f.magic = d_.plain_magic;
    record(f, to_bytes(target), false);
    out_.members.back().target = target;
  }
  void packed(std::string const& name) {
    auto const plain = to_bytes(prose(9000 + random_() % 9000, static_cast<std::uint32_t>(random_())));
    auto const stored = packed::pack(plain);
    file(name, *stored, true, static_cast<std::uint32_t>(plain.size()));
  }
  void file(std::string const& name, bytes const& stored, bool packed, std::optional<std::uint32_t> size) {
    name_fields f;
    f.mode = mode_bits::file | (random_() % 2 == 0 ? 0644u : 0755u);
    f.dsize = static_cast<std::uint32_t>(stored.size());
    f.size = size.value_or(f.dsize);
    f.name = name;
    f.magic = packed ? d_.packed_magic : d_.plain_magic;
    record(f, stored, true);
    out_.members.back().packed = packed;
  }

  [[nodiscard]] bytes header(name_fields const& f) {
    auto h = name_header(f);
    if (d_.fixed_less != 0 || d_.fixed_extra != 0) {
      h.resize(64 - d_.fixed_less);
      bytes extra(d_.fixed_extra);
      if (!d_.fixed_extra_zero) {
        extra = noise(d_.fixed_extra, static_cast<std::uint32_t>(random_()));
        for (auto& b : extra) { b |= std::byte{1}; }
      }
      append(h, extra);
      append(h, to_bytes(f.name));
      h.push_back(std::byte{0});
      pad_to(h, 8);
      h[0] = static_cast<std::byte>(h.size() / 8);
      auto const sum = header_checksum(h);
      h[4] = static_cast<std::byte>(sum & 0xff);
      h[5] = static_cast<std::byte>(sum >> 8);
    }
    return h;
  }

  void security(name_fields const& f, bool with_acl) {
    acl_fields a{.owner = static_cast<std::uint16_t>(f.mode >> 6 & 7),
                 .group = static_cast<std::uint16_t>(f.mode >> 3 & 7),
                 .others = static_cast<std::uint16_t>(f.mode & 7)};
    if (with_acl) {
      auto const n = 1 + random_() % 3;
      for (unsigned i = 0; i < n; ++i) { a.entries.push_back({ace_kind::permit, 4, {{id_kind::user, 200 + i}}}); }
      a.mode = mode_bits::extended_acl;
    }
    auto const list = acl(a);
    auto const privileges = pcl(f.mode);
    bytes head;
    bytes after;
    auto const number = [&](std::size_t n) {
      for (unsigned i = 0; i < d_.word_width; ++i) {
        auto const at = d_.word_big_endian ? d_.word_width - 1 - i : i;
        put_u8(head, at < 4 ? static_cast<std::uint8_t>(n >> 8 * at & 0xff) : std::uint8_t{0});
      }
    };
    auto const word = [&](std::size_t bytes) { number(bytes / d_.unit); };
    if (d_.leading) { number(*d_.leading); }
    std::vector<std::size_t> counted{d_.words == 1 ? list.size() + privileges.size() : list.size()};
    if (d_.words > 1) { counted.push_back(privileges.size()); }
    if (d_.words > 1 && d_.privileges_first) { std::swap(counted[0], counted[1]); }
    for (unsigned w = 2; w < d_.words; ++w) {
      auto const block = w - 2 < d_.further.size() ? pick(random_, d_.further[w - 2]) * 8 : 0;
      counted.push_back(block);
      append(after, noise(block, static_cast<std::uint32_t>(random_())));
    }
    for (std::size_t i = 0; i < counted.size(); ++i) { word(counted[d_.word_order.empty() ? i : d_.word_order[i]]); }
    head.resize(std::max<std::size_t>((head.size() + 3) / 4 * 4, d_.head_bytes));
    if (!d_.preamble.empty() && hit(random_, d_.preamble_per_mille)) {
      append(out_.image, noise(pick(random_, d_.preamble), static_cast<std::uint32_t>(random_())));
    }
    append(out_.image, head);
    append(out_.image, list);
    if (!d_.between.empty() && hit(random_, d_.between_per_mille)) {
      append(out_.image, noise(pick(random_, d_.between) * 8, static_cast<std::uint32_t>(random_())));
    }
    append(out_.image, privileges);
    append(out_.image, after);
    pad_to(out_.image, 8);
  }

  void blocks(deviating_block const& b) {
    for (auto n = b.in_a_row > 1 ? 1 + random_() % b.in_a_row : 1; n != 0; --n) { block(b); }
  }
  void block(deviating_block const& b) {
    auto const length = pick(random_, b.lengths);
    bytes out = b.zeros ? bytes(length) : noise(length, static_cast<std::uint32_t>(random_()));
    std::size_t used = 0;
    if (b.is == deviating_block::form::said) {
      auto const own = static_cast<std::uint32_t>(b.field_at + b.width);
      auto v = (b.counts_itself ? length : length - own) / b.unit;
      for (std::size_t i = 0; i < b.width; ++i) {
        out[b.field_at + i] = static_cast<std::byte>(v & 0xff);
        v >>= 8;
      }
      used = own;
    }
    if (b.tagged && out.size() >= used + 4) {
      for (std::size_t i = 0; i < 4; ++i) { out[used + i] = static_cast<std::byte>("EATR"[i]); }
    }
    append(out_.image, out);
  }

  void record(name_fields const& f, bytes const& stored, bool with_security) {
    auto const kind = f.mode & mode_bits::type_mask;
    auto const with_acl = with_security && o_.acls && random_() % 10 == 0;
    deviating_member m{.path = f.name, .mode = f.mode, .offset = out_.image.size()};
    auto const wanted = [&](deviating_block const& b) {
      auto const fits = [&] {
        switch (b.on) {
          case scope::all: return true;
          case scope::files: return kind == mode_bits::file;
          case scope::directories: return kind == mode_bits::directory;
          case scope::packed: return f.magic == d_.packed_magic && f.size != f.dsize;
          case scope::with_acl: return with_acl;
        }
        return false;
      }();
      return fits && hit(random_, b.per_mille);
    };
    append(out_.image, header(f));
    if (with_security) { security(f, with_acl); }
    for (auto const& b : d_.blocks) {
      if (b.before && wanted(b)) { blocks(b); }
    }
    m.content_offset = out_.image.size();
    m.stored = stored.size();
    append(out_.image, stored);
    pad_to(out_.image, 8, std::byte{0x5a});
    for (auto const& b : d_.blocks) {
      if (!b.before && wanted(b)) { blocks(b); }
    }
    m.end = out_.image.size();
    out_.members.push_back(std::move(m));
  }

  void unknown_record() {
    auto const& r = *d_.records;
    bytes body;
    if (r.has != deviating_records::body::none) {
      auto const n = r.has == deviating_records::body::constant ? 24 : 8 * (1 + random_() % 20);
      body = noise(n, static_cast<std::uint32_t>(random_()));
    }
    bytes h;
    put_u8(h, 4);
    put_u8(h, r.type);
    put_le16(h, r.magic.value_or(d_.plain_magic));
    put_le16(h, 0);
    put_le16(h, 0);
    put_le32(h, static_cast<std::uint32_t>(body.size()));
    h.resize(32);
    auto const sum = header_checksum(h);
    h[4] = static_cast<std::byte>(sum & 0xff);
    h[5] = static_cast<std::byte>(sum >> 8);
    append(out_.image, h);
    append(out_.image, body);
  }

  deviation const& d_;
  deviating_options const& o_;
  std::mt19937 random_;
  deviating_image out_;
};

deviating_block draw_block(std::mt19937& random) {
  deviating_block b;
  b.before = random() % 2 == 0;
  b.is = random() % 3 == 0 ? deviating_block::form::blind : deviating_block::form::said;
  auto const base = 8 * (2 + static_cast<std::uint32_t>(random() % 12));
  b.lengths = {base};
  if (random() % 3 != 0) {
    for (unsigned i = 1 + random() % 4; i != 0; --i) {
      b.lengths.push_back(base + 8 * static_cast<std::uint32_t>(1 + random() % (random() % 8 == 0 ? 500 : 40)));
    }
  }
  b.width = pick(random, std::vector<std::uint8_t>{4, 4, 2, 8});
  b.unit = pick(random, std::vector<std::uint8_t>{1, 8, 4});
  b.field_at = random() % 5 == 0 ? 4 : 0;
  b.counts_itself = random() % 2 == 0;
  if (b.unit == 8 && !b.counts_itself && (b.field_at + b.width) % 8 != 0) { b.counts_itself = true; }
  if (b.unit == 4 && !b.counts_itself && (b.field_at + b.width) % 4 != 0) { b.counts_itself = true; }
  b.tagged = random() % 2 == 0;
  b.zeros = random() % 4 == 0;
  if (b.is == deviating_block::form::said && random() % 4 == 0) {
    b.in_a_row = 2 + static_cast<std::uint32_t>(random() % 3);
  }
  b.on = pick(random, std::vector<scope>{scope::all, scope::files, scope::directories, scope::packed, scope::with_acl});
  b.per_mille = pick(random, std::vector<std::uint32_t>{1000, 1000, 500, 100, 30, 10});
  return b;
}

void draw_one(std::mt19937& random, deviation& d) {
  switch (random() % 11) {
    case 0: d.plain_magic = static_cast<std::uint16_t>(random() % 2 == 0 ? 0xea6d + random() % 8 : random()); break;
    case 1: d.packed_magic = static_cast<std::uint16_t>(random() % 2 == 0 ? 0xea6d + random() % 8 : random()); break;
    case 2:
      d.fixed_less = 0;
      d.fixed_extra =
          pick(random, std::vector<std::uint32_t>{8, 8, 4, 2}) * static_cast<std::uint32_t>(1 + random() % 6);
      d.fixed_extra_zero = random() % 2 == 0;
      break;
    case 3:
    case 4: {
      d.words = pick(random, std::vector<std::uint32_t>{1, 2, 3, 3, 4, 4});
      d.unit = pick(random, std::vector<std::uint32_t>{8, 4, 1});
      d.word_width = 4;
      d.head_bytes = 0;
      if (d.words % 2 == 1 && random() % 2 == 0) { d.head_bytes = d.words * 4 + 4; }
      d.further.clear();
      for (unsigned w = 2; w < d.words; ++w) {
        std::vector<std::uint32_t> lengths{static_cast<std::uint32_t>(random() % 3)};
        for (unsigned i = random() % 4; i != 0; --i) { lengths.push_back(static_cast<std::uint32_t>(random() % 9)); }
        d.further.push_back(lengths);
      }
      break;
    }
    case 5: {
      deviating_records r;
      r.type = pick(random, std::vector<std::uint8_t>{13, 20, 77, 200, 4});
      r.per_mille = pick(random, std::vector<std::uint32_t>{10, 50, 300});
      r.has = pick(
          random, std::vector<deviating_records::body>{deviating_records::body::none, deviating_records::body::constant,
                                                       deviating_records::body::said});
      r.after_members = random() % 2 == 0;
      d.records = r;
      break;
    }
    case 7:
      switch (random() % 6) {
        case 4:
          d.preamble = {8 * static_cast<std::uint32_t>(1 + random() % 12)};
          if (random() % 2 == 0) { d.preamble.push_back(8 * static_cast<std::uint32_t>(1 + random() % 60)); }
          d.preamble_per_mille = pick(random, std::vector<std::uint32_t>{1000, 1000, 500, 100});
          break;
        case 5:
          d.privileges_first = random() % 2 == 0;
          if (!d.privileges_first || random() % 2 == 0) { d.leading = static_cast<std::uint32_t>(random() % 70000); }
          break;
        case 0:
          d.fixed_extra = 0;
          d.fixed_less = pick(random, std::vector<std::uint32_t>{4, 8, 12, 16});
          break;
        case 1:
          d.words = pick(random, std::vector<std::uint32_t>{1, 2, 2, 3, 4});
          d.further.assign(d.words > 2 ? d.words - 2 : 0, {0, 2, 3});
          d.unit = pick(random, std::vector<std::uint32_t>{8, 4, 1});
          d.head_bytes = random() % 2 == 0 ? 0 : 8 * ((d.words * 2 + 7) / 8);
          d.word_width = 2;
          d.word_big_endian = random() % 4 == 0;
          break;
        case 2:
          d.between = {static_cast<std::uint32_t>(1 + random() % 20)};
          if (random() % 2 == 0) {
            for (auto i = 1 + random() % 5; i != 0; --i) {
              d.between.push_back(static_cast<std::uint32_t>(1 + random() % 40));
            }
          }
          d.between_per_mille = pick(random, std::vector<std::uint32_t>{1000, 1000, 500, 100, 30});
          break;
        default:
          if (!d.records) { d.records = deviating_records{}; }
          d.records->magic = static_cast<std::uint16_t>(random() % 2 == 0 ? 0xea70 + random() % 16 : random());
          d.records->per_mille = pick(random, std::vector<std::uint32_t>{10, 50, 300});
          break;
      }
      break;
    case 6: d.volume_magic = static_cast<std::uint16_t>(0xea6c + random() % 4); break;
    default: d.blocks.push_back(draw_block(random)); break;
  }
}

}  // namespace

deviating_image make_deviating(deviation const& d, deviating_options const& o) { return maker{d, o}.run(); }

deviation draw_deviation(std::mt19937& random) {
  deviation d;
  draw_one(random, d);
  if (random() % 3 == 0) { draw_one(random, d); }
  return d;
}

std::string deviation::text() const {
  std::string out;
  auto const add = [&](std::string const& s) { out += (out.empty() ? "" : "; ") + s; };
  auto const number = [](auto n) { return std::to_string(n); };
  if (volume_magic != record_magic::plain) { add("volume magic " + number(volume_magic)); }
  if (plain_magic != record_magic::plain) { add("plain magic " + number(plain_magic)); }
  if (packed_magic != record_magic::packed) { add("packed magic " + number(packed_magic)); }
  if (fixed_less != 0) { add("fixed part -" + number(fixed_less)); }
  if (!between.empty()) {
    std::string lengths;
    for (auto const n : between) { lengths += " " + number(n * 8); }
    add("between the lists" + lengths + " " + number(between_per_mille));
  }
  if (fixed_extra != 0) { add("fixed part +" + number(fixed_extra) + (fixed_extra_zero ? " zero" : " noise")); }
  if (words != 2 || unit != 8 || word_width != 4) {
    std::string f;
    for (auto const& l : further) {
      f += " [";
      for (auto const n : l) { f += number(n) + " "; }
      f += "]";
    }
    add("head of " + number(words) + " words, unit " + number(unit) + ", " + number(head_bytes) + " bytes, of " +
        number(word_width) + (word_big_endian ? " big-endian" : "") + f);
  }
  if (!word_order.empty()) {
    std::string order;
    for (auto const w : word_order) { order += " " + number(w); }
    add("words in the order" + order);
  }
  if (privileges_first) { add("privilege list by the first word"); }
  if (leading) { add("leading word " + number(*leading)); }
  if (!preamble.empty()) {
    std::string lengths;
    for (auto const n : preamble) { lengths += " " + number(n); }
    add("before the security record" + lengths + " " + number(preamble_per_mille));
  }
  for (auto const& b : blocks) {
    std::string lengths;
    for (auto const n : b.lengths) { lengths += " " + number(n); }
    static constexpr char const* scopes[] = {"all", "files", "directories", "packed", "with acl"};
    add(std::string{b.before ? "before" : "after"} +
        (b.is == deviating_block::form::blind ? " blind"
                                              : " said " + number(b.width) + "@" + number(b.field_at) + "*" +
                                                    number(b.unit) + (b.counts_itself ? " incl" : " excl")) +
        (b.in_a_row > 1 ? " in a row up to " + number(b.in_a_row) : "") + (b.tagged ? " tagged" : "") +
        (b.zeros ? " zeros" : "") + lengths + " on " + scopes[static_cast<std::size_t>(b.on)] + " " +
        number(b.per_mille));
  }
  if (records) {
    add("records of type " + number(records->type) + (records->magic ? ", magic " + number(*records->magic) : "") +
        ", body " + number(static_cast<int>(records->has)) + " " + number(records->per_mille) +
        (records->after_members ? " after" : ""));
  }
  return out.empty() ? "documented" : out;
}

}  // namespace sysb::test
