#include "sluice/cenc/sample_aes.hpp"

#include <algorithm>
#include <stdexcept>

#include "support/aes.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/sample_aes_encryptor.hpp"

using namespace sluice::cenc;
using namespace std::string_literals;
using sluice::test::encrypt;
using sluice::test::from_hex;
using sluice::test::random_bytes;
using sluice::test::SampleAesEncryptor;

namespace {

const std::string kKey = from_hex("2b7e151628aed2a6abf7158809cf4f3c");
const std::string kIv = from_hex("000102030405060708090a0b0c0d0e0f");

std::string decrypt_nal(SampleAesCipher& cipher, std::string nal) {
  nal.resize(cipher.decrypt_nal(nal));
  return nal;
}

std::string decrypt_frame(SampleAesCipher& cipher, std::string frame, std::size_t head_size) {
  cipher.decrypt_frame(frame, head_size);
  return frame;
}

}  // namespace

TEST_CASE("SampleAesCipher decrypts NAL units of every length", "[cenc][unit]") {
  SampleAesCipher cipher(kKey, kIv);
  const SampleAesEncryptor encryptor(kKey, kIv);
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size <= 100; ++size) sizes.push_back(size);
  for (std::size_t size = 180; size <= 230; ++size) sizes.push_back(size);
  for (const std::size_t size : {352U, 353U, 368U, 369U, 10'000U, 10'288U, 10'289U, 200'000U}) {
    sizes.push_back(size);
  }
  for (const auto size : sizes) {
    for (const char kind : {'\x41', '\x65', '\x01', '\x06', '\x67', '\x02'}) {
      auto nal = random_bytes(size, size);
      nal[0] = kind;
      nal.back() = '\x80';
      if (size == 1) nal[0] = kind;
      const auto encrypted = encryptor.nal(nal);
      CAPTURE(size, static_cast<int>(kind));
      const bool is_slice = (kind & 0x1f) == 1 || (kind & 0x1f) == 5;
      REQUIRE((encrypted != nal) == (is_slice && size > 48));
      REQUIRE((decrypt_nal(cipher, encrypted) == nal));
    }
  }
}

TEST_CASE("SampleAesCipher decrypts the blocks that the format says", "[cenc][unit]") {
  SampleAesCipher cipher(kKey, kIv);
  // Two blocks behind 32 bytes, 144 apart; by OpenSSL, padding cut off.
  const auto blocks = encrypt("AES-128-CBC", kKey, kIv, std::string(32, 'B')).substr(0, 32);
  const auto clear = 'e' + std::string(31, 'c');
  const auto gap = std::string(144, 'g');
  const auto nal =
      clear + blocks.substr(0, 16) + gap + blocks.substr(16) + gap + std::string(16, 'z');
  CHECK(decrypt_nal(cipher, nal) ==
        clear + std::string(16, 'B') + gap + std::string(16, 'B') + gap + std::string(16, 'z'));
  const auto frame = std::string(7 + 16, 'c') + blocks + std::string(15, 'z');
  CHECK(decrypt_frame(cipher, frame, 7) ==
        std::string(7 + 16, 'c') + std::string(32, 'B') + std::string(15, 'z'));
}

TEST_CASE("SampleAesCipher takes the outer emulation prevention off", "[cenc][unit]") {
  SampleAesCipher cipher(kKey, kIv);
  const SampleAesEncryptor encryptor(kKey, kIv);
  const auto head = "\x65"s + random_bytes(31, 1);
  struct Row {
    const char* why;
    std::string clear;
  };
  const Row rows[] = {
      {"an own one of the NAL unit", "\0\0\3\1"s},
      {"one in a row of many", "\0\0\3\0\0\3\0\0\3\0\0\3\1"s},
      {"a three that is none", "\0\3\0\3\3\3\0\3"s},
      {"zero words of CABAC at the end", "\0\0\3\0\0\3"s},
      {"many zero words of CABAC at the end", "\0\0\3\0\0\3\0\0\3"s},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    for (std::size_t before = 0; before < 200; ++before) {
      for (const std::size_t after : {0U, 1U, 15U, 16U, 17U, 150U}) {
        CAPTURE(before, after);
        const auto nal = head + std::string(before, 'b') + row.clear + std::string(after, 'a');
        const auto encrypted = encryptor.nal(nal);
        const bool is_long = nal.size() > 48;
        REQUIRE(encrypted.find("\0\0\1"s) == encrypted.npos);
        REQUIRE((is_long ? decrypt_nal(cipher, encrypted) : encrypted) == nal);
      }
    }
  }
}

TEST_CASE("SampleAesCipher takes off what emulation prevention ciphertext needs", "[cenc][unit]") {
  SampleAesCipher cipher(kKey, kIv);
  const auto head = "\x65"s + random_bytes(31, 1);
  const auto block = "\0\0\3\1\0\0\3\2\0\0\3\0qqqqqqq"s;  // 16 bytes, and three
  const auto nal = head + block + std::string(100, 'a');
  const auto clear = decrypt_nal(cipher, nal);
  CHECK(clear.size() == nal.size() - 3);
  CHECK((SampleAesEncryptor(kKey, kIv).nal(clear) == nal));
}

TEST_CASE("SampleAesCipher decrypts audio frames of every length", "[cenc][unit]") {
  SampleAesCipher cipher(kKey, kIv);
  for (std::size_t size = 0; size <= 100; ++size) {
    for (const std::size_t head_size : {0U, 7U, 9U}) {
      CAPTURE(size, head_size);
      const auto clear = random_bytes(size, size);
      auto frame = clear;
      const auto from = head_size + 16;
      if (size >= from) {
        const auto whole = (size - from) / 16 * 16;
        const auto blocks = encrypt("AES-128-CBC", kKey, kIv, clear.substr(from, whole));
        frame.replace(from, whole, blocks, 0, whole);
      }
      REQUIRE((frame != clear) == (size >= from + 16));
      REQUIRE((decrypt_frame(cipher, frame, head_size) == clear));
    }
  }
}

TEST_CASE("SampleAesCipher takes keys and vectors of 16 bytes only", "[cenc][unit]") {
  CHECK_THROWS_AS(SampleAesCipher(kKey + "x", kIv), std::logic_error);
  CHECK_THROWS_AS(SampleAesCipher(kKey, kIv.substr(1)), std::logic_error);
  CHECK_THROWS_AS(SampleAesCipher("", ""), std::logic_error);
}
