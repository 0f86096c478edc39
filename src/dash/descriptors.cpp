#include "sluice/dash/descriptors.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "sluice/core/text.hpp"

namespace sluice::dash {
namespace {

/// Essential and supplemental properties alike: what a picture is does not depend on whether a
/// client has to understand it.
template <class Predicate>
const Descriptor* find_property(const CommonAttributes& common, Predicate matches) noexcept {
  for (const auto* properties : {&common.essential_properties, &common.supplemental_properties}) {
    const auto found = std::find_if(properties->begin(), properties->end(), matches);
    if (found != properties->end()) return &*found;
  }
  return nullptr;
}

std::optional<std::uint32_t> parse_u32(std::string_view text) noexcept {
  const auto value = parse_u64(trim(text));
  if (!value || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

/// ISO/IEC 23091-3, ChannelConfiguration; 0: not a number of speakers.
std::optional<std::uint32_t> cicp_channels(std::string_view value) noexcept {
  constexpr std::uint8_t kChannels[] = {0, 1, 2,  3, 4,  5,  6,  8,  2,  3, 4,
                                        7, 8, 24, 8, 12, 10, 12, 14, 12, 14};
  const auto code = parse_u32(value);
  if (!code || *code >= std::size(kChannels) || kChannels[*code] == 0) return std::nullopt;
  return kChannels[*code];
}

/// ETSI TS 102 366, I.1.2.1: 16 bits, the highest for the left channel; some stand for two
/// speakers.
std::optional<std::uint32_t> dolby_channels(std::string_view value) noexcept {
  constexpr unsigned kPairs =
      0b0000'0110'1111'1000 >> 1;  // Lc/Rc, Lrs/Rrs, Lsd.., Lw.., Lvh.., Lts..
  unsigned mask = 0;
  value = trim(value);
  const char* const end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, mask, 16);
  if (error != std::errc() || stop != end || mask == 0 || mask > 0xFFFF) return std::nullopt;
  return static_cast<std::uint32_t>(std::popcount(mask) + std::popcount(mask & kPairs));
}

}  // namespace

bool is_trick_mode(const CommonAttributes& common) noexcept {
  const auto* property = find_property(common, [](const Descriptor& descriptor) {
    return descriptor.scheme_id_uri == "http://dashif.org/guidelines/trickmode";
  });
  return property != nullptr;
}

std::optional<ThumbnailGrid> thumbnail_grid(const CommonAttributes& common) noexcept {
  const auto* property = find_property(common, [](const Descriptor& descriptor) {
    return descriptor.scheme_id_uri == "http://dashif.org/guidelines/thumbnail_tile" ||
           descriptor.scheme_id_uri == "http://dashif.org/thumbnail_tile";
  });
  if (property == nullptr) return std::nullopt;
  const std::string_view value = property->value;
  const auto cross = value.find('x');
  if (cross == value.npos) return ThumbnailGrid{};
  const auto columns = parse_u32(value.substr(0, cross));
  const auto rows = parse_u32(value.substr(cross + 1));
  if (!columns || !rows || *columns == 0 || *rows == 0) return ThumbnailGrid{};
  return ThumbnailGrid{*columns, *rows};
}

VideoRange video_range(const CommonAttributes& common) noexcept {
  const auto* property = find_property(common, [](const Descriptor& descriptor) {
    return iequals(descriptor.scheme_id_uri, "urn:mpeg:mpegB:cicp:TransferCharacteristics");
  });
  const auto transfer = property == nullptr ? std::nullopt : parse_u32(property->value);
  if (transfer == 16U) return VideoRange::pq;
  if (transfer == 18U) return VideoRange::hlg;
  return VideoRange::sdr;
}

std::optional<std::uint32_t> channel_count(const CommonAttributes& common) noexcept {
  for (const Descriptor& configuration : common.audio_channel_configurations) {
    const std::string_view scheme = configuration.scheme_id_uri;
    std::optional<std::uint32_t> count;
    if (iequals(scheme, "urn:mpeg:dash:23003:3:audio_channel_configuration:2011")) {
      count = parse_u32(configuration.value);
    } else if (iequals(scheme, "urn:mpeg:mpegB:cicp:ChannelConfiguration")) {
      count = cicp_channels(configuration.value);
    } else if (iequals(scheme, "tag:dolby.com,2014:dash:audio_channel_configuration:2011") ||
               iequals(scheme, "urn:dolby:dash:audio_channel_configuration:2011")) {
      count = dolby_channels(configuration.value);
    }
    if (count) return count;
  }
  return std::nullopt;
}

bool has_role(const AdaptationSet& set, std::string_view role) noexcept {
  return std::any_of(set.roles.begin(), set.roles.end(), [&](const Descriptor& descriptor) {
    return descriptor.scheme_id_uri == "urn:mpeg:dash:role:2011" && descriptor.value == role;
  });
}

KeySystem key_system(const ContentProtection& protection) noexcept {
  constexpr std::pair<std::string_view, KeySystem> kSystems[] = {
      {"urn:mpeg:dash:mp4protection:2011", KeySystem::common},
      {"urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e", KeySystem::clear_key},
      {"urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b", KeySystem::clear_key},
      {"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed", KeySystem::widevine},
      {"urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95", KeySystem::play_ready},
      {"urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2", KeySystem::fair_play},
  };
  for (const auto& [scheme, system] : kSystems) {
    if (protection.scheme_id_uri == scheme) return system;
  }
  const bool says_clear_key = icontains(protection.scheme_id_uri, "clearkey");
  return says_clear_key ? KeySystem::clear_key : KeySystem::other;
}

}  // namespace sluice::dash
