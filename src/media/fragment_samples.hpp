#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "auxiliary_capture.hpp"
#include "sample_source.hpp"
#include "sluice/mp4/sample_groups.hpp"
#include "traf_reader.hpp"

namespace sluice::media {

/// The samples of one moof: of all its trafs and runs, sorted by where they lie.
class FragmentSamples final : public SampleSource {
 public:
  /// `moof` is the whole box, which lies at `offset` in the file; what follows it is at
  /// offset + moof.size(). `bank` has to outlive this; `implied` is as TrafReader has it.
  /// Everything is checked here that does not lie outside the box. Errors: bad_segment (origin
  /// upstream); missing_key().
  [[nodiscard]] static Result<std::unique_ptr<FragmentSamples>> parse(
      std::vector<char> moof, std::uint64_t offset, std::shared_ptr<const Mp4Protection> protection,
      CipherBank& bank, std::uint64_t& implied);

  [[nodiscard]] Result<std::optional<SampleExtent>> peek() override;
  [[nodiscard]] Result<std::optional<ProtectedSample>> take() override;
  void observe(std::uint64_t position, std::string_view bytes) override {
    capture_.observe(position, bytes);
  }
  [[nodiscard]] std::size_t held() const noexcept override {
    return moof_.size() + capture_.held();
  }

 private:
  /// Where peek() looks next: in a run, at a sample.
  struct Place {
    std::size_t run = 0;
    std::uint32_t sample = 0;
    std::uint64_t offset = 0;
    std::size_t auxiliary_at = 0;
    mp4::SampleToGroup groups;
  };
  struct Found {
    SampleExtent extent;
    const SampleRule* rule;
    std::string_view auxiliary;
    std::size_t captured;
  };

  FragmentSamples() = default;
  void enter_run() noexcept;

  std::vector<char> moof_;
  std::shared_ptr<const Mp4Protection> protection_;
  std::vector<Traf> trafs_;
  std::vector<TrafRun> runs_;
  AuxiliaryCapture capture_;
  Place place_;
  std::optional<Found> found_;
};

}  // namespace sluice::media
