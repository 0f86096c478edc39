#include "fragment_samples.hpp"

#include <algorithm>

#include "traf_reader.hpp"

namespace sluice::media {

using mp4::four_cc;

Result<std::unique_ptr<FragmentSamples>> FragmentSamples::parse(
    std::vector<char> moof, std::uint64_t offset, std::shared_ptr<const Mp4Protection> protection,
    CipherBank& bank, std::uint64_t& implied) {
  std::unique_ptr<FragmentSamples> samples(new FragmentSamples);
  samples->moof_ = std::move(moof);
  samples->protection_ = std::move(protection);
  TrafReader reader({samples->moof_.data(), samples->moof_.size()}, offset, *samples->protection_,
                    bank, samples->capture_, implied);
  if (auto read = reader.read(); !read) return read.error();
  samples->trafs_ = std::move(reader.trafs);
  samples->runs_ = std::move(reader.runs);
  std::stable_sort(samples->runs_.begin(), samples->runs_.end(),
                   [](const TrafRun& a, const TrafRun& b) { return a.offset < b.offset; });
  std::uint64_t end = 0;
  for (const auto& run : samples->runs_) {
    if (run.offset < end && run.size > 0) {
      return upstream_error(Errc::bad_segment, "two of its samples lie in the same place");
    }
    end = std::max(end, run.offset + run.size);
  }
  samples->enter_run();
  return samples;
}

void FragmentSamples::enter_run() noexcept {
  if (place_.run >= runs_.size()) return;
  const auto& run = runs_[place_.run];
  place_.sample = 0;
  place_.offset = run.offset;
  place_.auxiliary_at = run.auxiliary_at;
  place_.groups = run.groups;
}

Result<std::optional<SampleExtent>> FragmentSamples::peek() {
  while (!found_ && place_.run < runs_.size()) {
    const auto& run = runs_[place_.run];
    if (place_.sample == run.run.sample_count) {
      ++place_.run;
      enter_run();
      continue;
    }
    auto& traf = trafs_[run.traf];
    const auto index = run.first_sample + place_.sample;
    const auto rule = traf.rules.rule(place_.groups.group_of(index));
    if (!rule) return rule.error();
    const auto auxiliary = traf.auxiliary.next(place_.auxiliary_at, index, (*rule)->iv_size);
    if (!auxiliary) return auxiliary.error();
    const auto size = run.run.sample_size(place_.sample).value_or(traf.default_size);
    const bool clear = (*rule)->says_clear(*auxiliary);
    if (!clear && size > 0) found_ = Found{{place_.offset, size}, *rule, *auxiliary, run.captured};
    place_.offset += size;
    ++place_.sample;
  }
  if (!found_) return std::optional<SampleExtent>();
  return std::optional(found_->extent);
}

Result<std::optional<ProtectedSample>> FragmentSamples::take() {
  const auto found = *found_;
  found_.reset();
  if (found.captured != kNotCaptured && !capture_.complete(found.captured)) {
    return upstream_error(Errc::bad_segment,
                          "what is said about a sample's encryption lies behind the sample");
  }
  const auto encryption = found.rule->read(found.auxiliary, found.extent.size);
  if (!encryption) return encryption.error();
  if (!*encryption) return std::optional<ProtectedSample>();
  return std::optional(ProtectedSample{found.extent, found.rule, **encryption});
}

}  // namespace sluice::media
