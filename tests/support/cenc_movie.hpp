#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/cenc_encryptor.hpp"

namespace sluice::test {

/// How a track is encrypted, and how its initialisation segment says so.
struct CencTrack {
  std::uint32_t id = 1;
  std::string entry = "encv";
  std::string format = "avc1";
  std::size_t entry_header = 78;  ///< bytes of the sample entry in front of its boxes
  std::string scheme = "cenc";
  unsigned crypt_blocks = 0;
  unsigned skip_blocks = 0;
  unsigned iv_size = 8;  ///< 0: constant_iv
  std::string constant_iv;
  std::string key = std::string(16, 'k');
  std::string kid = std::string(16, 'K');
  bool piff = false;         ///< protection told by boxes of PIFF
  bool is_protected = true;  ///< of tenc
};

/// Another key for some samples of a fragment.
struct CencGroup {
  std::string key, kid;
  bool is_protected = true;
  unsigned iv_size = 8;
  std::string constant_iv{};
};

struct CencSample {
  std::string plain;
  std::string iv;                       ///< empty when it is constant
  std::vector<Subsample> subsamples{};  ///< none: the whole sample
  std::uint32_t group = 0;              ///< as sbgp counts
  bool clear = false;                   ///< not encrypted whatever is said
};

/// Where IVs and subsamples stand.
enum class AuxPlace : std::uint8_t { senc, senc_and_sizes, in_moof, in_mdat, piff, nowhere };

struct CencTraf {
  std::size_t track = 0;  ///< index
  std::vector<std::vector<CencSample>> runs;
  AuxPlace aux = AuxPlace::senc;
  bool clear_entry = false;         ///< of the second sample entry, which is not protected
  std::vector<CencGroup> groups{};  ///< of the fragment itself
};

struct CencFragment {
  std::vector<CencTraf> trafs;
  bool base_data_offset = false;  ///< else relative to the moof
  bool gaps = false;              ///< bytes of nothing between the runs
  bool interleaved = false;       ///< first all first runs, then all second ones
  bool large_mdat = false;        ///< a 64-bit size
  bool mdat_to_the_end = false;
  bool sizes_in_tfhd = false;  ///< else in trun; the first sample's
  bool with_pssh = true;
};

/// A fragmented movie that is encrypted, or as it has to be when it has been decrypted: the same
/// with clear samples, names and zeroed `free` boxes. Written box by box, for tests only.
class CencMovie {
 public:
  std::vector<CencTrack> tracks;
  std::vector<CencFragment> fragments;
  std::vector<CencGroup> movie_groups{};  ///< of all tracks

  [[nodiscard]] std::string init(bool decrypted) const;
  /// The fragments, the first of which is at `offset` in the file.
  [[nodiscard]] std::string media(bool decrypted, std::uint64_t offset = 0) const;
};

/// A box of any type, with 64-bit size on request.
[[nodiscard]] std::string iso_box(const std::string& type, const std::string& content,
                                  bool large = false);

}  // namespace sluice::test
