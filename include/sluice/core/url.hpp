#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"

namespace sluice {

/// An absolute http or https URL whose bytes are kept as they came: nothing is decoded, re-encoded
/// or normalised (origins sign these bytes). Only characters that may not stand in a request target
/// are percent-encoded, and the fragment is cut off. RFC 3986.
class Url {
 public:
  /// Longest text(), in bytes; more than any request line may hold.
  static constexpr std::size_t kMaxLength = 64 * 1024;

  /// Parses an absolute URL. bad_url (origin client) when the scheme is not http or https, the host
  /// is empty or holds a forbidden character (percent-encoding and non-ASCII too: an international
  /// name has to be written as xn--), there is more than one '@' before the path, the port is not
  /// in 1..65535, or the text is longer than kMaxLength. An empty port is the scheme's default.
  [[nodiscard]] static Result<Url> parse(std::string_view text);

  /// Resolves a reference against this URL. RFC 3986, 5.2 (strict), so "../", "?q", "//host/p" and
  /// absolute URLs work; dot segments are removed from relative paths only, an absolute reference
  /// keeps its path as it stands. Fails like parse().
  [[nodiscard]] Result<Url> resolve(std::string_view reference) const;

  /// The whole URL without fragment. Views below point into this object.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool is_https() const noexcept { return https_; }
  [[nodiscard]] std::string_view scheme() const noexcept { return https_ ? "https" : "http"; }
  /// "user:password" as written, or empty.
  [[nodiscard]] std::string_view userinfo() const noexcept;
  /// Lower-case host; an IPv6 literal without its brackets.
  [[nodiscard]] const std::string& host() const noexcept { return host_; }
  /// Explicit port, or 80 / 443.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "host" or "host:port" for a Host header: brackets kept, the scheme's default port left out.
  [[nodiscard]] std::string host_header() const;
  /// "scheme://host[:port]", the authority without userinfo; equal for equal origins.
  [[nodiscard]] std::string origin() const;
  /// Path and query as they go into a request line; at least "/".
  [[nodiscard]] std::string target() const;
  /// Path alone, as written; may be empty.
  [[nodiscard]] std::string_view path() const noexcept;
  /// Query without '?', as written; empty when absent.
  [[nodiscard]] std::string_view query() const noexcept;
  /// Extension of the last path segment without the dot, lower case ("m4s"); empty when none.
  [[nodiscard]] std::string extension() const;

  friend bool operator==(const Url& a, const Url& b) noexcept { return a.text_ == b.text_; }

 private:
  Url() = default;
  /// This URL with `text`, whose scheme and authority the other members describe.
  [[nodiscard]] Result<Url> with_text(std::string text) &&;
  /// The text of a relative reference without fragment joined to this URL. RFC 3986, 5.2.2.
  [[nodiscard]] std::string join(std::string_view reference) const;

  std::string text_;
  std::string host_;
  std::uint32_t authority_end_ = 0;  ///< offset of the path in text_
  std::uint32_t query_start_ = 0;    ///< offset of '?' in text_, or its size
  std::uint16_t port_ = 0;
  bool https_ = false;
};

/// The parts of an absolute URL that is known to be sound: Url::text(), or a reference that was
/// resolved. Views into it.
struct UrlParts {
  std::string_view authority;  ///< "scheme://user@host:port" as written
  std::string_view path;       ///< as Url::path()
  std::string_view query;      ///< without '?'
};
[[nodiscard]] UrlParts split_url(std::string_view url) noexcept;

/// What follows the last dot of the path's last segment, as written; empty when there is none.
[[nodiscard]] std::string_view path_extension(std::string_view path) noexcept;

/// True for a reference that has a scheme other than http and https ("skd:", "data:", "urn:").
[[nodiscard]] bool has_foreign_scheme(std::string_view reference) noexcept;

}  // namespace sluice
