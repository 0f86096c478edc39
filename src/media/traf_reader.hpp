#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auxiliary_capture.hpp"
#include "auxiliary_info.hpp"
#include "sample_rules.hpp"
#include "sluice/mp4/sample_groups.hpp"
#include "sluice/mp4/track_fragment.hpp"

namespace sluice::media {

inline constexpr std::size_t kNotCaptured = static_cast<std::size_t>(-1);

/// What the runs of a traf have in common.
struct Traf {
  SampleRules rules;
  AuxiliaryInfo auxiliary;
  std::uint32_t default_size;  ///< bytes
};

/// A trun whose samples may be encrypted.
struct TrafRun {
  std::uint64_t offset = 0;  ///< of its first sample in the file
  std::uint64_t size = 0;    ///< of all its samples, in bytes
  std::size_t traf = 0;
  mp4::TrackRun run;
  std::uint64_t first_sample = 0;       ///< its number in the traf
  mp4::SampleToGroup groups;            ///< as it is at that sample
  std::size_t auxiliary_at = 0;         ///< where that sample's information begins
  std::size_t captured = kNotCaptured;  ///< which capture holds it, when the moof does not
};

/// Reads the trafs of a moof, in which `moof`, the whole box, all views point.
class TrafReader {
 public:
  /// `implied` is how many samples may be told of by no bytes of their own; those found are taken
  /// off.
  TrafReader(std::string_view moof, std::uint64_t offset, const Mp4Protection& protection,
             CipherBank& bank, AuxiliaryCapture& capture, std::uint64_t& implied) noexcept
      : moof_(moof),
        offset_(offset),
        protection_(protection),
        bank_(bank),
        capture_(capture),
        implied_(implied) {}

  /// Fills the two vectors. bad_segment (origin upstream); missing_key().
  [[nodiscard]] Result<> read();

  std::vector<Traf> trafs;
  std::vector<TrafRun> runs;  ///< in the order of the boxes

 private:
  [[nodiscard]] Result<> read_traf(std::string_view content);
  [[nodiscard]] Result<SampleRules> read_rules(std::string_view content,
                                               const mp4::TrackFragmentHeader& tfhd,
                                               const TrackProtection* track,
                                               const AuxiliaryBoxes& boxes);
  [[nodiscard]] Result<> read_runs(std::string_view content, const mp4::TrackFragmentHeader& tfhd,
                                   std::uint64_t base);
  [[nodiscard]] Result<> place_auxiliary(const AuxiliaryBoxes& boxes, std::uint64_t base,
                                         std::size_t first_run);
  [[nodiscard]] Result<> walk_auxiliary(std::string_view content, std::size_t first_run);

  std::string_view moof_;
  std::uint64_t offset_;
  const Mp4Protection& protection_;
  CipherBank& bank_;
  AuxiliaryCapture& capture_;
  std::uint64_t& implied_;
  std::uint64_t data_end_ = 0;      ///< of the samples of the traf before
  std::uint64_t sample_count_ = 0;  ///< of all runs
};

}  // namespace sluice::media
