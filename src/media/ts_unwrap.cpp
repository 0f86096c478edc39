#include "sluice/media/ts_unwrap.hpp"

#include <algorithm>

#include "sluice/media/segment_sniff.hpp"

namespace sluice::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kPacket = 188;
constexpr char kSync = 0x47;
/// Sync bytes in a row that are asked for where so many packets are there. Three would be found in
/// one of thirty bodies that are no transport stream, and destroy it.
constexpr std::size_t kSyncs = 5;
constexpr std::size_t kSyncSpan = (kSyncs - 1) * kPacket + 1;

constexpr auto kPngStart = "\x89PNG\r\n\x1a\n"sv;
constexpr auto kPngEnd = "IEND\xae\x42\x60\x82"sv;
constexpr auto kPadding = "\x00\xff"sv;
/// Ciphertext may begin with bytes of padding, but hardly with so many.
constexpr std::size_t kMinPadding = 4;

std::uint32_t be32(std::string_view bytes) noexcept {
  std::uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Whether packets begin here. At the end of a body there may be less than the usual number.
bool starts_ts(std::string_view rest) noexcept {
  std::size_t syncs = 0;
  for (; syncs < kSyncs && syncs * kPacket < rest.size(); ++syncs) {
    if (rest[syncs * kPacket] != kSync) return false;
  }
  return syncs > 2 || (syncs == 2 && rest.size() == 2 * kPacket);
}

/// Whether a box begins here that fragmented MP4 begins with. ISO/IEC 14496-12, 4.3, 8.8.4, 8.16.
bool starts_mp4(std::string_view rest) noexcept {
  if (rest.size() < 24) return false;
  const auto size = be32(rest);
  const auto type = rest.substr(4, 4);
  if (type == "ftyp" || type == "styp") {
    const auto brand = rest.substr(8, 4);
    return size >= 16 && size <= 4096 && size % 4 == 0 &&
           std::all_of(brand.begin(), brand.end(), [](char c) { return c >= ' ' && c <= '~'; });
  }
  if (type == "moof")
    return size > 24 && be32(rest.substr(8)) == 16 && rest.substr(12, 4) == "mfhd";
  return type == "sidx" && size >= 32 && be32(rest.substr(8)) << 8 == 0 && rest[8] <= 1;
}

bool may_start_media(std::string_view rest) noexcept {
  if (rest[0] == kSync) return starts_ts(rest) || starts_mp4(rest);
  // Sizes of these boxes are small.
  return rest[0] == 0 && starts_mp4(rest);
}

}  // namespace

Result<ByteTransform::Step> TsUnwrap::feed(Bytes input) {
  if (transparent_) {
    std::string().swap(held_);
    return Step{input.size(), input};
  }
  const auto taken = std::min(input.size(), kMaxWrapper - held_.size());
  // Mostly the first piece decides, and need not be copied.
  auto seen = input.first(taken);
  if (!held_.empty()) {
    held_.append(seen.data(), seen.size());
    seen = held_;
  }
  const auto start =
      find_start({seen.data(), seen.size()},
                 seen.size() == kMaxWrapper ? Seen::all_there_is_room_for : Seen::start);
  if (start) {
    transparent_ = true;
    return Step{taken, seen.subspan(*start)};
  }
  if (held_.empty()) held_.assign(seen.data(), seen.size());
  return Step{taken, {}};
}

Result<Bytes> TsUnwrap::finish() {
  if (transparent_) return Bytes();
  transparent_ = true;
  return Bytes(held_).subspan(find_start(held_, Seen::whole).value_or(0));
}

/// Where the payload begins; nullopt while that is open, never unless more is to come.
std::optional<std::size_t> TsUnwrap::find_start(std::string_view bytes, Seen seen) {
  const bool may_wait = seen == Seen::start;
  if (!looked_at_) {
    if (may_wait && bytes.size() < kSniffBytes) return std::nullopt;
    looked_at_ = true;
    picture_ = bytes.starts_with(kPngStart);
    if (passes(bytes, seen)) return 0;
  }
  if (picture_ && !find_picture_end(bytes)) {
    if (may_wait) return std::nullopt;
    picture_ = false;
    searched_ = 0;
  }
  if (payload_ == Payload::media) {
    if (find_media(bytes, seen)) return searched_;
    if (may_wait) return std::nullopt;
  }
  if (!picture_) return 0;
  const auto behind = bytes.find_first_not_of(kPadding, picture_end_);
  if (behind == bytes.npos) {
    if (may_wait) return std::nullopt;
    return 0;  // it is a picture
  }
  return behind - picture_end_ >= kMinPadding ? behind : picture_end_;
}

/// Whether the body is no disguise, by its first bytes.
bool TsUnwrap::passes(std::string_view bytes, Seen seen) const {
  if (payload_ == Payload::opaque) return !picture_;
  const bool key = seen == Seen::whole && (bytes.size() == 16 || bytes.size() == 32);
  if (key || bytes.starts_with("#EXTM3U") || bytes.starts_with("#EXT-X-")) return true;
  const auto kind = sniff_segment(bytes);
  return kind != SegmentKind::unknown && !is_image(kind);
}

bool TsUnwrap::find_picture_end(std::string_view bytes) noexcept {
  if (picture_end_ > 0) return true;
  const auto found = bytes.find(kPngEnd, searched_);
  if (found == bytes.npos) {
    searched_ = bytes.size() < kPngEnd.size() ? 0 : bytes.size() - kPngEnd.size() + 1;
    return false;
  }
  searched_ = picture_end_ = found + kPngEnd.size();
  return true;
}

/// Leaves the media's start in searched_ when it is found.
bool TsUnwrap::find_media(std::string_view bytes, Seen seen) noexcept {
  const auto ahead = seen == Seen::whole ? 1 : kSyncSpan;
  for (; searched_ + ahead <= bytes.size(); ++searched_) {
    if (may_start_media(bytes.substr(searched_))) return true;
  }
  return false;
}

}  // namespace sluice::media
