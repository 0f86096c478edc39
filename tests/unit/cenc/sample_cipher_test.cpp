#include "sluice/cenc/sample_cipher.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "support/aes.hpp"
#include "support/bytes.hpp"
#include "support/catch.hpp"
#include "support/cenc_encryptor.hpp"

using namespace sluice;
using namespace sluice::cenc;
using sluice::test::encrypt_sample;
using sluice::test::from_hex;
using sluice::test::random_bytes;
using sluice::test::sha256_hex;
using sluice::test::Subsample;
using sluice::test::subsample_table;

namespace {

const std::string kKey = from_hex("8f1d2c3b4a596877665544332211f00d");
const std::string kIv8 = from_hex("1122334455667788");
const std::string kIv16 = from_hex("102132435465768798a9bacbdcedfe0f");

struct Vector {
  const char* why;
  Scheme scheme;
  std::string iv;
  Pattern pattern;
  std::size_t size;
  std::vector<Subsample> subsamples;
  /// Of the ciphertext, whole in hex or its SHA-256.
  std::string whole;
  /// Bytes of the ciphertext at offsets, in hex.
  std::vector<std::pair<std::size_t, std::string>> parts;
};

std::string plain(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(7 * i + 3);
  return bytes;
}

std::string name_of(Scheme scheme) {
  constexpr const char* kNames[] = {"cenc", "cens", "cbc1", "cbcs"};
  return kNames[static_cast<int>(scheme)];
}

/// Decrypts `sample` in pieces of `piece` bytes, giving again what was not done with.
std::string decrypt(SampleCipher& cipher, const SampleEncryption& how, Pattern pattern,
                    std::string sample, std::size_t piece) {
  cipher.begin(how, sample.size(), pattern);
  std::size_t done = 0;
  for (std::size_t end = 0; end < sample.size();) {
    end = std::min(sample.size(), end + piece);
    done += cipher.decrypt(std::span(sample).subspan(done, end - done));
    REQUIRE(end - done < 16);
  }
  CHECK(done == sample.size());
  cipher.flush();
  return sample;
}

SampleEncryption how(const std::string& iv, std::string_view table) {
  SampleEncryption encryption;
  std::copy(iv.begin(), iv.end(), encryption.iv.begin());
  encryption.subsamples = table;
  return encryption;
}

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all{
      {"cenc without subsamples",
       Scheme::cenc,
       kIv8,
       {},
       40,
       {},
       "0480951bbc42e2e074163b353e907cd05bb635e1e6d87c8d59e1a77597845b32989ac95ad5cd369f",
       {}},
      {"cenc: one key stream through all subsamples",
       Scheme::cenc,
       kIv8,
       {},
       60,
       {{5, 20}, {3, 21}, {4, 7}},
       "030a11181f21a7b038e12d9f8311311e16134f9133be5110c2b2b9c0ae8034f511b9ef4daf4c83fa605211921d"
       "f57ec7365a61686fbe49c9be6fdaeb",
       {}},
      {"cenc: the counter wraps without a carry",
       Scheme::cenc,
       from_hex("0011223344556677ffffffffffffffff"),
       {},
       48,
       {},
       "056217aa04026c7516f6178ab35d92a3ec026ab1b6104fb020a723c615035847375d8cfe051da09a5c0b7aa049a"
       "3"
       "7d1b",
       {}},
      {"cbcs 1:9",
       Scheme::cbcs,
       kIv16,
       {1, 9},
       200,
       {},
       "e513d5f96b2ab33662be907eaa6b845f2720b0b37e57f5522e31554ca2bd15c7",
       {{0, "294c5d337a4505ba12f300df49ce2ec5"}, {160, "38532f253959af716ea6fe034d9d99d9"}}},
      {"cbcs 1:1: the chain begins anew in each subsample",
       Scheme::cbcs,
       kIv16,
       {1, 1},
       124,
       {{10, 70}, {6, 38}},
       "2db9f41cf52f99c27bfe5028b3a9fcbcb064a8080ec3c667ed8196d44b3230b2",
       {{10, "816a9282343936b060fa06425ae0f845"}, {86, "406bd29602da40fd133d38f6033e9297"}}},
      {"cbcs 0:0 is all whole blocks",
       Scheme::cbcs,
       kIv16,
       {0, 0},
       50,
       {},
       "294c5d337a4505ba12f300df49ce2ec5eb6e20605997018b074dfb6b585696e85891238ed7e3520e9c4ebcd71e5"
       "1"
       "e65e535a",
       {}},
      {"cbc1: one chain through all subsamples",
       Scheme::cbc1,
       kIv16,
       {},
       86,
       {{4, 32}, {2, 48}},
       "fc42b7379db12045d41454531ac3e0cfc97e5865d3bded92db694e928e1c48e1",
       {{4, "00709ba8742bf3d0f6f64f3347237440"}, {38, "9c63c94c1d3ec14d88f92747c1c39fc2"}}},
      {"cens 2:3",
       Scheme::cens,
       kIv8,
       {2, 3},
       178,
       {{8, 170}},
       "302354f52711b7248f612b35066d385c49028d01c7b73a59a5f8b4ecd0d18370",
       {{8, "3cc8cd53f43aaab83c2ef3ede6588418"}, {88, "10024122ad45ae17c66285f58a3b8e9f"}}},
  };
  return all;
}

}  // namespace

