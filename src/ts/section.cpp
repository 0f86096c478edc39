#include "sluice/ts/section.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "octets.hpp"

namespace sluice::ts {
namespace {

constexpr std::size_t kHead = 3;  // up to its length
constexpr char kStuffing = '\xff';

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte << 24;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 0x80000000U) != 0 ? value << 1 ^ 0x04c11db7U : value << 1;
    }
    table[byte] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t crc = 0xffffffffU;
  for (const char byte : bytes) {
    crc = crc << 8 ^ kCrcTable[(crc >> 24 ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return crc;
}

void SectionAssembler::feed(std::string_view payload, bool unit_start,
                            std::vector<std::string>& complete) {
  if (!unit_start) {
    if (!is_idle()) continue_section(payload, complete);
    return;
  }
  if (payload.empty() || u8(payload, 0) + 1U > payload.size()) {
    section_.clear();
    return;
  }
  const auto pointer = u8(payload, 0);
  if (!is_idle()) continue_section(payload.substr(1, pointer), complete);
  section_.clear();  // another one begins here
  auto rest = payload.substr(1 + pointer);
  while (!rest.empty() && rest[0] != kStuffing) rest = continue_section(rest, complete);
}

std::string_view SectionAssembler::continue_section(std::string_view bytes,
                                                    std::vector<std::string>& complete) {
  const auto take = [&](std::size_t size) {
    const auto part = bytes.substr(0, size - std::min(size, section_.size()));
    section_.append(part);
    bytes.remove_prefix(part.size());
    return section_.size() >= size;
  };
  if (take(kHead) && take(kHead + length_at(section_, 1))) {
    complete.push_back(std::exchange(section_, {}));
  }
  return bytes;
}

}  // namespace sluice::ts
