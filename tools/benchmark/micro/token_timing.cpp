// Does the time a refusal takes tell why a legacy token was refused? Forgeries of four kinds, in
// random order, are timed one by one, and the kinds compared by Welch's t-test (as "dudect" does):
// beyond 4.5 the difference is no chance.
//
//   sluice_token_timing [number of tokens, default 100000]
//
// What counts is "bad padding" against "bad JSON": the two others are seen in the token itself.
//
// It prints two tables: forgeries that fail at the first byte of their plaintext, and forgeries
// that begin like a real token, as somebody has who caught one and alters its end. It is of no use
// on a machine that does something else at the same time.

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "sluice/access/token_codec.hpp"
#include "sluice/core/encoding.hpp"

namespace sluice::access {
namespace {

using Random = std::mt19937_64;

constexpr std::string_view kKey = "0123456789abcdef0123456789abcdef";  // also the password
constexpr std::size_t kBlock = 16;
constexpr std::size_t kBlocks = 6;

enum Kind : std::uint8_t { bad_padding, bad_json, bad_base64, too_short };
constexpr std::size_t kKinds = 4;
constexpr std::array<const char*, kKinds> kNames = {"bad padding", "bad JSON", "bad base64",
                                                    "too short"};

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// AES-256-CBC of whole blocks, unpadded.
std::string encrypt(const std::string& iv, const std::string& blocks) {
  const auto bytes = [](const auto& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::string out(blocks.size(), '\0');
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int size = 0;
  EVP_EncryptInit_ex(context, EVP_aes_256_cbc(), nullptr, bytes(kKey), bytes(iv));
  EVP_CIPHER_CTX_set_padding(context, 0);
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes(blocks),
                    static_cast<int>(blocks.size()));
  EVP_CIPHER_CTX_free(context);
  return iv + out;
}

struct Forgery {
  Kind kind;
  std::size_t size;
  std::array<char, 256> text;
};

Forgery forge(Random& random, std::string_view beginning) {
  const auto kind = static_cast<Kind>(random() % kKinds);
  std::string plaintext = random_bytes(random, kBlocks * kBlock);
  plaintext.replace(0, beginning.size(), beginning);
  const auto padding = static_cast<char>(1 + random() % kBlock);
  std::fill_n(plaintext.end() - padding, padding, padding);
  if (kind == bad_padding) plaintext.back() = static_cast<char>(kBlock + 1 + random() % 200);
  auto sealed = encrypt(random_bytes(random, kBlock), plaintext);
  if (kind == too_short) sealed.resize(random() % (2 * kBlock));
  auto text = base64url_encode(sealed);
  if (kind == bad_base64) text[random() % text.size()] = '!';
  Forgery forgery{kind, text.size(), {}};
  std::copy(text.begin(), text.end(), forgery.text.begin());
  return forgery;
}

struct Sample {
  Kind kind;
  double nanoseconds;
};

/// Times `count` forgeries. They are made in batches before they are timed, and copied to one
/// place: what the processor remembers of making one must not tell its kind.
std::vector<Sample> measure(const TokenCodec& codec, std::size_t count,
                            std::string_view beginning) {
  using Clock = std::chrono::steady_clock;
  Random random(1);
  std::vector<Sample> samples;
  samples.reserve(count);
  std::vector<Forgery> batch(1000);
  std::array<char, 256> text{};
  while (samples.size() < count) {
    for (auto& forgery : batch) forgery = forge(random, beginning);
    for (const auto& forgery : batch) {
      text = forgery.text;
      const auto start = Clock::now();
      const bool accepted = codec.decode({text.data(), forgery.size}).has_value();
      const std::chrono::duration<double, std::nano> time = Clock::now() - start;
      if (accepted) std::abort();
      samples.push_back({forgery.kind, time.count()});
    }
  }
  return samples;
}

struct Summary {
  double count = 0;
  double mean = 0;
  double squares = 0;  ///< of the distances from the mean

  void add(double value) {
    const double distance = value - mean;
    mean += distance / ++count;
    squares += distance * (value - mean);
  }
  [[nodiscard]] double variance() const { return squares / (count - 1); }
};

double welch_t(const Summary& a, const Summary& b) {
  return (a.mean - b.mean) / std::sqrt(a.variance() / a.count + b.variance() / b.count);
}

void print(const char* title, const std::vector<Sample>& samples) {
  // The slowest twentieth is the machine's doing, not the code's.
  std::vector<double> times;
  times.reserve(samples.size());
  for (const auto& sample : samples) times.push_back(sample.nanoseconds);
  const auto limit = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 20 * 19);
  std::nth_element(times.begin(), limit, times.end());
  std::array<Summary, kKinds> kinds;
  for (const auto& sample : samples) {
    if (sample.nanoseconds < *limit) kinds[sample.kind].add(sample.nanoseconds);
  }
  std::printf("%s\n%-12s %8s %9s %9s", title, "", "tokens", "mean ns", "sigma ns");
  for (const char* name : kNames) std::printf(" %12s", name);
  std::printf("\n");
  for (std::size_t row = 0; row < kKinds; ++row) {
    std::printf("%-12s %8.0f %9.1f %9.1f", kNames[row], kinds[row].count, kinds[row].mean,
                std::sqrt(kinds[row].variance()));
    for (std::size_t column = 0; column < kKinds; ++column) {
      if (column == row) {
        std::printf(" %12s", "-");
      } else {
        std::printf(" %12.2f", welch_t(kinds[row], kinds[column]));
      }
    }
    std::printf("\n");
  }
  std::printf("\n");
}

}  // namespace
}  // namespace sluice::access

int main(int argc, char** argv) {
  using namespace sluice::access;
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  if (count < 1000) {
    std::fprintf(stderr, "sluice_token_timing [number of tokens, at least 1000]\n");
    return 2;
  }
  const TokenCodec codec(kKey);
  (void)measure(codec, count / 10, "");  // warms caches and clock
  print("Random plaintext", measure(codec, count, ""));
  print("A real token's beginning",
        measure(codec, count, R"({"d": "https://media.example.net/live/ch1/index.m3u8", "api)"));
  return 0;
}
