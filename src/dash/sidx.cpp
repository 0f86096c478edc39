#include "sluice/dash/sidx.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sluice::dash {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint64_t kFirstLook = 4096;            ///< holds the header and most indexes
constexpr std::uint64_t kMaxSidx = 12 * 65'535 + 64;  ///< the counter of references has 16 bits

Error bad_index(const char* why) {
  return upstream_error(Errc::bad_manifest, std::string("segment index: ") + why);
}

/// Big-endian fields from the left; once one does not fit, all read as 0.
class Fields {
 public:
  explicit Fields(Bytes bytes) noexcept : bytes_(bytes) {}
  std::uint64_t take(std::size_t count) noexcept {
    if (count > bytes_.size()) {
      failed_ = true;
      bytes_ = {};
      return 0;
    }
    std::uint64_t value = 0;
    for (const auto byte : bytes_.first(count)) value = value << 8 | byte;
    bytes_ = bytes_.subspan(count);
    return value;
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  Bytes bytes_;
  bool failed_ = false;
};

constexpr std::uint64_t four_cc(std::string_view name) noexcept {
  std::uint64_t code = 0;
  for (const char c : name) code = code << 8 | static_cast<unsigned char>(c);
  return code;
}

/// True when a + b does not fit.
bool overflows(std::uint64_t a, std::uint64_t b) noexcept {
  return a > UINT64_MAX - b;
}

}  // namespace

std::optional<ByteRange> SidxReader::wanted() const noexcept {
  if (done_) return std::nullopt;
  return ByteRange{next_, next_ + need_ - 1};
}

Result<> SidxReader::feed(Bytes bytes, std::uint64_t offset) {
  while (!done_) {
    if (next_ < offset) return bad_index("not the bytes that were wanted");
    if (next_ - offset > bytes.size()) return {};
    const auto box = bytes.subspan(static_cast<std::size_t>(next_ - offset));
    const auto needed = need_;
    const auto complete = read_box(box);
    if (!complete) return complete.error();
    if (*complete) continue;
    // All that was wanted from here on, and still not enough.
    if (next_ == offset && need_ == needed && box.size() < needed) {
      return bad_index("the file ends before it");
    }
    return {};
  }
  return {};
}

Result<bool> SidxReader::read_box(Bytes box) {
  Fields header(box);
  std::uint64_t size = header.take(4);
  const auto type = header.take(4);
  std::uint64_t header_size = 8;
  if (size == 1) {
    size = header.take(8);
    header_size = 16;
  }
  if (header.failed()) return false;
  if (size < header_size || overflows(next_, size) || overflows(next_ + size, kMaxSidx)) {
    return bad_index("a box of impossible size");
  }
  if (++boxes_ > kMaxBoxes) return bad_index("too many boxes");
  if (type != four_cc("sidx")) {
    if (type == four_cc("moof") || type == four_cc("mdat")) {
      return bad_index("no sidx where there should be one");
    }
    next_ += size;
    need_ = kFirstLook;
    return true;
  }
  if (size > kMaxSidx) return bad_index("larger than its references can be");
  need_ = size;
  if (box.size() < size) {
    --boxes_;
    return false;
  }
  const auto body = box.subspan(static_cast<std::size_t>(header_size),
                                static_cast<std::size_t>(size - header_size));
  if (auto read = read_sidx(body, next_ + size); !read) return read.error();
  if (auto followed = follow(); !followed) return followed.error();
  return true;
}

Result<> SidxReader::read_sidx(Bytes body, std::uint64_t anchor) {
  Fields fields(body);
  const auto version = fields.take(1);
  fields.take(3 + 4);  // flags, reference_ID
  const auto timescale = fields.take(4);
  const std::size_t width = version == 0 ? 4 : 8;
  std::uint64_t time = fields.take(width);
  const std::uint64_t first_offset = fields.take(width);
  fields.take(2);
  const auto count = fields.take(2);
  if (fields.failed() || version > 1 || timescale == 0) return bad_index("a malformed sidx");
  if (found_ && timescale != index_.timescale) return bad_index("timescales differ");
  index_.timescale = static_cast<std::uint32_t>(timescale);
  found_ = true;
  if (overflows(anchor, first_offset)) return bad_index("an offset past 2^64");
  std::uint64_t offset = anchor + first_offset;
  std::vector<Reference> references;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto kind_and_size = fields.take(4);
    const auto duration = fields.take(4);
    fields.take(4);  // stream access points
    const auto size = kind_and_size & 0x7fff'ffff;
    if (fields.failed()) return bad_index("fewer references than it says");
    if (overflows(offset, size) || overflows(time, duration)) {
      return bad_index("a sum past 2^64");
    }
    references.push_back({offset, size, time, duration, kind_and_size >> 31 != 0});
    offset += size;
    time += duration;
  }
  if (references.size() + pending_.size() + index_.segments.size() > kMaxSegments) {
    return bad_index("too many segments");
  }
  pending_.insert(pending_.end(), references.rbegin(), references.rend());
  return {};
}

/// Takes over references to media up to the next one to another index.
Result<> SidxReader::follow() {
  while (!pending_.empty()) {
    const Reference reference = pending_.back();
    pending_.pop_back();
    if (reference.is_index) {
      // An index lies behind the one that names it, so that there is no way round in a circle.
      if (reference.offset <= next_ || reference.size < 8) {
        return bad_index("a reference that does not go forward");
      }
      next_ = reference.offset;
      need_ = std::min(reference.size, kFirstLook);
      return {};
    }
    if (reference.size > 0) {
      index_.segments.push_back(
          {reference.offset, reference.size, reference.time, reference.duration});
    }
  }
  done_ = true;
  return {};
}

}  // namespace sluice::dash
