#include "sluice/server/error_reply.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <string>

#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::server;

namespace {

struct Row {
  Errc code;
  unsigned status;
  bool shows_context = false;
};

const Row kRows[] = {
    {Errc::bad_request, 400, true},
    {Errc::bad_url, 400, true},
    {Errc::no_credentials, 403},
    {Errc::unauthorized, 403},
    {Errc::invalid_token, 401},
    {Errc::tokens_unreadable, 401},
    {Errc::too_many_failures, 429},
    {Errc::not_found, 404},
    {Errc::method_not_allowed, 405},
    {Errc::payload_too_large, 413},
    {Errc::header_too_large, 431, true},
    {Errc::unsupported_coding, 501},
    {Errc::unsupported_version, 505},
    {Errc::expectation_failed, 417},
    {Errc::request_timeout, 408},
    {Errc::range_not_satisfiable, 416},
    {Errc::client_gone, 499},
    {Errc::client_stalled, 499},
    {Errc::host_not_found, 502, true},
    {Errc::resolver_busy, 503},
    {Errc::address_refused, 403, true},
    {Errc::connect_failed, 502, true},
    {Errc::connect_timeout, 504},
    {Errc::tls_failed, 502, true},
    {Errc::certificate_refused, 502, true},
    {Errc::tls_timeout, 504},
    {Errc::first_byte_timeout, 504},
    {Errc::idle_timeout, 504},
    {Errc::connection_lost, 502},
    {Errc::body_cut, 502},
    {Errc::resume_refused, 502},
    {Errc::bad_response, 502, true},
    {Errc::too_many_redirects, 502},
    {Errc::bad_redirect, 502},
    {Errc::body_too_large, 502, true},
    {Errc::host_busy, 503},
    {Errc::public_ip_unknown, 502},
    {Errc::not_a_playlist, 502, true},
    {Errc::bad_segment, 502, true},
    {Errc::bad_manifest, 502, true},
    {Errc::bad_key, 502, true},
    {Errc::proxy_failed, 502, true},
    {Errc::proxy_timeout, 504},
    {Errc::proxy_auth, 502, true},
    {Errc::proxy_refused_target, 502, true},
    {Errc::shutting_down, 503},
    {Errc::splice_refused, 500},
    {Errc::internal, 500},
};

}  // namespace

TEST_CASE("Every error has a status and a message", "[server][unit]") {
  std::set<std::string> messages;
  std::set<Errc> codes;
  for (const auto& row : kRows) {
    CAPTURE(to_string(row.code));
    Error error;
    error.code = row.code;
    CHECK(status_of(error) == row.status);
    const auto bare = message_of(error);
    CHECK_FALSE(bare.empty());
    CHECK_FALSE(bare.ends_with(": "));
    error.context = "the context";
    CHECK(message_of(error) == (row.shows_context ? bare + ": the context" : bare));
    messages.insert(bare);
    codes.insert(row.code);
  }
  // The table is complete, and whose fault it is does not change an error's status.
  CHECK(codes.size() == static_cast<std::size_t>(Errc::internal) + 1);
  CHECK(messages.size() ==
        std::size(kRows) - 4);  // no password, a lost client, a broken body, a bug: two codes each
  CHECK(status_of(client_error(Errc::bad_url)) == status_of(upstream_error(Errc::bad_url)));
}

TEST_CASE("error_body is JSON with both keys, whatever the text", "[server][unit]") {
  using namespace std::string_literals;
  for (const auto& text : {""s, "plain"s, "quote \" and \\ backslash"s, "line\r\nline\0"s,
                           "\xc3\xa4"s, "</script>"s}) {
    CAPTURE(text);
    const auto json = boost::json::parse(error_body(text));
    CHECK(json.as_object().size() == 2);
    CHECK(std::string(json.at("detail").as_string()) == text);
    CHECK(std::string(json.at("error").as_string()) == text);
  }
}
