#include "json_line.hpp"

#include <fmt/chrono.h>

#include <iterator>

#include "sluice/core/encoding.hpp"

namespace sluice::log {
namespace {

void append_escaped(std::string& out, char32_t control) {
  switch (control) {
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(control));
  }
}

void append_value(std::string& out, const decltype(Field::value)& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_json_string(out, *text);
  } else if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else {
    fmt::format_to(std::back_inserter(out), "{:.3f}", std::get<double>(value));
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const auto length = utf8_sequence(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (byte == '"' || byte == '\\') {
      out.append(1, '\\').append(1, text.front());
    } else if (byte < 0x20 || byte == 0x7f) {
      append_escaped(out, byte);
    } else if (byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
      append_escaped(out, static_cast<unsigned char>(text[1]));  // U+0080 to U+009F
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

std::string json_line(std::chrono::system_clock::time_point now, Level level,
                      std::string_view message, std::span<const Field> fields) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(now);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  auto line =
      fmt::format("{{\"time\":\"{:%Y-%m-%dT%H:%M:%S}.{:03}Z\",\"level\":\"{}\",\"message\":",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                  (milliseconds - seconds).count(), to_string(level));
  append_json_string(line, message);
  for (const auto& [name, value] : fields) {
    line += ',';
    append_json_string(line, name);
    line += ':';
    append_value(line, value);
  }
  return line += '}';
}

}  // namespace sluice::log
