// SPDX-License-Identifier: Apache-2.0
#include "output/mtree.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "output/fd_writer.hpp"
#include "output/output.hpp"
#include "output/size_guard.hpp"
#include "output/spool.hpp"

namespace sysb::output {

namespace {

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

std::string_view type_word(entry_kind k) noexcept {
  switch (k) {
    case entry_kind::file: return "file";
    case entry_kind::directory: return "dir";
    case entry_kind::symlink: return "link";
    case entry_kind::char_device: return "char";
    case entry_kind::block_device: return "block";
    case entry_kind::fifo: return "fifo";
    case entry_kind::socket: return "socket";
  }
  return "file";
}

class mtree_sink final : public entry_sink {
 public:
  explicit mtree_sink(int fd) : out_{fd, 256u << 10} { out_.write_text(mtree_head); }
  void begin_entry(entry const& e) override {
    guard_.begin(e);
    current_ = e;
  }
  void write_data(std::span<std::byte const> piece) override { guard_.add(piece.size()); }
  void end_entry(content_result const& r) override {
    guard_.end();
    line_.clear();
    append_mtree_line(line_, current_, r.digest ? &*r.digest : nullptr);
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

void append_mtree_line(std::string& out, entry const& e, digest128 const* digest) {
  if (e.path.empty()) {
    out.push_back('.');
  } else {
    out += "./";
    append_escaped(out, e.path);
  }
  out += concat(" type=", type_word(e.kind), " mode=", octal(e.permissions(), 4), " uid=", e.uid,
                " gid=", e.gid);
  if (e.nlink != 0) { out += concat(" nlink=", e.nlink); }
  if (e.kind == entry_kind::file) { out += concat(" size=", e.size); }
  out += concat(" time=", e.mtime, ".0");
  if (e.kind == entry_kind::symlink) {
    out += " link=";
    append_escaped(out, e.target);
  }
  if (e.kind == entry_kind::char_device || e.kind == entry_kind::block_device) {
    out += concat(" device=native,", e.rdev.major, ',', e.rdev.minor);
  }
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

void ordered_manifest::add(entry const& e, digest128 const* digest) {
  std::uint32_t length = 0;
  std::string text(sizeof length, '\0');
  append_mtree_line(text, e, digest);
  length = static_cast<std::uint32_t>(text.size() - sizeof length);
  std::memcpy(text.data(), &length, sizeof length);
  std::lock_guard const lock{mutex_};
  places_.push_back({e.offset, spooled_ + held_.size()});
  held_ += text;
  if (held_.size() >= (256u << 10)) {
    if (!spool_.ok()) { spool_ = open_spool(dirfd_); }
    write_at(spool_.get(), as_bytes(held_), spooled_);
    spooled_ += held_.size();
    held_.clear();
  }
}

void ordered_manifest::read(std::uint64_t at, std::span<char> out) const {
  if (at < spooled_) {  // whole lines are spilled
    read_at(spool_.get(), std::as_writable_bytes(out), at);
  } else {
    std::memcpy(out.data(), held_.data() + (at - spooled_), out.size());
  }
}

std::string ordered_manifest::line(place const& p) const {
  std::uint32_t length = 0;
  std::array<char, sizeof length> head{};
  read(p.at, head);
  std::memcpy(&length, head.data(), sizeof length);
  std::string text(length, '\0');
  read(p.at + sizeof length, text);
  return text;
}

void ordered_manifest::finish() {
  // Members that the image does not hold have no record of their own: their text decides.
  std::sort(places_.begin(), places_.end(), [this](place const& a, place const& b) {
    return a.record != b.record ? a.record < b.record : a.at != b.at && line(a) < line(b);
  });
  fd_writer out{fd_, 256u << 10};
  out.write_text(mtree_head);
  for (auto const& p : places_) { out.write_text(line(p)); }
  out.finish();
  places_ = {};
}

std::unique_ptr<entry_sink> make_mtree_sink(int fd) { return std::make_unique<mtree_sink>(fd); }

}  // namespace sysb::output
