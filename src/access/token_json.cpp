#include "token_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <limits>

#include "sluice/core/encoding.hpp"

namespace sluice::access {
namespace {

namespace json = boost::json;
using Kind = JsonMember::Kind;

bool names_differ(const JsonObject& object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const auto& member : object) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

/// What boost::json's parser calls for each thing it reads; a plain boost::json::parse() would
/// forget names given twice, and how numbers are written.
class ObjectHandler {
 public:
  // NOLINTBEGIN(readability-identifier-naming): boost::json's names
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_object_size = max_array_size;
  static constexpr std::size_t max_string_size = max_array_size;
  static constexpr std::size_t max_key_size = max_array_size;
  // NOLINTEND(readability-identifier-naming)

  JsonObject take() { return std::move(root_); }

  bool on_document_begin(json::error_code& /*ec*/) { return true; }
  bool on_document_end(json::error_code& /*ec*/) { return true; }
  bool on_array_begin(json::error_code& ec) { return refuse(ec); }
  bool on_array_end(std::size_t /*n*/, json::error_code& ec) { return refuse(ec); }
  bool on_object_begin(json::error_code& ec) {
    if (depth_ == 2) return refuse(ec);
    if (depth_++ == 0) return true;
    if (!add(Kind::object, {}, ec)) return false;
    // The outer object does not grow before the inner one ends.
    current_ = &root_.back().members;
    return true;
  }
  bool on_object_end(std::size_t /*n*/, json::error_code& ec) {
    if (!names_differ(*current_)) return refuse(ec);
    current_ = &root_;
    --depth_;
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t /*n*/, json::error_code& /*ec*/) {
    name_.append(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t n, json::error_code& ec) {
    return on_key_part(part, n, ec);
  }
  bool on_string_part(json::string_view part, std::size_t /*n*/, json::error_code& /*ec*/) {
    text_.append(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t /*n*/, json::error_code& ec) {
    text_.append(part);
    return add(Kind::string, std::exchange(text_, {}), ec);
  }
  bool on_number_part(json::string_view part, json::error_code& /*ec*/) {
    text_.append(part);
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view /*part*/, json::error_code& ec) {
    text_.clear();
    if (!add(Kind::integer, std::to_string(value), ec)) return false;
    current_->back().integer = value;
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view /*part*/, json::error_code& ec) {
    text_.clear();
    return add(Kind::number, std::to_string(value), ec);
  }
  bool on_double(double /*inexact*/, json::string_view part, json::error_code& ec) {
    text_.append(part);
    const std::string spelled = std::exchange(text_, {});
    double value = 0;
    const auto read = std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
    if (read.ec != std::errc{} || read.ptr != spelled.data() + spelled.size()) return refuse(ec);
    std::array<char, 1100>
        digits;  // a double has at most 1074 decimals, and 309 digits before them
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                       std::chars_format::fixed);
    return add(Kind::number, {digits.data(), written.ptr}, ec);
  }
  bool on_bool(bool value, json::error_code& ec) {
    return add(Kind::boolean, value ? "true" : "false", ec);
  }
  bool on_null(json::error_code& ec) { return add(Kind::null, {}, ec); }
  bool on_comment_part(json::string_view /*part*/, json::error_code& ec) { return refuse(ec); }
  bool on_comment(json::string_view /*part*/, json::error_code& ec) { return refuse(ec); }

 private:
  static bool refuse(json::error_code& ec) {
    ec = json::error::syntax;
    return false;
  }
  bool add(Kind kind, std::string text, json::error_code& ec) {
    if (depth_ == 0) return refuse(ec);  // a value that is no object
    JsonMember member;
    member.name = std::exchange(name_, {});
    member.kind = kind;
    member.text = std::move(text);
    current_->push_back(std::move(member));
    return true;
  }

  JsonObject root_;
  JsonObject* current_ = &root_;
  int depth_ = 0;
  std::string name_;
  std::string text_;
};

void append_unit(std::string& out, std::uint32_t unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kDigits[(unit >> shift) & 0xfU];
}

void append_code_point(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x10000) return append_unit(out, code_point);
  append_unit(out, 0xd800 + ((code_point - 0x10000) >> 10U));
  append_unit(out, 0xdc00 + ((code_point - 0x10000) & 0x3ffU));
}

/// Bytes of the UTF-8 sequence at the start of `text`, 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  for (std::size_t length = 2; length <= std::min<std::size_t>(4, text.size()); ++length) {
    if (is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

/// The character a UTF-8 sequence of 2 to 4 bytes stands for. RFC 3629, 3.
std::uint32_t code_point_of(std::string_view sequence) {
  std::uint32_t value = static_cast<unsigned char>(sequence[0]) & (0xffU >> (sequence.size() + 1));
  for (const char c : sequence.substr(1)) {
    value = (value << 6U) | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return value;
}

void append_ascii(std::string& out, char c) {
  constexpr std::string_view kPlain = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetter = "\"\\bfnrt";
  if (const auto at = kPlain.find(c); at != std::string_view::npos) {
    out += '\\';
    out += kLetter[at];
  } else if (c < 0x20 || c == 0x7f) {
    append_unit(out, static_cast<unsigned char>(c));
  } else {
    out += c;
  }
}

}  // namespace

std::optional<JsonObject> read_json_object(std::string_view text) {
  json::basic_parser<ObjectHandler> parser{json::parse_options{}};
  json::error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (ec.failed() || read != text.size() || !parser.done()) return std::nullopt;
  return parser.handler().take();
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const bool ascii = static_cast<unsigned char>(text[0]) < 0x80;
    const std::size_t length = ascii ? 1 : utf8_length(text);
    if (ascii) {
      append_ascii(out, text[0]);
    } else {
      append_code_point(out, length == 0 ? 0xfffd : code_point_of(text.substr(0, length)));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

}  // namespace sluice::access
