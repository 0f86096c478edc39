#include "sluice/server/error_reply.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace sluice::server {
namespace {

struct Answer {
  unsigned status;
  std::string_view text;
  bool with_context = false;  ///< the context adds what this text cannot know
};

Answer answer_for(Errc code) noexcept {
  switch (code) {
    case Errc::bad_request: return {400, "Bad request", true};
    case Errc::bad_url: return {400, "Not a usable http or https URL", true};
    case Errc::no_credentials:
    case Errc::unauthorized: return {403, "Could not validate credentials"};
    case Errc::invalid_token: return {401, "Invalid or expired token"};
    case Errc::tokens_unreadable:
      return {401, "This server has no password to read tokens with (setting auth.api_password)"};
    case Errc::too_many_failures:
      return {429, "Too many wrong passwords or tokens from this address; try again later"};
    case Errc::not_found: return {404, "Not Found"};
    case Errc::method_not_allowed: return {405, "Method Not Allowed"};
    case Errc::request_timeout: return {408, "The request did not arrive in time"};
    case Errc::payload_too_large: return {413, "The request body is too large"};
    case Errc::range_not_satisfiable: return {416, "Invalid Range Header"};
    case Errc::expectation_failed: return {417, "Only Expect: 100-continue is understood"};
    case Errc::header_too_large: return {431, "The request line and headers are too large", true};
    case Errc::unsupported_coding:
      return {501, "Transfer codings other than chunked are not supported"};
    case Errc::unsupported_version: return {505, "Only HTTP/1.0 and HTTP/1.1 are supported"};
    case Errc::client_gone:
    case Errc::client_stalled: return {499, "The client closed the connection"};
    case Errc::address_refused: return {403, "The origin's address is not allowed", true};
    case Errc::host_not_found: return {502, "The origin's host name was not found", true};
    case Errc::resolver_busy: return {503, "Too many name look-ups are waiting; try again"};
    case Errc::host_busy: return {503, "Too many requests to this origin are under way; try again"};
    case Errc::connect_failed: return {502, "The origin does not accept connections", true};
    case Errc::connect_timeout: return {504, "The origin could not be reached in time"};
    case Errc::tls_failed: return {502, "The TLS handshake with the origin failed", true};
    case Errc::certificate_refused: return {502, "The origin's TLS certificate was refused", true};
    case Errc::tls_timeout: return {504, "The TLS handshake with the origin took too long"};
    case Errc::first_byte_timeout: return {504, "The origin did not answer in time"};
    case Errc::idle_timeout: return {504, "The origin paused for too long in its answer"};
    case Errc::connection_lost: return {502, "The origin closed the connection without an answer"};
    case Errc::resume_refused:
    case Errc::body_cut: return {502, "The origin's answer broke off"};
    case Errc::bad_response: return {502, "The origin's answer is not valid HTTP", true};
    case Errc::too_many_redirects: return {502, "The origin redirects too often"};
    case Errc::bad_redirect: return {502, "The origin redirects to an unusable address"};
    case Errc::body_too_large:
      return {502, "The origin's answer is larger than this server takes", true};
    case Errc::public_ip_unknown:
      return {502, "No service told this server's public address (settings of [public_ip])"};
    case Errc::not_a_playlist: return {502, "The origin's answer is not a playlist", true};
    case Errc::bad_segment: return {502, "The origin's segment is not what was asked for", true};
    case Errc::bad_manifest: return {502, "The origin's manifest cannot be read", true};
    case Errc::bad_key: return {502, "The key of the segment cannot be used", true};
    case Errc::proxy_failed: return {502, "The outgoing proxy failed", true};
    case Errc::proxy_timeout: return {504, "The outgoing proxy did not answer in time"};
    case Errc::proxy_auth:
      return {502, "The outgoing proxy does not accept this server's user name and password", true};
    case Errc::proxy_refused_target:
      return {502, "The outgoing proxy does not connect to the origin", true};
    case Errc::shutting_down: return {503, "The server is stopping; try again"};
    case Errc::splice_refused:
    case Errc::internal: break;
  }
  return {500, "Internal error; the server's log says more"};
}

}  // namespace

unsigned status_of(const Error& error) noexcept {
  return answer_for(error.code).status;
}

std::string message_of(const Error& error) {
  const auto answer = answer_for(error.code);
  std::string text(answer.text);
  if (answer.with_context && !error.context.empty()) text.append(": ").append(error.context);
  return text;
}

std::string_view retry_after_of(const Error& error) noexcept {
  switch (error.code) {
    case Errc::host_busy:
    case Errc::resolver_busy: return "2";
    case Errc::too_many_failures:
    case Errc::shutting_down: return "5";
    default: return {};
  }
}

std::string error_body(std::string_view message) {
  const boost::json::string_view text(message.data(), message.size());
  return boost::json::serialize(boost::json::object{{"detail", text}, {"error", text}});
}

}  // namespace sluice::server
