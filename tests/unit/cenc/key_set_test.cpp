#include "sluice/cenc/key_set.hpp"

#include <algorithm>
#include <string>

#include "support/aes.hpp"
#include "support/catch.hpp"

using namespace sluice;
using namespace sluice::cenc;
using sluice::test::from_hex;

namespace {

constexpr const char* kHex = "9eb4050de44b4802932e27d75083e266";
constexpr const char* kOther = "166634c675823c235a4a9446fad52e4d";

std::array<char, 16> bytes_of(const std::string& hex) {
  std::array<char, 16> bytes{};
  const auto text = from_hex(hex);
  std::copy(text.begin(), text.end(), bytes.begin());
  return bytes;
}

}  // namespace

TEST_CASE("Sixteen bytes are read in every form they are written in", "[cenc][unit]") {
  struct Row {
    const char* why;
    std::string text;
    const char* hex;  ///< nullptr: refused
  };
  const Row rows[] = {
      {"hexadecimal", kHex, kHex},
      {"in upper case", "9EB4050DE44B4802932E27D75083E266", kHex},
      {"with 0x", "0x9eb4050de44b4802932e27d75083e266", kHex},
      {"a UUID", "9eb4050d-e44b-4802-932e-27d75083e266", kHex},
      {"base64url", "nrQFDeRLSAKTLifXUIPiZg", kHex},
      {"base64 with padding", "nrQFDeRLSAKTLifXUIPiZg==", kHex},
      {"base64url with dash", "FmY0xnWCPCNaSpRG-tUuTQ", kOther},
      {"base64", "FmY0xnWCPCNaSpRG+tUuTQ==", kOther},
      {"base64 whose + came through a query", "FmY0xnWCPCNaSpRG tUuTQ==", kOther},
      {"white space around", " 9eb4050de44b4802932e27d75083e266\n", kHex},
      {"white space inside", "9eb4050de44b4802 932e27d75083e266", kHex},
      {"nothing", "", nullptr},
      {"a digit less", "9eb4050de44b4802932e27d75083e26", nullptr},
      {"no digit", "9eb4050de44b4802932e27d75083e26g", nullptr},
      {"base64 of 15 bytes", "nrQFDeRLSAKTLifXUIPi", nullptr},
      {"base64 of 24 bytes", "nrQFDeRLSAKTLifXUIPiZgAAAAAAAAAA", nullptr},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto bytes = parse_key_bytes(row.text);
    REQUIRE(bytes.has_value() == (row.hex != nullptr));
    if (bytes) CHECK(*bytes == bytes_of(row.hex));
  }
}

TEST_CASE("KeySet is read from lists, pairs and JSON", "[cenc][unit]") {
  const std::string hex = kHex;
  const std::string other = kOther;
  struct Row {
    const char* why;
    std::string key_id, key;
  };
  const Row rows[] = {
      {"two lists", hex + "," + other, other + "," + hex},
      {"lists with white space", hex + ", " + other, other + " ,\n" + hex},
      {"pairs in key", "", hex + ":" + other + "," + other + ":" + hex},
      {"pairs in key_id", hex + ":" + other + "," + other + ":" + hex, ""},
      {"pairs in both", hex + ":" + other, other + ":" + hex},
      {"a JWK set", "",
       R"({"keys":[{"kty":"oct","kid":"nrQFDeRLSAKTLifXUIPiZg","k":"FmY0xnWCPCNaSpRG-tUuTQ"},)"
       R"({"k":"nrQFDeRLSAKTLifXUIPiZg","kid":"FmY0xnWCPCNaSpRG-tUuTQ"}],"type":"temporary"})"},
      {"an object of ids and keys",
       R"({"9eb4050de44b4802932e27d75083e266":)"
       R"("166634c675823c235a4a9446fad52e4d",)"
       R"("FmY0xnWCPCNaSpRG-tUuTQ":"nrQFDeRLSAKTLifXUIPiZg"})",
       ""},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto keys = KeySet::parse(row.key_id, row.key);
    REQUIRE(keys.has_value());
    const auto* first = keys->find(bytes_of(hex));
    const auto* second = keys->find(bytes_of(other));
    REQUIRE((first != nullptr && second != nullptr));
    CHECK(*first == bytes_of(other));
    CHECK(*second == bytes_of(hex));
    CHECK(keys->find(bytes_of("00000000000000000000000000000000")) == nullptr);
  }
}

TEST_CASE("KeySet says which parameter is wrong and how, and never a value", "[cenc][unit]") {
  const std::string hex = kHex;
  const std::string bad = "5ec7e75ec7e75ec7e7";
  struct Row {
    const char* why;
    std::string key_id, key, part;
  };
  const Row rows[] = {
      {"nothing at all", "", "", "key: missing"},
      {"an id without a key", hex, "", "key: missing for key_id"},
      {"a bad key", "", bad, "key: entry 1"},
      {"a bad second key", hex + "," + hex, hex + "," + bad, "key: entry 2"},
      {"a bad id", bad, hex, "key_id: entry 1"},
      {"an empty entry", hex + ",", hex + "," + hex, "key_id: entry 2"},
      {"lists of different length", hex, hex + "," + hex, "key: not as many"},
      {"several keys without ids", "", hex + "," + hex, "key_id: missing"},
      {"pairs mixed with others", "", hex + ":" + hex + "," + bad, "key: pairs"},
      {"a bad key in a pair", "", hex + ":" + bad, "key: the key of pair 1"},
      {"a bad id in a pair", "", bad + ":" + hex, "key: the id of pair 1"},
      {"broken JSON", "", R"({"keys":)" + bad, "key: not a JSON object"},
      {"a JWK set without k", "", R"({"keys":[{"kid":")" + bad + R"("}]})", "lacks"},
      {"an RSA key", "", R"({"keys":[{"kty":"RSA","kid":"a","k":"b"}]})", "not symmetric"},
      {"a JWK set without keys", "", R"({"keys":[]})", "no key"},
      {"JSON with a number", "", R"({"a":5})", "not text"},
  };
  for (const auto& row : rows) {
    INFO(row.why);
    const auto keys = KeySet::parse(row.key_id, row.key);
    REQUIRE(keys.has_error());
    CHECK(keys.error() == client_error(Errc::bad_request));
    CHECK(keys.error().context.find(row.part) != std::string::npos);
    CHECK(keys.error().context.find("5ec7e7") == std::string::npos);
    CHECK(keys.error().context.find("9eb405") == std::string::npos);
  }
}

TEST_CASE("KeySet finds a key by its id, by its GUID, and the only one for all", "[cenc][unit]") {
  const auto any = bytes_of("00000000000000000000000000000000");
  const auto only = KeySet::parse("", kHex);
  REQUIRE(only.has_value());
  REQUIRE(only->find(any) != nullptr);
  CHECK(*only->find(any) == bytes_of(kHex));
  const auto named = KeySet::parse(kOther, kHex);
  REQUIRE(named.has_value());
  CHECK(named->find(any) != nullptr);
  const auto two =
      KeySet::parse("00112233445566778899aabbccddeeff,1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f",
                    std::string(kHex) + "," + kOther);
  REQUIRE(two.has_value());
  CHECK(two->find(any) == nullptr);
  const auto* swapped = two->find(bytes_of("33221100554477668899aabbccddeeff"));
  REQUIRE(swapped != nullptr);
  CHECK(*swapped == bytes_of(kHex));
  CHECK(to_string(bytes_of(kHex)) == kHex);
}
