#include "sluice/cenc/segment_cipher.hpp"

#include <array>
#include <stdexcept>
#include <string>

#include "support/aes.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::cenc;
using sluice::test::from_hex;

namespace {

// NIST SP 800-38A, appendix F; the padded forms are its messages encrypted by the openssl command.
constexpr std::string_view kKey128 = "2b7e151628aed2a6abf7158809cf4f3c";
constexpr std::string_view kKey256 =
    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
constexpr std::string_view kIv = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view kCounter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
constexpr std::string_view kLastCounter = "ffffffffffffffffffffffffffffffff";
constexpr std::string_view kPlain =
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

Result<std::string> decrypt(SegmentCipher& cipher, const std::string& segment) {
  std::string out(segment.size() + kBlockSize, '\0');
  const auto begun = cipher.update(segment, out);
  std::array<char, kBlockSize> rest;
  const auto ended = cipher.finish(rest);
  if (!ended) return ended.error();
  return out.substr(0, begun) + std::string(rest.data(), *ended);
}

}  // namespace

TEST_CASE("SegmentCipher decrypts what the standard's examples and openssl encrypted",
          "[cenc][unit]") {
  struct Row {
    const char* why;
    SegmentMethod method;
    std::string_view key, iv, segment, plain;
  };
  const Row rows[] = {
      {"F.2.1, padded", SegmentMethod::aes_128, kKey128, kIv,
       "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
       "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
       "8cb82807230e1321d3fae00d18cc2012",
       kPlain},
      {"a last block that is padded by one byte", SegmentMethod::aes_128, kKey128, kIv,
       "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
       "73bed6b8e3c1743b7116e69e222295161834a192989ffc448fa513cba8976645",
       kPlain.substr(0, 126)},
      {"one byte", SegmentMethod::aes_128, kKey128, kIv, "2a7a633fad54e2146edcef80c59eebc6", "6b"},
      {"nothing, padded", SegmentMethod::aes_128, kKey128, kIv, "c84af0b613435d5d9182801a9bd9320b",
       ""},
      {"F.2.5, padded", SegmentMethod::aes_256, kKey256, kIv,
       "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
       "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
       "3f461796d6b0d6b2e0c2a72b4d80e644",
       kPlain},
      {"nothing, padded, long key", SegmentMethod::aes_256, kKey256, kIv,
       "7e9248e5d829ca7593f0c549db2f5b8c", ""},
      {"F.5.5", SegmentMethod::aes_256_ctr, kKey256, kCounter,
       "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
       "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
       kPlain},
      {"the counter runs over all its 128 bits", SegmentMethod::aes_256_ctr, kKey256, kLastCounter,
       "50fd97c3e61abb4873fb78df1e8e77e64b457cd68accda4a89fa236c06bf2605"
       "a1dd021ba826fb0a252c6dc9b434030be1910794ac1349c2d4cd7bf39da5ff03",
       kPlain},
      {"a counter needs no whole blocks", SegmentMethod::aes_256_ctr, kKey256, kCounter, "601ec3",
       "6bc1be"},
      {"nor anything", SegmentMethod::aes_256_ctr, kKey256, kCounter, "", ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    SegmentCipher cipher(row.method, from_hex(row.key), from_hex(row.iv));
    const auto plain = decrypt(cipher, from_hex(row.segment));
    REQUIRE(plain.has_value());
    CHECK((*plain == from_hex(row.plain)));
  }
}

TEST_CASE("SegmentCipher says what is wrong with a segment that does not decrypt", "[cenc][unit]") {
  const auto whole = from_hex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2");
  struct Row {
    const char* why;
    std::string segment;
    std::string_view part;
  };
  const Row rows[] = {
      {"empty", "", "multiple of 16"},
      {"cut in a block", whole.substr(0, 31), "multiple of 16"},
      {"cut after a block", whole.substr(0, 16), "padding is wrong"},
      {"no padding", whole, "padding is wrong"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    SegmentCipher cipher(SegmentMethod::aes_128, from_hex(kKey128), from_hex(kIv));
    const auto plain = decrypt(cipher, row.segment);
    REQUIRE_FALSE(plain.has_value());
    CHECK(plain.error() == upstream_error(Errc::bad_segment));
    CHECK(plain.error().context.find(row.part) != std::string::npos);
  }
}

TEST_CASE("SegmentCipher is not made with a key or IV of another length", "[cenc][unit]") {
  const std::string iv(16, 'i');
  CHECK_THROWS_AS(SegmentCipher(SegmentMethod::aes_128, std::string(32, 'k'), iv),
                  std::logic_error);
  CHECK_THROWS_AS(SegmentCipher(SegmentMethod::aes_256, std::string(16, 'k'), iv),
                  std::logic_error);
  CHECK_THROWS_AS(SegmentCipher(SegmentMethod::aes_128, std::string(16, 'k'), "short"),
                  std::logic_error);
}

TEST_CASE("Methods have the names of the playlists", "[cenc][unit]") {
  CHECK(parse_segment_method("AES-128") == SegmentMethod::aes_128);
  CHECK(parse_segment_method("AES-256") == SegmentMethod::aes_256);
  CHECK(parse_segment_method("AES-256-CTR") == SegmentMethod::aes_256_ctr);
  CHECK(parse_segment_method("SAMPLE-AES") == SegmentMethod::sample_aes);
  CHECK(parse_segment_method("SAMPLE-AES-CTR") == SegmentMethod::sample_aes_ctr);
  for (const auto* name : {"", "NONE", "aes-128", "AES-128 ", "SAMPLE-AES-CENC", "AES-192"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_segment_method(name));
  }
}
