#include "mp4_unprotect.hpp"

#include <algorithm>

#include "sluice/mp4/box.hpp"
#include "sluice/mp4/sample_auxiliary.hpp"
#include "sluice/mp4/sample_entry.hpp"
#include "sluice/mp4/track_fragment.hpp"

namespace sluice::media {
namespace {

using mp4::Box;
using mp4::BoxReader;
using mp4::four_cc;

std::string_view view_of(Bytes bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

/// The part of `buffer` that `view` shows.
Bytes bytes_of(Bytes buffer, std::string_view view) noexcept {
  return buffer.subspan(static_cast<std::size_t>(view.data() - buffer.data()), view.size());
}

bool is_pssh(const Box& box) noexcept {
  return box.type() == four_cc("pssh") || box.header.has_uuid(mp4::kPiffPssh);
}

/// The type that saiz and saio both begin with, if they have one.
std::optional<mp4::FourCc> auxiliary_type(const Box& box) noexcept {
  ByteCursor cursor(box.content());
  if ((mp4::read_full_box(cursor).flags & 1U) == 0) return std::nullopt;
  return cursor.u32();
}

/// Whether a box of traf or stbl tells how samples are encrypted.
bool tells_of_encryption(const Box& box, bool track_protected) {
  switch (box.type()) {
    case four_cc("senc"): return true;
    case four_cc("sgpd"):
    case four_cc("sbgp"): return mp4::grouping_type(box.content()) == four_cc("seig");
    case four_cc("saiz"):
    case four_cc("saio"): {
      const auto type = auxiliary_type(box);
      return type ? mp4::is_encryption_type(*type) : track_protected;
    }
    default: return box.header.has_uuid(mp4::kPiffSenc);
  }
}

/// Frees what `concerned` says among the boxes in `content`.
template <class Concerned>
void free_boxes(Bytes content, Concerned concerned) {
  BoxReader boxes(view_of(content));
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (concerned(*box)) mp4::make_free(content, *box);
  }
}

/// Gives the entries of stsd their names back; whether any was protected.
Result<bool> unprotect_entries(Bytes stsd) {
  const auto entries = mp4::parse_stsd(view_of(stsd));
  if (!entries) return entries.error();
  bool any = false;
  for (const auto& entry : *entries) {
    if (entry.sinfs.empty()) continue;
    const auto sinf = mp4::parse_sinf(entry.sinfs.front().content());
    if (!sinf) return sinf.error();
    any = true;
    const auto name = bytes_of(stsd, entry.box.bytes.substr(4, 4));
    for (unsigned i = 0; i < name.size(); ++i) {
      name[i] = static_cast<char>(sinf->original_format >> (24 - 8 * i) & 0xffU);
    }
    for (const auto& box : entry.sinfs) mp4::make_free(stsd, box);
  }
  return any;
}

Result<> unprotect_track(Bytes trak) {
  auto content = view_of(trak);
  for (const auto* path : {"mdia", "minf", "stbl"}) {
    const auto box = mp4::find_box(content, four_cc(path));
    if (!box) return {};
    content = box->content();
  }
  bool track_protected = false;
  if (const auto stsd = mp4::find_box(content, four_cc("stsd"))) {
    const auto any = unprotect_entries(bytes_of(trak, stsd->content()));
    if (!any) return any.error();
    track_protected = *any;
  }
  free_boxes(bytes_of(trak, content),
             [&](const Box& box) { return tells_of_encryption(box, track_protected); });
  return {};
}

}  // namespace

Result<> unprotect_moov(Bytes moov) {
  BoxReader boxes(view_of(moov));
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (is_pssh(*box)) {
      mp4::make_free(moov, *box);
    } else if (box->type() == four_cc("trak")) {
      if (auto done = unprotect_track(bytes_of(moov, box->content())); !done) return done.error();
    }
  }
  if (!boxes.ok()) return mp4::malformed("moov");
  return {};
}

Result<> unprotect_moof(Bytes moof, const Mp4Protection& protection) {
  BoxReader boxes(view_of(moof));
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (is_pssh(*box)) {
      mp4::make_free(moof, *box);
    } else if (box->type() == four_cc("traf")) {
      const auto tfhd = mp4::find_box(box->content(), four_cc("tfhd"));
      const auto parsed = mp4::parse_tfhd(tfhd ? tfhd->content() : std::string_view());
      if (!parsed) return parsed.error();
      const auto* track = protection.track(parsed->track_id);
      const bool track_protected = track != nullptr && track->any_protected();
      free_boxes(bytes_of(moof, box->content()), [&](const Box& inner) {
        return is_pssh(inner) || tells_of_encryption(inner, track_protected);
      });
    }
  }
  if (!boxes.ok()) return mp4::malformed("moof");
  return {};
}

Result<> unprotect_init(Bytes init) {
  BoxReader boxes(view_of(init));
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() != four_cc("moov")) continue;
    if (auto done = unprotect_moov(bytes_of(init, box->content())); !done) return done.error();
  }
  if (!boxes.ok()) return upstream_error(Errc::bad_segment, "its boxes do not fit in each other");
  return {};
}

}  // namespace sluice::media
