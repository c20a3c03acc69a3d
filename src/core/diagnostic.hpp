// SPDX-License-Identifier: Apache-2.0
// Findings. They stream to a sink and never stop the one who reports them; a stable id
// names what was found, `sysb explain ID` prints what it means.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sysb {

enum class severity : std::uint8_t { note, warning, error };

[[nodiscard]] std::string_view to_text(severity s) noexcept;  // "note" "warning" "error"

// What an error means for the exit code: damage is 3, unsupported 5, unfit 6, loss 4, io 1.
// refused is 3 too, but the output is written without the member (hostile or clashing names).
enum class fault_class : std::uint8_t { damage, unsupported, unfit, loss, io, refused };

// How far a fault reaches. A run may not need the member, or be told to take it as it was stored.
enum class fault_reach : std::uint8_t {
  archive,  // what follows, or the archive as a whole
  content,  // the content of the member that it names, and nothing else
  changed,  // likewise; and the member may have changed while it was saved
};

// One kind of finding, declared `inline constexpr` beside the code that reports it.
struct diag_code {
  std::string_view id;                      // "BBN-003", stable for ever
  severity level;                           // usual severity; one report may lower it
  std::string_view title;                   // lower case, no full stop
  std::string_view explain;                 // what it means and what to do, for `sysb explain`; one paragraph
  fault_class fault = fault_class::damage;  // counts for errors only
  bool requirement = false;                 // the title says what should hold (a rule); the detail, what was found
  fault_reach reach = fault_reach::archive;
};

// What a judgement adds to a finding.
struct diagnostic_remarks {
  std::string_view group;          // "decide" "watch" "passed"
  std::string advice;              // may be empty
  std::vector<std::string> names;  // of members, raw bytes; may be empty
  std::optional<std::string> known_for;
};

struct diagnostic {
  diag_code const* code = nullptr;
  std::optional<std::uint64_t> offset;  // bytes from the start of the by-name stream
  std::string path;                     // raw bytes, as in the image; empty when none
  std::string detail;                   // expected and found; may be empty
  std::optional<severity> level;        // when it differs from the code's
  std::shared_ptr<diagnostic_remarks const> remarks{};

  [[nodiscard]] severity effective() const noexcept { return level.value_or(code->level); }
  // Title and detail in one sentence: "title (detail)"; of a requirement that fails, the detail.
  [[nodiscard]] std::string text() const;
};

// Readers report from the thread that drives them, in image order. A sink need not be safe for
// threads where nothing else reports to it; the ledger is.
class diagnostic_sink {
 public:
  virtual ~diagnostic_sink() = default;
  virtual void report(diagnostic const& d) = 0;
};

}  // namespace sysb
