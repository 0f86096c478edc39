#include "sluice/core/error.hpp"

#include <stdexcept>
#include <utility>

namespace sluice {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::bad_request: return "bad_request";
    case Errc::bad_url: return "bad_url";
    case Errc::no_credentials: return "no_credentials";
    case Errc::unauthorized: return "unauthorized";
    case Errc::invalid_token: return "invalid_token";
    case Errc::tokens_unreadable: return "tokens_unreadable";
    case Errc::too_many_failures: return "too_many_failures";
    case Errc::not_found: return "not_found";
    case Errc::method_not_allowed: return "method_not_allowed";
    case Errc::payload_too_large: return "payload_too_large";
    case Errc::header_too_large: return "header_too_large";
    case Errc::unsupported_coding: return "unsupported_coding";
    case Errc::unsupported_version: return "unsupported_version";
    case Errc::expectation_failed: return "expectation_failed";
    case Errc::request_timeout: return "request_timeout";
    case Errc::range_not_satisfiable: return "range_not_satisfiable";
    case Errc::client_gone: return "client_gone";
    case Errc::client_stalled: return "client_stalled";
    case Errc::host_not_found: return "host_not_found";
    case Errc::resolver_busy: return "resolver_busy";
    case Errc::address_refused: return "address_refused";
    case Errc::connect_failed: return "connect_failed";
    case Errc::connect_timeout: return "connect_timeout";
    case Errc::tls_failed: return "tls_failed";
    case Errc::certificate_refused: return "certificate_refused";
    case Errc::tls_timeout: return "tls_timeout";
    case Errc::first_byte_timeout: return "first_byte_timeout";
    case Errc::idle_timeout: return "idle_timeout";
    case Errc::connection_lost: return "connection_lost";
    case Errc::body_cut: return "body_cut";
    case Errc::resume_refused: return "resume_refused";
    case Errc::bad_response: return "bad_response";
    case Errc::too_many_redirects: return "too_many_redirects";
    case Errc::bad_redirect: return "bad_redirect";
    case Errc::body_too_large: return "body_too_large";
    case Errc::host_busy: return "host_busy";
    case Errc::public_ip_unknown: return "public_ip_unknown";
    case Errc::not_a_playlist: return "not_a_playlist";
    case Errc::bad_segment: return "bad_segment";
    case Errc::bad_manifest: return "bad_manifest";
    case Errc::bad_key: return "bad_key";
    case Errc::proxy_failed: return "proxy_failed";
    case Errc::proxy_timeout: return "proxy_timeout";
    case Errc::proxy_auth: return "proxy_auth";
    case Errc::proxy_refused_target: return "proxy_refused_target";
    case Errc::shutting_down: return "shutting_down";
    case Errc::splice_refused: return "splice_refused";
    case Errc::internal: return "internal";
  }
  return "unknown";
}

Error Error::in(std::string_view where) && {
  std::string outer(where);
  if (!context.empty()) outer.append(": ").append(context);
  context = std::move(outer);
  return std::move(*this);
}

Error client_error(Errc code, std::string context) {
  return {code, Origin::client, Retry::never, std::move(context)};
}

Error upstream_error(Errc code, std::string context, Retry retry) {
  return {code, Origin::upstream, retry, std::move(context)};
}

Error internal_error(std::string context) {
  return {Errc::internal, Origin::internal, Retry::never, std::move(context)};
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error("unchecked error " + std::string(to_string(error.code)) + " at " +
                         where.to_string() + ": " + error.context);
}

}  // namespace sluice
