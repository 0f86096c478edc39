#include "sluice/core/request_ids.hpp"

#include <random>

namespace sluice {
namespace {

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

/// A permutation of all 64-bit numbers, after which neighbours look unrelated.
std::uint64_t mixed(std::uint64_t number) noexcept {
  number = (number ^ (number >> 32)) * 0xd6e8feb86659fd93U;
  number = (number ^ (number >> 32)) * 0xd6e8feb86659fd93U;
  return number ^ (number >> 32);
}

}  // namespace

RequestId::RequestId(std::uint64_t number) noexcept {
  for (auto digit = digits_.rbegin(); digit != digits_.rend(); ++digit, number >>= 4) {
    *digit = "0123456789abcdef"[number & 15];
  }
}

RequestIds::RequestIds() : RequestIds(random_number()) {}

RequestId RequestIds::next() noexcept {
  return RequestId(mixed(state_++));
}

}  // namespace sluice
