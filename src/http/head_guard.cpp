#include "sluice/http/head_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

constexpr auto kTokenChars = [] {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

Error bad(std::string what) {
  return client_error(Errc::bad_request, std::move(what));
}

/// What the fields together say about framing and host.
struct Seen {
  unsigned hosts = 0;
  unsigned lengths = 0;
  unsigned codings = 0;
};

Result<> check_field(std::string_view line, Seen& seen) {
  if (line.front() == ' ' || line.front() == '\t') return bad("folded header line");
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return bad("header line without a colon");
  const auto name = line.substr(0, colon);
  if (!is_token(name)) return bad("malformed header name");
  const auto value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return bad("control character in a header");
  if (iequals(name, "Host")) {
    if (++seen.hosts > 1) return bad("more than one Host header");
    if (!is_host_value(value)) return bad("malformed Host header");
  }
  if (iequals(name, "Content-Length")) {
    if (++seen.lengths > 1) return bad("more than one Content-Length header");
    if (!parse_u64(value)) return bad("malformed Content-Length header");
  } else if (iequals(name, "Transfer-Encoding")) {
    if (++seen.codings > 1) return bad("more than one Transfer-Encoding header");
    if (!iequals(value, "chunked")) {
      return client_error(Errc::unsupported_coding, "transfer coding other than chunked");
    }
  }
  return {};
}

/// method SP target SP version; leaves whether it is HTTP/1.1 in `http11`.
Result<> check_request_line(std::string_view line, bool& http11) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad("malformed request line");
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(line.substr(0, first))) return bad("malformed method");
  const auto bad_in_target = [](char c) { return is_control(c) || c == ' '; };
  if (target.empty() || std::any_of(target.begin(), target.end(), bad_in_target)) {
    return bad("malformed request target");
  }
  http11 = version == "HTTP/1.1";
  if (http11 || version == "HTTP/1.0") return {};
  if (version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
      version[6] == '.' && is_digit(version[7])) {
    return client_error(Errc::unsupported_version, "HTTP version other than 1.0 and 1.1");
  }
  return bad("malformed HTTP version");
}

/// The next line without its CRLF, cut off the front of `rest`; an error for a bare CR or LF.
Result<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest.find('\r') != end - 1) {
    return bad("bare CR or LF");
  }
  const auto line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenChars[static_cast<unsigned char>(c)];
  });
}

bool is_field_value(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) && c != '\t'; });
}

bool is_host_value(std::string_view text) noexcept {
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return is_control(c) || std::string_view(" ,/?#@\\<>\"").find(c) != std::string_view::npos;
  });
  const auto literal_end = text.starts_with('[') ? text.find(']') : 0;
  if (!clean || literal_end == std::string_view::npos) return false;
  const auto colon = text.find(':', literal_end);
  if (literal_end > 0 && std::min(colon, text.size()) != literal_end + 1) return false;
  if (colon == std::string_view::npos) return true;
  return text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

std::size_t find_head_end(std::string_view text, std::size_t searched) noexcept {
  const auto at = text.find("\r\n\r\n", searched > 3 ? searched - 3 : 0);
  return at == std::string_view::npos ? at : at + 4;
}

Result<> check_head_start(std::string_view text, std::size_t searched) {
  for (auto i = searched; i < text.size(); ++i) {
    const char c = text[i];
    const bool after_cr = i > 0 && text[i - 1] == '\r';
    if (after_cr != (c == '\n')) return bad("bare CR or LF");
    if (is_control(c) && c != '\t' && c != '\r' && c != '\n') return bad("control character");
  }
  return {};
}

Result<> check_request_head(std::string_view head, const HeadLimits& limits) {
  if (head.find('\0') != std::string_view::npos) return bad("NUL byte");
  auto line = next_line(head);
  if (!line) return line.error();
  bool http11 = false;
  if (auto checked = check_request_line(*line, http11); !checked) return checked;
  Seen seen;
  for (unsigned fields = 0;; ++fields) {
    line = next_line(head);
    if (!line) return line.error();
    if (line->empty()) break;
    if (fields == limits.max_headers) {
      return client_error(Errc::header_too_large,
                          fmt::format("more than {} header lines", limits.max_headers));
    }
    if (auto checked = check_field(*line, seen); !checked) return checked;
  }
  if (http11 && seen.hosts == 0) return bad("missing Host header");
  if (seen.lengths && seen.codings) return bad("both Content-Length and Transfer-Encoding");
  if (seen.codings && !http11) return bad("Transfer-Encoding in an HTTP/1.0 request");
  return {};
}

}  // namespace sluice::http
