#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice {

/// What tells one request from all others: 16 hexadecimal digits.
class RequestId {
 public:
  explicit RequestId(std::uint64_t number) noexcept;
  [[nodiscard]] std::string_view text() const noexcept { return {digits_.data(), digits_.size()}; }

 private:
  std::array<char, 16> digits_;
};

/// Gives an id after the other. None comes twice from the same source; two sources, of this or of
/// another run, give the same one only by an accident of 64 bits. No secret: who knows one can
/// reckon the next. One thread.
class RequestIds {
 public:
  /// Begins at a random place.
  RequestIds();
  /// Begins at a known one.
  explicit RequestIds(std::uint64_t seed) noexcept : state_(seed) {}
  [[nodiscard]] RequestId next() noexcept;

 private:
  std::uint64_t state_;
};

}  // namespace sluice
