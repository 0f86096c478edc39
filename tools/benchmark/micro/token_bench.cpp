// Tokens: read with every request that carries one, made for every line of a playlist.

#include <benchmark/benchmark.h>

#include <string>

#include "sluice/access/token_codec.hpp"

namespace sluice::access {
namespace {

const TokenCodec& codec() {
  static const TokenCodec codec("a long password");
  return codec;
}

TokenClaims claims() {
  return {Query::parse("d=https%3A%2F%2Fedge-17.cdn.example%3A8443%2Flive%2Fch1%2F1080p%2F"
                       "seg-000123.ts%3Ftoken%3D0123&h_referer=https%3A%2F%2Fsite.example%2F&"
                       "h_user-agent=Mozilla%2F5.0+%28X11%29"),
          1767225600, boost::asio::ip::make_address("203.0.113.7"), ""};
}

void encode_token(benchmark::State& state, TokenVersion version) {
  const auto said = claims();
  for (auto _ : state) {
    auto token = codec().encode(said, version);
    benchmark::DoNotOptimize(token);
  }
}
BENCHMARK_CAPTURE(encode_token, legacy, TokenVersion::legacy);
BENCHMARK_CAPTURE(encode_token, v2, TokenVersion::v2);

void decode_token(benchmark::State& state, TokenVersion version) {
  const auto text = codec().encode(claims(), version);
  for (auto _ : state) {
    auto token = codec().decode(text);
    if (!token) return state.SkipWithError("the token is refused");
    benchmark::DoNotOptimize(token);
  }
}
BENCHMARK_CAPTURE(decode_token, legacy, TokenVersion::legacy);
BENCHMARK_CAPTURE(decode_token, v2, TokenVersion::v2);

void refuse_token(benchmark::State& state, TokenVersion version) {
  auto text = codec().encode(claims(), version);
  text[text.size() / 2] = text[text.size() / 2] == 'A' ? 'B' : 'A';
  for (auto _ : state) {
    auto token = codec().decode(text);
    if (token) return state.SkipWithError("the token is accepted");
    benchmark::DoNotOptimize(token);
  }
}
BENCHMARK_CAPTURE(refuse_token, legacy, TokenVersion::legacy);
BENCHMARK_CAPTURE(refuse_token, v2, TokenVersion::v2);

void encode_legacy_token_of_any_password(benchmark::State& state) {
  const auto said = claims();
  for (auto _ : state) {
    auto token = encode_legacy_token("a long password", said);
    benchmark::DoNotOptimize(token);
  }
}
BENCHMARK(encode_legacy_token_of_any_password);

void derive_token_keys(benchmark::State& state) {
  for (auto _ : state) {
    TokenCodec made("a long password");
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(derive_token_keys)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sluice::access
