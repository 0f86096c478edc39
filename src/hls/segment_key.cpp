#include "sluice/hls/segment_key.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/core/text.hpp"
#include "sluice/hls/attribute_list.hpp"

namespace sluice::hls {

void SequenceNumbers::see(const Tag& tag) noexcept {
  if (tag.name == "EXT-X-MEDIA-SEQUENCE") {
    next_ = parse_u64(trim(tag.value)).value_or(0);
  } else if (tag.name == "EXT-X-SKIP") {
    next_ += parse_u64(attribute_value(tag.value, "SKIPPED-SEGMENTS")).value_or(0);
  }
}

std::string implicit_iv(std::uint64_t sequence_number) {
  return fmt::format("0x{:032x}", sequence_number);
}

bool KeysInEffect::knows(std::string_view format) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Key& key) { return key.format == format; });
}

void KeysInEffect::see(std::string_view line, std::string_view attributes) {
  if (attribute_value(attributes, "METHOD") == "NONE") return keys_.clear();
  const auto given = attribute_value(attributes, "KEYFORMAT");
  const auto format = given.empty() ? std::string_view("identity") : given;
  if (keys_.size() >= kMaxFormats && !knows(format)) return;
  std::erase_if(keys_, [&](const Key& key) { return key.format == format; });
  keys_.push_back({line, format, format == "identity" && !find_attribute(attributes, "IV")});
}

std::vector<std::string> KeysInEffect::lines() const {
  std::vector<std::string> lines;
  for (const auto& key : keys_) lines.emplace_back(key.line);
  return lines;
}

std::vector<std::string> KeysInEffect::lines(std::uint64_t sequence_number) const {
  std::vector<std::string> lines;
  for (const auto& key : keys_) {
    lines.emplace_back(key.line);
    if (key.implicit_iv) {
      lines.back().erase(lines.back().find_last_not_of(" \t,") + 1);
      lines.back().append(",IV=").append(implicit_iv(sequence_number));
    }
  }
  return lines;
}

}  // namespace sluice::hls
