#include "sluice/media/mp4_protection.hpp"

#include <algorithm>

#include "sluice/mp4/box.hpp"
#include "sluice/mp4/sample_entry.hpp"
#include "sluice/mp4/track_fragment.hpp"

namespace sluice::media {
namespace {

using mp4::BoxReader;
using mp4::four_cc;

/// Tracks are looked for one by one.
constexpr std::size_t kMaxTracks = 64;

Result<cenc::Scheme> scheme_of(const mp4::ProtectionScheme& sinf) {
  switch (sinf.scheme) {
    case four_cc("cenc"): return cenc::Scheme::cenc;
    case four_cc("cens"): return cenc::Scheme::cens;
    case four_cc("cbc1"): return cenc::Scheme::cbc1;
    case four_cc("cbcs"): return cenc::Scheme::cbcs;
    case four_cc("piff"):
      return sinf.encryption && sinf.encryption->piff_algorithm == 2U ? cenc::Scheme::cbc1
                                                                      : cenc::Scheme::cenc;
    default:
      return upstream_error(Errc::bad_segment, "it is protected by the unknown scheme '" +
                                                   mp4::to_string(sinf.scheme) + "'");
  }
}

Result<EntryProtection> entry_protection(const std::vector<mp4::Box>& sinfs) {
  Result<EntryProtection> result = mp4::malformed("sinf");
  // An entry may be protected for several schemes at once: the first one known is as good as any.
  for (const auto& box : sinfs) {
    auto sinf = mp4::parse_sinf(box.content());
    if (!sinf) return sinf.error();
    const auto scheme = scheme_of(*sinf);
    if (scheme && sinf->encryption) {
      return EntryProtection{*scheme, sinf->original_format, false, std::move(*sinf->encryption)};
    }
    if (!scheme) result = scheme.error();
  }
  return result;
}

/// Begins a descriptor: its tag, and a length of up to four bytes. ISO/IEC 14496-1, 8.3.3.
bool enter_descriptor(ByteCursor& cursor, unsigned tag) noexcept {
  if (cursor.u8() != tag) return false;
  for (unsigned i = 0; i < 4 && (cursor.u8() & 0x80U) != 0;) ++i;
  return cursor.ok();
}

/// Whether an entry's `esds` says MPEG-4 sound of object type 2, 5 or 29 (AAC-LC, HE-AAC).
bool is_aac(std::string_view entry) noexcept {
  const auto at = entry.find("esds");
  if (at == entry.npos) return false;
  ByteCursor cursor(entry.substr(at + 4));
  (void)mp4::read_full_box(cursor);
  if (!enter_descriptor(cursor, 3)) return false;
  cursor.skip(2);
  if (cursor.u8() != 0) return false;  // optional fields follow, which nobody writes
  if (!enter_descriptor(cursor, 4) || cursor.u8() != 0x40) return false;
  cursor.skip(12);
  if (!enter_descriptor(cursor, 5)) return false;
  const auto type = cursor.u8() >> 3U;
  return cursor.ok() && (type == 2 || type == 5 || type == 29);
}

Result<> read_sample_table(std::string_view stbl, TrackProtection& track) {
  BoxReader boxes(stbl);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == four_cc("sgpd") && mp4::grouping_type(box->content()) == four_cc("seig")) {
      auto groups = mp4::parse_seig_descriptions(box->content());
      if (!groups) return groups.error();
      track.groups = std::move(*groups);
    } else if (box->type() == four_cc("stsd")) {
      const auto entries = mp4::parse_stsd(box->content());
      if (!entries) return entries.error();
      for (const auto& entry : *entries) {
        track.entries.emplace_back();
        if (entry.sinfs.empty()) continue;
        auto protection = entry_protection(entry.sinfs);
        if (!protection) return protection.error();
        protection->aac = is_aac(entry.box.content());
        track.entries.back() = std::move(*protection);
      }
    }
  }
  if (!boxes.ok()) return mp4::malformed("stbl");
  return {};
}

Result<TrackProtection> read_track(std::string_view trak) {
  TrackProtection track;
  const auto tkhd = mp4::find_box(trak, four_cc("tkhd"));
  if (!tkhd) return mp4::malformed("trak");
  ByteCursor cursor(tkhd->content());
  cursor.skip(mp4::read_full_box(cursor).version == 1 ? 16 : 8);  // two times
  track.track_id = cursor.u32();
  if (!cursor.ok()) return mp4::malformed("tkhd");
  auto content = trak;
  for (const auto* path : {"mdia", "minf", "stbl"}) {
    const auto box = mp4::find_box(content, four_cc(path));
    if (!box) return track;
    content = box->content();
  }
  if (auto read = read_sample_table(content, track); !read) return read.error();
  return track;
}

}  // namespace

bool TrackProtection::any_protected() const noexcept {
  return std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return entry; });
}

Result<Mp4Protection> Mp4Protection::parse_moov(std::string_view moov) {
  Mp4Protection protection;
  std::vector<mp4::TrackExtends> extends;
  BoxReader boxes(moov);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == four_cc("trak")) {
      auto track = read_track(box->content());
      if (!track) return track.error();
      protection.tracks_.push_back(std::move(*track));
      if (protection.tracks_.size() > kMaxTracks) return mp4::malformed("moov");
    } else if (box->type() == four_cc("mvex")) {
      BoxReader inner(box->content());
      for (auto child = inner.next(); child; child = inner.next()) {
        if (child->type() != four_cc("trex")) continue;
        const auto trex = mp4::parse_trex(child->content());
        if (!trex) return trex.error();
        extends.push_back(*trex);
      }
    }
  }
  if (!boxes.ok()) return mp4::malformed("moov");
  for (const auto& trex : extends) {
    for (auto& track : protection.tracks_) {
      if (track.track_id != trex.track_id) continue;
      track.default_description_index = trex.description_index;
      track.default_sample_size = trex.sample_size;
    }
  }
  return protection;
}

Result<Mp4Protection> Mp4Protection::parse(std::string_view init) {
  const auto moov = mp4::find_box(init, four_cc("moov"));
  if (!moov) {
    return upstream_error(Errc::bad_segment, "the initialisation segment has no moov box");
  }
  return parse_moov(moov->content());
}

const TrackProtection* Mp4Protection::track(std::uint32_t id) const noexcept {
  for (const auto& track : tracks_) {
    if (track.track_id == id) return &track;
  }
  return tracks_.size() == 1 ? &tracks_.front() : nullptr;
}

bool Mp4Protection::any_protected() const noexcept {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [](const auto& track) { return track.any_protected(); });
}

Result<> Mp4Protection::check_keys(const cenc::KeySet& keys) const {
  for (const auto& track : tracks_) {
    if (!track.groups.descriptions.empty()) continue;
    for (const auto& entry : track.entries) {
      if (!entry || !entry->encryption.is_protected) continue;
      if (keys.find(entry->encryption.kid) == nullptr) return missing_key(entry->encryption.kid);
    }
  }
  return {};
}

Error missing_key(const cenc::Kid& kid) {
  return client_error(Errc::bad_request, "no key was given for the key id " + cenc::to_string(kid));
}

}  // namespace sluice::media
