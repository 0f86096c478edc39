#include "key_watch.hpp"

#include <algorithm>

namespace sluice::media {
namespace {

constexpr std::uint32_t kSmallest = 16;

}  // namespace

void KeyWatch::note(const ProtectedSample& sample) {
  if (done_) return;
  // Of less than a block nothing is encrypted where blocks are chained.
  if (sample.extent.size < kSmallest) return;
  const auto& rule = *sample.rule;
  const auto [at, is_new] = checks_.try_emplace(rule.cipher, rule.format, rule.aac);
  // As soon as a sample passes that tells nothing, holding it back would gain nothing.
  if (!at->second.can_tell() || !sample.encryption.subsamples.empty()) return stop();
  noted_.push_back({sample.extent, &at->second});
}

Result<> KeyWatch::look(std::uint64_t position, std::string_view bytes) {
  std::size_t seen = 0;
  for (; seen < noted_.size(); ++seen) {
    const auto [extent, check] = noted_[seen];
    const auto at = static_cast<std::size_t>(extent.offset - position);
    const auto wanted = std::min<std::size_t>(KeyCheck::kLook, extent.size);
    if (at + wanted > bytes.size()) break;
    const auto verdict = check->look(bytes.substr(at, wanted), extent.size);
    if (verdict == KeyCheck::Verdict::wrong) {
      return client_error(Errc::bad_key, "what it decrypts to makes no sense: it is the wrong one");
    }
    if (verdict == KeyCheck::Verdict::right) {
      stop();
      return {};
    }
  }
  noted_.erase(noted_.begin(), noted_.begin() + static_cast<std::ptrdiff_t>(seen));
  return {};
}

void KeyWatch::stop() noexcept {
  done_ = true;
  noted_.clear();
}

}  // namespace sluice::media
