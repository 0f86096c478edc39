#include "sluice/mp4/sample_groups.hpp"

namespace sluice::mp4 {
namespace {

constexpr std::size_t kEntry = 8;
constexpr std::size_t kMaxDescriptions = 4096;

}  // namespace

FourCc grouping_type(std::string_view content) noexcept {
  ByteCursor cursor(content);
  (void)read_full_box(cursor);
  return cursor.u32();
}

Result<EncryptionGroups> parse_seig_descriptions(std::string_view content) {
  ByteCursor cursor(content);
  const auto version = read_full_box(cursor).version;
  cursor.skip(4);  // grouping_type
  const auto default_length = version >= 1 ? cursor.u32() : 0;
  EncryptionGroups groups;
  if (version >= 2) groups.default_index = cursor.u32();
  const auto count = cursor.u32();
  if (count > kMaxDescriptions) return malformed("sgpd");
  for (std::uint32_t i = 0; i < count && cursor.ok(); ++i) {
    if (version == 0) {
      // Descriptions have no length: this one's is in its content, behind fixed 20 bytes.
      const auto rest = cursor.rest();
      const bool constant = rest.size() > 20 && rest[2] != 0 && rest[3] == 0;
      cursor.skip(constant ? 21 + static_cast<unsigned char>(rest[20]) : 20);
      auto description = parse_seig(rest);
      if (!description) return description.error();
      groups.descriptions.push_back(std::move(*description));
      continue;
    }
    auto description = parse_seig(cursor.take(default_length != 0 ? default_length : cursor.u32()));
    if (!description) return description.error();
    groups.descriptions.push_back(std::move(*description));
  }
  if (!cursor.ok()) return malformed("sgpd");
  return groups;
}

Result<SampleToGroup> SampleToGroup::parse(std::string_view content) {
  ByteCursor cursor(content);
  const auto version = read_full_box(cursor).version;
  cursor.skip(version == 1 ? 8 : 4);  // grouping_type, and its parameter
  SampleToGroup groups;
  groups.entries_ = cursor.take(std::uint64_t{cursor.u32()} * kEntry);
  if (!cursor.ok()) return malformed("sbgp");
  return groups;
}

std::uint32_t SampleToGroup::group_of(std::uint64_t index) noexcept {
  if (index < first_) entry_ = first_ = 0;
  while (entry_ * kEntry < entries_.size()) {
    ByteCursor cursor(entries_.substr(entry_ * kEntry));
    const auto count = cursor.u32();
    const auto group = cursor.u32();
    if (index - first_ < count) return group;
    first_ += count;
    ++entry_;
  }
  return 0;
}

}  // namespace sluice::mp4
