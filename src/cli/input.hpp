// SPDX-License-Identifier: Apache-2.0
// The IMAGE of a command line, and the options that go with reading one.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/option_table.hpp"
#include "cli/session.hpp"
#include "core/limits.hpp"
#include "jobs/image.hpp"
#include "pipeline/select.hpp"
#include "registry/registry.hpp"

namespace sysb::cli {

// "4096", "64K", "2g": bytes, with a suffix of powers of 1024. Throws fatal_error{usage} that names the option.
[[nodiscard]] std::uint64_t parse_size(std::string_view option, std::string_view word);

// --memory-limit, --ratio-limit, --size-limit: what a compressed image may cost.
class limit_arguments {
 public:
  void define(option_table& options);
  void judge();  // throws fatal_error{usage}
  [[nodiscard]] limits apply(limits l) const noexcept;

 private:
  std::optional<std::string> memory_, size_;
  std::optional<std::uint64_t> ratio_, memory_bytes_, size_bytes_;
};

// --tmpdir, else $TMPDIR, else /var/tmp
[[nodiscard]] std::string usual_tmpdir(std::string const& given);

// --index and --no-index.
class index_arguments {
 public:
  void define(option_table& options);
  void judge() const;  // throws fatal_error{usage}
  [[nodiscard]] bool named() const noexcept { return !name_.empty(); }
  void apply(jobs::image_request& r) const;

 private:
  std::string name_;
  bool none_ = false;
};

class image_arguments {
 public:
  void define(option_table& options);
  // Splits the words into IMAGE (unless --volumes gave it) and what follows: at least `least`
  // and at most `most` words. Throws fatal_error{usage}.
  void judge(std::size_t least, std::size_t most, std::string_view what);

  // Every word is an IMAGE, and each is looked at alone; --volumes names one all the same.
  void judge_several();
  [[nodiscard]] std::size_t count() const noexcept { return several_.empty() ? 1 : several_.size(); }
  [[nodiscard]] bool several() const noexcept { return several_.size() > 1; }
  [[nodiscard]] std::string const& name(std::size_t i) const noexcept { return several_[i]; }
  void choose(std::size_t i) { volumes_ = {several_[i]}; }

  [[nodiscard]] std::vector<std::string> const& rest() const noexcept { return rest_; }
  [[nodiscard]] std::vector<std::string> const& volumes() const noexcept { return volumes_; }
  [[nodiscard]] std::string subject() const;  // as messages name the image
  [[nodiscard]] std::string tmpdir() const { return usual_tmpdir(tmpdir_); }

  [[nodiscard]] jobs::image_request request(session const& s) const;
  // Opens the image and starts the progress display. `two_passes`: a pipe is spooled.
  [[nodiscard]] registry::opened_image open(session& s, bool two_passes) const;

  // --index and --no-index, for commands that can do with an index; they open with this one.
  void define_index(option_table& options) { index_.define(options); }
  [[nodiscard]] registry::opened_image open_by_index(session& s, bool two_passes) const;

  // --salvage, and for commands that write --keep-partial and --accept-changed.
  void define_salvage(option_table& options, bool writes);
  // The sentence that ends a run that met damage: what is not whole, and which option writes the rest.
  void say_damage(session& s, jobs::outcome const& done, bool excludes) const;

 private:
  std::vector<std::string> words_, volumes_, rest_, several_;
  std::string member_, tmpdir_;
  limit_arguments limits_;
  index_arguments index_;
  bool salvage_ = false, keep_partial_ = false, accept_changed_ = false;
};

inline constexpr std::size_t any_number = static_cast<std::size_t>(-1);

// PATTERN words and --exclude.
class select_arguments {
 public:
  void define(option_table& options);
  [[nodiscard]] pipeline::selection make(std::vector<std::string> const& patterns) const {
    return {patterns, exclude_};
  }
  [[nodiscard]] bool excludes() const noexcept { return !exclude_.empty(); }

 private:
  std::vector<std::string> exclude_;
};

class thread_argument {
 public:
  void define(option_table& options);
  [[nodiscard]] unsigned value() const noexcept;  // --threads, else jobs::usual_threads()
  [[nodiscard]] bool given() const noexcept { return threads_.has_value(); }

 private:
  std::optional<std::uint64_t> threads_;
};

}  // namespace sysb::cli
