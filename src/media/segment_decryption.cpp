#include "sluice/media/segment_decryption.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sluice/media/mp4_decryption.hpp"
#include "sluice/media/mp4_protection.hpp"
#include "sluice/media/sample_aes_stage.hpp"

namespace sluice::media {
namespace {

/// Taken at once, which bounds the memory for what comes out.
constexpr std::size_t kMostAtOnce = 64 * 1024;

/// Without padding as many bytes come out as went in, in place.
class CounterStage final : public ByteTransform {
 public:
  explicit CounterStage(const SegmentKey& key) : cipher_(key.method, key.key, key.iv) {}

  [[nodiscard]] Result<Step> feed(Bytes input) override {
    const auto part = input.first(std::min(input.size(), kMostAtOnce));
    return Step{part.size(), part.first(cipher_.update(part, part))};
  }
  [[nodiscard]] Result<Bytes> finish() override { return Bytes(); }
  [[nodiscard]] std::optional<std::uint64_t> output_size(
      std::uint64_t input_size) const noexcept override {
    return input_size;
  }
  [[nodiscard]] std::size_t max_buffered() const noexcept override { return 0; }

 private:
  cenc::SegmentCipher cipher_;
};

/// With padding a block stays behind, so that what comes out does not stand where it went in: one
/// buffer of its own costs less than the small write that every held block would be.
class PaddedStage final : public ByteTransform {
 public:
  explicit PaddedStage(const SegmentKey& key) : cipher_(key.method, key.key, key.iv) {}

  [[nodiscard]] Result<Step> feed(Bytes input) override {
    const auto part = input.first(std::min(input.size(), kMostAtOnce));
    if (plain_.size() < part.size() + cenc::kBlockSize) {
      plain_.resize(part.size() + cenc::kBlockSize);
    }
    return Step{part.size(), Bytes(plain_).first(cipher_.update(part, plain_))};
  }
  [[nodiscard]] Result<Bytes> finish() override {
    const auto written = cipher_.finish(last_);
    if (!written) return written.error();
    return Bytes(last_).first(*written);
  }
  [[nodiscard]] std::size_t max_buffered() const noexcept override {
    return kMostAtOnce + 2 * cenc::kBlockSize;
  }

 private:
  cenc::SegmentCipher cipher_;
  std::vector<char> plain_;
  std::array<char, cenc::kBlockSize> last_{};
};

/// Holds a map, of which any box may have to change.
class MapStage final : public ByteTransform {
 public:
  [[nodiscard]] Result<Step> feed(Bytes input) override {
    if (map_.size() + input.size() > kMaxMap) {
      return upstream_error(Errc::bad_segment, fmt::format("a map of more than {} bytes", kMaxMap));
    }
    map_.insert(map_.end(), input.begin(), input.end());
    return Step{input.size(), {}};
  }
  [[nodiscard]] Result<Bytes> finish() override {
    if (auto done = unprotect_init(map_); !done) return done.error();
    return Bytes(map_);
  }
  [[nodiscard]] std::optional<std::uint64_t> output_size(
      std::uint64_t input_size) const noexcept override {
    return input_size;
  }
  [[nodiscard]] std::size_t max_buffered() const noexcept override { return kMaxMap; }

 private:
  /// Usual ones have a few kilobytes.
  static constexpr std::size_t kMaxMap = std::size_t{4} * 1024 * 1024;
  std::vector<char> map_;
};

}  // namespace

std::unique_ptr<ByteTransform> make_map_unprotection() {
  return std::make_unique<MapStage>();
}

std::unique_ptr<ByteTransform> make_segment_decryption(const SegmentKey& key) {
  if (key.protection) {
    cenc::Key bytes{};
    std::copy_n(key.key.begin(), bytes.size(), bytes.begin());
    return make_mp4_decryption(cenc::KeySet::for_everything(bytes), key.protection, key.first_byte);
  }
  if (cenc::encrypts_samples(key.method)) return std::make_unique<SampleAesStage>(key.key, key.iv);
  if (keeps_size(key.method)) return std::make_unique<CounterStage>(key);
  return std::make_unique<PaddedStage>(key);
}

bool keeps_size(cenc::SegmentMethod method) noexcept {
  return method == cenc::SegmentMethod::aes_256_ctr || cenc::encrypts_samples(method);
}

}  // namespace sluice::media
