#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sample_rules.hpp"
#include "sluice/cenc/scheme.hpp"
#include "sluice/core/error.hpp"

namespace sluice::media {

/// A sample that may be encrypted, before what is said about it is known.
struct SampleExtent {
  std::uint64_t offset = 0;  ///< in the file
  std::uint32_t size = 0;    ///< bytes, not 0
};

/// A sample and how it is decrypted.
struct ProtectedSample {
  SampleExtent extent;
  const SampleRule* rule = nullptr;
  cenc::SampleEncryption encryption;  ///< its subsamples are valid while the source is
};

/// The encrypted samples of a fragment or a track, in the order in which they lie in the file.
class SampleSource {
 public:
  SampleSource() = default;
  SampleSource(const SampleSource&) = delete;
  SampleSource& operator=(const SampleSource&) = delete;
  virtual ~SampleSource() = default;

  /// Where the next one is; nullopt when there are no more.
  [[nodiscard]] virtual Result<std::optional<SampleExtent>> peek() = 0;
  /// That one, and on to the next; nullopt when it turns out to be clear. After a peek() that gave
  /// one.
  [[nodiscard]] virtual Result<std::optional<ProtectedSample>> take() = 0;

  /// Bytes of the file at `position`, in case some of them tell about samples to come. They are
  /// shown before they are decrypted.
  virtual void observe(std::uint64_t /*position*/, std::string_view /*bytes*/) {}

  /// Bytes of memory held.
  [[nodiscard]] virtual std::size_t held() const noexcept = 0;
};

}  // namespace sluice::media
