#include "sluice/core/url.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice {
namespace {

constexpr auto npos = std::string_view::npos;

bool is_alpha(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_scheme_char(char c) noexcept {
  return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/// The scheme of a reference without its ':'; empty when it has none. RFC 3986, 3.1.
std::string_view scheme_of(std::string_view reference) noexcept {
  if (reference.empty() || !is_alpha(reference[0])) return {};
  std::size_t i = 1;
  while (i < reference.size() && is_scheme_char(reference[i])) ++i;
  return i < reference.size() && reference[i] == ':' ? reference.substr(0, i) : std::string_view();
}

bool is_http_scheme(std::string_view scheme) noexcept {
  return iequals(scheme, "http") || iequals(scheme, "https");
}

Error bad_url(const char* why) {
  return client_error(Errc::bad_url, why);
}

/// True when no character of `authority` could be read as something else by another parser: RFC
/// 3986's characters only, at most one '@'.
bool is_plain_authority(std::string_view authority) noexcept {
  constexpr std::string_view kForbidden = "\"<>\\^`{|}";
  std::size_t at_signs = 0;
  for (const char c : authority) {
    if (c <= ' ' || c > '~' || kForbidden.find(c) != npos) return false;
    if (c == '@') ++at_signs;
  }
  return at_signs <= 1;
}

bool is_ipv6(const std::string& address) noexcept {
  in6_addr parsed;
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

struct Authority {
  std::string host;
  std::uint16_t port = 0;
};

Result<std::uint16_t> parse_port(std::string_view digits, std::uint16_t default_port) {
  if (digits.empty()) return default_port;
  const auto port = parse_u64(digits);
  if (!port || *port == 0 || *port > 65535) return bad_url("URL with a port outside 1..65535");
  return static_cast<std::uint16_t>(*port);
}

/// `text` is everything between "//" and the path, userinfo included.
Result<Authority> parse_authority(std::string_view text, std::uint16_t default_port) {
  if (!is_plain_authority(text)) return bad_url("URL with a forbidden character before the path");
  if (const auto at = text.find('@'); at != npos) text.remove_prefix(at + 1);

  const bool literal = !text.empty() && text[0] == '[';
  const auto host_end = literal ? text.find(']') : text.find(':');
  if (literal && host_end == npos) return bad_url("URL with an unclosed [ in its host");
  Authority authority;
  authority.host = ascii_lower(literal ? text.substr(1, host_end - 1) : text.substr(0, host_end));
  if (authority.host.empty()) return bad_url("URL without a host");
  if (literal && !is_ipv6(authority.host)) return bad_url("URL with a malformed IPv6 address");
  if (!literal && authority.host.find_first_of("[]%") != npos) {
    return bad_url("URL with a forbidden character in its host");
  }

  std::string_view rest = host_end == npos ? std::string_view() : text.substr(host_end);
  if (literal) rest.remove_prefix(1);
  if (!rest.empty() && rest[0] != ':') return bad_url("URL with text after its IPv6 address");
  if (!rest.empty()) rest.remove_prefix(1);
  auto port = parse_port(rest, default_port);
  if (!port) return std::move(port).error();
  authority.port = *port;
  return authority;
}

/// Removes the "." and ".." segments of the path that starts, with a '/', at `root` and goes to the
/// end of `text`. In place, because the result is never longer. RFC 3986, 5.2.4.
void remove_dot_segments(std::string& text, std::size_t root) {
  std::size_t write = root;
  for (std::size_t read = root; read < text.size();) {
    const std::size_t end = std::min(text.find('/', read + 1), text.size());
    const auto segment = std::string_view(text).substr(read, end - read);
    if (segment != "/." && segment != "/..") {
      if (write != read) std::copy_n(segment.begin(), segment.size(), text.data() + write);
      write += segment.size();
    } else {
      if (segment == "/.." && write > root) write = text.rfind('/', write - 1);
      if (end == text.size()) text[write++] = '/';
    }
    read = end;
  }
  text.resize(write);
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  const std::string_view scheme = scheme_of(text);
  if (!is_http_scheme(scheme)) return bad_url("URL that does not start with http:// or https://");
  const std::size_t authority_start = scheme.size() + 3;
  if (text.substr(scheme.size(), 3) != "://") return bad_url("URL without // after its scheme");

  text = text.substr(0, text.find('#'));
  const auto authority_end = std::min(text.find_first_of("/?", authority_start), text.size());
  Url url;
  url.https_ = scheme.size() == 5;
  auto authority = parse_authority(text.substr(authority_start, authority_end - authority_start),
                                   url.https_ ? 443 : 80);
  if (!authority) return std::move(authority).error();
  url.host_ = std::move(authority->host);
  url.port_ = authority->port;
  url.authority_end_ = static_cast<std::uint32_t>(authority_end);
  return std::move(url).with_text(std::string(text));
}

Result<Url> Url::with_text(std::string text) && {
  if (has_illegal(text)) text = encode_illegal(text);
  if (text.size() > kMaxLength) return bad_url("URL that is too long");
  text_ = std::move(text);
  query_start_ =
      static_cast<std::uint32_t>(std::min(text_.find('?', authority_end_), text_.size()));
  return std::move(*this);
}

std::string Url::join(std::string_view reference) const {
  if (reference.empty()) return text_;
  const auto path_end = std::min(reference.find('?'), reference.size());
  std::string joined;
  joined.reserve(text_.size() + reference.size() + 1);
  if (path_end == 0) return joined.append(text_, 0, query_start_).append(reference);
  joined.append(text_, 0, authority_end_);
  if (reference[0] != '/') {
    joined += path().substr(0, path().rfind('/') + 1);
    if (joined.size() == authority_end_) joined += '/';
  }
  joined += reference.substr(0, path_end);
  remove_dot_segments(joined, authority_end_);
  joined += reference.substr(path_end);
  return joined;
}

Result<Url> Url::resolve(std::string_view reference) const {
  if (!scheme_of(reference).empty()) return parse(reference);
  reference = reference.substr(0, reference.find('#'));
  if (reference.substr(0, 2) == "//") {
    return parse(text_.substr(0, text_.find(':') + 1).append(reference));
  }
  Url url;
  url.host_ = host_;
  url.port_ = port_;
  url.https_ = https_;
  url.authority_end_ = authority_end_;
  return std::move(url).with_text(join(reference));
}

std::string_view Url::userinfo() const noexcept {
  const std::size_t start = scheme().size() + 3;
  const std::string_view authority = std::string_view(text_).substr(start, authority_end_ - start);
  const auto at = authority.find('@');
  return at == npos ? std::string_view() : authority.substr(0, at);
}

std::string Url::host_header() const {
  std::string header = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
  if (port_ != (https_ ? 443 : 80)) header.append(":").append(std::to_string(port_));
  return header;
}

std::string Url::origin() const {
  return std::string(scheme()) + "://" + host_header();
}

std::string Url::target() const {
  std::string target = path().empty() ? "/" : "";
  return target.append(text_, authority_end_);
}

std::string_view Url::path() const noexcept {
  return std::string_view(text_).substr(authority_end_, query_start_ - authority_end_);
}

std::string_view Url::query() const noexcept {
  const std::string_view text(text_);
  return query_start_ < text.size() ? text.substr(query_start_ + 1) : std::string_view();
}

std::string Url::extension() const {
  return ascii_lower(path_extension(path()));
}

UrlParts split_url(std::string_view url) noexcept {
  auto authority_end = std::min(url.find("://"), url.size());
  authority_end = std::min(authority_end + 3, url.size());
  while (authority_end < url.size() && url[authority_end] != '/' && url[authority_end] != '?') {
    ++authority_end;
  }
  const auto query = std::min(url.find('?', authority_end), url.size());
  return {url.substr(0, authority_end), url.substr(authority_end, query - authority_end),
          query < url.size() ? url.substr(query + 1) : std::string_view()};
}

std::string_view path_extension(std::string_view path) noexcept {
  for (std::size_t at = path.size(); at > 0 && path[at - 1] != '/'; --at) {
    if (path[at - 1] == '.') return path.substr(at);
  }
  return {};
}

bool has_foreign_scheme(std::string_view reference) noexcept {
  const std::string_view scheme = scheme_of(reference);
  return !scheme.empty() && !is_http_scheme(scheme);
}

}  // namespace sluice
