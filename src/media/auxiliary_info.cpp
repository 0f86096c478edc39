#include "auxiliary_info.hpp"

#include "sluice/cenc/scheme.hpp"

namespace sluice::media {

using mp4::four_cc;

Result<AuxiliaryBoxes> AuxiliaryBoxes::read(std::string_view content) {
  AuxiliaryBoxes found;
  mp4::BoxReader boxes(content);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == four_cc("senc") || box->header.has_uuid(mp4::kPiffSenc)) {
      auto senc = mp4::parse_senc(box->content());
      if (!senc) return senc.error();
      found.senc = std::move(*senc);
    } else if (box->type() == four_cc("saiz")) {
      const auto saiz = mp4::parse_saiz(box->content());
      if (!saiz) return saiz.error();
      if (!saiz->type || mp4::is_encryption_type(*saiz->type)) found.saiz = *saiz;
    } else if (box->type() == four_cc("saio")) {
      const auto saio = mp4::parse_saio(box->content());
      if (!saio) return saio.error();
      if (!saio->type || mp4::is_encryption_type(*saio->type)) found.saio = *saio;
    }
  }
  return found;
}

AuxiliaryInfo::AuxiliaryInfo(const mp4::SampleEncryptionBox& senc,
                             const std::optional<mp4::AuxiliarySizes>& saiz) noexcept
    : kind_(senc.has_subsamples ? Kind::with_subsamples : Kind::plain),
      bytes_(senc.entries),
      samples_(senc.sample_count) {
  // Packagers do not agree on what senc holds for clear samples; where saiz fits it, it knows.
  if (saiz && saiz->sample_count == senc.sample_count && saiz->total() == bytes_.size()) {
    kind_ = Kind::sized;
    sizes_ = *saiz;
  }
  if (samples_ == 0) kind_ = Kind::none;
}

Result<std::string_view> AuxiliaryInfo::next(std::size_t& at, std::uint64_t index,
                                             std::uint8_t iv_size) const {
  if (kind_ == Kind::none) return std::string_view();
  if (index >= samples_) return mp4::malformed(kind_ == Kind::sized ? "saiz" : "senc");
  std::uint64_t size = iv_size;
  if (kind_ == Kind::sized) size = sizes_.size_of(static_cast<std::size_t>(index));
  if (kind_ == Kind::with_subsamples) {
    ByteCursor cursor(bytes_.substr(at));
    cursor.skip(iv_size);
    size += 2 + std::uint64_t{cursor.u16()} * cenc::kSubsampleSize;
    if (!cursor.ok()) return mp4::malformed("senc");
  }
  if (size > bytes_.size() - at) return mp4::malformed("senc");
  const auto bytes = bytes_.substr(at, static_cast<std::size_t>(size));
  at += bytes.size();
  return bytes;
}

}  // namespace sluice::media
