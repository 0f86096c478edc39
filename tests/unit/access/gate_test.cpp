#include "sluice/access/gate.hpp"

#include <string>

#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::access;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kNow = 1'700'000'000;
const auto kClient = boost::asio::ip::make_address("203.0.113.7");

Settings settings_with(std::string_view password) {
  Settings settings;
  settings.api_password = password;
  return settings;
}

/// One gate for all tests of a password: making one derives keys.
Gate& guarded() {
  static Gate gate(settings_with("orchid"));
  return gate;
}

struct Asked {
  std::string query = {};
  std::string path_token = {};
  std::string path = "/proxy/stream";
  http::HeaderList headers = {};
};

Result<Gate::Grant> ask(Gate& gate, const Asked& asked, TimePoint now = {}) {
  const auto query = Query::parse(asked.query);
  const auto token =
      asked.path_token.empty() ? std::nullopt : std::optional<std::string_view>(asked.path_token);
  return gate.admit({query, asked.headers, token, asked.path, kClient}, now, kNow);
}

std::string token(const std::string& query, TokenVersion version = TokenVersion::legacy,
                  std::optional<std::int64_t> expires = {}, const char* client = nullptr,
                  std::string scope = {}) {
  static const TokenCodec codec("orchid");
  TokenClaims claims{Query::parse(query), expires, {}, std::move(scope)};
  if (client) claims.client = boost::asio::ip::make_address(client);
  return codec.encode(claims, version);
}

std::optional<Errc> refusal(const Result<Gate::Grant>& grant) {
  return grant ? std::nullopt : std::optional(grant.error().code);
}

}  // namespace

TEST_CASE("split_token_path takes the token off a path", "[access][unit]") {
  struct Row {
    std::string_view path, token, rest;
    bool has = true;
  };
  for (const auto& row :
       {Row{"/_token_X/proxy/stream", "X", "/proxy/stream"}, Row{"/_token_X/", "X", "/"},
        Row{"/_token_X", "X", "/"}, Row{"/_token_/a", "", "/a"},
        Row{"/_token", "", "/_token", false}, Row{"/a/_token_X/b", "", "/a/_token_X/b", false}}) {
    INFO(row.path);
    const auto split = split_token_path(row.path);
    CHECK(split.token.has_value() == row.has);
    CHECK(split.token.value_or("") == row.token);
    CHECK(split.path == row.rest);
  }
}

TEST_CASE("Gate lets in by token, then password, and refuses all else", "[access][unit]") {
  const std::string d = "d=http://h/a";
  const auto good = token(d);
  http::HeaderList bearer;
  bearer.add("Authorization", "Bearer orchid");
  http::HeaderList header;
  header.add("api_password", "orchid");
  struct Row {
    const char* why;
    Asked asked;
    std::optional<Errc> refusal;
    Authority::Kind kind = Authority::Kind::password;
  };
  using Kind = Authority::Kind;
  const Row rows[] = {
      {"nothing", {}, Errc::no_credentials},
      {"password", {"api_password=orchid"}, {}, Kind::password},
      {"wrong password", {"api_password=tulip"}, Errc::unauthorized},
      {"empty password", {"api_password="}, Errc::no_credentials},
      {"header", {{}, {}, "/", header}, {}, Kind::password},
      {"bearer", {{}, {}, "/", bearer}, {}, Kind::password},
      {"token in the path", {{}, good}, {}, Kind::token},
      {"token in the query", {"token=" + good}, {}, Kind::token},
      {"the path's token before the query's", {"token=bad", good}, {}, Kind::token},
      {"a bad one in the path is final", {"token=" + good, "bad"}, Errc::invalid_token},
      {"a bad token before the right password",
       {"token=bad&api_password=orchid"},
       Errc::invalid_token},
      {"an empty token is none", {"token=&api_password=orchid"}, {}, Kind::password},
      {"expired", {{}, token(d, TokenVersion::legacy, kNow - 1)}, Errc::invalid_token},
      {"not yet expired", {{}, token(d, TokenVersion::legacy, kNow)}, {}, Kind::token},
      {"this client", {{}, token(d, TokenVersion::v2, {}, "203.0.113.7")}, {}, Kind::token},
      {"another client", {{}, token(d, TokenVersion::v2, {}, "203.0.113.8")}, Errc::invalid_token},
      {"inside the scope",
       {{}, token(d, TokenVersion::v2, {}, nullptr, "/proxy/hls"), "/proxy/hls/segment.ts"},
       {},
       Kind::token},
      {"outside the scope",
       {{}, token(d, TokenVersion::v2, {}, nullptr, "/proxy/hls"), "/proxy/stream"},
       Errc::invalid_token},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto grant = ask(guarded(), row.asked);
    CHECK(refusal(grant) == row.refusal);
    if (grant) CHECK(grant->authority.kind == row.kind);
  }
}

