// SPDX-License-Identifier: Apache-2.0
// An image in memory, member by member, for tests that must not depend on a container.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "core/diagnostic.hpp"
#include "core/image_reader.hpp"

namespace fake {

struct member {
  sysb::entry about;
  std::string content;  // plain
};

// "Packs" by writing every byte inverted; a member whose first stored byte is 0 does not decode.
class inverting_decoder final : public sysb::content_decoder {
 public:
  void reset(std::uint64_t, std::uint64_t plain) override { left_ = plain; }
  status decode(std::span<std::byte const>& in, std::span<std::byte>& out) override {
    while (left_ != 0) {
      if (in.empty()) { return status::need_input; }
      if (out.empty()) { return status::need_output; }
      if (in[0] == std::byte{0}) { return status::failed; }
      out[0] = ~in[0];
      in = in.subspan(1);
      out = out.subspan(1);
      --left_;
    }
    return status::done;
  }
  sysb::diag_code const* error() const noexcept override { return nullptr; }
  std::string error_text() const override { return "a stored byte is 0"; }

 private:
  std::uint64_t left_ = 0;
};

class reader final : public sysb::image_reader {
 public:
  explicit reader(std::vector<member> members) : members_{std::move(members)} {
    about_.format = "backup_by_name";
    about_.volume.date = 1'400'000'000;
  }
  sysb::image_description about_;
  bool complete_ = true;
  bool seekable_ = true;
  sysb::diagnostic_sink* findings_ = nullptr;  // where `fault_` is reported at the end
  sysb::diag_code const* fault_ = nullptr;
  std::size_t content_reads = 0;

  sysb::image_description const& description() const noexcept override { return about_; }
  bool next(sysb::entry& out) override {
    if (at_ >= members_.size()) {
      if (fault_ != nullptr && findings_ != nullptr) {
        findings_->report({.code = fault_, .offset = 7, .path = {}, .detail = {}, .level = {}});
        fault_ = nullptr;
      }
      return false;
    }
    current_ = at_++;
    done_ = false;
    out = members_[current_].about;
    return true;
  }
  // In pieces of three bytes, so that nobody relies on one piece.
  std::span<std::byte const> read_stored() override {
    if (!done_) {
      ++content_reads;
      stored_ = members_[current_].content;
      if (members_[current_].about.packed) {
        for (auto& c : stored_) { c = static_cast<char>(~c); }
      }
      rest_ = sysb::as_bytes(stored_);
      done_ = true;
    }
    auto const piece = rest_.first(std::min<std::size_t>(3, rest_.size()));
    rest_ = rest_.subspan(piece.size());
    return piece;
  }
  std::span<std::byte const> read_raw() override { return {}; }
  void skip() override {
    done_ = true;
    rest_ = {};
  }
  bool complete() const noexcept override { return complete_; }
  std::uint64_t end_offset() const noexcept override { return 512 * (members_.size() + 1); }
  std::span<std::byte const> volume_header() const noexcept override { return {}; }
  bool seekable() const noexcept override { return seekable_; }
  void seek_record(std::uint64_t offset) override {
    at_ = 0;
    while (at_ < members_.size() && members_[at_].about.offset != offset) { ++at_; }
  }
  void rewind() override { at_ = 0; }
  std::unique_ptr<sysb::content_decoder> make_decoder() const override { return std::make_unique<inverting_decoder>(); }

 private:
  std::vector<member> members_;
  std::size_t at_ = 0;
  std::size_t current_ = 0;
  bool done_ = true;
  std::string stored_;
  std::span<std::byte const> rest_;
};

class image {
 public:
  image& add(sysb::entry_kind kind, std::string_view path, std::string content = {}, bool packed = false) {
    member m;
    m.about.path = std::string{path};
    m.about.kind = kind;
    m.about.mode = kind == sysb::entry_kind::directory ? 0040755u : 0100644u;
    m.about.size = kind == sysb::entry_kind::file ? content.size() : 0;
    m.about.stored = m.about.size;
    m.about.packed = packed;
    m.about.content = m.about.size == 0 ? sysb::content_state::none : sysb::content_state::here;
    m.about.nlink = 1;
    m.content = std::move(content);
    // A later member of the same name takes the place of the earlier one.
    auto const old =
        std::find_if(members_.begin(), members_.end(), [&](member const& x) { return x.about.path == path; });
    if (old != members_.end()) {
      m.about.offset = old->about.offset;
      *old = std::move(m);
    } else {
      m.about.offset = 512 * ++count_;
      members_.push_back(std::move(m));
    }
    return *this;
  }
  image& dir(std::string_view path) { return add(sysb::entry_kind::directory, path); }
  image& file(std::string_view path, std::string_view content = "x") {
    return add(sysb::entry_kind::file, path, std::string{content});
  }
  image& bytes(std::string_view path, std::vector<std::byte> const& content) {
    return add(sysb::entry_kind::file, path, std::string{sysb::as_text(content)});
  }
  image& packed(std::string_view path, std::string_view content) {
    return add(sysb::entry_kind::file, path, std::string{content}, true);
  }
  image& remove(std::string_view path) {
    members_.erase(std::remove_if(members_.begin(), members_.end(),
                                  [&](member const& m) {
                                    return m.about.path == path || m.about.path.rfind(std::string{path} + "/", 0) == 0;
                                  }),
                   members_.end());
    return *this;
  }
  // The last member that was added, to be changed.
  sysb::entry& last() { return members_.back().about; }
  std::vector<member> const& members() const { return members_; }
  reader open() const { return reader{members_}; }

