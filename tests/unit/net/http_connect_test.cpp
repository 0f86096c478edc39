#include "sluice/net/http_connect.hpp"

#include "support/catch.hpp"
#include "unit/net/proxy_dialogues.hpp"

namespace sluice::net {
namespace {

using namespace std::string_literals;
using test::talk;

const ProxyTarget kName{"cdn.example"s, 443};
const std::string kOk = "HTTP/1.1 200 Connection established\r\n\r\n";

}  // namespace

TEST_CASE("ConnectDialogue asks in authority-form", "[net][unit]") {
  struct Row {
    const char* why;
    ProxyTarget target;
    ProxyLogin login;
    std::string sent;
  };
  const Row rows[] = {
      {"name", kName, {}, "CONNECT cdn.example:443 HTTP/1.1\r\nHost: cdn.example:443\r\n\r\n"},
      {"IPv4",
       {asio::ip::make_address("192.0.2.7"), 80},
       {},
       "CONNECT 192.0.2.7:80 HTTP/1.1\r\nHost: 192.0.2.7:80\r\n\r\n"},
      {"IPv6",
       {asio::ip::make_address("2001:db8::1"), 8443},
       {},
       "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n"},
      {"login (RFC 7617's example)",
       kName,
       {"Aladdin", "open sesame"},
       "CONNECT cdn.example:443 HTTP/1.1\r\nHost: cdn.example:443\r\n"
       "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    ConnectDialogue dialogue(row.target, row.login);
    const auto got = talk(dialogue, kOk + "tunnel");
    CHECK(got.sent == row.sent);
    CHECK(got.result.has_value());
    CHECK(got.left == "tunnel");
  }
}

TEST_CASE("ConnectDialogue reads its answer to the byte", "[net][unit]") {
  const std::string heads[] = {
      kOk,
      "HTTP/1.0 200 OK\r\n\r\n",
      "HTTP/1.1 200\r\n\r\n",
      "HTTP/1.1 200 \r\n\r\n",
      "HTTP/1.1 299 Fine\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 lines that end in LF\nVia: x\n\n",
      "HTTP/1.1 200 mixed\nVia: x\n\r\n",
      "HTTP/1.1 200 mixed\r\nVia: x\r\n\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 a lone CR \r stays\r\nX: y\r\n\r\n",
  };
  // What follows could be taken for a part of the head.
  for (const auto& head : heads) {
    for (const auto& tunnel : {"\r\n\r\n"s, "\n\n"s, "HTTP/1.1 200 OK\r\n\r\n"s, "\x16\x03\x01"s}) {
      INFO(head);
      ConnectDialogue dialogue(kName, {});
      const auto got = talk(dialogue, head + tunnel);
      CHECK(got.result.has_value());
      CHECK_FALSE(got.wants_more);
      CHECK(got.left == tunnel);
    }
  }
}

TEST_CASE("certain_head_bytes never asks for more than follows", "[net][unit]") {
  const std::string head = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) {
    const auto more = certain_head_bytes(std::string_view(head).substr(0, size));
    CHECK(more >= 1);
    CHECK(size + more <= head.size());
  }
  CHECK(certain_head_bytes(head) == 0);
  CHECK(certain_head_bytes("a\n\n") == 0);
  CHECK(certain_head_bytes("a\n\r\n") == 0);
  CHECK(certain_head_bytes("a\n\r") == 1);
  CHECK(certain_head_bytes("a\n") == 1);
  CHECK(certain_head_bytes("a\r") == 2);
}

TEST_CASE("ConnectDialogue understands every refusal", "[net][unit]") {
  const ProxyLogin login{"me", "hunter2"};
  struct Row {
    const char* why;
    ProxyLogin login;
    std::string answer;
    Errc code;
    const char* words;
  };
  const Row rows[] = {
      {"407 without login",
       {},
       "HTTP/1.1 407 Auth\r\nContent-Length: 9\r\n\r\n",
       Errc::proxy_auth,
       "none are set"},
      {"407 with login", login, "HTTP/1.1 407 Auth\r\n\r\n", Errc::proxy_auth, "refuses"},
      {"403", {}, "HTTP/1.1 403 Forbidden\r\n\r\n", Errc::proxy_refused_target, "status 403"},
      {"502", {}, "HTTP/1.0 502 hunter2\r\n\r\n", Errc::proxy_refused_target, "status 502"},
      {"302", {}, "HTTP/1.1 302 Found\r\n\r\n", Errc::proxy_refused_target, "status 302"},
      {"401 with login", login, "HTTP/1.1 401 No\r\n\r\n", Errc::proxy_auth, "refuses"},
      {"101", {}, "HTTP/1.1 101 Switching\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"status of two digits", {}, "HTTP/1.1 20 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"status of four digits", {}, "HTTP/1.1 2000 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"status below 100", {}, "HTTP/1.1 099 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"status that is none", {}, "HTTP/1.1 2x0 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"no status", {}, "HTTP/1.1 \r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"two spaces", {}, "HTTP/1.1  200 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"version 2", {}, "HTTP/2.0 200 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"version without digit", {}, "HTTP/1.x 200 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"HTTP/0.9", {}, "<html>no</html>", Errc::proxy_failed, "HTTP proxy"},
      {"an empty line first", {}, "\r\nHTTP/1.1 200 OK\r\n\r\n", Errc::proxy_failed, "HTTP proxy"},
      {"SOCKS", {}, "\x05\xff\x00\x00\x00\x00\x00\x00"s, Errc::proxy_failed, "HTTP proxy"},
      {"a TLS alert",
       {},
       "\x15\x03\x01\x00\x02\x02\x46\x00\x00"s,
       Errc::proxy_failed,
       "HTTP proxy"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    ConnectDialogue dialogue(kName, row.login);
    const auto got = talk(dialogue, row.answer);
    REQUIRE(got.result.has_error());
    CHECK(got.result.error().code == row.code);
    CHECK(got.result.error().context.find(row.words) != std::string::npos);
    CHECK(got.result.error().context.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("ConnectDialogue gives up a head without end, and interim answers without end",
          "[net][unit]") {
  ConnectDialogue endless(kName, {});
  auto got = talk(endless, "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'));
  REQUIRE(got.result.has_error());
  CHECK(got.result.error().code == Errc::proxy_failed);
  CHECK(got.left.size() > 100'000 - ConnectDialogue::kMaxHead);

  const auto padding =
      ConnectDialogue::kMaxHead - std::string("HTTP/1.1 200 OK\r\nX: \r\n\r\n").size();
  ConnectDialogue just(kName, {});
  got = talk(just, "HTTP/1.1 200 OK\r\nX: " + std::string(padding, 'x') + "\r\n\r\nT");
  CHECK(got.result.has_value());
  CHECK(got.left == "T");

  std::string interim;
  for (int i = 0; i < 20; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  ConnectDialogue patient(kName, {});
  got = talk(patient, interim);
  REQUIRE(got.result.has_error());
  CHECK(got.result.error().code == Errc::proxy_failed);
}

TEST_CASE("ConnectDialogue waits for the rest of every truncated answer", "[net][unit]") {
  for (std::size_t size = 0; size < kOk.size(); ++size) {
    INFO(size);
    ConnectDialogue dialogue(kName, {});
    const auto got = talk(dialogue, std::string_view(kOk).substr(0, size));
    CHECK(got.wants_more);
    CHECK(got.result.has_value());
  }
}

}  // namespace sluice::net
