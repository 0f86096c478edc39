#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "sluice/cenc/key_set.hpp"
#include "sluice/cenc/sample_cipher.hpp"
#include "sluice/media/mp4_protection.hpp"

namespace sluice::media {

/// The ciphers of a stream, one for each scheme and key that occurs.
class CipherBank {
 public:
  explicit CipherBank(cenc::KeySet keys) : keys_(std::move(keys)) {}

  /// Stays where it is as long as the bank. Errors: missing_key().
  [[nodiscard]] Result<cenc::SampleCipher*> cipher(cenc::Scheme scheme, const cenc::Kid& kid);
  void flush();

 private:
  cenc::KeySet keys_;
  std::map<std::pair<cenc::Scheme, cenc::Key>, std::unique_ptr<cenc::SampleCipher>> ciphers_;
};

/// How samples of one group of one track are decrypted.
struct SampleRule {
  cenc::SampleCipher* cipher = nullptr;  ///< nullptr: they are clear
  cenc::Pattern pattern;
  std::uint8_t iv_size = 0;         ///< bytes with each sample
  cenc::SampleEncryption constant;  ///< of samples without an IV of their own
  mp4::FourCc format = 0;
  bool aac = false;
  bool whole_samples = false;  ///< no information with a sample means that all of it is encrypted

  /// Whether a sample about which so much is said is clear.
  [[nodiscard]] bool says_clear(std::string_view auxiliary) const noexcept {
    return cipher == nullptr || (auxiliary.empty() && !(iv_size == 0 && whole_samples));
  }
  /// What is said with a sample of `size` bytes; nullopt when it is clear. malformed() when it does
  /// not fit.
  [[nodiscard]] Result<std::optional<cenc::SampleEncryption>> read(std::string_view auxiliary,
                                                                   std::uint64_t size) const;
};

/// The rules of a sample entry, by group. Keys are looked for when a group is first asked for.
class SampleRules {
 public:
  /// `entry` nullopt: all samples are clear. `movie_groups` and `bank` have to outlive this.
  SampleRules(std::optional<EntryProtection> entry, const mp4::EncryptionGroups& movie_groups,
              mp4::EncryptionGroups fragment_groups, CipherBank& bank)
      : entry_(std::move(entry)),
        movie_groups_(&movie_groups),
        fragment_groups_(std::move(fragment_groups)),
        bank_(&bank) {}

  /// The rule of a group as `sbgp` numbers it; stays where it is. Errors: missing_key(), and
  /// malformed() for a group that is not described.
  [[nodiscard]] Result<const SampleRule*> rule(std::uint32_t group);
  [[nodiscard]] bool all_clear() const noexcept { return !entry_; }

 private:
  [[nodiscard]] const mp4::TrackEncryption* description(std::uint32_t group) const noexcept;

  std::optional<EntryProtection> entry_;
  const mp4::EncryptionGroups* movie_groups_;
  mp4::EncryptionGroups fragment_groups_;
  CipherBank* bank_;
  std::map<std::uint32_t, SampleRule> rules_;
  std::pair<std::uint32_t, const SampleRule*> last_{0, nullptr};
};

}  // namespace sluice::media
