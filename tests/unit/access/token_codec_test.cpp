#include "sluice/access/token_codec.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "access/token_cipher.hpp"
#include "sluice/core/encoding.hpp"
#include "support/catch.hpp"

namespace sluice::access {
namespace {

namespace ip = boost::asio::ip;
using Random = std::mt19937;

const TokenCodec& codec() {
  static const TokenCodec codec("orchid");
  return codec;
}

/// A legacy token with this plaintext.
std::string token_of(std::string_view json) {
  return base64url_encode(LegacyCipher("orchid").seal(json));
}

TokenClaims claims_of(Query parameters) {
  return {std::move(parameters), {}, {}, ""};
}

void check_refused(const std::string& text) {
  const auto token = codec().decode(text);
  REQUIRE_FALSE(token.has_value());
  CHECK(token.error().code == Errc::invalid_token);
  CHECK(token.error().origin == Origin::client);
  CHECK(token.error().retry == Retry::never);
  CHECK(token.error().context.empty());
}

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// A forgery of the token `bytes` that is no token: not in its initialisation vector, where
/// altering one bit alters one bit of the plaintext and nothing else.
std::string forge(Random& random, std::string bytes) {
  switch (random() % 5) {
    case 0:
      bytes[16 + random() % (bytes.size() - 16)] ^= static_cast<char>(1 + random() % 255);
      break;
    case 1: bytes.resize(random() % bytes.size()); break;
    case 2: bytes.insert(16 + random() % (bytes.size() - 16), random_bytes(random, 16)); break;
    case 3: return random_bytes(random, random() % 200);
    default: bytes = random_bytes(random, 16 * (random() % 8));
  }
  return base64url_encode(bytes);
}

}  // namespace

TEST_CASE("TokenCodec reads what it wrote", "[access][unit]") {
  using namespace std::string_literals;
  struct Row {
    const char* why;
    std::vector<Query::Parameter> parameters;  ///< besides d
  };
  std::string controls;
  for (int c = 0; c <= 0x7f; ++c) controls += static_cast<char>(c);
  const Row rows[] = {
      {"nothing", {}},
      {"empty value", {{"a", ""}}},
      {"empty name", {{"", "a"}}},
      {"all of ASCII", {{controls, controls}}},
      {"quotes and backslashes", {{"\"\\", "\\u0041\\\""}}},
      {"separators", {{"a&b=c", "&=%26+ "}}},
      {"UTF-8", {{"ü", "日本語🔑\u2028\uffff\U0010ffff"}}},
      {"order", {{"z", "1"}, {"a", "2"}, {"m", "3"}}},
      {"what looks like JSON", {{"a", "true"}, {"b", "12"}, {"c", "null"}, {"e", "{}"}}},
      {"NUL at the end", {{"a\0"s, "b\0"s}}},
      {"very long", {{"a", std::string(20000, 'x')}, {std::string(10000, 'y'), ""}}},
  };
  for (const auto& row : rows) {
    for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
      INFO(row.why << (version == TokenVersion::v2 ? " in v2" : " in legacy"));
      TokenClaims claims{{}, 4102444800, ip::make_address("2001:db8::1"), ""};
      claims.parameters.append("d", "https://media.example.net/");
      for (const auto& [name, value] : row.parameters) claims.parameters.append(name, value);
      const auto token = codec().decode(codec().encode(claims, version));
      REQUIRE(token.has_value());
      CHECK(token->version == version);
      CHECK(token->claims.parameters.parameters() == claims.parameters.parameters());
      CHECK(token->claims.expires == claims.expires);
      CHECK(token->claims.client == claims.client);
      CHECK(token->claims.scope.empty());
    }
  }
}

TEST_CASE("TokenCodec keeps repeated parameters, any bytes and the scope in v2", "[access][unit]") {
  auto claims = claims_of(Query::parse("a=1&a=2&b=%FF&c=&=&exp=1"));
  claims.scope = "/proxy/hls/ü";
  const auto v2 = codec().decode(codec().encode(claims, TokenVersion::v2));
  REQUIRE(v2.has_value());
  CHECK(v2->claims.parameters.parameters() == claims.parameters.parameters());
  CHECK(v2->claims.scope == claims.scope);
}

