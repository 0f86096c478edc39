#include "sluice/media/sample_aes_stage.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/check.hpp"
#include "fuzz/run_stage.hpp"
#include "sluice/ts/packet.hpp"
#include "sluice/ts/section.hpp"

using namespace sluice;
using fuzz::check;

namespace {

/// Makes packets of what hardly any mutation would leave as such: sync bytes stand where they
/// should, and every section that begins a payload has its right checksum.
std::string repair(std::string_view body) {
  std::string fixed(body);
  for (std::size_t at = 0; at + ts::kPacketSize <= fixed.size(); at += ts::kPacketSize) {
    fixed[at] = ts::kSyncByte;
    const auto packet = ts::parse_packet(std::string_view(fixed).substr(at, ts::kPacketSize));
    if (!packet || !packet->unit_start || packet->payload.size() < 4 || packet->payload[0] != 0) {
      continue;
    }
    const auto begin = static_cast<std::size_t>(packet->payload.data() - fixed.data()) + 1;
    const auto size = 3 + ((static_cast<unsigned char>(fixed[begin + 1]) & 0xfU) << 8 |
                           static_cast<unsigned char>(fixed[begin + 2]));
    if (size < 12 || begin + size > at + ts::kPacketSize || (fixed[begin] & 0xfd) != 0) continue;
    const auto crc = ts::crc32(std::string_view(fixed).substr(begin, size - 4));
    for (unsigned i = 0; i < 4; ++i) {
      fixed[begin + size - 4 + i] = static_cast<char>(crc >> (24 - 8 * i) & 0xff);
    }
  }
  return fixed;
}

void run(std::string_view body, std::string_view sizes) {
  const std::string key(16, 'k');
  const std::string iv(16, 'i');
  media::SampleAesStage at_once(key, iv);
  media::SampleAesStage in_pieces(key, iv);
  const auto whole = fuzz::run_stage(at_once, body, {});
  const auto pieces = fuzz::run_stage(in_pieces, body, sizes);
  check(whole == pieces, "where pieces end makes no difference");
  check(!whole || whole->size() == body.size(), "the size stays");
}

}  // namespace

/// Input: sizes of pieces, one byte each, a line break, and a segment; which is tried as it is, and
/// with what a transport stream needs put right.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [sizes, body] =
      fuzz::split_line(std::string_view(reinterpret_cast<const char*>(data), size));
  run(body, sizes);
  run(repair(body), sizes);
  return 0;
}
