#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

/// What went wrong. One line of meaning per value; `server/error_reply` maps each to an HTTP
/// status.
enum class Errc : std::uint8_t {
  // The client's request.
  bad_request,        ///< a parameter or header is missing or malformed; context says which and how
  bad_url,            ///< a URL does not parse, or is not http(s)
  no_credentials,     ///< neither a password nor a token
  unauthorized,       ///< a wrong password
  invalid_token,      ///< a token that is malformed, forged, expired, or for another address
  tokens_unreadable,  ///< a token, and no password to read it with
  too_many_failures,  ///< this address has guessed passwords or tokens too often
  not_found,          ///< no such route
  method_not_allowed,     ///< the route exists, but not for this method
  payload_too_large,      ///< the request body is over the limit
  header_too_large,       ///< the request head is over the limit of bytes or lines
  unsupported_coding,     ///< a transfer coding other than chunked
  unsupported_version,    ///< an HTTP version other than 1.0 and 1.1
  expectation_failed,     ///< an Expect header other than 100-continue
  request_timeout,        ///< the request did not arrive in time
  range_not_satisfiable,  ///< the request's Range cannot be meant for this resource
  client_gone,            ///< the client closed its connection before the response was complete
  client_stalled,         ///< the client stopped reading for longer than the send time-out

  // The origin and the way to it.
  host_not_found,       ///< name resolution gave no address
  resolver_busy,        ///< too many name look-ups are waiting
  address_refused,      ///< the resolved address is outside `upstream.reach`
  connect_failed,       ///< TCP connect refused or unreachable
  connect_timeout,      ///< TCP connect or name look-up took longer than the dial deadline
  tls_failed,           ///< TLS handshake failed for a reason other than the certificate
  certificate_refused,  ///< the certificate is not trusted or does not name this host
  tls_timeout,          ///< the TLS handshake took longer than its deadline
  first_byte_timeout,   ///< the response head did not arrive in time
  idle_timeout,         ///< the body paused for longer than its deadline
  connection_lost,      ///< the connection broke before the head was complete
  body_cut,             ///< the body ended before its announced end
  resume_refused,       ///< what the origin sent on for a body that broke off is not its rest
  bad_response,         ///< the response head or its framing is not valid HTTP/1.1
  too_many_redirects,   ///< more than the limit of redirects
  bad_redirect,         ///< a redirect without a usable Location
  body_too_large,       ///< a body that must be held whole is over its limit
  host_busy,            ///< too many requests to this origin are under way or waiting
  public_ip_unknown,    ///< no service told under which address origins see this server
  not_a_playlist,       ///< the origin answered 2xx with something that is no playlist
  bad_segment,          ///< a segment cannot be decrypted or cut out; context says why
  bad_manifest,  ///< the origin's MPD or its index cannot be read; context says why, and where
  bad_key,       ///< the origin's answer is no key for a segment; context says why

  // The outgoing proxy on the way to the origin.
  proxy_failed,          ///< it cannot be reached, or does not speak the protocol it is said to
  proxy_timeout,         ///< reaching it, or its answer, took longer than the dial deadline
  proxy_auth,            ///< it wants a user name and password, or refuses those it got
  proxy_refused_target,  ///< it works, but does not connect to this origin; context says why

  // Ourselves.
  shutting_down,   ///< the server is stopping
  splice_refused,  ///< the system cannot splice these sockets; never leaves `delivery`
  internal,        ///< a bug, or the operating system refused something it should not
};

/// The name of `code` as spelled above; for logs and tests. Static storage.
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

enum class Origin : std::uint8_t { client, upstream, internal };  ///< decides the status family
enum class Retry : std::uint8_t {
  never,
  on_fresh_connection,
  always
};  ///< may it be sent again unnoticed

/// Why something failed, whose fault it is, and whether trying again could help.
struct Error {
  Errc code = Errc::internal;
  Origin origin = Origin::internal;
  Retry retry = Retry::never;
  std::string context;  ///< for logs, and for users where server/error_reply says so: no URL in it

  /// The same error with `where: ` put before the context; call it while passing an error outward.
  [[nodiscard]] Error in(std::string_view where) &&;

  /// Compares code, origin and retry; the context is prose and does not take part.
  [[nodiscard]] friend bool operator==(const Error& a, const Error& b) noexcept {
    return a.code == b.code && a.origin == b.origin && a.retry == b.retry;
  }
};

[[nodiscard]] Error client_error(Errc code, std::string context = {});
[[nodiscard]] Error upstream_error(Errc code, std::string context = {}, Retry retry = Retry::never);
[[nodiscard]] Error internal_error(std::string context);

template <class T = void>
using Result = boost::system::result<T, Error>;

/// Found by ADL from Result::value() on an error: a programming error, so it throws
/// std::logic_error.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

}  // namespace sluice
