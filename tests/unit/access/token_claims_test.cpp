#include "access/token_claims.hpp"

#include <string>
#include <vector>

#include "sluice/access/token_codec.hpp"
#include "support/catch.hpp"

namespace sluice::access {
namespace {

namespace ip = boost::asio::ip;

/// "parameters|exp|ip|scope".
std::string summary(const std::optional<TokenClaims>& claims) {
  if (!claims) return "invalid";
  std::string out = claims->parameters.encode() + '|';
  if (claims->expires) out += std::to_string(*claims->expires);
  out += '|';
  if (claims->client) out += claims->client->to_string();
  return out + '|' + claims->scope;
}

struct Row {
  const char* why;
  std::string json;
  std::string summary;
};

}  // namespace

TEST_CASE("read_legacy_payload reads the flat form", "[access][unit]") {
  const Row rows[] = {
      {"strings in their order", R"({"d":"x","b":"2","a":""})", "d=x&b=2&a=|||"},
      {"other values", R"({"a":true,"b":false,"c":12,"e":1.50,"f":null})",
       "a=true&b=false&c=12&e=1.5|||"},
      {"headers keep their case", R"({"h_Referer":"x"})", "h_Referer=x|||"},
      {"an object", R"({"a":{}})", "invalid"},
      {"a null expiry and address", R"({"exp":null,"ip":null})", "|||"},
      {"expiry", R"({"exp":4102444800})", "|4102444800||"},
      {"negative expiry", R"({"exp":-1})", "|-1||"},
      {"expiry in quotes", R"({"exp":"4102444800"})", "invalid"},
      {"expiry with fraction", R"({"exp":4102444800.0})", "invalid"},
      {"expiry with exponent", R"({"exp":1e9})", "invalid"},
      {"expiry beyond 63 bits", R"({"exp":9223372036854775808})", "invalid"},
      {"expiry as boolean", R"({"exp":true})", "invalid"},
      {"expiry as object", R"({"exp":{}})", "invalid"},
      {"IPv4", R"({"ip":"203.0.113.7"})", "||203.0.113.7|"},
      {"IPv6 in another spelling", R"({"ip":"2001:DB8:0::1"})", "||2001:db8::1|"},
      {"IPv4 in IPv6", R"({"ip":"::ffff:203.0.113.7"})", "||203.0.113.7|"},
      {"a name for an address", R"({"ip":"localhost"})", "invalid"},
      {"no address", R"({"ip":""})", "invalid"},
      {"address and port", R"({"ip":"203.0.113.7:80"})", "invalid"},
      {"address in brackets", R"({"ip":"[::1]"})", "invalid"},
      {"address with zone", R"({"ip":"fe80::1%lo"})", "invalid"},
      {"address and NUL", R"({"ip":"203.0.113.7\u0000"})", "invalid"},
      {"address and blank", R"({"ip":"203.0.113.7 "})", "invalid"},
      {"address as number", R"({"ip":3405803783})", "invalid"},
      {"address as object", R"({"ip":{}})", "invalid"},
      {"other case is no reserved name", R"({"Exp":"1","IP":"2"})", "Exp=1&IP=2|||"},
      {"no object", R"(["d"])", "invalid"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(summary(read_legacy_payload(row.json)) == row.summary);
  }
}

TEST_CASE("read_legacy_payload reads the structured form", "[access][unit]") {
  const Row rows[] = {
      {"destination only", R"({"destination":"x"})", "d=x|||"},
      {"every part",
       R"({"exp":5,"ip":"::1","query_params":{"a":"1","n":2,"z":null},"destination":"x",)"
       R"("request_headers":{"Referer":"r"},"response_headers":{"x-y":"s"}})",
       "d=x&a=1&n=2&h_Referer=r&r_x-y=s|5|::1|"},
      {"null parts",
       R"({"destination":"x","query_params":null,"request_headers":null,)"
       R"("response_headers":null,"exp":null,"ip":null})",
       "d=x|||"},
      {"no other d counts", R"({"query_params":{"d":"y"},"destination":"x"})", "d=x|||"},
      {"the first of equal names stands",
       R"({"destination":"x","query_params":{"h_a":"1"},"request_headers":{"a":"2"}})",
       "d=x&h_a=1|||"},
      {"reserved names among the parameters",
       R"({"destination":"x","query_params":{"exp":"1","ip":"y","destination":"z","a":"b"}})",
       "d=x&a=b|||"},
      {"unknown members", R"({"destination":"x","d":"y","more":{"a":"b"}})", "d=x|||"},
      {"destination is no string", R"({"destination":null,"d":"x"})", "invalid"},
      {"parameters are no object", R"({"destination":"x","query_params":"a=b"})", "invalid"},
      {"expiry in quotes", R"({"destination":"x","exp":"1"})", "invalid"},
      {"no address", R"({"destination":"x","ip":"y"})", "invalid"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(summary(read_legacy_payload(row.json)) == row.summary);
  }
}

TEST_CASE("read_v2_payload takes known members only", "[access][unit]") {
  const Row rows[] = {
      {"nothing", "{}", "|||"},
      {"everything", R"({"q":"d=x&a=1&a=2","exp":7,"ip":"::1","scope":"/s"})",
       "d=x&a=1&a=2|7|::1|/s"},
      {"a member of the future", R"({"q":"d=x","methods":"GET"})", "invalid"},
      {"parameters are no string", R"({"q":1})", "invalid"},
      {"null parameters", R"({"q":null})", "invalid"},
      {"null expiry", R"({"exp":null})", "invalid"},
      {"null address", R"({"ip":null})", "invalid"},
      {"expiry in quotes", R"({"exp":"7"})", "invalid"},
      {"scope is no string", R"({"scope":1})", "invalid"},
      {"no address", R"({"ip":"x"})", "invalid"},
      {"no object", R"("q")", "invalid"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(summary(read_v2_payload(row.json)) == row.summary);
  }
}

TEST_CASE("Tokens are written compactly in v2 and as other servers do in legacy",
          "[access][unit]") {
  struct WriteRow {
    const char* why;
    TokenClaims claims;
    std::string legacy;
    std::string v2;
  };
  const WriteRow rows[] = {
      {"nothing", {}, "{}", "{}"},
      {"everything",
       {Query::parse("d=%C3%BC&a=%22+%22"), 7, ip::make_address("::1"), "/s"},
       R"({"d": "\u00fc", "a": "\" \"", "exp": 7, "ip": "::1"})",
       R"({"q":"d=%C3%BC&a=%22+%22","exp":7,"ip":"::1","scope":"/s"})"},
      {"limits only",
       {{}, -7, ip::make_address("::ffff:203.0.113.7"), ""},
       R"({"exp": -7, "ip": "203.0.113.7"})",
       R"({"exp":-7,"ip":"203.0.113.7"})"},
      {"repeated names",
       {Query::parse("a=1&b=2&a=3"), {}, {}, ""},
       R"({"a": "3", "b": "2"})",
       R"({"q":"a=1&b=2&a=3"})"},
      {"names with another meaning in legacy tokens",
       {Query::parse("exp=1&ip=2&destination=3&a=4"), {}, {}, ""},
       R"({"a": "4"})",
       R"({"q":"exp=1&ip=2&destination=3&a=4"})"},
      {"bytes that are no UTF-8",
       {Query::parse("a=%FF"), {}, {}, ""},
       R"({"a": "\ufffd"})",
       R"({"q":"a=%FF"})"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(write_legacy_payload(row.claims) == row.legacy);
    CHECK(write_v2_payload(row.claims) == row.v2);
  }
}

TEST_CASE("check_claims looks at expiry, address and path", "[access][unit]") {
  struct CheckRow {
    const char* why;
    std::optional<std::int64_t> expires;
    std::string bound_to;
    std::string scope;
    std::string client;
    std::string path;
    bool good;
  };
  const CheckRow rows[] = {
      {"no limits", {}, "", "", "", "/x", true},
      {"before the last second", 1001, "", "", "", "/x", true},
      {"in the last second", 1000, "", "", "", "/x", true},
      {"after it", 999, "", "", "", "/x", false},
      {"long ago", std::numeric_limits<std::int64_t>::min(), "", "", "", "/x", false},
      {"never", std::numeric_limits<std::int64_t>::max(), "", "", "", "/x", true},
      {"bound to the client", {}, "203.0.113.7", "", "203.0.113.7", "/x", true},
      {"bound to another", {}, "203.0.113.7", "", "203.0.113.8", "/x", false},
      {"client unknown", {}, "203.0.113.7", "", "", "/x", false},
      {"client in IPv6", {}, "203.0.113.7", "", "::ffff:203.0.113.7", "/x", true},
      {"bound in IPv6", {}, "::ffff:203.0.113.7", "", "203.0.113.7", "/x", true},
      {"another in IPv6", {}, "203.0.113.7", "", "::ffff:203.0.113.8", "/x", false},
      {"compatible is not mapped", {}, "203.0.113.7", "", "::203.0.113.7", "/x", false},
      {"other spelling", {}, "2001:DB8::1", "", "2001:db8:0:0::1", "/x", true},
      {"other address", {}, "2001:DB8::1", "", "2001:db8::2", "/x", false},
      {"this machine's zone", {}, "fe80::1", "", "fe80::1%1", "/x", true},
      {"not bound", {}, "", "", "203.0.113.7", "/x", true},
      {"the scope itself", {}, "", "/proxy/hls/segment", "", "/proxy/hls/segment", true},
      {"an extension", {}, "", "/proxy/hls/segment", "", "/proxy/hls/segment.m4s", true},
      {"a path below", {}, "", "/proxy/hls/segment", "", "/proxy/hls/segment/a.ts", true},
      {"a longer name", {}, "", "/proxy/hls/segment", "", "/proxy/hls/segments", false},
      {"a shorter one", {}, "", "/proxy/hls/segment", "", "/proxy/hls/seg", false},
      {"another one", {}, "", "/proxy/hls/segment", "", "/proxy/hls/manifest.m3u8", false},
      {"other case", {}, "", "/proxy/hls/segment", "", "/proxy/HLS/segment", false},
      {"inside another", {}, "", "/proxy/hls/segment", "", "/x/proxy/hls/segment", false},
      {"no path", {}, "", "/proxy/hls/segment", "", "", false},
      {"one of three is wrong", 999, "::1", "/x", "::1", "/x", false},
      {"all three are right", 1000, "::1", "/x", "::1", "/x", true},
  };
  const auto address = [](const std::string& text) -> std::optional<ip::address> {
    if (text.empty()) return std::nullopt;
    return ip::make_address(text);
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const Token token{TokenVersion::v2, {{}, row.expires, address(row.bound_to), row.scope}};
    const auto checked = check_claims(token, 1000, address(row.client), row.path);
    CHECK(checked.has_value() == row.good);
    if (checked) continue;
    CHECK(checked.error() == client_error(Errc::invalid_token));
    CHECK(checked.error().context.empty());
  }
}

}  // namespace sluice::access
