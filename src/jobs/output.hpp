// SPDX-License-Identifier: Apache-2.0
// The output of a job: what is to be written, where it is staged, and how it appears.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.hpp"
#include "core/entry_sink.hpp"
#include "core/image_reader.hpp"
#include "core/output_kind.hpp"
#include "output/joint_commit.hpp"
#include "output/output.hpp"

namespace sysb::jobs {

struct output_request {
  output_kind const* kind = nullptr;  // see find_output()
  output::compression compress = output::compression::none;
  int level = -1;    // of the compression; -1: its own default
  std::string path;  // without trailing slashes; empty for a stream
  int stream = -1;   // a descriptor that is written to instead of a path; stays the caller's
  bool overwrite = false;
  bool sparse = false;  // a tree: holes for runs of zeros
  bool stop_on_loss = false;

  [[nodiscard]] bool tree() const noexcept { return kind->id == "tree"; }
  [[nodiscard]] bool nothing() const noexcept { return kind->id == "null"; }
  [[nodiscard]] bool to_stream() const noexcept { return stream >= 0; }
  [[nodiscard]] std::string base_name() const;
};

// By its id ("pax", "tree", "bff", …); null for none.
[[nodiscard]] output_kind const* find_output(std::string_view id);
[[nodiscard]] std::string without_slashes(std::string path);  // at its end

// Throws fatal_error{io} when OUT exists and must not be replaced, or the folder for it is not there: asked before
// an image is read, so that hours of work are not in vain.
void refuse_existing(output_request const& o);

// Throws fatal_error{io} where the space is known not to suffice.
void require_output_space(output_request const& o, std::uint64_t bytes, std::uint64_t entries);

// The folder that `path` is made in must be there: nothing is made above an output, or a backup disk that is not
// mounted would be written below its mount point. Throws fatal_error{io} that names the folder.
void require_parent(std::string const& path);

// For a dry run: throws what opening the output would throw, and makes nothing.
void try_target(output_request const& o);
// The same for one file in the folder beside it.
void try_side_file(std::string const& folder, std::string_view name, bool overwrite);

// For a dry run of a tree: reports what writing it would report, as far as that can be known.
[[nodiscard]] std::unique_ptr<entry_sink> open_forecast(output_request const& o, std::string const& tmpdir,
                                                        diagnostic_sink& findings);

class side_directory;

// The staged output and its sink. Destroyed before commit(): nothing is left.
class opened_output {
 public:
  opened_output(output_request const& o, image_reader const& image, unsigned threads, diagnostic_sink& findings);
  [[nodiscard]] entry_sink& sink() noexcept { return *sink_; }
  // Takes the sink out and puts another around it.
  template <typename Wrap>
  void wrap(Wrap const& around) {
    sink_ = around(std::move(sink_));
  }
  // How many of `threads` read and unpack: a compressor is slower, and has as many of its own.
  [[nodiscard]] unsigned copy_threads(unsigned threads) const noexcept;
  // A descriptor that reads what was written, for --verify; -1 for a tree or standard output.
  [[nodiscard]] int file() const noexcept { return file_ ? file_->fd() : -1; }
  [[nodiscard]] int tree() const noexcept { return tree_ ? tree_->fd() : -1; }
  // After sink().finish(). Side files and the manifest of a tree first, OUT last; where one of them cannot appear,
  // what stood there before stands there again.
  void commit(side_directory* side = nullptr);

 private:
  [[nodiscard]] std::string named() const;
  output_request to_;
  std::optional<output::joint_commit> joint_;  // destroyed last: what it watches over is taken back before
  std::optional<output::staged_file> file_;
  std::optional<output::staged_tree> tree_;
  std::optional<output::staged_file> manifest_;
  std::unique_ptr<entry_sink> sink_;  // destroyed first: it writes to the descriptors above
};

// Files beside OUT. A directory that is not there appears as a whole; one that is there gets them one by one.
class side_directory {
 public:
  side_directory(std::string path, bool overwrite);
  side_directory(side_directory const&) = delete;
  side_directory& operator=(side_directory const&) = delete;
  [[nodiscard]] std::string const& path() const noexcept { return path_; }
  void add(std::string_view name, std::string_view content, std::uint32_t mode);
  // A file that is too long to be held: a number for append().
  [[nodiscard]] std::size_t begin(std::string_view name, std::uint32_t mode);
  void append(std::size_t file, std::string_view content);
  // Files of these names that an earlier run wrote and this one has none of go with what is replaced.
  void outdate(std::span<std::string_view const> names);

  // As output::staged_file, for opened_output::commit().
  void prepare();
  void announce(std::vector<output::file_identity>& parts) const;
  void place();
  void keep();
  void let_stay() noexcept;

 private:
  struct staged {
    output::staged_file file;
    std::uint32_t mode;
    std::string name;
    std::string waiting = {};  // not written yet
  };
  void flush(staged& f);
  void write_out(staged const& f, std::string_view text);
  std::string path_;
  bool overwrite_;
  std::optional<output::staged_tree> whole_;  // where the directory is not there
  std::vector<std::string> outdated_;
  std::vector<staged> files_;  // destroyed first
};

// Before a run writes to `o`: what a killed run had put in place without the rest is taken back, and what lies about
// beside OUT is told of.
void settle_killed_run(output_request const& o, std::string const& side_folder, diagnostic_sink& findings);
void tell_leftovers(std::string const& path, diagnostic_sink& findings);  // beside `path`

}  // namespace sysb::jobs