 private:
  std::vector<member> members_;
  std::uint64_t count_ = 0;
};

class collector final : public sysb::diagnostic_sink {
 public:
  void report(sysb::diagnostic const& d) override {
    ids.emplace_back(d.code->id);
    all.push_back(d);
  }
  bool has(std::string_view id) const { return std::find(ids.begin(), ids.end(), id) != ids.end(); }
  std::vector<std::string> ids;
  std::vector<sysb::diagnostic> all;
};

inline std::string image_data_text() {
  std::string out =
      "image_data:\n\tIMAGE_TYPE= bff\n\tDATE_TIME= Mon Mar  3 10:00:00 UTC 2014\n"
      "\tUNAME_INFO= AIX example 1 7 000000004C00\n\tPRODUCT_TAPE= no\n\tUSERVG_LIST= \n\tPLATFORM= chrp\n"
      "\tOSLEVEL= 7.1.3.0\n\tOSLEVEL_R= 7100-03\n\tCPU_ID= 000000004C00\n\tLPAR_ID= 1\n\n"
      "logical_volume_policy:\n\tSHRINK= no\n\tEXACT_FIT= no\n\n"
      "vg_data:\n\tVGNAME= rootvg\n\tPPSIZE= 64\n\n";
  auto const lv = [&](std::string_view name, std::string_view type, std::string_view mount) {
    out += sysb::concat(
        "##Command used for lv_data; /usr/sbin/lslv\n\nlv_data:\n\tVOLUME_GROUP= rootvg\n\tLOGICAL_VOLUME= ", name,
        "\n\tTYPE= ", type, "\n\tLPs= 32\n\tPP= 32\n\tPP_SIZE= 64\n\tMOUNT_POINT= ", mount, "\n\tLABEL= ", mount,
        "\n\n");
  };
  lv("hd5", "boot", "");
  lv("hd6", "paging", "");
  lv("hd8", "jfs2log", "");
  lv("hd4", "jfs2", "/");
  lv("hd2", "jfs2", "/usr");
  lv("hd9var", "jfs2", "/var");
  lv("hd3", "jfs2", "/tmp");
  lv("hd1", "jfs2", "/home");
  lv("hd10opt", "jfs2", "/opt");
  auto const fs = [&](std::string_view mount, std::string_view name, int size) {
    out += sysb::concat("fs_data:\n\tFS_NAME= ", mount, "\n\tFS_SIZE= ", size, "\n\tFS_MIN_SIZE= ", size / 2,
                        "\n\tFS_LV= /dev/", name, "\n\tFS_JFS2_BS= 4096\n\tFS_JFS2_EAFORMAT= v1\n\n");
  };
  fs("/", "hd4", 524288);
  fs("/usr", "hd2", 4194304);
  fs("/var", "hd9var", 1048576);
  fs("/tmp", "hd3", 262144);
  fs("/home", "hd1", 131072);
  fs("/opt", "hd10opt", 655360);
  return out;
}

// An AIX 7.1 rootvg in small, with nothing that a rule warns of but what any image has.
inline image rootvg() {
  image i;
  i.dir("./").file("./image.data", image_data_text()).file("./bosinst.data", "control_flow:\n    PROMPT = no\n");
  i.dir("./etc").dir("./etc/objrepos").dir("./etc/security").file("./etc/passwd", "root:!:0:0::/:/usr/bin/ksh\n");
  i.file("./etc/security/passwd").file("./etc/inittab").file("./etc/motd", "hello\n");
  i.file("./etc/filesystems",
         "/:\n\tdev = /dev/hd4\n\tvfs = jfs2\n\n/usr:\n\tdev = /dev/hd2\n\tvfs = jfs2\n\n/opt:\n\tdev = "
         "/dev/hd10opt\n"
         "\tvfs = jfs2\n\n/home:\n\tdev = /dev/hd1\n\tvfs = jfs2\n\n");
  i.dir("./sbin").file("./sbin/rc.boot").dir("./var").file("./var/log").dir("./home").file("./home/a.txt");
  i.dir("./tmp").file("./tmp/t").dir("./dev").dir("./dev/pts").dir("./proc");
  i.add(sysb::entry_kind::char_device, "./dev/null");
  i.dir("./usr").dir("./usr/lib").dir("./usr/lib/objrepos").file("./usr/lib/libc.a").file("./usr/bin/ls");
  i.file("./usr/lib/wpars/wparconvert.d/usr/a").file("./usr/lib/wpars/wparconvert.d/root/b");
  i.dir("./opt").file("./opt/readme").dir("./usrlocal").file("./usrlocal/stays");
  return i;
}

}  // namespace fake
