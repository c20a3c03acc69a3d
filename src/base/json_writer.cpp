// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include "base/deceptive.hpp"
#include "base/text.hpp"

namespace sysb {

void json_writer::separate() {
  if (comma_) { out_->push_back(','); }
  comma_ = true;
}

json_writer& json_writer::begin_object() {
  separate();
  out_->push_back('{');
  comma_ = false;
  return *this;
}
json_writer& json_writer::end_object() {
  out_->push_back('}');
  comma_ = true;
  return *this;
}
json_writer& json_writer::begin_array() {
  separate();
  out_->push_back('[');
  comma_ = false;
  return *this;
}
json_writer& json_writer::end_array() {
  out_->push_back(']');
  comma_ = true;
  return *this;
}

namespace {
// A character of two or three bytes by its number, which a parser reads as the same.
void append_number_of(std::string& out, std::string_view character) {
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(character[i]) & 0x3fu; };
  auto const code = character.size() == 2 ? (at(0) & 0x1fu) << 6 | at(1) : (at(0) & 0x0fu) << 12 | at(1) << 6 | at(2);
  out += "\\u";
  out += hex(code, 4);
}

void append_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = text[i];
    // People look at JSON on terminals, too.
    if (static_cast<unsigned char>(c) >= 0x80) {
      if (auto const n = deceptive_length(text.substr(i)); n != 0) {
        append_number_of(out, text.substr(i, n));
        i += n - 1;
        continue;
      }
    }
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += "\\u00";
          out += hex(static_cast<unsigned char>(c), 2);
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}
}  // namespace

json_writer& json_writer::key(std::string_view name) {
  separate();
  append_string(*out_, name);
  out_->push_back(':');
  comma_ = false;
  return *this;
}

json_writer& json_writer::value(std::string_view text) {
  separate();
  if (is_utf8(text)) {
    append_string(*out_, text);
  } else {
    append_string(*out_, printable(text));
  }
  return *this;
}
json_writer& json_writer::value(bool v) {
  separate();
  *out_ += v ? "true" : "false";
  return *this;
}
json_writer& json_writer::value(std::int64_t v) {
  separate();
  detail::append_piece(*out_, v);
  return *this;
}
json_writer& json_writer::value(std::uint64_t v) {
  separate();
  detail::append_piece(*out_, v);
  return *this;
}
json_writer& json_writer::null() {
  separate();
  *out_ += "null";
  return *this;
}

json_writer& json_writer::name_field(std::string_view name, std::string_view bytes) {
  field(name, bytes);
  if (!is_utf8(bytes)) { field(concat(name, "_hex"), hex_bytes(bytes)); }
  return *this;
}

}  // namespace sysb
