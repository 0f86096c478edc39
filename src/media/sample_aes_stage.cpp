#include "sluice/media/sample_aes_stage.hpp"

#include <algorithm>

#include "sample_aes_body.hpp"
#include "sluice/ts/packet.hpp"

namespace sluice::media {
namespace {

/// Taken at once.
constexpr std::size_t kMostAtOnce = 64 * 1024;
/// Told by so many bytes.
constexpr std::size_t kDecided = 8;

}  // namespace

SampleAesStage::SampleAesStage(std::string_view key, std::string_view iv)
    : work_(std::make_unique<SampleAesWork>(key, iv)) {}

SampleAesStage::~SampleAesStage() = default;

Result<ByteTransform::Step> SampleAesStage::feed(Bytes input) {
  const auto part = input.first(std::min(input.size(), kMostAtOnce));
  work_->held.append(part);
  if (!body_) {
    if (const auto decided = decide(false); !decided) return decided.error();
    if (!body_) return Step{part.size(), {}};
  }
  if (const auto advanced = body_->advance(); !advanced) return advanced.error();
  return Step{part.size(), work_->held.release(body_->done())};
}

Result<Bytes> SampleAesStage::finish() {
  if (!body_) {
    if (const auto decided = decide(true); !decided) return decided.error();
    if (const auto advanced = body_->advance(); !advanced) return advanced.error();
  }
  if (const auto ended = body_->end(); !ended) return ended.error();
  return work_->held.release(work_->held.end());
}

Result<> SampleAesStage::decide(bool is_all) {
  auto& held = work_->held;
  const auto seen = static_cast<std::size_t>(held.end() - held.begin());
  if (seen < kDecided && !is_all) return {};
  const auto bytes = held.at(held.begin(), std::min(seen, kDecided));
  const std::string_view start(bytes.data(), bytes.size());
  const auto sync = [&](char first, unsigned char mask, char second) {
    return start.size() >= 2 && start[0] == first &&
           (static_cast<unsigned char>(start[1]) & mask) == static_cast<unsigned char>(second);
  };
  if (start.starts_with(ts::kSyncByte)) {
    body_ = make_sample_aes_ts(*work_);
  } else if (start.starts_with("ID3") || sync('\xff', 0xf6, '\xf0') || sync('\x0b', 0xff, '\x77')) {
    body_ = make_sample_aes_audio(*work_);
  } else {
    return upstream_error(Errc::bad_segment,
                          start.empty()
                              ? "it is empty"
                              : "SAMPLE-AES is known for transport streams and packed audio only, "
                                "and this is neither");
  }
  return {};
}

std::size_t SampleAesStage::max_buffered() const noexcept {
  // Held bytes: as many were given away and are not moved over yet, and the vector may have room
  // for twice that; beside them one PES packet; started sections and frames, and where they are
  // from.
  constexpr auto kWindow = kMaxHeld + kMostAtOnce;
  constexpr std::size_t kRest = 8 * 1024 * 1024;
  return 4 * kWindow + kMaxHeld + kRest;
}

}  // namespace sluice::media
