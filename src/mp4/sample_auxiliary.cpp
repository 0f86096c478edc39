#include "sluice/mp4/sample_auxiliary.hpp"

#include <algorithm>
#include <array>

namespace sluice::mp4 {
namespace {

std::optional<FourCc> read_type(ByteCursor& cursor, FullBox box) noexcept {
  if ((box.flags & 1U) == 0) return std::nullopt;
  const auto type = cursor.u32();
  cursor.skip(4);  // aux_info_type_parameter
  return type;
}

}  // namespace

Result<SampleEncryptionBox> parse_senc(std::string_view content) {
  ByteCursor cursor(content);
  const auto box = read_full_box(cursor);
  SampleEncryptionBox senc;
  if ((box.flags & 1U) != 0) senc.override = read_piff_encryption(cursor);
  senc.has_subsamples = (box.flags & 2U) != 0;
  senc.sample_count = cursor.u32();
  senc.entries = cursor.rest();
  if (!cursor.ok() || box.version != 0) return malformed("senc");
  return senc;
}

std::uint8_t AuxiliarySizes::size_of(std::size_t index) const noexcept {
  if (index >= sample_count) return 0;
  return default_size != 0 ? default_size : static_cast<std::uint8_t>(sizes[index]);
}

std::uint64_t AuxiliarySizes::total() const noexcept {
  if (default_size != 0) return std::uint64_t{default_size} * sample_count;
  std::uint64_t sum = 0;
  for (const char size : sizes) sum += static_cast<unsigned char>(size);
  return sum;
}

Result<AuxiliarySizes> parse_saiz(std::string_view content) {
  ByteCursor cursor(content);
  const auto box = read_full_box(cursor);
  AuxiliarySizes saiz;
  saiz.type = read_type(cursor, box);
  saiz.default_size = cursor.u8();
  saiz.sample_count = cursor.u32();
  if (saiz.default_size == 0) saiz.sizes = cursor.take(saiz.sample_count);
  if (!cursor.ok()) return malformed("saiz");
  return saiz;
}

Result<AuxiliaryOffsets> parse_saio(std::string_view content) {
  ByteCursor cursor(content);
  const auto box = read_full_box(cursor);
  AuxiliaryOffsets saio;
  saio.type = read_type(cursor, box);
  saio.count = cursor.u32();
  saio.width = box.version == 0 ? 4 : 8;
  saio.offsets = cursor.take(std::uint64_t{saio.count} * saio.width);
  if (!cursor.ok()) return malformed("saio");
  return saio;
}

bool is_encryption_type(FourCc type) noexcept {
  constexpr std::array kTypes{four_cc("cenc"), four_cc("cens"), four_cc("cbc1"), four_cc("cbcs"),
                              four_cc("piff")};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

}  // namespace sluice::mp4
