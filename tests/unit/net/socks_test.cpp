#include "sluice/net/socks.hpp"

#include "support/catch.hpp"
#include "unit/net/proxy_dialogues.hpp"

namespace sluice::net {
namespace {

using namespace std::string_literals;
using test::talk;

const ProxyTarget kAddress{asio::ip::make_address("192.0.2.7"), 8080};
const ProxyTarget kAddress6{asio::ip::make_address("2001:db8::1"), 443};
const ProxyTarget kName{"cdn.example"s, 80};
const ProxyLogin kNobody;
const ProxyLogin kLogin{"me", "hunter2"};

// Answers of a proxy, by the sections of RFC 1928 and 1929.
const auto kNoLogin = "\x05\x00"s;
const auto kWantsLogin = "\x05\x02"s;
const auto kLoginRight = "\x01\x00"s;
const auto kOpen4 = "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"s;

}  // namespace

TEST_CASE("Socks4Dialogue sends the protocol's bytes", "[net][unit]") {
  struct Row {
    const char* why;
    ProxyTarget target;
    ProxyLogin login;
    std::string sent;
  };
  const Row rows[] = {
      {"address", kAddress, kNobody, "\x04\x01\x1f\x90\xc0\x00\x02\x07\x00"s},
      {"address with user", kAddress, {"me", ""}, "\x04\x01\x1f\x90\xc0\x00\x02\x07me\x00"s},
      {"name (4A)", kName, kNobody, "\x04\x01\x00\x50\x00\x00\x00\x01\x00"s + "cdn.example\x00"s},
      {"name with user",
       kName,
       {"me", ""},
       "\x04\x01\x00\x50\x00\x00\x00\x01me\x00"s + "cdn.example\x00"s},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    Socks4Dialogue dialogue(row.target, row.login);
    const auto got = talk(dialogue, "\x00\x5a\x00\x00\x00\x00\x00\x00SSH-2"s);
    CHECK(got.sent == row.sent);
    CHECK(got.result.has_value());
    CHECK(got.left == "SSH-2");
  }
}

TEST_CASE("Socks4Dialogue understands every answer", "[net][unit]") {
  struct Row {
    const char* why;
    std::string answer;
    Errc code;
  };
  const Row rows[] = {
      {"rejected or failed", "\x00\x5b\x00\x00\x00\x00\x00\x00"s, Errc::proxy_refused_target},
      {"no identd", "\x00\x5c\x00\x00\x00\x00\x00\x00"s, Errc::proxy_auth},
      {"identd names another", "\x00\x5d\x00\x00\x00\x00\x00\x00"s, Errc::proxy_auth},
      {"unknown code", "\x00\x5e\x00\x00\x00\x00\x00\x00"s, Errc::proxy_failed},
      {"code 0", "\x00\x00\x00\x00\x00\x00\x00\x00"s, Errc::proxy_failed},
      {"the request's version", "\x04\x5a\x00\x00\x00\x00\x00\x00"s, Errc::proxy_failed},
      {"SOCKS 5", "\x05\xff\x00\x00\x00\x00\x00\x00"s, Errc::proxy_failed},
      {"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", Errc::proxy_failed},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    Socks4Dialogue dialogue(kAddress, kNobody);
    const auto got = talk(dialogue, row.answer);
    REQUIRE(got.result.has_error());
    CHECK(got.result.error().code == row.code);
    CHECK(got.result.error().origin == Origin::upstream);
  }
}

TEST_CASE("Socks dialogues refuse targets they cannot name before a byte is sent", "[net][unit]") {
  Socks4Dialogue six(kAddress6, kNobody);
  CHECK(six.begin().error().code == Errc::proxy_refused_target);
  for (const auto size : {std::size_t{0}, std::size_t{256}}) {
    const ProxyTarget target{std::string(size, 'x'), 80};
    Socks4Dialogue four(target, kNobody);
    CHECK(four.begin().error().code == Errc::proxy_refused_target);
    Socks5Dialogue five(target, kNobody);
    CHECK(five.begin().error().code == Errc::proxy_refused_target);
  }
  Socks5Dialogue longest({std::string(255, 'x'), 80}, kNobody);
  const auto got = talk(longest, kNoLogin + kOpen4);
  CHECK(got.result.has_value());
  CHECK(got.sent == "\x05\x01\x00\x05\x01\x00\x03\xff"s + std::string(255, 'x') + "\x00\x50"s);
}

TEST_CASE("Socks5Dialogue sends the bytes of RFC 1928 and 1929", "[net][unit]") {
  struct Row {
    const char* why;
    ProxyTarget target;
    ProxyLogin login;
    std::string answer;
    std::string sent;
  };
  const auto plain = "\x05\x01\x00"s;
  const auto offer = "\x05\x02\x00\x02"s;
  const auto login = "\x01\x02me\x07hunter2"s;
  const Row rows[] = {
      {"IPv4", kAddress, kNobody, kNoLogin + kOpen4,
       plain + "\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90"s},
      {"IPv6", kAddress6, kNobody, kNoLogin + kOpen4,
       plain + "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb"s},
      {"name", kName, kNobody, kNoLogin + kOpen4,
       plain + "\x05\x01\x00\x03\x0b"s + "cdn.example\x00\x50"s},
      {"login wanted", kAddress, kLogin, kWantsLogin + kLoginRight + kOpen4,
       offer + login + "\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90"s},
      {"login offered and not wanted", kAddress, kLogin, kNoLogin + kOpen4,
       offer + "\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90"s},
      {"an empty password",
       kAddress,
       {"me", ""},
       kWantsLogin + kLoginRight + kOpen4,
       offer + "\x01\x02me\x00"s + "\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90"s},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    Socks5Dialogue dialogue(row.target, row.login);
    const auto got = talk(dialogue, row.answer + "\x16\x03\x01 of the tunnel");
    CHECK(got.result.has_value());
    CHECK(got.sent == row.sent);
    CHECK(got.left == "\x16\x03\x01 of the tunnel");
  }
}

TEST_CASE("Socks5Dialogue leaves the tunnel's bytes, whatever address the reply names",
          "[net][unit]") {
  const std::string replies[] = {
      kOpen4,
      "\x05\x00\x00\x04"s + std::string(16, '\x01') + "\x00\x50"s,
      "\x05\x00\x00\x03\x05"s + "proxy\x00\x50"s,
      "\x05\x00\x00\x03\x00\x00\x50"s,
      "\x05\x00\x00\x03\xff"s + std::string(255, 'x') + "\x00\x50"s,
      "\x05\x00\x07\x01\x00\x00\x00\x00\x00\x00"s,  // RSV is not ours to check
  };
  for (const auto& reply : replies) {
    Socks5Dialogue dialogue(kName, kNobody);
    const auto got = talk(dialogue, kNoLogin + reply + "T");
    CHECK(got.result.has_value());
    CHECK(got.left == "T");
  }
}

TEST_CASE("Socks5Dialogue understands every refusal", "[net][unit]") {
  struct Row {
    const char* why;
    ProxyLogin login;
    std::string answer;
    Errc code;
    const char* words;
  };
  const auto reply = [](char code) { return kNoLogin + "\x05"s + code + "\x00\x01"s; };
  const Row rows[] = {
      {"general failure", kNobody, reply(1), Errc::proxy_refused_target, "general failure"},
      {"ruleset", kNobody, reply(2), Errc::proxy_refused_target, "rules"},
      {"network", kNobody, reply(3), Errc::proxy_refused_target, "network unreachable"},
      {"host", kNobody, reply(4), Errc::proxy_refused_target, "host unreachable"},
      {"refused", kNobody, reply(5), Errc::proxy_refused_target, "connection refused"},
      {"TTL", kNobody, reply(6), Errc::proxy_refused_target, "TTL expired"},
      {"command", kNobody, reply(7), Errc::proxy_refused_target, "CONNECT"},
      {"address type", kNobody, reply(8), Errc::proxy_refused_target, "type of address"},
      {"unassigned", kNobody, reply(9), Errc::proxy_refused_target, "unknown reason"},
      {"the last code", kNobody, reply('\xff'), Errc::proxy_refused_target, "unknown reason"},
      {"no method, none offered", kNobody, "\x05\xff"s, Errc::proxy_auth, "none are set"},
      {"no method, login offered", kLogin, "\x05\xff"s, Errc::proxy_auth, "takes none"},
      {"login not offered", kNobody, "\x05\x02"s, Errc::proxy_failed, "SOCKS 5"},
      {"GSSAPI not offered", kLogin, "\x05\x01"s, Errc::proxy_failed, "SOCKS 5"},
      {"wrong login", kLogin, kWantsLogin + "\x01\x01"s, Errc::proxy_auth, "refuses"},
      {"wrong login, another code", kLogin, kWantsLogin + "\x01\xff"s, Errc::proxy_auth, "refuses"},
      {"login's version", kLogin, kWantsLogin + "\x05\x00"s, Errc::proxy_failed, "SOCKS 5"},
      {"greeting's version", kNobody, "\x04\x00"s, Errc::proxy_failed, "SOCKS 5"},
      {"HTTP", kNobody, "HTTP/1.1 400", Errc::proxy_failed, "SOCKS 5"},
      {"reply's version", kNobody, kNoLogin + "\x04\x00\x00\x01"s, Errc::proxy_failed, "SOCKS 5"},
      {"address type 2", kNobody, kNoLogin + "\x05\x00\x00\x02"s, Errc::proxy_failed, "SOCKS 5"},
      {"address type 0", kNobody, kNoLogin + "\x05\x00\x00\x00"s, Errc::proxy_failed, "SOCKS 5"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    Socks5Dialogue dialogue(kAddress, row.login);
    const auto got = talk(dialogue, row.answer);
    REQUIRE(got.result.has_error());
    CHECK(got.result.error().code == row.code);
    CHECK(got.result.error().context.find(row.words) != std::string::npos);
    CHECK(got.result.error().context.find("hunter2") == std::string::npos);
  }
  Socks5Dialogue too_long(kAddress, {"me", std::string(256, 'x')});
  const auto got = talk(too_long, kWantsLogin);
  REQUIRE(got.result.has_error());
  CHECK(got.result.error().code == Errc::proxy_auth);
}

TEST_CASE("Socks dialogues wait for the rest of every truncated answer", "[net][unit]") {
  const auto five = kWantsLogin + kLoginRight + "\x05\x00\x00\x03\x05"s + "proxy\x00\x50"s;
  for (std::size_t size = 0; size < five.size(); ++size) {
    INFO(size);
    Socks5Dialogue dialogue(kName, kLogin);
    const auto got = talk(dialogue, std::string_view(five).substr(0, size));
    CHECK(got.wants_more);
    CHECK(got.result.has_value());
  }
  const auto four = "\x00\x5a\x00\x00\x00\x00\x00\x00"s;
  for (std::size_t size = 0; size < four.size(); ++size) {
    Socks4Dialogue dialogue(kName, kNobody);
    CHECK(talk(dialogue, std::string_view(four).substr(0, size)).wants_more);
  }
}

}  // namespace sluice::net
