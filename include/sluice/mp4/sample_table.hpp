#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sluice/mp4/box.hpp"

namespace sluice::mp4 {

/// Where the samples of a movie without fragments are: stsz or stz2, stsc, stco or co64.
/// ISO/IEC 14496-12, 8.7.
struct SampleTable {
  std::uint32_t sample_count = 0;
  std::uint32_t uniform_size = 0;  ///< bytes of each sample; 0: they are in sizes
  std::uint8_t size_bits = 32;     ///< of an element of sizes
  std::string_view sizes;
  std::string_view chunk_runs;  ///< of stsc: first chunk, samples per chunk, description index
  std::string_view chunk_offsets;
  std::uint8_t offset_width = 4;  ///< bytes
  std::uint32_t chunk_count = 0;

  /// Bytes of a sample; `index` is below sample_count.
  [[nodiscard]] std::uint32_t sample_size(std::size_t index) const noexcept;
  /// Where in the file a chunk begins; `index` is below chunk_count.
  [[nodiscard]] std::uint64_t chunk_offset(std::size_t index) const noexcept {
    return ByteCursor(chunk_offsets.substr(index * offset_width)).number(offset_width);
  }
};

/// From the content of `stbl`, into which the views point; without samples when it has no boxes
/// about them.
[[nodiscard]] Result<SampleTable> parse_sample_table(std::string_view stbl);

/// What stsc says of chunks, taken in their order.
class ChunkRuns {
 public:
  /// Views only; they have to outlive this.
  explicit ChunkRuns(std::string_view entries) noexcept : rest_(entries) {}

  struct Chunk {
    std::uint32_t samples = 0;
    std::uint32_t description_index = 1;
  };
  /// The next chunk, from the first on.
  [[nodiscard]] Chunk next() noexcept;

 private:
  std::string_view rest_;  ///< entries that do not count yet
  Chunk current_;
  std::uint32_t number_ = 0;  ///< of the chunk given last
};

}  // namespace sluice::mp4
