#include "support/reference_url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace sluice::test {
namespace {

constexpr std::size_t kLongestUrl = std::size_t{64} * 1024;

unsigned byte_of(char c) {
  return static_cast<unsigned char>(c);
}

bool is_letter(char c) {
  return byte_of(c) < 0x80 && std::isalpha(static_cast<int>(byte_of(c))) != 0;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += is_letter(c) ? static_cast<char>(std::tolower(static_cast<int>(byte_of(c)))) : c;
  }
  return out;
}

/// Length of "scheme" at the start of `text`, 0 when there is none. RFC 3986, 3.1.
std::size_t scheme_length(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) return 0;
  const std::string_view scheme = text.substr(0, colon);
  const bool fits = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return fits ? colon : 0;
}

bool may_stand_in_request(char c) {
  return byte_of(c) > 0x20 && byte_of(c) < 0x7f &&
         std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

void append_percent(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out += '%';
  out += kDigits[byte_of(c) / 16];
  out += kDigits[byte_of(c) % 16];
}

std::string escape_illegal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (may_stand_in_request(c)) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

bool is_port(std::string_view text) {
  if (text.empty()) return true;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return false;
  while (!text.empty() && text[0] == '0') text.remove_prefix(1);
  if (text.empty() || text.size() > 5) return false;
  return std::stoul(std::string(text)) <= 65535;
}

bool is_host(const std::string& host) {
  if (host.empty()) return false;
  if (host[0] == '[') {
    in6_addr address;
    const std::string inside = host.substr(1, host.size() - 2);
    return host.back() == ']' && inet_pton(AF_INET6, inside.c_str(), &address) == 1;
  }
  return host.find_first_of("[]%") == std::string::npos;
}

/// RFC 3986, 3.2, of names and literals that can be dialled.
bool is_authority(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), may_stand_in_request)) return false;
  if (std::count(text.begin(), text.end(), '@') > 1) return false;
  if (const auto at = text.find('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  std::size_t host_end = text.find(':');
  if (!text.empty() && text[0] == '[') {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    host_end = bracket + 1;
  }
  host_end = std::min(host_end, text.size());
  if (!is_host(std::string(text.substr(0, host_end)))) return false;
  if (host_end == text.size()) return true;
  return text[host_end] == ':' && is_port(text.substr(host_end + 1));
}

std::string print(const UrlParts& parts) {
  std::string out = parts.scheme + "://" + parts.authority + parts.path;
  if (parts.has_query) out += "?" + parts.query;
  return out;
}

/// RFC 3986, 5.2.2, for a reference that has neither scheme nor authority.
UrlParts transform(UrlParts base, const UrlParts& reference) {
  if (reference.path.empty()) {
    if (!reference.has_query) return base;
  } else if (reference.path[0] == '/') {
    base.path = without_dot_segments(reference.path);
  } else if (base.path.empty()) {
    base.path = without_dot_segments("/" + reference.path);  // 5.2.3
  } else {
    const std::string folder = base.path.substr(0, base.path.rfind('/') + 1);
    base.path = without_dot_segments(folder + reference.path);
  }
  base.query = reference.query;
  base.has_query = reference.has_query;
  return base;
}

int hex_digit(char c) {
  const auto at = std::string_view("0123456789abcdef").find(lower({&c, 1}));
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::vector<std::string_view> split_query(std::string_view query) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= query.size();) {
    const auto end = std::min(query.find('&', at), query.size());
    parts.push_back(query.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

}  // namespace

UrlParts split_reference(std::string_view reference) {
  UrlParts parts;
  reference = reference.substr(0, reference.find('#'));
  if (const auto length = scheme_length(reference); length > 0) {
    parts.scheme = reference.substr(0, length);
    reference.remove_prefix(length + 1);
  }
  if (const auto mark = reference.find('?'); mark != std::string_view::npos) {
    parts.has_query = true;
    parts.query = reference.substr(mark + 1);
    reference = reference.substr(0, mark);
  }
  if (reference.substr(0, 2) == "//") {
    parts.has_authority = true;
    reference.remove_prefix(2);
    const auto end = std::min(reference.find('/'), reference.size());
    parts.authority = reference.substr(0, end);
    reference.remove_prefix(end);
  }
  parts.path = reference;
  return parts;
}

std::string without_dot_segments(std::string path) {
  std::string in = std::move(path);
  std::string out;
  const auto starts = [&](std::string_view with) { return in.compare(0, with.size(), with) == 0; };
  const auto drop_last = [&] { out.erase(out.find('/') == out.npos ? 0 : out.rfind('/')); };
  while (!in.empty()) {
    if (starts("../")) {
      in.erase(0, 3);
    } else if (starts("./") || starts("/./")) {
      in.erase(0, 2);
    } else if (in == "/.") {
      in = "/";
    } else if (starts("/../")) {
      in.erase(0, 3);
      drop_last();
    } else if (in == "/..") {
      in = "/";
      drop_last();
    } else if (in == "." || in == "..") {
      in.clear();
    } else {
      const auto end = std::min(in.find('/', 1), in.size());
      out += in.substr(0, end);
      in.erase(0, end);
    }
  }
  return out;
}

std::optional<std::string> resolve_reference(std::string_view base, std::string_view reference) {
  UrlParts wanted = split_reference(reference);
  const UrlParts from = split_reference(base);
  if (!wanted.scheme.empty() || wanted.has_authority) {
    if (wanted.scheme.empty()) wanted.scheme = from.scheme;
    if (!wanted.has_authority) return std::nullopt;
  } else {
    wanted = transform(from, wanted);
  }
  const std::string scheme = lower(wanted.scheme);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  if (!is_authority(wanted.authority)) return std::nullopt;
  std::string url = escape_illegal(print(wanted));
  if (url.size() > kLongestUrl) return std::nullopt;
  return url;
}

std::string decode_form(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && text.size() - i > 2 && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string encode_form(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

std::vector<std::string> parameters_of(std::string_view url, std::string_view name) {
  const UrlParts parts = split_reference(url);
  std::vector<std::string> values;
  if (!parts.has_query) return values;
  for (const std::string_view part : split_query(parts.query)) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos || decode_form(part.substr(0, equals)) != name) continue;
    values.push_back(decode_form(part.substr(equals + 1)));
  }
  return values;
}

std::string extension_of(std::string_view url) {
  const std::string path = split_reference(url).path;
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : lower(name.substr(dot + 1));
}

}  // namespace sluice::test
