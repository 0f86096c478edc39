#include "sluice/mp4/sample_table.hpp"

namespace sluice::mp4 {
namespace {

constexpr std::size_t kChunkRun = 12;

bool read_stsz(std::string_view content, SampleTable& table) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  table.uniform_size = cursor.u32();
  table.sample_count = cursor.u32();
  if (table.uniform_size == 0) table.sizes = cursor.take(std::uint64_t{table.sample_count} * 4);
  return cursor.ok();
}

bool read_stz2(std::string_view content, SampleTable& table) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  cursor.skip(3);
  table.size_bits = cursor.u8();
  table.sample_count = cursor.u32();
  table.sizes = cursor.take((std::uint64_t{table.sample_count} * table.size_bits + 7) / 8);
  return cursor.ok() && (table.size_bits == 4 || table.size_bits == 8 || table.size_bits == 16);
}

bool read_stsc(std::string_view content, SampleTable& table) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  table.chunk_runs = cursor.take(std::uint64_t{cursor.u32()} * kChunkRun);
  return cursor.ok();
}

bool read_offsets(std::string_view content, std::uint8_t width, SampleTable& table) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  table.chunk_count = cursor.u32();
  table.offset_width = width;
  table.chunk_offsets = cursor.take(std::uint64_t{table.chunk_count} * width);
  return cursor.ok();
}

}  // namespace

std::uint32_t SampleTable::sample_size(std::size_t index) const noexcept {
  if (uniform_size != 0) return uniform_size;
  if (size_bits == 4) {
    const auto both = static_cast<unsigned char>(sizes[index / 2]);
    return index % 2 == 0 ? both >> 4U : both & 0xfU;
  }
  const std::size_t width = size_bits / 8U;
  return static_cast<std::uint32_t>(ByteCursor(sizes.substr(index * width)).number(width));
}

Result<SampleTable> parse_sample_table(std::string_view stbl) {
  SampleTable table;
  BoxReader boxes(stbl);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    const auto content = box->content();
    bool fits = true;
    switch (box->type()) {
      case four_cc("stsz"): fits = read_stsz(content, table); break;
      case four_cc("stz2"): fits = read_stz2(content, table); break;
      case four_cc("stsc"): fits = read_stsc(content, table); break;
      case four_cc("stco"): fits = read_offsets(content, 4, table); break;
      case four_cc("co64"): fits = read_offsets(content, 8, table); break;
      default: break;
    }
    if (!fits) return malformed(to_string(box->type()));
  }
  if (!boxes.ok()) return malformed("stbl");
  return table;
}

ChunkRuns::Chunk ChunkRuns::next() noexcept {
  ++number_;
  // The last entry that begins at or before this chunk counts.
  while (rest_.size() >= kChunkRun) {
    ByteCursor cursor(rest_);
    if (cursor.u32() > number_) break;
    current_.samples = cursor.u32();
    current_.description_index = cursor.u32();
    rest_.remove_prefix(kChunkRun);
  }
  return current_;
}

}  // namespace sluice::mp4
