#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "held_bytes.hpp"
#include "sluice/cenc/sample_aes.hpp"

namespace sluice::media {

/// What the parts of a decryption share.
struct SampleAesWork {
  SampleAesWork(std::string_view key, std::string_view iv) : cipher(key, iv) {}

  HeldBytes held;
  cenc::SampleAesCipher cipher;
  std::vector<char> scratch;  ///< for whoever is at work
};

/// One way in which samples are packed.
class SampleAesBody {
 public:
  SampleAesBody() = default;
  SampleAesBody(const SampleAesBody&) = delete;
  SampleAesBody& operator=(const SampleAesBody&) = delete;
  virtual ~SampleAesBody() = default;

  /// Decrypts what can be of what has been appended to the held bytes.
  [[nodiscard]] virtual Result<> advance() = 0;
  /// There is no more: decrypts the rest. Once, behind the last advance().
  [[nodiscard]] virtual Result<> end() = 0;
  /// Offset up to which all is decrypted.
  [[nodiscard]] virtual std::uint64_t done() const = 0;
};

/// `work` outlives them.
[[nodiscard]] std::unique_ptr<SampleAesBody> make_sample_aes_ts(SampleAesWork& work);
[[nodiscard]] std::unique_ptr<SampleAesBody> make_sample_aes_audio(SampleAesWork& work);

}  // namespace sluice::media
