// SPDX-License-Identifier: Apache-2.0
#include "output/mtree.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "core/entry_kinds.hpp"
#include "output/fd_writer.hpp"
#include "output/listing_sink.hpp"
#include "output/output.hpp"
#include "output/spool.hpp"

namespace sysb::output {

namespace {

constexpr std::size_t spill_bytes = 512u << 10;
// Lines come out of order by as many members as wait for delivery.
constexpr std::size_t kept_back_lines = 1024;
constexpr std::size_t written_at_once = 256u << 10;
constexpr std::size_t most_slack = 256;  // of a line that is held

// Before each line in order: its record and its length.
struct line_head {
  std::uint64_t record;
  std::uint64_t length;
};

bool comes_before(std::uint64_t a, std::string_view a_text, std::uint64_t b, std::string_view b_text) noexcept {
  // Members that the image does not hold have no record of their own: their text decides.
  return a != b ? a < b : a_text < b_text;
}

// As vis(3) in octal. The comma and the equals sign part tags and keywords.
void append_escaped(std::string& out, std::string_view bytes) {
  for (auto const c : bytes) {
    auto const b = static_cast<unsigned char>(c);
    bool const plain = b > 0x20 && b < 0x7f && c != '\\' && c != '#' && c != '=' && c != ',';
    if (plain) {
      out.push_back(c);
      continue;
    }
    out.push_back('\\');
    out.push_back(static_cast<char>('0' + (b >> 6)));
    out.push_back(static_cast<char>('0' + (b >> 3 & 7)));
    out.push_back(static_cast<char>('0' + (b & 7)));
  }
}

class mtree_sink final : public listing_sink {
 public:
  explicit mtree_sink(int fd) : out_{fd, 256u << 10} { out_.write_text(mtree_head); }
  void finish() override { out_.finish(); }

 private:
  void list(entry const& e, content_result const& r) override {
    line_.clear();
    append_mtree_line(line_, e, r.digest ? &*r.digest : nullptr);
    out_.write_text(line_);
  }

  fd_writer out_;
  std::string line_;
};

}  // namespace

void append_mtree_line(std::string& out, entry const& e, digest128 const* digest) {
  if (e.path.empty()) {
    out.push_back('.');
  } else {
    out += "./";
    append_escaped(out, e.path);
  }
  out += concat(" type=", mtree_types[static_cast<std::size_t>(e.kind)], " mode=", octal(e.permissions(), 4),
                " uid=", e.uid, " gid=", e.gid);
  if (e.nlink != 0) { out += concat(" nlink=", e.nlink); }
  if (e.kind == entry_kind::file) { out += concat(" size=", e.size); }
  out += concat(" time=", e.mtime, ".0");
  if (e.kind == entry_kind::symlink) {
    out += " link=";
    append_escaped(out, e.target);
  }
  if (is_device(e.kind)) { out += concat(" device=native,", e.rdev.major, ',', e.rdev.minor); }
  out += concat(" tags=aix_mode:", hex(e.mode, 8));
  if (!e.link_to.empty()) {
    out += ",hardlink:./";
    append_escaped(out, e.link_to);
  }
  if (!e.acl.empty()) { out += concat(",aix_acl:", hex_bytes(e.acl)); }
  if (!e.pcl.empty()) { out += concat(",aix_pcl:", hex_bytes(e.pcl)); }
  if (e.acl_extended) {
    out += ",aix_acl_text:";
    append_escaped(out, e.acl_text);
  }
  if (digest != nullptr && e.kind == entry_kind::file) { out += concat(",xxh3:", to_text(*digest)); }
  out.push_back('\n');
}

// The lines in order, one after the other.
class ordered_manifest::spooled_lines {
 public:
  spooled_lines(int fd, std::uint64_t size) : fd_{fd}, size_{size} { advance(); }
  [[nodiscard]] bool left() const noexcept { return left_; }
  [[nodiscard]] std::uint64_t record() const noexcept { return head_.record; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  void advance() {
    left_ = at_ != size_;
    if (!left_) { return; }
    take(std::as_writable_bytes(std::span{&head_, 1}));
    text_.resize(static_cast<std::size_t>(head_.length));
    take(std::as_writable_bytes(std::span{text_}));
  }

 private:
  void take(std::span<std::byte> out) {
    while (!out.empty()) {
      if (used_ == block_.size()) {
        block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(256u << 10, size_ - at_)));
        read_at(fd_, block_, at_);
        used_ = 0;
      }
      auto const n = std::min(out.size(), block_.size() - used_);
      std::memcpy(out.data(), block_.data() + used_, n);
      out = out.subspan(n);
      used_ += n;
      at_ += n;
    }
  }