TEST_CASE("TokenCodec keeps the last of repeated parameters in legacy tokens", "[access][unit]") {
  auto claims = claims_of(Query::parse("d=ftp://x&a=1&d=http://a.test/&a=2&b=%FF"));
  claims.scope = "/proxy/hls/segment";
  const auto token = codec().decode(codec().encode(claims, TokenVersion::legacy));
  REQUIRE(token.has_value());
  CHECK(token->claims.parameters.encode() == "d=http%3A%2F%2Fa.test%2F&a=2&b=%EF%BF%BD");
  CHECK(token->claims.scope.empty());
}

TEST_CASE("TokenCodec makes equal tokens of equal claims only", "[access][unit]") {
  const auto claims = claims_of(Query::parse("d=http%3A%2F%2Fa.test%2F"));
  auto later = claims;
  later.expires = 1;
  const TokenCodec again("orchid");
  const TokenCodec other("Orchid");
  for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
    const auto token = codec().encode(claims, version);
    CHECK(again.encode(claims, version) == token);
    CHECK(other.encode(claims, version) != token);
    CHECK(codec().encode(later, version) != token);
    // Nothing shows that two tokens begin alike.
    CHECK(codec().encode(later, version).substr(2, 16) != token.substr(2, 16));
  }
  CHECK(encode_legacy_token("orchid", claims) == codec().encode(claims, TokenVersion::legacy));
}