TEST_CASE("Gate without a password lets everybody in, but reads no tokens", "[access][unit]") {
  Gate gate{Settings()};
  CHECK(ask(gate, {})->authority.kind == Authority::Kind::open);
  CHECK(refusal(ask(gate, {{}, "x"})) == Errc::tokens_unreadable);
  CHECK(refusal(ask(gate, {"token=x"})) == Errc::tokens_unreadable);
  CHECK_FALSE(gate.check_password("", kClient, {}).has_value());
}

TEST_CASE("Gate lets the query add to a token, never change it", "[access][unit]") {
  const auto inside = "d=http://h/a&h_Referer=in&rp_Cache-Control=in&key_id=1&x_headers=etag";
  struct Row {
    const char* why;
    const char* outside;
    const char* added;
  };
  const Row rows[] = {
      {"nothing", "", ""},
      {"an option", "start_offset=-30", "&start_offset=-30"},
      {"what players add", "_HLS_msn=4&_HLS_part=1", "&_HLS_msn=4&_HLS_part=1"},
      {"another header", "h_origin=out", "&h_origin=out"},
      {"the same header", "h_Referer=out", ""},
      {"the same header in other letters", "H_REFERER=out", ""},
      {"the same header misspelt", "h_referrer=out", ""},
      {"what overrides a propagated header", "r_cache-control=out", ""},
      {"the same option", "x_headers=out", ""},
      {"another destination", "d=http://evil/", ""},
      {"by its other names", "url=http://evil/&init_url=x&segment_url=y", ""},
      {"the password", "api_password=orchid", ""},
      {"keys", "key=2&key_id=2&key_url=http://evil/&key_only_proxy=1", ""},
      {"what shows the destination", "no_proxy=true", ""},
      {"rules", "exp=9999999999&ip=1.1.1.1&scope=/", ""},
      {"another server's mark", "has_encrypted=1", ""},
      {"the token itself", "token=x", ""},
  };
  for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
    const auto text = token(inside, version);
    for (const auto& row : rows) {
      INFO(row.why);
      const auto grant = ask(guarded(), {row.outside, text});
      REQUIRE(grant.has_value());
      REQUIRE(grant->parameters.has_value());
      CHECK(grant->parameters->encode() == Query::parse(std::string(inside) + row.added).encode());
    }
  }
}

