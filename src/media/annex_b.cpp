#include "annex_b.hpp"

#include <algorithm>

namespace sluice::media {
namespace {

constexpr std::size_t kStartCode = 3;

/// Offset of the next 00 00 01 from `from` on; the size when there is none.
std::size_t find_start_code(Bytes bytes, std::size_t from) noexcept {
  for (auto at = from + 2; at < bytes.size();) {
    // A byte above 1 is no part of a start code.
    if (static_cast<unsigned char>(bytes[at]) > 1) {
      at += 3;
    } else if (bytes[at] == 1) {
      if (bytes[at - 1] == 0 && bytes[at - 2] == 0) return at - 2;
      at += 3;
    } else {
      ++at;
    }
  }
  return bytes.size();
}

std::ptrdiff_t signed_of(std::size_t offset) noexcept {
  return static_cast<std::ptrdiff_t>(offset);
}

}  // namespace

std::size_t decrypt_annex_b(Bytes stream, cenc::SampleAesCipher& cipher) {
  auto at = std::min(find_start_code(stream, 0) + kStartCode, stream.size());
  auto to = at;
  const auto keep = [&](std::size_t begin, std::size_t end) {
    if (to != begin) {
      std::copy(stream.begin() + signed_of(begin), stream.begin() + signed_of(end),
                stream.begin() + signed_of(to));
    }
    to += end - begin;
  };
  while (at < stream.size()) {
    const auto next = find_start_code(stream, at);
    auto end = next;
    while (end > at && stream[end - 1] == 0) --end;
    const auto size = cipher.decrypt_nal(stream.subspan(at, end - at));
    keep(at, at + size);
    const auto behind = std::min(next + kStartCode, stream.size());
    keep(end, behind);
    at = behind;
  }
  return to;
}

}  // namespace sluice::media
