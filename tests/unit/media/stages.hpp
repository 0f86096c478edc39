#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sluice/media/transform_chain.hpp"
#include "support/catch.hpp"

namespace sluice::media::test {

/// What came out, and whether the stage failed after that.
struct Outcome {
  std::string output;
  std::string error;  ///< context; empty when it ended well
};

/// Sizes of pieces in turn; the last one repeats.
using Split = std::vector<std::size_t>;

using StageMaker = std::function<std::unique_ptr<ByteTransform>()>;

/// Feeds `input` to a chain in pieces of their own, which are overwritten when they are used up.
inline Outcome run(TransformChain chain, const std::string& input, const Split& split) {
  Outcome outcome;
  const auto drain = [&] {
    for (;;) {
      const auto piece = chain.next();
      if (!piece) outcome.error = piece.error().context;
      if (!piece || piece->empty()) return piece.has_value();
      outcome.output.append(piece->data(), piece->size());
      std::fill(piece->begin(), piece->end(), '!');
    }
  };
  std::size_t turn = 0;
  for (std::size_t at = 0; at < input.size();) {
    const auto size = std::min(split[std::min(turn++, split.size() - 1)], input.size() - at);
    // Of its exact size, so that the address sanitizer sees what goes beyond it.
    std::vector<char> piece(input.data() + at, input.data() + at + size);
    chain.give(piece);
    if (!drain()) return outcome;
    at += size;
  }
  chain.end();
  (void)drain();
  return outcome;
}

inline TransformChain chain_of(std::unique_ptr<ByteTransform> stage) {
  TransformChain chain;
  chain.add(std::move(stage));
  return chain;
}

/// Whole, in pieces of 1, 2, 3, 7, 188 and 4096 bytes, and in pieces of random sizes.
inline std::vector<Split> splits(std::size_t input_size) {
  std::vector<Split> all{{std::max<std::size_t>(input_size, 1)}, {1}, {2}, {3}, {7}, {188}, {4096}};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    std::mt19937_64 generator(seed);
    Split split;
    for (int i = 0; i < 200; ++i) split.push_back(1 + generator() % (seed * 700));
    all.push_back(std::move(split));
  }
  return all;
}

/// Checks that a stage gives the same for every split, and gives that.
inline Outcome run_every_way(const StageMaker& make, const std::string& input) {
  const auto ways = splits(input.size());
  const auto whole = run(chain_of(make()), input, ways.front());
  for (const auto& split : ways) {
    CAPTURE(split.front());
    const auto outcome = run(chain_of(make()), input, split);
    CHECK(outcome.error == whole.error);
    // What a stage that fails gave before depends on where the pieces ended.
    if (whole.error.empty()) CHECK(outcome.output.size() == whole.output.size());
    if (whole.error.empty()) CHECK((outcome.output == whole.output));
  }
  return whole;
}

}  // namespace sluice::media::test