TEST_CASE("Gate makes tokens that carry the rules of what they derive from", "[access][unit]") {
  auto settings = settings_with("orchid");
  settings.hide_destinations = true;
  Gate hiding(settings);
  const Authority by_password{Authority::Kind::password};
  CHECK_FALSE(guarded().hides(by_password));
  CHECK_FALSE(hiding.hides(Authority()));
  REQUIRE(hiding.hides(by_password));

  const auto derived = Query::parse("d=http://h/b&api_password=orchid&h_x=1");
  const auto text = hiding.derived_token(by_password, derived, "/proxy/hls");
  CHECK(text.find("orchid") == std::string::npos);
  const auto grant = ask(guarded(), {{}, text, "/proxy/hls/segment.ts"});
  REQUIRE(grant.has_value());
  CHECK(grant->authority.version == TokenVersion::v2);
  CHECK(grant->parameters->encode() == Query::parse("d=http://h/b&h_x=1").encode());
  CHECK(refusal(ask(guarded(), {{}, text, "/proxy/stream"})) == Errc::invalid_token);

  for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
    const auto parent =
        ask(guarded(), {{}, token("d=http://h/a", version, kNow + 5, "203.0.113.7")});
    REQUIRE(parent.has_value());
    REQUIRE(guarded().hides(parent->authority));
    const auto child = guarded().derived_token(parent->authority, derived, "/proxy");
    const auto granted = ask(guarded(), {{}, child});
    REQUIRE(granted.has_value());
    CHECK(granted->authority.version == version);
    CHECK(granted->authority.expires == kNow + 5);
    CHECK(granted->authority.client == kClient);
    CHECK_FALSE(granted->parameters->get("api_password").has_value());
  }
}

TEST_CASE("Gate slows down who guesses, tokens and passwords together", "[access][unit]") {
  auto settings = settings_with("orchid");
  settings.max_failures_per_minute = 4;
  Gate gate(settings);
  CHECK(refusal(ask(gate, {"api_password=1"})) == Errc::unauthorized);
  CHECK(refusal(ask(gate, {{}, "2"})) == Errc::invalid_token);
  for (int i = 0; i < 100; ++i) CHECK(refusal(ask(gate, {})) == Errc::no_credentials);  // no guess
  CHECK_FALSE(gate.check_password("3", kClient, {}).has_value());
  CHECK(refusal(ask(gate, {"token=4"})) == Errc::invalid_token);
  CHECK(refusal(ask(gate, {"token=5"})) == Errc::too_many_failures);
  CHECK(refusal(ask(gate, {"api_password=orchid"})) == Errc::too_many_failures);
  CHECK(gate.check_password("orchid", kClient, {}).error().code == Errc::too_many_failures);
  CHECK(ask(gate, {"api_password=orchid"}, TimePoint(1min)).has_value());
}

TEST_CASE("Gate lets no guess hide behind another", "[access][unit]") {
  auto settings = settings_with("orchid");
  settings.max_failures_per_minute = 4;
  Gate gate(settings);
  for (int i = 0; i < 4; ++i) {
    http::HeaderList guess;
    guess.add(i % 2 == 0 ? "api_password" : "Authorization", "Bearer " + std::to_string(i));
    CHECK(refusal(ask(gate, {"api_password=decoy", {}, "/", guess})) == Errc::unauthorized);
  }
  CHECK(refusal(ask(gate, {"api_password=decoy"})) == Errc::too_many_failures);
}

TEST_CASE("A changed legacy token never shows the password it holds", "[access][unit]") {
  // The first block holds the name only; its bits follow those of the vector.
  const std::string known = R"({"api_password":)";
  const TokenCodec codec("orchid");
  const auto original =
      encode_legacy_token("orchid", {Query::parse("api_password=orchid&d=http://h/a"), {}, {}, {}});
  REQUIRE(codec.decode(original).has_value());
  for (const std::string wanted :
       {R"({"r_aaaaaaaaaa":)", R"({"h_aaaaaaaaaa":)", R"({"H_aaaaaaaaaa":)", R"({"rp_aaaaaaaaa":)",
        R"({"":0,"r_aaaaa":)", R"({"\u0072_aaaaa":)", R"({ "r_aaaaaaaaa":)"}) {
    INFO(wanted);
    REQUIRE(wanted.size() == known.size());
    auto bytes = *base64_decode(original);
    for (std::size_t i = 0; i < known.size(); ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ known[i] ^ wanted[i]);
    }
    CHECK_FALSE(codec.decode(base64url_encode(bytes)).has_value());
  }
}
