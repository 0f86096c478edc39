#include "sluice/hls/tag.hpp"

#include <algorithm>

#include "sluice/core/text.hpp"

namespace sluice::hls {

bool is_uri_line(std::string_view line) noexcept {
  const std::string_view text = trim(line);
  return !text.empty() && text[0] != '#';
}

std::optional<Tag> parse_tag(std::string_view line) noexcept {
  line.remove_prefix(static_cast<std::size_t>(trim(line).data() - line.data()));
  if (line.substr(0, 4) != "#EXT") return std::nullopt;
  line.remove_prefix(1);
  const auto name_end = std::find_if(line.begin(), line.end(),
                                     [](char c) { return c == ':' || c == ' ' || c == '\t'; });
  const std::string_view name(line.begin(), name_end);
  line.remove_prefix(name.size());
  const auto colon = line.find_first_not_of(" \t");
  if (colon == line.npos || line[colon] != ':') return Tag{name, {}};
  return Tag{name, line.substr(colon + 1)};
}

}  // namespace sluice::hls
