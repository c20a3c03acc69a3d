// SPDX-License-Identifier: Apache-2.0
// The OUT of a command line: what is to be written, where it is staged, and how it appears.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_table.hpp"
#include "cli/streams.hpp"
#include "core/entry_sink.hpp"
#include "core/image_reader.hpp"
#include "core/output_kind.hpp"
#include "output/output.hpp"

namespace sysb::cli {

// What was asked for, once the words are judged.
struct output_choice {
  output_kind const* kind = nullptr;
  output::compression compress = output::compression::none;
  std::string path;  // without trailing slashes; empty for standard output
  bool to_stdout = false;
  [[nodiscard]] bool tree() const noexcept { return kind->id == "tree"; }
  [[nodiscard]] bool nothing() const noexcept { return kind->id == "null"; }
  [[nodiscard]] std::string base_name() const;
};

class output_arguments {
 public:
  void define(option_table& options);
  // Throws fatal_error{usage}: no OUT, an unknown suffix, words that do not go together.
  void judge();
  // For `extract`: always a tree.
  void judge_tree(std::string directory);
  void define_sparse(option_table& options);
  void define_overwrite(option_table& options, std::string text);
  void define_on_loss(option_table& options);

  [[nodiscard]] output_choice const& choice() const noexcept { return choice_; }
  [[nodiscard]] bool overwrite() const noexcept { return overwrite_; }
  [[nodiscard]] bool sparse() const noexcept { return sparse_; }
  [[nodiscard]] bool stop_on_loss() const noexcept { return on_loss_ == "stop"; }
  [[nodiscard]] int level() const noexcept { return level_ ? static_cast<int>(*level_) : -1; }
  [[nodiscard]] std::string const& given() const noexcept { return out_; }

 private:
  void judge_compression(std::string_view suffix_format, output::compression suffix);
  std::string out_, format_, compress_, on_loss_ = "report";
  std::optional<std::uint64_t> level_;
  bool overwrite_ = false;
  bool sparse_ = false;
  output_choice choice_;
};

// Throws fatal_error{io} when OUT exists and must not be replaced: asked before an image is
// read, so that hours of work are not in vain.
void refuse_existing(output_arguments const& o);

// Throws fatal_error{io} where the space is known not to suffice.
void require_output_space(output_choice const& choice, std::uint64_t bytes, std::uint64_t entries);

// The folders above a path that are missing: made, and removed again unless kept.
class parent_folders {
 public:
  explicit parent_folders(std::string const& path);  // throws fatal_error{io}
  ~parent_folders();
  parent_folders(parent_folders const&) = delete;
  parent_folders& operator=(parent_folders const&) = delete;
  void keep() noexcept { made_.clear(); }

 private:
  std::vector<std::string> made_;  // outermost first
};

// For a dry run: throws what opening the output would throw, and makes nothing.
void try_target(output_arguments const& o);
// The same for one file beside it.
void try_file(std::string const& path, bool overwrite);

// For a dry run of a tree: reports what writing it would report, as far as that can be known.
[[nodiscard]] std::unique_ptr<entry_sink> open_forecast(output_arguments const& o, diagnostic_sink& findings);

// The staged output and its sink. Destroyed before commit(): nothing is left.
class opened_output {
 public:
  opened_output(output_arguments const& o, image_reader const& image, unsigned threads, int out_fd,
                diagnostic_sink& findings);
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
  // After sink().finish(). The manifest of a tree first, OUT last.
  void commit();

 private:
  output_choice choice_;
  std::optional<parent_folders> parents_;
  std::optional<output::staged_file> file_;
  std::optional<output::staged_tree> tree_;
  std::optional<output::staged_file> manifest_;
  std::unique_ptr<entry_sink> sink_;  // destroyed first: it writes to the descriptors above
};

// Files beside OUT, in a directory that is made where it is missing and removed again where the
// run fails.
class side_directory {
 public:
  side_directory(std::string path, bool overwrite);
  ~side_directory();
  side_directory(side_directory const&) = delete;
  side_directory& operator=(side_directory const&) = delete;
  void add(std::string_view name, std::string_view content, std::uint32_t mode);
  // A file that is too long to be held: a number for append().
  [[nodiscard]] std::size_t begin(std::string_view name, std::uint32_t mode);
  void append(std::size_t file, std::string_view content);
  void commit();
  // OUT is there, too: what commit() made stays.
  void keep() noexcept;

 private:
  struct staged {
    output::staged_file file;
    std::uint32_t mode;
    std::string name;
    std::string waiting = {};  // not written yet
  };
  void write_out(staged& f);
  std::string path_;
  parent_folders parents_;
  bool overwrite_;
  bool made_ = false;
  std::uint32_t mode_ = 0755;  // what the umask leaves
  std::vector<staged> files_;
};

}  // namespace sysb::cli