TEST_CASE("SampleCipher decrypts the vectors of every scheme, in pieces of any size",
          "[cenc][unit]") {
  for (const auto& row : vectors()) {
    INFO(row.why);
    const auto secret = encrypt_sample({name_of(row.scheme), kKey, row.iv, row.pattern.crypt_blocks,
                                        row.pattern.skip_blocks, row.subsamples},
                                       plain(row.size));
    const bool hashed = row.whole.size() == 64;
    CHECK((hashed ? from_hex(sha256_hex(secret)) : secret) == from_hex(row.whole));
    for (const auto& [at, hex] : row.parts) CHECK((secret.substr(at, 16) == from_hex(hex)));
    const auto table = subsample_table(row.subsamples);
    SampleCipher cipher(row.scheme, kKey);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 15U, 16U, 17U, 4096U}) {
      CAPTURE(piece);
      CHECK((decrypt(cipher, how(row.iv, table), row.pattern, secret, piece) == plain(row.size)));
    }
  }
}

TEST_CASE("SampleCipher decrypts samples of any size, with and without calls of their own",
          "[cenc][unit]") {
  const auto scheme = GENERATE(Scheme::cenc, Scheme::cens, Scheme::cbc1, Scheme::cbcs);
  const auto pattern = GENERATE(Pattern{0, 0}, Pattern{1, 9}, Pattern{5, 5}, Pattern{10, 0});
  SampleCipher cipher(scheme, kKey);
  std::uint64_t seed = 1;
  for (const std::size_t size : {0U, 1U, 15U, 16U, 300U, 1023U, 1024U, 1040U, 20'000U}) {
    const auto text = random_bytes(size, ++seed);
    // The second one leaves bytes behind its end clear.
    const auto most = static_cast<std::uint32_t>(size);
    for (const auto& subsamples : {std::vector<Subsample>{},
                                   {{most / 3, most / 4}, {0, 0}, {most / 5, most / 8}},
                                   {{0, most}}}) {
      for (const auto& iv : {kIv8, kIv16, from_hex("0011223344556677fffffffffffffff0")}) {
        CAPTURE(name_of(scheme), int{pattern.crypt_blocks}, size, subsamples.size(), iv.size());
        const auto secret = encrypt_sample(
            {name_of(scheme), kKey, iv, pattern.crypt_blocks, pattern.skip_blocks, subsamples},
            text);
        const auto table = subsample_table(subsamples);
        CHECK((decrypt(cipher, how(iv, table), pattern, secret, 20'000) == text));
        CHECK((decrypt(cipher, how(iv, table), pattern, secret, 1500) == text));
        CHECK((decrypt(cipher, how(iv, table), pattern, secret, 33) == text));
      }
    }
  }
}

TEST_CASE("SampleCipher puts small samples off until it is flushed", "[cenc][unit]") {
  for (const auto scheme : {Scheme::cenc, Scheme::cbcs}) {
    SampleCipher cipher(scheme, kKey);
    std::vector<std::string> samples;
    // More blocks than are put off at most.
    for (std::uint64_t i = 0; i < 100; ++i) {
      samples.push_back(encrypt_sample({name_of(scheme), kKey, kIv16}, random_bytes(300 + i, i)));
    }
    for (auto& sample : samples) {
      cipher.begin(how(kIv16, {}), sample.size(), {});
      CHECK(cipher.decrypt(sample) == sample.size());
    }
    cipher.flush();
    for (std::uint64_t i = 0; i < 100; ++i) CHECK((samples[i] == random_bytes(300 + i, i)));
  }
}
