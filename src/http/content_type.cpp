#include "sluice/http/content_type.hpp"

#include <array>
#include <utility>

#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array kTypes = {
    Pair{"ts", "video/mp2t"},  Pair{"m4s", "video/mp4"},   Pair{"mp4", "video/mp4"},
    Pair{"m4v", "video/mp4"},  Pair{"m4a", "audio/mp4"},   Pair{"aac", "audio/aac"},
    Pair{"mp3", "audio/mpeg"}, Pair{"ac3", "audio/ac3"},   Pair{"ec3", "audio/eac3"},
    Pair{"vtt", "text/vtt"},   Pair{"webm", "video/webm"},
};

/// Type and subtype without parameters.
std::string_view essence(std::string_view content_type) noexcept {
  return trim(content_type.substr(0, content_type.find(';')));
}

}  // namespace

std::string_view segment_type(std::string_view extension) noexcept {
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return type;
  }
  return {};
}

bool is_uninformative(std::string_view content_type) noexcept {
  const auto type = essence(content_type);
  if (iequals(type, "text/vtt")) return false;
  return type.empty() || istarts_with(type, "image/") || istarts_with(type, "text/") ||
         iequals(type, "application/octet-stream") || iequals(type, "binary/octet-stream") ||
         is_active_content(type);
}

bool is_active_content(std::string_view content_type) noexcept {
  // The commonest types of media, for speed.
  if (content_type == "video/mp2t" || content_type == "video/mp4") return false;
  // All of the value: of a list, or after a broken parameter, browsers may take the last type.
  for (const std::string_view part :
       {"html", "xml", "svg", "xsl", "javascript", "ecmascript", "x-mixed-replace"}) {
    if (icontains(content_type, part)) return true;
  }
  return false;
}

}  // namespace sluice::http
