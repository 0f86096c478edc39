#include "sluice/core/destination.hpp"

#include <string>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice {
namespace {

/// Shorter texts are never taken for base64.
constexpr std::size_t kMinBase64 = 10;

std::string from_base64(std::string_view text) {
  if (text.size() < kMinBase64 || text.find(':') != std::string_view::npos) return {};
  auto decoded = base64_decode(text);
  if (!decoded || !is_utf8(*decoded) || !Url::parse(*decoded)) return {};
  return *std::move(decoded);
}

/// http%22//, http%3A%22//, http:"// and the same with https become http:// and https://.
std::string repair_quotes(std::string text) {
  for (const std::string_view scheme : {"https", "http"}) {
    if (!istarts_with(text, scheme)) continue;
    for (const std::string_view damage : {"%3A%22//", "%22//", ":\"//", "\"//"}) {
      if (istarts_with(std::string_view(text).substr(scheme.size()), damage)) {
        return text.replace(scheme.size(), damage.size(), "://");
      }
    }
    return text;
  }
  return text;
}

/// Drops keys that were encoded into the destination together with the proxy's own parameters.
void drop_appended_keys(std::string& text) {
  const auto key_id = text.find("&key_id=");
  if (key_id != std::string::npos && text.find("&key=") != std::string::npos) text.resize(key_id);
}

}  // namespace

Result<Url> parse_destination(std::string_view text) {
  auto url = std::string(trim(text));
  if (auto decoded = from_base64(url); !decoded.empty()) url = std::move(decoded);
  url = repair_quotes(std::move(url));
  drop_appended_keys(url);
  return Url::parse(url);
}

}  // namespace sluice
