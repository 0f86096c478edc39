#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "access/token_claims.hpp"
#include "sluice/access/token_codec.hpp"
#include "support/catch.hpp"

// Made by the openssl command, and by generators of other servers.

namespace sluice::access {
namespace {

using Parameters = std::vector<Query::Parameter>;

const TokenCodec& codec_of(const std::string& password) {
  static std::map<std::string, TokenCodec> codecs;  // deriving keys takes its time
  return codecs.try_emplace(password, password).first->second;
}

std::string text_of(const std::optional<boost::asio::ip::address>& address) {
  return address ? address->to_string() : "";
}

struct LegacyRow {
  const char* why;
  std::string password;
  std::string token;
  Parameters parameters;
  std::optional<std::int64_t> expires;
  std::string client;
  std::string payload;  ///< the plaintext, where we would write the same
};

const LegacyRow kLegacy[] = {
    {"destination and password",
     "orchid",
     "f-9C1lOjVRv5PBrr0zMbWWFq96G9H4OsuGrYHTeKPC5yNeVFZkc6YsYOdC4UH05Z092bGP4skpPSPf"
     "JvYKGw6unc9aGBQ5lxrKdeFf3u3hwcxsocf7l4VP1V4-m33hDQ",
     {{"d", "https://media.example.net/a/b.mp4"}, {"api_password", "orchid"}},
     std::nullopt,
     "",
     "{\"d\": \"https://media.example.net/a/b.mp4\", \"api_password\": \"orchid\"}"},
    {"every prefix, and an escaped URL",
     "orchid",
     "uCWfSTMtx_s6ksWs6zdbXCWX7gvsOExVFGEhPI4KRpUSL8yESXCdnc1yOdNLcBuHH_Q3aOuMa6L34z"
     "_HxFFO4Xb-8mxpi8phF0D7kVDCrbaKvzla7k-IYaJlukcjYv994DWE9vFwKNGyi-mlTHZg3xnCco6K"
     "HhJPnCPRHNeyVIdZITiEQX7fQ7v3H-G4D53lRtOuBDhHz-hTYxgipgd_6y_7KIReuXJBYonn43lqtO"
     "eNq1VK1etwMznjElS6mFPzwxQlAS-AN23a6PGH3_cNnsfeUYrKX2V0whsKoGncI1DfcurbYwnxFKix"
     "AwEF81-3g7TRmAzvS4bsfMV4MiHkb8uBQMMfiZDx4xr4m6tbjNS4FZqVRe9pZcAGZme47Slpzw_Iep"
     "rnOzbLVmQKuZ3dvMwHXQwJn447AirPmpXiNSmSeTQD8gUgyjQx4HWGvKQU",
     {{"api_password", "orchid"},
      {"max_res", "true"},
      {"d", "https://media.example.net/live/index.m3u8?sig=a%2Bb&x=1"},
      {"h_referer", "https://site.example/"},
      {"h_user-agent", "Player/1.0 (X; Y)"},
      {"r_cache-control", "no-store"},
      {"rp_content-type", "video/mp2t"},
      {"x_headers", "content-length,etag"},
      {"transformer", "ts_stream"}},
     std::nullopt,
     "",
     "{\"api_password\": \"orchid\", \"max_res\": \"true\", \"d\": "
     "\"https://media.example.net/live/index.m3u8?sig=a%2Bb&x=1\", \"h_referer\": "
     "\"https://site.example/\", \"h_user-agent\": \"Player/1.0 (X; Y)\", \"r_cache-control\": "
     "\"no-store\", \"rp_content-type\": \"video/mp2t\", \"x_headers\": \"content-length,etag\", "
     "\"transformer\": \"ts_stream\"}"},
    {"expires, and holds no password",
     "orchid",
     "Xh1ljYQFL24V2S9YaXxE-2h_FDy3SNB19YjyUnqoHZ9hAv1PIBxbn7JQz_NGvFjFeBEm5O2J1ISpHY"
     "9rG9xr0kt5YLxgIAIkyTUsEmGjmRU",
     {{"d", "https://media.example.net/a/b.mp4"}},
     4102444800,
     "",
     "{\"d\": \"https://media.example.net/a/b.mp4\", \"exp\": 4102444800}"},
    {"expired, which decode does not look at",
     "orchid",
     "m_MzaFG0HLlbOBH0LqfX_maI7AkFqQmbrmP8m2NcPGr3MbEDpg2nynKnnhmKaeh-v_CVuS8FNejWch"
     "LlRbMu7WuhV-uFxPAn5d8p_rAkkXw",
     {{"d", "https://media.example.net/a/b.mp4"}},
     1000000000,
     "",
     "{\"d\": \"https://media.example.net/a/b.mp4\", \"exp\": 1000000000}"},
    {"bound to an address",
     "orchid",
     "fX5mEnzOnPHDlpCIbJRIJLrjthe4Cl4ii8fxuRd2hK19Sz54DSIP3d1srGdaIO8GrL5X5XWXCewiw-"
     "YR4WrfIiMvWeZ2d21TZDCzlKPjfWA",
     {{"d", "https://media.example.net/a/b.mp4"}},
     std::nullopt,
     "203.0.113.7",
     "{\"d\": \"https://media.example.net/a/b.mp4\", \"ip\": \"203.0.113.7\"}"},
    {"password longer than the key",
     "0123456789abcdefghijklmnopqrstuvwxyz",
     "_vufd6Uw0UDzZkE2p04VFYzU6h_Cr7irOY2cnN9pnuOGXBv9gxStQ57eEEdBsZD9OewUoawk1rXkvS"
     "wjJcEn7g",
     {{"d", "https://media.example.net/k32"}},
     std::nullopt,
     "",
     "{\"d\": \"https://media.example.net/k32\"}"},
    {"password cut inside a character",
     "pässwörd-ключ-日本語-🔑-end",
     "8egcOV3-cEVBI2HjxxzJQ6HVnfKMuvMbN19Kip5wSI95FQtme-O-GiWCXj8HpLaw-sviJO2IAzi36e"
     "sllL4C4g",
     {{"d", "https://media.example.net/utf8"}},
     std::nullopt,
     "",
     "{\"d\": \"https://media.example.net/utf8\"}"},
    {"values that are no strings, escaped characters",
     "orchid",
     "lJfRp7H-zCIHu9ygQwZcoRXtVlp2wD0g6UwtHPf0F_w5ZsgYC50q3k-okC-hZAmr8hO6OKxAJ3e-IZ"
     "pDu26I_44ftZF93ouwze1lTv3UEiK47flmAcHojiUPBG2knJJpDI5cQ6kmFIEZjcZdb4pu_ZGnZAqR"
     "ZTRJOPrcp20QlLxCIOBkqSenMgs5iTgP6Bg3",
     {{"d", "https://media.example.net/ümläut.mp4"},
      {"max_res", "true"},
      {"start", "12"},
      {"ratio", "1.5"}},
     std::nullopt,
     "",
     ""},
    {"structured",
     "orchid",
     "SCExldG_w-72dbCWUewpnMH3U7qbHYa0j5mPrCBZnZoLJkxlFJ_MtDsxWiBkDm3FXB_a2u1BvuUyP1"
     "yhfMvJc6-YHerJZip5lo-PjTZYQLf7bCsjobrEUiCZViHsIoS_SrZHp3eNEREvGj-IDLtmiE5Fyt8Y"
     "XlsIjA6xf6yd6FHNu0Vm8W2XtdU_h808C7-OuZaXn9iyZ_hww-8skSv1liHciRZ77pr1Lkgp9snUby"
     "vfU0hWOcTitBI9M-XfZKiw3ghDIF5mkWC-k0IO1Xqp1CoIeUg37XtsTSK_Z0MeXPnCKcqQodGqQoW4"
     "d_T3J_WCZ_e3qihVDYR_RCQRabOi3z8_DXFb0azWl7QujrWcZRtn1RL0n0WR49pueAcC6IVG",
     {{"d", "https://media.example.net/s.m3u8"},
      {"api_password", "orchid"},
      {"key_id", "00112233445566778899aabbccddeeff"},
      {"h_referer", "https://site.example/"},
      {"r_cache-control", "no-store"}},
     std::nullopt,
     "",
     ""},
    {"a whole block of padding",
     "orchid",
     "mghExkjufHrwFaSUfX0V9msqN2RdaNc_fVwkgM_nLGvmTHWxSCqCs4fTP-eV0TNcSdHFisCjGGvJH3"
     "AuMiIjeQ",
     {{"d", "http://h.example/012345"}},
     std::nullopt,
     "",
     "{\"d\": \"http://h.example/012345\"}"},
    {"flat, of another generator",
     "pass word-1",
     "EBESExQVFhcYGRobHB0eHwXl7WZsX-wevz3C9c5D3we9JZDCncFrRmGIt_5f01K2yJnfnszDbsUrv2"
     "tbCcecLQJMbvgTIV6BhmHSPNiuGdIH5RMmEesxTVx-S1PcDlUvDB0ljByxuNEkmxMSwA0mF66eXJM3"
     "EzxHFNMM6RqsLg8PrtHbJrSM-HfeOTg6FPxep3HDnjMRkUy59khSPguTcP7tn_maK_ZOvQzWJTZz6R"
     "0",
     {{"api_password", "pass word-1"},
      {"d", "https://media.example.net/a.m3u8"},
      {"h_referer", "https://example.net/"},
      {"r_x-test", "1"},
      {"rp_content-type", "video/mp2t"}},
     std::nullopt,
     "",
     "{\"api_password\": \"pass word-1\", \"d\": \"https://media.example.net/a.m3u8\", "
     "\"h_referer\": \"https://example.net/\", \"r_x-test\": \"1\", \"rp_content-type\": "
     "\"video/mp2t\"}"},
    {"keys among the parameters",
     "pass word-1",
     "EBESExQVFhcYGRobHB0eHwa5hYuesO54eYwYQ1wqrlnrr3fYXc-pCp4JTmCXI1jR0JTZGB-IxDpOCl"
     "XQp2vUQbK2ez5tYKPGg3qgYgCRePh2eIJHFgb8Up_nkXYQn2kLIxJsIYp3eZS3uUsNyfK8QXctokiR"
     "C-szp1GCo41f3evmei0JWrLVY4RAz__wzlXxccb4QzgIiE02iQYdRfUE2g",
     {{"d", "https://media.example.net/m.mpd"},
      {"key_id", "00112233445566778899aabbccddeeff"},
      {"key", "ffeeddccbbaa99887766554433221100"}},
     std::nullopt,
     "",
     "{\"d\": \"https://media.example.net/m.mpd\", \"key_id\": "
     "\"00112233445566778899aabbccddeeff\", \"key\": \"ffeeddccbbaa99887766554433221100\"}"},
    {"long expired",
     "pass word-1",
     "EBESExQVFhcYGRobHB0eHwa5hYuesO54eYwYQ1wqrlnrr3fYXc-pCp4JTmCXI1jRkDwkIyVwO1LLki"
     "N7H0U-WJR97RWgkrdQApoLBHCwMiM",
     {{"d", "https://media.example.net/a.ts"}},
     1,
     "",
     "{\"d\": \"https://media.example.net/a.ts\", \"exp\": 1}"},
    {"expiry and address",
     "pass word-1",
     "EBESExQVFhcYGRobHB0eHwa5hYuesO54eYwYQ1wqrlnrr3fYXc-pCp4JTmCXI1jR7BNhIj0vsU2ZLr"
     "ysNrQQC-t1tP4yAxrLMGhmDH6i14X6AsqrnlmVkq3o899m8FQX",
     {{"d", "https://media.example.net/a.ts"}},
     4102444800,
     "203.0.113.7",
     "{\"d\": \"https://media.example.net/a.ts\", \"exp\": 4102444800, \"ip\": \"203.0.113.7\"}"},
    {"structured with an empty part",
     "pass word-1",
     "EBESExQVFhcYGRobHB0eH7f-Y9cwVdFQjvWOFG6dhAxpQE8cl7-gh5_rShm-uDlae7mbxnuJwxZMUg"
     "XPiZG6wUAE6LiSsurj_8eNl89Pf-jwxZsWPvyFTcdZ3RC_DTLIT6HNyUxZj96HrHGdBP-lm2Yt6JBY"
     "aM_1UKYK5K5Bw_mSV41VwdaYODQW_psYcZwA3BmDYSMrwZj8izEvUn2Q-MT1BrlILWyvsEIriPBYWB"
     "_qFT9GfCzwa-7Jwf5qfnKGMjHiH_aRQ-uEuPLCcGXwvw",
     {{"d", "https://media.example.net/a.ts"},
      {"api_password", "pass word-1"},
      {"h_Referer", "https://example.net/"}},
     std::nullopt,
     "",
     ""},
    {"password of 40 bytes",
     "0123456789abcdef0123456789abcdef01234567",
     "EBESExQVFhcYGRobHB0eH1BW3EpGFYlT_ZzImxaIyMbuafaZE2w_EsHxWuA0C1xKtFUUdI7udwIZBk"
     "ZJwKt6IA",
     {{"d", "https://media.example.net/a.ts"}},
     std::nullopt,
     "",
     "{\"d\": \"https://media.example.net/a.ts\"}"},
};

struct RefusedRow {
  const char* why;
  std::string token;
};

const RefusedRow kRefused[] = {
    {"V1 with a flipped byte",
     "f-9C1lOjVRv5PBrr0zMbWWFq96G9H4OsuGrYHTeKPC5yNeVFZkc6YsYOdC4UH05Z092bGP4skpPSPf"
     "JvYKGw6unc9aGBQ5lxrKdeFf3u3h0cxsocf7l4VP1V4-m33hDQ"},
    {"initialisation vector only", "f-9C1lOjVRv5PBrr0zMbWQ"},
    {"V1 without its last byte",
     "f-9C1lOjVRv5PBrr0zMbWWFq96G9H4OsuGrYHTeKPC5yNeVFZkc6YsYOdC4UH05Z092bGP4skpPSPf"
     "JvYKGw6unc9aGBQ5lxrKdeFf3u3hwcxsocf7l4VP1V4-m33hA"},
    {"no JSON", "P6twh9j3QGRbilVxR6DoOVkkaFH9aT1l7fC-DH5NQ7yDnQGPFzl-I6yc561X88jb"},
    {"an array", "UPLtEAJCn4C-SRQQBvOeez_fTGWhLHcb97NOWKhcu5g"},
    {"an expiry in quotes",
     "kUBChRX5QGmRIUn9VEE6GzIdqSLjBUyXw2YSx3sgRvtYiUj-YZ52TXQVsGPaa-dwS5B7SIlYba1UFG"
     "AqzxIyMDN58xIScqc5_rAh8OM-Cq0"},
};

}  // namespace

TEST_CASE("TokenCodec reads the legacy tokens of other programs", "[access][unit]") {
  for (const auto& row : kLegacy) {
    INFO(row.why);
    const auto token = codec_of(row.password).decode(row.token);
    REQUIRE(token.has_value());
    CHECK(token->version == TokenVersion::legacy);
    CHECK(token->claims.parameters.parameters() == row.parameters);
    CHECK(token->claims.expires == row.expires);
    CHECK(text_of(token->claims.client) == row.client);
    CHECK(token->claims.scope.empty());
    if (!row.payload.empty()) CHECK(write_legacy_payload(token->claims) == row.payload);
  }
}

TEST_CASE("TokenCodec reads legacy tokens in every spelling of base64", "[access][unit]") {
  for (const auto& row : kLegacy) {
    INFO(row.why);
    std::string standard = row.token;
    for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
    const std::string padding((4 - standard.size() % 4) % 4, '=');
    CHECK(codec_of(row.password).decode(standard).has_value());
    CHECK(codec_of(row.password).decode(standard + padding).has_value());
    CHECK(codec_of(row.password).decode(row.token + padding).has_value());
  }
}

TEST_CASE("TokenCodec compares 32 bytes of the password in legacy tokens", "[access][unit]") {
  const std::string& token = kLegacy[5].token;
  CHECK(codec_of("0123456789abcdefghijklmnopqrstuv").decode(token).has_value());
  CHECK(codec_of("0123456789abcdefghijklmnopqrstuv-other").decode(token).has_value());
  CHECK_FALSE(codec_of("0123456789abcdefghijklmnopqrstuw").decode(token).has_value());
  CHECK_FALSE(codec_of("0123456789abcdefghijklmnopqrstu").decode(token).has_value());
}

TEST_CASE("TokenCodec refuses broken legacy tokens", "[access][unit]") {
  for (const auto& row : kRefused) {
    INFO(row.why);
    const auto token = codec_of("orchid").decode(row.token);
    REQUIRE_FALSE(token.has_value());
    CHECK(token.error() == client_error(Errc::invalid_token));
    CHECK(token.error().context.empty());
  }
}

TEST_CASE("TokenCodec refuses the legacy tokens of other passwords", "[access][unit]") {
  for (const auto& row : kLegacy) {
    INFO(row.why);
    CHECK_FALSE(codec_of("Orchid").decode(row.token).has_value());
  }
}

}  // namespace sluice::access
