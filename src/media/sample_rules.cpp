#include "sample_rules.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/byte_cursor.hpp"

namespace sluice::media {
namespace {

using mp4::four_cc;

/// Of these formats parts of each sample are always clear.
bool has_clear_parts(mp4::FourCc format) noexcept {
  constexpr std::array kFormats{four_cc("avc1"), four_cc("avc3"), four_cc("hvc1"), four_cc("hev1"),
                                four_cc("dvh1"), four_cc("dvhe"), four_cc("dva1"), four_cc("dvav"),
                                four_cc("avc2"), four_cc("avc4"), four_cc("hvc2"), four_cc("hev2"),
                                four_cc("vvc1"), four_cc("vvi1"), four_cc("av01"), four_cc("vp09"),
                                four_cc("dav1")};
  return std::find(kFormats.begin(), kFormats.end(), format) != kFormats.end();
}

}  // namespace

Result<cenc::SampleCipher*> CipherBank::cipher(cenc::Scheme scheme, const cenc::Kid& kid) {
  const auto* key = keys_.find(kid);
  if (key == nullptr) return missing_key(kid);
  // Of one key many ids may be told.
  auto& cipher = ciphers_[{scheme, *key}];
  if (!cipher) {
    cipher =
        std::make_unique<cenc::SampleCipher>(scheme, std::string_view(key->data(), key->size()));
  }
  return cipher.get();
}

void CipherBank::flush() {
  for (auto& [name, cipher] : ciphers_) {
    if (cipher) cipher->flush();
  }
}

Result<std::optional<cenc::SampleEncryption>> SampleRule::read(std::string_view auxiliary,
                                                               std::uint64_t size) const {
  using Answer = std::optional<cenc::SampleEncryption>;
  if (says_clear(auxiliary)) return Answer();
  auto encryption = constant;
  ByteCursor cursor(auxiliary);
  const auto iv = cursor.take(iv_size);
  std::copy(iv.begin(), iv.end(), encryption.iv.begin());
  if (!cursor.rest().empty()) {
    encryption.subsamples = cursor.take(std::uint64_t{cursor.u16()} * cenc::kSubsampleSize);
  }
  if (!cursor.ok()) return mp4::malformed("senc");
  std::uint64_t covered = 0;
  for (ByteCursor table(encryption.subsamples); !table.rest().empty();) {
    covered += table.u16();
    covered += table.u32();
  }
  if (covered > size) {
    return upstream_error(Errc::bad_segment, "the encrypted parts of a sample are longer than it");
  }
  return Answer(encryption);
}

const mp4::TrackEncryption* SampleRules::description(std::uint32_t group) const noexcept {
  if (group == 0) return &entry_->encryption;
  const bool of_fragment = group > mp4::kFragmentGroups;
  const auto& list = of_fragment ? fragment_groups_.descriptions : movie_groups_->descriptions;
  const auto index = of_fragment ? group - mp4::kFragmentGroups : group;
  return index <= list.size() ? &list[index - 1] : nullptr;
}

Result<const SampleRule*> SampleRules::rule(std::uint32_t group) {
  if (last_.second != nullptr && last_.first == group) return last_.second;
  const auto asked = group;
  if (group == 0) group = movie_groups_->default_index;
  auto found = rules_.find(group);
  if (found == rules_.end()) {
    SampleRule rule;
    if (entry_) {
      const auto* encryption = description(group);
      if (encryption == nullptr) return mp4::malformed("sbgp");
      rule.format = entry_->original_format;
      rule.aac = entry_->aac;
      rule.whole_samples = !has_clear_parts(rule.format);
      rule.pattern = {encryption->crypt_blocks, encryption->skip_blocks};
      rule.iv_size = encryption->iv_size;
      const auto& iv = encryption->constant_iv;
      std::copy(iv.begin(), iv.end(), rule.constant.iv.begin());
      if (encryption->is_protected) {
        const auto cipher = bank_->cipher(entry_->scheme, encryption->kid);
        if (!cipher) return cipher.error();
        rule.cipher = *cipher;
      }
    }
    found = rules_.emplace(group, rule).first;
  }
  last_ = {asked, &found->second};
  return last_.second;
}

}  // namespace sluice::media
