#include "sluice/mp4/track_fragment.hpp"

namespace sluice::mp4 {

Result<TrackExtends> parse_trex(std::string_view content) {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  TrackExtends trex;
  trex.track_id = cursor.u32();
  trex.description_index = cursor.u32();
  cursor.skip(4);  // default_sample_duration
  trex.sample_size = cursor.u32();
  if (!cursor.ok()) return malformed("trex");
  return trex;
}

Result<TrackFragmentHeader> parse_tfhd(std::string_view content) {
  ByteCursor cursor(content);
  const auto flags = read_full_box(cursor).flags;
  TrackFragmentHeader tfhd;
  tfhd.track_id = cursor.u32();
  if ((flags & 0x1U) != 0) tfhd.base_data_offset = cursor.u64();
  if ((flags & 0x2U) != 0) tfhd.description_index = cursor.u32();
  if ((flags & 0x8U) != 0) cursor.skip(4);  // default_sample_duration
  if ((flags & 0x10U) != 0) tfhd.sample_size = cursor.u32();
  tfhd.base_is_moof = (flags & 0x20000U) != 0;
  if (!cursor.ok()) return malformed("tfhd");
  return tfhd;
}

std::optional<std::uint32_t> TrackRun::sample_size(std::size_t index) const noexcept {
  if (!size_at) return std::nullopt;
  return ByteCursor(entries.substr(index * entry_size + *size_at)).u32();
}

Result<TrackRun> parse_trun(std::string_view content) {
  ByteCursor cursor(content);
  const auto flags = read_full_box(cursor).flags;
  TrackRun run;
  run.sample_count = cursor.u32();
  if ((flags & 0x1U) != 0) run.data_offset = static_cast<std::int32_t>(cursor.u32());
  if ((flags & 0x4U) != 0) cursor.skip(4);  // first_sample_flags
  // In this order: duration, size, flags, composition time offset.
  for (const std::uint32_t field : {0x100U, 0x200U, 0x400U, 0x800U}) {
    if ((flags & field) == 0) continue;
    if (field == 0x200U) run.size_at = run.entry_size;
    run.entry_size += 4;
  }
  run.entries = cursor.take(std::uint64_t{run.sample_count} * run.entry_size);
  if (!cursor.ok()) return malformed("trun");
  return run;
}

}  // namespace sluice::mp4
