// SPDX-License-Identifier: Apache-2.0
// Walks over the directories of a UDF file system with libudfread, which also says where a file's
// blocks stand: an image is read in place.
#include "formats/udf/udf.hpp"

#include <udfread/blockinput.h>
#include <udfread/udfread.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <vector>

#include "base/text.hpp"
#include "core/fatal_error.hpp"
#include "formats/udf/diagnostics.hpp"
#include "formats/udf/library_messages.hpp"
#include "io/io.hpp"
#include "io/members.hpp"

namespace sysb::udf {

namespace {

constexpr std::size_t block_bytes = UDF_BLOCK_SIZE;
constexpr std::size_t most_directories = 65536;
constexpr std::size_t longest_path = 4096;
constexpr std::size_t first_descriptor = 32768;

// libudfread's view of a source. Exceptions wait here while its C code is on the stack.
struct input final : ::udfread_block_input {
  explicit input(byte_source& s) : ::udfread_block_input{}, source{s} {
    ::udfread_block_input::read = read_blocks;
    ::udfread_block_input::size = count_blocks;
  }
  static int read_blocks(::udfread_block_input* self, std::uint32_t lba, void* out, std::uint32_t n, int) noexcept {
    auto& me = *static_cast<input*>(self);
    try {
      std::span const room{static_cast<std::byte*>(out), std::size_t{n} * block_bytes};
      return static_cast<int>(me.source.probe(std::uint64_t{lba} * block_bytes, room) / block_bytes);
    } catch (...) {
      me.thrown = std::current_exception();
      return -1;
    }
  }
  static std::uint32_t count_blocks(::udfread_block_input* self) noexcept {
    auto const size = static_cast<input*>(self)->source.size().value_or(0) / block_bytes;
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(size, most));
  }
  byte_source& source;
  std::exception_ptr thrown;
};

struct udf_deleter {
  void operator()(::udfread* u) const noexcept { ::udfread_close(u); }
};
struct directory_deleter {
  void operator()(::UDFDIR* d) const noexcept { ::udfread_closedir(d); }
};
struct file_deleter {
  void operator()(::UDFFILE* f) const noexcept { ::udfread_file_close(f); }
};

class udf_walk final : public io::member_walk {
 public:
  udf_walk(::udfread* disc, input& in) : disc_{disc}, in_{in} { waiting_.emplace_back("/"); }

  std::optional<io::member> next(byte_source&) override {
    for (;;) {
      if (!directory_) {
        if (waiting_.empty()) { return std::nullopt; }
        path_ = std::move(waiting_.back());
        waiting_.pop_back();
        directory_.reset(::udfread_opendir(disc_, path_.c_str()));
        rethrow();
        if (!directory_) { return end_with(concat("directory ", quoted(path_), " cannot be read")); }
      }
      ::udfread_dirent e{};
      if (::udfread_readdir(directory_.get(), &e) == nullptr) {
        rethrow();
        directory_.reset();
        continue;
      }
      std::string_view const name = e.d_name;
      if (name == "." || name == ".." || path_.size() + name.size() > longest_path) { continue; }
      auto path = path_.size() > 1 ? concat(path_, '/', name) : concat('/', name);
      if (e.d_type == UDF_DT_DIR) {
        if (++directories_ > most_directories) { return end_with("too many directories"); }
        waiting_.push_back(std::move(path));
        continue;
      }
      if (e.d_type == UDF_DT_REG) {
        if (auto m = place_of(std::move(path))) { return m; }
      }
    }
  }

 private:
  void rethrow() const {
    if (in_.thrown) { std::rethrow_exception(in_.thrown); }
  }

  [[nodiscard]] std::optional<io::member> place_of(std::string path) {
    std::unique_ptr<::UDFFILE, file_deleter> const file{::udfread_file_open(disc_, path.c_str())};
    rethrow();
    if (!file) { return std::nullopt; }
    auto const size = ::udfread_file_size(file.get());
    if (size <= 0) { return std::nullopt; }
    auto const blocks = (static_cast<std::uint64_t>(size) + block_bytes - 1) / block_bytes;
    if (blocks > std::numeric_limits<std::uint32_t>::max()) { return std::nullopt; }
    auto const first = ::udfread_file_lba(file.get(), 0);
    bool plain = first != 0;  // 0: small content inside the file's own descriptor, or a hole
    for (std::uint32_t i = 1; plain && i < blocks; ++i) { plain = ::udfread_file_lba(file.get(), i) == first + i; }
    return io::member{std::move(path), std::uint64_t{first} * block_bytes, static_cast<std::uint64_t>(size), plain};
  }

  ::udfread* disc_;
  input& in_;
  std::vector<std::string> waiting_;
  std::size_t directories_ = 0;
  std::string path_;
  std::unique_ptr<::UDFDIR, directory_deleter> directory_;
};

class udf_carrier final : public carrier_format {
 public:
  std::string_view id() const noexcept override { return "udf"; }
  std::string_view title() const noexcept override { return "UDF file system with an image on it"; }
  bool holds_members() const noexcept override { return true; }

  // A descriptor "NSR02" or "NSR03" among the first ones says UDF, beside ISO 9660's or alone.
  unsigned bid(std::span<std::byte const> head) const noexcept override {
    for (std::size_t at = first_descriptor; at + 8 <= head.size(); at += block_bytes) {
      auto const id = as_text(head.subspan(at + 1, 5));
      if (id == "NSR02" || id == "NSR03") { return 80; }
    }
    return 0;
  }

  std::unique_ptr<byte_source> open(std::unique_ptr<byte_source> source, limits const& l, request const& r,
                                    diagnostic_sink& findings) const override {
    source = io::make_seekable(std::move(source),
                               {.tmpdir = r.tmpdir, .counters = r.counters, .window_bytes = l.window_bytes});
    library_messages said;
    input in{*source};
    try {
      auto image = open_disc(std::move(source), in, r, findings);
      said.report(findings);
      return image;
    } catch (fatal_error const&) {
      // Blocks that could not be read are no fault of the disc.
      if (!in.thrown) { said.report(findings); }
      throw;
    }
  }

  std::span<diag_code const* const> codes() const noexcept override {
    static constexpr std::array<diag_code const*, 2> all{&damaged, &library_error};
    return all;
  }

 private:
  static std::unique_ptr<byte_source> open_disc(std::unique_ptr<byte_source> source, input& in, request const& r,
                                                diagnostic_sink& findings) {
    std::unique_ptr<::udfread, udf_deleter> const disc{::udfread_init()};
    auto const opened = disc && ::udfread_open_input(disc.get(), &in) >= 0;
    if (in.thrown) { std::rethrow_exception(in.thrown); }
    if (!opened) {
      throw fatal_error{fatal_error::kind::damaged, "UDF file system cannot be read: it is damaged or cut short"};
    }
    udf_walk walk{disc.get(), in};
    return io::open_member(std::move(source), walk, {"UDF file system", &damaged}, r, findings);
  }
};

}  // namespace

carrier_format const& carrier() noexcept {
  static udf_carrier const the_carrier;
  return the_carrier;
}

}  // namespace sysb::udf
