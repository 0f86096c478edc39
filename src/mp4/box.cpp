#include "sluice/mp4/box.hpp"

#include <algorithm>

namespace sluice::mp4 {
namespace {

constexpr std::size_t kCompactHeader = 8;
constexpr std::size_t kLargeSize = 8;

}  // namespace

std::string to_string(FourCc type) {
  std::string text;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    const auto byte = static_cast<char>(type >> shift & 0xffU);
    text += byte >= ' ' && byte <= '~' ? byte : '?';
  }
  return text;
}

Result<std::optional<BoxHeader>> parse_box_header(std::string_view bytes) {
  ByteCursor cursor(bytes);
  BoxHeader header;
  header.size = cursor.u32();
  header.type = cursor.u32();
  header.header_size = kCompactHeader;
  if (header.size == 1) {
    header.size = cursor.u64();
    header.header_size += kLargeSize;
  }
  if (header.type == four_cc("uuid")) {
    const auto id = cursor.take(header.uuid.size());
    std::copy(id.begin(), id.end(), header.uuid.begin());
    header.header_size += header.uuid.size();
  }
  if (!cursor.ok()) return std::optional<BoxHeader>();
  // A 64-bit size of 0 means nothing, one of the short form "up to the end".
  const bool to_the_end = header.size == 0 && ByteCursor(bytes).u32() == 0;
  if (!to_the_end && header.size < header.header_size) {
    return upstream_error(Errc::bad_segment,
                          "the box " + to_string(header.type) + " is too small for its header");
  }
  return std::optional(header);
}

std::optional<Box> BoxReader::next() {
  if (!ok_ || rest_.size() < kCompactHeader) return std::nullopt;
  const auto header = parse_box_header(rest_);
  ok_ = header && *header && (*header)->size <= rest_.size();
  if (!ok_) return std::nullopt;
  const auto size = (*header)->size == 0 ? rest_.size() : static_cast<std::size_t>((*header)->size);
  ok_ = size >= (*header)->header_size;
  if (!ok_) return std::nullopt;
  Box box{**header, rest_.substr(0, size)};
  rest_.remove_prefix(size);
  return box;
}

std::optional<Box> find_box(std::string_view content, FourCc type) {
  BoxReader boxes(content);
  for (auto box = boxes.next(); box; box = boxes.next()) {
    if (box->type() == type) return box;
  }
  return std::nullopt;
}

Error malformed(std::string_view name) {
  return upstream_error(Errc::bad_segment, "its box " + std::string(name) + " is malformed");
}

void make_free(std::span<char> buffer, const Box& box) noexcept {
  const auto at = static_cast<std::size_t>(box.bytes.data() - buffer.data());
  const auto here = buffer.subspan(at, box.bytes.size());
  constexpr std::string_view kFree = "free";
  // The first 4 bytes are the size, or 1, in which case the size itself follows the type.
  const bool large = here[3] == 1 && here[0] == 0 && here[1] == 0 && here[2] == 0;
  std::copy(kFree.begin(), kFree.end(), here.begin() + 4);
  const auto kept = kCompactHeader + (large ? kLargeSize : 0);
  std::fill(here.begin() + static_cast<std::ptrdiff_t>(kept), here.end(), '\0');
}

}  // namespace sluice::mp4
