// SPDX-License-Identifier: Apache-2.0
// AIX stanza files: image.data, bosinst.data, /etc/filesystems, /etc/wpars/*.cf, WPAR
// specification files, devexports, .inventory members. Read tolerantly, written back byte
// for byte except where a caller changed something.
#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "formats/stanza/diagnostics.hpp"

namespace sysb::stanza {

inline constexpr std::size_t max_line_bytes = 64u << 10;
inline constexpr std::size_t max_document_bytes = 16u << 20;
inline constexpr std::size_t max_document_pieces = 200'000;  // headers, fields and what stands between
inline constexpr std::size_t max_faults = 100;               // per call; the rest is not listed

// One line after the other, nothing copied; for inputs too large to hold as a document.
class scanner {
 public:
  enum class kind : unsigned char { header, field, comment, blank, other };
  struct line {
    kind what = kind::other;
    std::string_view name;   // header or field name
    std::string_view value;  // without quotes and surrounding blanks
    std::string_view raw;    // with its line end
    std::size_t number = 0;  // from 1
    std::size_t offset = 0;  // of the line in the text
    diag_code const* problem = nullptr;
  };
  // The text must outlive the scanner and the lines that it gives.
  explicit scanner(std::string_view text) noexcept : text_{text} {}
  bool next(line& out) noexcept;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

// Names and values stand in the document's text.
struct field {
  std::string_view name;
  std::string_view value;  // without quotes and surrounding blanks
  std::size_t line = 0;
};

struct stanza {
  std::string_view name;
  std::size_t line = 0;  // 0 for one that was added
  std::vector<field> fields;

  // The value of the first field of that name; a name may repeat.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view field_name) const noexcept;
  // The same, "" where it is absent.
  [[nodiscard]] std::string_view get(std::string_view field_name) const noexcept;
  [[nodiscard]] std::vector<std::string_view> find_all(std::string_view field_name) const;
};

// It keeps one copy of the text and what was changed in it; everything else leads there. Stanzas and what they give are
// good as long as the document, or the one that it was moved to.
class document {
 public:
  document() = default;
  document(document&&) = default;
  document& operator=(document&&) = default;

  // Never fails: what cannot be used is kept as text and named in `faults`.
  [[nodiscard]] static document parse(std::string_view text, std::vector<fault>& faults);

  [[nodiscard]] std::vector<stanza> const& stanzas() const noexcept { return stanzas_; }
  [[nodiscard]] stanza const* find(std::string_view name) const noexcept;  // the first one
  // Positions in stanzas() of every stanza of that name.
  [[nodiscard]] std::vector<std::size_t> find_all(std::string_view name) const;

  // Header to last field, comments between them and the blank lines after it. Positions of
  // later stanzas move down by one.
  void remove(std::size_t index);
  // Changes the first field of that name in place (its indentation, blanks around '=', quotes
  // and line end stay); adds one in the style of the last field where there is none.
  void set(std::size_t index, std::string_view field_name, std::string_view value);
  // At the end, with "\tNAME= value" lines as mkszfile writes them. Returns the position.
  std::size_t add(std::string_view name, std::vector<std::pair<std::string, std::string>> const& fields);

  [[nodiscard]] std::string to_text() const;

 private:
  [[nodiscard]] std::string_view keep(std::string text);

  struct place {  // of a stanza in pieces_
    std::size_t header = 0;
    std::size_t last = 0;  // piece of the last field, or the header
    std::vector<std::size_t> fields;
  };
  std::deque<std::string> texts_;         // moving it leaves each where it is
  std::vector<std::string_view> pieces_;  // one line each, or the text of an unused remainder
  std::vector<stanza> stanzas_;
  std::vector<place> places_;
};

}  // namespace sysb::stanza
