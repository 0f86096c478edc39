#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sluice/cenc/key_set.hpp"
#include "sluice/cenc/scheme.hpp"
#include "sluice/core/error.hpp"
#include "sluice/media/byte_transform.hpp"
#include "sluice/mp4/sample_groups.hpp"
#include "sluice/mp4/track_encryption.hpp"

namespace sluice::media {

/// How one sample entry of a track is protected.
struct EntryProtection {
  cenc::Scheme scheme = cenc::Scheme::cenc;
  mp4::FourCc original_format = 0;
  bool aac = false;  ///< its sound is AAC, of the kind that is made of elements
  mp4::TrackEncryption encryption;
};

/// What fragments of a track need to know of its initialisation segment.
struct TrackProtection {
  std::uint32_t track_id = 0;
  std::vector<std::optional<EntryProtection>> entries;  ///< of stsd; nullopt: clear
  mp4::EncryptionGroups groups;                         ///< key rotation, of the movie
  std::uint32_t default_description_index = 1;          ///< of trex
  std::uint32_t default_sample_size = 0;                ///< of trex, in bytes

  [[nodiscard]] bool any_protected() const noexcept;
};

/// What the tracks of an initialisation segment say about their encryption: all that its media
/// segments need to be decrypted. Shareable; holds neither keys nor parts of the file.
class Mp4Protection {
 public:
  /// From a whole initialisation segment (or any movie whose `moov` is there). bad_segment (origin
  /// upstream) when there is no moov, when it is damaged, or protected by a scheme that is none of
  /// cenc, cens, cbc1, cbcs and PIFF.
  [[nodiscard]] static Result<Mp4Protection> parse(std::string_view init);
  /// From the content of a `moov`.
  [[nodiscard]] static Result<Mp4Protection> parse_moov(std::string_view moov);

  [[nodiscard]] const std::vector<TrackProtection>& tracks() const noexcept { return tracks_; }
  /// The track of that number; the only one for any number when there is one.
  [[nodiscard]] const TrackProtection* track(std::uint32_t id) const noexcept;
  [[nodiscard]] bool any_protected() const noexcept;

  /// bad_request (origin client) naming the id of the first default key that is not in `keys`. Not
  /// for tracks whose keys change: theirs are known only from their fragments.
  [[nodiscard]] Result<> check_keys(const cenc::KeySet& keys) const;

 private:
  std::vector<TrackProtection> tracks_;
};

/// bad_request (origin client) naming the id of a key that is not there.
[[nodiscard]] Error missing_key(const cenc::Kid& kid);

/// Takes the protection out of a movie that is there as a whole, in place and without changing its
/// size: sample entries get their original names; pssh, sinf, and what is said about samples,
/// become `free` boxes full of zeros. All else stays. bad_segment (origin upstream) for a damaged
/// one; without a moov nothing is done.
[[nodiscard]] Result<> unprotect_init(Bytes init);

}  // namespace sluice::media