TEST_CASE("TokenCodec wants sense in a legacy token", "[access][unit]") {
  struct Row {
    const char* why;
    std::string json;
    bool good;
  };
  const Row rows[] = {
      {"destination", R"({"d":"https://a.test/x"})", true},
      {"destination in base64", R"({"d":"aHR0cHM6Ly9leGFtcGxlLmNvbS92aWRlby5tcDQ"})", true},
      {"destination with a damaged scheme", R"({"d":"https%22//a.test/x"})", true},
      {"not in ASCII", R"({"d":"https://a.test/ü"})", true},
      {"other scheme", R"({"d":"ftp://a.test/x"})", false},
      {"no URL", R"({"d":"x"})", false},
      {"no URL, and the password", R"({"d":"x","api_password":"orchid"})", false},
      {"segments", R"({"init_url":"http://a.test/i","segment_url":"http://a.test/s"})", true},
      {"a segment", R"({"segment_url":"http://a.test/s"})", true},
      {"one of two is wrong", R"({"init_url":"i","segment_url":"http://a.test/s"})", false},
      {"password only", R"({"api_password":"orchid"})", true},
      {"empty destination, and the password", R"({"d":"","api_password":"orchid"})", true},
      {"other password", R"({"api_password":"Orchid"})", false},
      {"other password, and a destination", R"({"d":"http://a.test/","api_password":"x"})", true},
      {"neither", R"({"h_referer":"https://a.test/"})", false},
      {"nothing", "{}", false},
      {"structured", R"({"destination":"https://a.test/x"})", true},
      {"structured without sense", R"({"destination":"x"})", false},
      {"no JSON", "this is not json", false},
      {"nothing at all", "", false},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    CHECK(codec().decode(token_of(row.json)).has_value() == row.good);
    if (!row.good) check_refused(token_of(row.json));
  }
}

TEST_CASE("TokenCodec wants no sense in a v2 token", "[access][unit]") {
  CHECK(codec().decode(codec().encode({}, TokenVersion::v2)).has_value());
  CHECK(
      codec().decode(codec().encode(claims_of(Query::parse("d=x")), TokenVersion::v2)).has_value());
}

TEST_CASE("TokenCodec refuses all forgeries alike", "[access][unit]") {
  const auto claims = claims_of(
      Query::parse("d=https%3A%2F%2Fmedia.example.net%2Flive.m3u8&api_password=orchid&h_x=y"));
  const auto token = codec().encode(claims, TokenVersion::legacy);
  const std::string bytes = base64_decode(token).value();
  Random random(20);  // any seed does; the same one shows the same failure again
  std::size_t accepted = 0;
  std::size_t different = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto decoded = codec().decode(forge(random, bytes));
    if (decoded) {
      ++accepted;
    } else if (!(decoded.error() == client_error(Errc::invalid_token)) ||
               !decoded.error().context.empty()) {
      ++different;
    }
  }
  CHECK(accepted == 0);
  CHECK(different == 0);
}

TEST_CASE("TokenCodec refuses or understands every flipped bit of a legacy token",
          "[access][unit]") {
  const auto token = token_of(R"({"d": "https://media.example.net/a"})");
  const auto bytes = base64_decode(token).value();
  std::size_t understood = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const auto decoded = codec().decode(base64url_encode(flipped));
    if (!decoded) continue;
    // In the initialisation vector it is the same bit of the first 16 bytes, and those of the URL
    // among them may have become another URL.
    ++understood;
    CHECK(bit / 8 >= 7);
    CHECK(bit / 8 < 16);
  }
  CHECK(understood > 0);
  for (std::size_t size = 0; size < token.size(); ++size) check_refused(token.substr(0, size));
}

TEST_CASE("TokenCodec reads tokens of bounded length", "[access][unit]") {
  const auto of_length = [](std::size_t value) {
    return claims_of(Query::parse("d=http%3A%2F%2Fa.test%2F&a=" + std::string(value, 'x')));
  };
  for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
    const auto longest = codec().encode(of_length(49050), version);
    CHECK(longest.size() <= TokenCodec::kMaxLength);
    CHECK(codec().decode(longest).has_value());
    const auto longer = codec().encode(of_length(49150), version);
    CHECK(longer.size() > TokenCodec::kMaxLength);
    check_refused(longer);
  }
  check_refused(std::string(1'000'000, 'A'));
}

TEST_CASE("TokenCodec refuses texts that are no token", "[access][unit]") {
  const std::string text = GENERATE("", "=", "A", "AAAA", "2", "2.", "2.=", "2.AAAA", ".", "3.AAAA",
                                    "%41", "/_token_", "f-9C1lOjVRv5PBrr0zMbWQ", "\xff\xfe");
  INFO(text);
  check_refused(text);
}

TEST_CASE("TokenCodec is used by several threads at once", "[access][unit]") {
  const auto claims = claims_of(Query::parse("d=http%3A%2F%2Fa.test%2F"));
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  threads.reserve(good.size());
  for (int& count : good) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        for (const auto version : {TokenVersion::legacy, TokenVersion::v2}) {
          const auto token = codec().decode(codec().encode(claims, version));
          count += token && token->claims.parameters.parameters() == claims.parameters.parameters();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(good == std::vector<int>(4, 400));
}

TEST_CASE("TokenCodec wants a password", "[access][unit]") {
  CHECK_THROWS_AS(TokenCodec(""), std::invalid_argument);
}

TEST_CASE("LegacyCipher looks at every byte of the padding", "[access][unit]") {
  const LegacyCipher cipher("orchid");
  const std::string sealed = cipher.seal(std::string(20, 'x'));  // 12 bytes of padding
  REQUIRE(sealed.size() == 48);
  REQUIRE(cipher.open(sealed).sound);
  CHECK(cipher.open(sealed).plaintext() == std::string(20, 'x'));
  for (std::size_t i = 0; i < 16; ++i) {
    for (int mask = 1; mask < 256; ++mask) {
      CAPTURE(i, mask);
      // Alters byte i of the last block, and makes nonsense of the block before.
      std::string altered = sealed;
      altered[16 + i] = static_cast<char>(altered[16 + i] ^ mask);
      const auto opened = cipher.open(altered);
      // 01 is padding whatever stands before it.
      CHECK(opened.sound == (i < 4 || (i == 15 && (12 ^ mask) == 1)));
      if (!opened.sound) CHECK(opened.plaintext().size() == 32);
    }
  }
}

TEST_CASE("LegacyCipher opens whole blocks only", "[access][unit]") {
  const LegacyCipher cipher("orchid");
  for (const std::size_t size : {0U, 15U, 31U, 32U, 33U, 47U, 48U}) {
    const auto sealed = cipher.seal(std::string(size, 'x'));
    CAPTURE(size);
    CHECK(sealed.size() == 32 + size / 16 * 16);
    CHECK(cipher.open(sealed).plaintext() == std::string(size, 'x'));
    for (std::size_t cut = 1; cut < 16; ++cut) {
      CHECK_FALSE(cipher.open(sealed.substr(cut)).sound);
    }
  }
  CHECK_FALSE(cipher.open("").sound);
  CHECK_FALSE(cipher.open(std::string(16, 'x')).sound);
}

}  // namespace sluice::access
