#pragma once

#include <string>
#include <string_view>

#include "sluice/media/byte_transform.hpp"

namespace sluice::media {

/// Takes off what disguises a segment as something else: a picture, a script, a page or padding in
/// front of a transport stream or of fragmented MP4. Once the media's start is found everything
/// passes, in place. A body in which none is found passes unchanged, but for a complete PNG in
/// front of it; nothing else is ever lost. Never fails.
class TsUnwrap final : public ByteTransform {
 public:
  /// A disguise is looked for in so many bytes, which are held until it is decided.
  static constexpr std::size_t kMaxWrapper = 512 * 1024;

  enum class Payload : std::uint8_t {
    media,   ///< is recognised behind any disguise
    opaque,  ///< encrypted: only what ends by itself (a PNG) can be told from it
  };

  explicit TsUnwrap(Payload payload = Payload::media) noexcept : payload_(payload) {}

  [[nodiscard]] Result<Step> feed(Bytes input) override;
  [[nodiscard]] Result<Bytes> finish() override;
  [[nodiscard]] std::size_t max_buffered() const noexcept override { return kMaxWrapper; }

 private:
  enum class Seen : std::uint8_t { start, all_there_is_room_for, whole };

  [[nodiscard]] std::optional<std::size_t> find_start(std::string_view bytes, Seen seen);
  [[nodiscard]] bool passes(std::string_view bytes, Seen seen) const;
  [[nodiscard]] bool find_picture_end(std::string_view bytes) noexcept;
  [[nodiscard]] bool find_media(std::string_view bytes, Seen seen) noexcept;

  Payload payload_;
  bool looked_at_ = false;    ///< the first bytes
  bool transparent_ = false;  ///< decided
  bool picture_ = false;      ///< a PNG is in front
  std::size_t picture_end_ = 0;
  std::size_t searched_ = 0;  ///< offset up to which there is neither a picture's end nor media
  std::string held_;
};

}  // namespace sluice::media
