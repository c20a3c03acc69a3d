// SPDX-License-Identifier: Apache-2.0
#include "diff/change.hpp"

#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "core/fatal_error.hpp"

namespace sysb::diff {

namespace {

void put(std::string& out, std::uint64_t v) {
  char raw[sizeof v];
  std::memcpy(raw, &v, sizeof v);
  out.append(raw, sizeof v);
}

void put(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out.append(text);
}

class reader {
 public:
  explicit reader(std::string_view in) : in_{in} {}
  std::uint64_t number() {
    std::uint64_t v = 0;
    std::memcpy(&v, take(sizeof v).data(), sizeof v);
    return v;
  }
  std::string text() { return std::string{take(static_cast<std::size_t>(number()))}; }

 private:
  std::string_view take(std::size_t n) {
    if (n > in_.size()) { throw fatal_error{fatal_error::kind::internal, "a temporary file does not hold a change"}; }
    auto const out = in_.substr(0, n);
    in_.remove_prefix(n);
    return out;
  }
  std::string_view in_;
};

void put(std::string& out, value const& v) {
  put(out, static_cast<std::uint64_t>(v.is));
  put(out, v.text);
}

value read_value(reader& r) {
  value v;
  v.is = static_cast<value::type>(r.number());
  v.text = r.text();
  return v;
}

}  // namespace

std::string_view to_text(change_kind k) noexcept {
  switch (k) {
    case change_kind::added: return "added";
    case change_kind::removed: return "removed";
    case change_kind::type: return "type";
    case change_kind::content: return "content";
    case change_kind::metadata: return "metadata";
    case change_kind::suspect: return "suspect";
    case change_kind::unknown: return "unknown";
  }
  return "";
}

char mark_of(change_kind k) noexcept {
  switch (k) {
    case change_kind::added: return '+';
    case change_kind::removed: return '-';
    case change_kind::type: return 'T';
    case change_kind::content: return 'M';
    case change_kind::metadata: return 'U';
    case change_kind::suspect: return '?';
    case change_kind::unknown: return '!';
  }
  return ' ';
}

value number_value(std::uint64_t v) { return {value::type::number, concat(v)}; }
value number_value(std::int64_t v) { return {value::type::number, concat(v)}; }
value text_value(std::string v) { return {value::type::text, std::move(v)}; }

void encode(change const& c, std::string& out) {
  put(out, static_cast<std::uint64_t>(c.what));
  put(out, static_cast<std::uint64_t>(c.kind));
  put(out, c.size_before);
  put(out, c.size_after);
  put(out, c.why);
  put(out, c.other);
  put(out, std::uint64_t{c.fields.size()});
  for (auto const& f : c.fields) {
    put(out, f.name);
    put(out, f.before);
    put(out, f.after);
  }
}

change decode_change(std::string_view path, std::string_view bytes) {
  change c;
  reader r{bytes};
  c.path = path;
  c.what = static_cast<change_kind>(r.number());
  c.kind = static_cast<entry_kind>(r.number());
  c.size_before = r.number();
  c.size_after = r.number();
  c.why = r.text();
  c.other = r.text();
  auto const fields = r.number();
  for (std::uint64_t i = 0; i < fields; ++i) {
    changed_field f;
    f.name = r.text();
    f.before = read_value(r);
    f.after = read_value(r);
    c.fields.push_back(std::move(f));
  }
  return c;
}

}  // namespace sysb::diff
