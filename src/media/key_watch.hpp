#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "key_check.hpp"
#include "sample_source.hpp"

namespace sluice::media {

/// Checks the keys of the first samples of a stream, while what leaves is held back.
class KeyWatch {
 public:
  /// A sample begins to be decrypted.
  void note(const ProtectedSample& sample);
  /// Bytes of the file from `position` on have been decrypted; in all calls from the same position.
  /// bad_key (origin client) when one of the keys is wrong.
  [[nodiscard]] Result<> look(std::uint64_t position, std::string_view bytes);
  /// Nothing more can be told, or is to be.
  [[nodiscard]] bool done() const noexcept { return done_; }
  void stop() noexcept;

 private:
  struct Noted {
    SampleExtent extent;
    KeyCheck* check;
  };

  bool done_ = false;
  std::map<const cenc::SampleCipher*, KeyCheck> checks_;  ///< those that are open
  std::vector<Noted> noted_;
};

}  // namespace sluice::media
