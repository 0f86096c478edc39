#include "sluice/mp4/track_encryption.hpp"

#include <algorithm>

namespace sluice::mp4 {
namespace {

void read_kid(ByteCursor& cursor, Kid& kid) noexcept {
  const auto bytes = cursor.take(kKidSize);
  std::copy(bytes.begin(), bytes.end(), kid.begin());
}

/// What `tenc` and `seig` have in common, from the pattern on.
Result<TrackEncryption> read_encryption(ByteCursor& cursor, bool with_pattern,
                                        std::string_view box) {
  TrackEncryption encryption;
  const auto pattern = cursor.u8();
  if (with_pattern) {
    encryption.crypt_blocks = static_cast<std::uint8_t>(pattern >> 4U);
    encryption.skip_blocks = pattern & 0xfU;
  }
  encryption.is_protected = cursor.u8() != 0;
  encryption.iv_size = cursor.u8();
  read_kid(cursor, encryption.kid);
  if (encryption.is_protected && encryption.iv_size == 0) {
    encryption.constant_iv = cursor.take(cursor.u8());
  }
  if (!cursor.ok()) return malformed(box);
  return checked(std::move(encryption), box);
}

}  // namespace

Result<TrackEncryption> parse_tenc(std::string_view content) {
  ByteCursor cursor(content);
  const auto version = read_full_box(cursor).version;
  cursor.skip(1);
  return read_encryption(cursor, version > 0, "tenc");
}

Result<TrackEncryption> parse_seig(std::string_view description) {
  ByteCursor cursor(description);
  cursor.skip(1);
  return read_encryption(cursor, true, "sgpd");
}

TrackEncryption read_piff_encryption(ByteCursor& cursor) {
  TrackEncryption encryption;
  encryption.piff_algorithm = cursor.u24();
  encryption.is_protected = encryption.piff_algorithm != 0U;
  encryption.iv_size = cursor.u8();
  read_kid(cursor, encryption.kid);
  return encryption;
}

Result<TrackEncryption> checked(TrackEncryption encryption, std::string_view box) {
  const auto usable = [](std::size_t size) { return size == 8 || size == 16; };
  const bool has_iv = usable(encryption.iv_size) ||
                      (encryption.iv_size == 0 && usable(encryption.constant_iv.size()));
  if (encryption.is_protected && !has_iv) return malformed(box);
  return encryption;
}

Result<ProtectionScheme> parse_sinf(std::string_view content) {
  ProtectionScheme scheme;
  scheme.scheme = four_cc("cenc");
  BoxReader boxes(content);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == four_cc("frma")) {
      ByteCursor cursor(box->content());
      scheme.original_format = cursor.u32();
      if (!cursor.ok()) return malformed("frma");
    } else if (box->type() == four_cc("schm")) {
      ByteCursor cursor(box->content());
      (void)read_full_box(cursor);
      scheme.scheme = cursor.u32();
      if (!cursor.ok()) return malformed("schm");
    } else if (box->type() == four_cc("schi")) {
      BoxReader inner(box->content());
      for (auto child = inner.next(); child; child = inner.next()) {
        if (child->type() == four_cc("tenc")) {
          auto tenc = parse_tenc(child->content());
          if (!tenc) return tenc.error();
          scheme.encryption = std::move(*tenc);
        } else if (child->header.has_uuid(kPiffTenc)) {
          ByteCursor cursor(child->content());
          (void)read_full_box(cursor);
          auto tenc = checked(read_piff_encryption(cursor), "tenc of PIFF");
          if (!tenc || !cursor.ok()) return malformed("tenc of PIFF");
          scheme.encryption = std::move(*tenc);
        }
      }
    }
  }
  return scheme;
}

}  // namespace sluice::mp4