  int fd_;
  std::uint64_t size_;
  std::uint64_t at_ = 0;
  std::vector<std::byte> block_;
  std::size_t used_ = 0;
  bool left_ = false;
  line_head head_{};
  std::string text_;
};

void ordered_manifest::add(entry const& e, digest128 const* digest) {
  held_line l{e.offset, {}};
  append_mtree_line(l.text, e, digest);
  if (l.text.capacity() - l.text.size() > most_slack) { l.text.shrink_to_fit(); }
  std::lock_guard const lock{mutex_};
  held_bytes_ += l.text.size() + sizeof l;
  held_.push_back(std::move(l));
  if (held_bytes_ >= spill_bytes && held_.size() >= kept_back_lines + kept_back_lines / 2) { spill(kept_back_lines); }
}

void ordered_manifest::spill(std::size_t kept_back) {
  std::sort(held_.begin(), held_.end(),
            [](held_line const& a, held_line const& b) { return comes_before(a.record, a.text, b.record, b.text); });
  auto const end = held_.end() - static_cast<std::ptrdiff_t>(kept_back);
  std::string ordered;
  auto const write_ordered = [&] {
    write_at(in_order_.get(), as_bytes(ordered), in_order_bytes_);
    in_order_bytes_ += ordered.size();
    ordered.clear();
  };
  std::string late;
  if (!in_order_.ok()) { in_order_ = open_spool(host_); }
  for (auto l = held_.begin(); l != end; ++l) {
    held_bytes_ -= l->text.size() + sizeof *l;
    if (!comes_before(l->record, l->text, last_record_, last_text_)) {
      line_head const head{l->record, l->text.size()};
      ordered += as_text(std::as_bytes(std::span{&head, 1}));
      ordered += l->text;
      last_record_ = l->record;
      last_text_ = l->text;
      if (ordered.size() >= written_at_once) { write_ordered(); }
    } else {
      late_.push_back({l->record, late_bytes_ + late.size(), static_cast<std::uint32_t>(l->text.size())});
      late += l->text;
    }
  }
  held_.erase(held_.begin(), end);
  write_ordered();
  if (late.empty()) { return; }
  if (!late_spool_.ok()) { late_spool_ = open_spool(host_); }
  write_at(late_spool_.get(), as_bytes(late), late_bytes_);
  late_bytes_ += late.size();
}

std::string ordered_manifest::text_of(late_line const& l) const {
  std::string text(l.length, '\0');
  read_at(late_spool_.get(), std::as_writable_bytes(std::span{text}), l.at);
  return text;
}

void ordered_manifest::finish() {
  spill(0);
  std::sort(late_.begin(), late_.end(), [this](late_line const& a, late_line const& b) {
    return a.record != b.record ? a.record < b.record : a.at != b.at && text_of(a) < text_of(b);
  });
  fd_writer out{fd_, 256u << 10};
  out.write_text(mtree_head);
  spooled_lines lines{in_order_.get(), in_order_bytes_};
  for (auto const& l : late_) {
    auto const text = text_of(l);
    for (; lines.left() && comes_before(lines.record(), lines.text(), l.record, text); lines.advance()) {
      out.write_text(lines.text());
    }
    out.write_text(text);
  }
  for (; lines.left(); lines.advance()) { out.write_text(lines.text()); }
  out.finish();
  late_ = {};
}

std::unique_ptr<entry_sink> make_mtree_sink(int fd) { return std::make_unique<mtree_sink>(fd); }

}  // namespace sysb::output
