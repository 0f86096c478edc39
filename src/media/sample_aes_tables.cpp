#include "sample_aes_tables.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "sluice/ts/packet.hpp"

namespace sluice::media {
namespace {

/// ISO/IEC 13818-1, 2.4.3.3.
constexpr std::uint16_t kFirstStreamPid = 0x10;

struct Row {
  std::uint8_t encrypted_type;
  std::uint8_t clear_type;
  SampleCodec codec;
  std::string_view indicator;  ///< content of its private_data_indicator_descriptor
};

constexpr std::array<Row, 4> kRows = {{
    {0xdb, 0x1b, SampleCodec::h264, "zavc"},
    {0xcf, 0x0f, SampleCodec::aac, "aacd"},
    {0xc1, 0x81, SampleCodec::ac3, "ac3d"},
    {0xc2, 0x87, SampleCodec::ac3, "ec3d"},
}};
/// In front of audio setup information, in a registration descriptor.
constexpr std::string_view kSetup = "apad";

const Row* find_row(std::uint8_t type) noexcept {
  const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& candidate) {
    return candidate.encrypted_type == type;
  });
  return row == kRows.end() ? nullptr : row;
}

bool is_about_encryption(const ts::Descriptor& descriptor, const Row& row) noexcept {
  switch (descriptor.tag) {
    case ts::kPrivateDataIndicatorDescriptor: return descriptor.content == row.indicator;
    case ts::kRegistrationDescriptor: return descriptor.content.starts_with(kSetup);
    default: return false;
  }
}

}  // namespace

std::map<std::uint16_t, SampleCodec> encrypted_streams(const ts::Pmt& pmt) {
  std::map<std::uint16_t, SampleCodec> found;
  for (const auto& stream : pmt.streams) {
    // The PIDs around these are not for streams: null packets, tables.
    if (stream.pid < kFirstStreamPid || stream.pid >= ts::kNullPid) continue;
    if (const auto* row = find_row(stream.type)) found.emplace(stream.pid, row->codec);
  }
  return found;
}

ts::Pmt announce_clear(ts::Pmt pmt) {
  for (auto& stream : pmt.streams) {
    const auto* row = find_row(stream.type);
    if (row == nullptr) continue;
    stream.type = row->clear_type;
    std::string kept;
    for (const auto& descriptor : ts::parse_descriptors(stream.descriptors)) {
      if (!is_about_encryption(descriptor, *row)) kept.append(descriptor.whole);
    }
    stream.descriptors = std::move(kept);
  }
  return pmt;
}

}  // namespace sluice::media
