#include <cstdint>
#include <string>
#include <vector>

#include "sluice/access/token_codec.hpp"
#include "support/catch.hpp"

namespace sluice::access {
namespace {

using Parameters = std::vector<Query::Parameter>;

std::string text_of(const std::optional<boost::asio::ip::address>& address) {
  return address ? address->to_string() : "";
}

struct SealedRow {
  const char* why;
  std::string password;
  std::string token;
  Parameters parameters;
  std::optional<std::int64_t> expires;
  std::string client;
  std::string scope;
};

// Made of openssl's scrypt, CMAC and CTR as RFC 5297 puts them together.
const SealedRow kSealed[] = {
    {"every member",
     "orchid",
     "2.lCZIe9Kim_ltXuZ5rrLDFIyuMCDeXJ-18iLwUOjBJroXJqLdogCisykncsm10SQ4ByyL0wZhboKP"
     "GFgmtnGQ79pYxI2mKFM3jUGYXh2vBRB6m8_hJCB2JPf7nZ6YdLy-13rxsn2etuu0ABnjIjEDiN0HnD"
     "m9vXtFRamalgoDoKbO7nqpAWUSLoF_v2vuKMIwn1pQPN0vrMvJbhDdUuueCUkBLsv9iwG7_PzIT5Ze",
     {{"d", "https://media.example.net/a/b.mp4"}, {"h_referer", "https://site.example/"}},
     4102444800,
     "203.0.113.7",
     "/proxy/hls/segment"},
    {"no member", "orchid", "2.6qknXyWJA-1Eq1azXECnGoXj", {}, std::nullopt, "", ""},
    {"expiry only", "orchid", "2.EA_p-bOBU7aKZr374Yv9gi9BTZCbpTzLAu4", {}, -5, "", ""},
    {"password of many bytes",
     "pässwörd-ключ-日本語-🔑-end",
     "2.nrKeF1tbFf8Ro6_cF72v0hJS5jyo_HMR6_nt",
     {{"d", "x"}},
     std::nullopt,
     "",
     ""},
};

}  // namespace

TEST_CASE("TokenCodec agrees with RFC 5297 on v2 tokens", "[access][unit]") {
  const TokenCodec other("Orchid");
  for (const auto& row : kSealed) {
    INFO(row.why);
    const TokenCodec codec(row.password);
    const auto token = codec.decode(row.token);
    REQUIRE(token.has_value());
    CHECK(token->version == TokenVersion::v2);
    CHECK(token->claims.parameters.parameters() == row.parameters);
    CHECK(token->claims.expires == row.expires);
    CHECK(text_of(token->claims.client) == row.client);
    CHECK(token->claims.scope == row.scope);
    CHECK(codec.encode(token->claims, TokenVersion::v2) == row.token);
    CHECK_FALSE(other.decode(row.token).has_value());
  }
}

TEST_CASE("TokenCodec refuses every cut and every flipped bit of a v2 token", "[access][unit]") {
  const TokenCodec codec("orchid");
  const std::string& token = kSealed[0].token;
  REQUIRE(codec.decode(token).has_value());
  for (std::size_t size = 0; size < token.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(codec.decode(token.substr(0, size)).has_value());
  }
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    CAPTURE(bit);
    std::string flipped = token;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK_FALSE(codec.decode(flipped).has_value());
  }
}

TEST_CASE("TokenCodec takes one spelling of a v2 token", "[access][unit]") {
  const TokenCodec codec("orchid");
  const std::string good =
      codec.encode({Query::parse("d=x&e=12345"), {}, {}, ""}, TokenVersion::v2);
  REQUIRE(codec.decode(good).has_value());
  for (const std::string& text : {good + "=", good + "==", " " + good, good + " ",
                                  "3." + good.substr(2), "2" + good, good.substr(2), "2." + good}) {
    INFO(text);
    const auto refused = codec.decode(text);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == client_error(Errc::invalid_token));
    CHECK(refused.error().context.empty());
  }
}

}  // namespace sluice::access
