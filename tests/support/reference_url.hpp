#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// A second implementation of what the playlist checker needs of URLs, written after RFC 3986 step
/// by step and without a look at speed. It shares no code with core/url.

/// The parts of a URL or reference; its fragment is dropped. RFC 3986, 3.
struct UrlParts {
  std::string scheme;     ///< as written; empty when absent
  std::string authority;  ///< as written, meaningless without has_authority
  std::string path;
  std::string query;  ///< without '?', meaningless without has_query
  bool has_authority = false;
  bool has_query = false;
};
[[nodiscard]] UrlParts split_reference(std::string_view reference);

/// RFC 3986, 5.2.4, as it stands there.
[[nodiscard]] std::string without_dot_segments(std::string path);

/// The absolute http or https URL that `reference` in a playlist at `base` means. Bytes stay as
/// they are, except that what may not stand in a request is percent-encoded. An absolute reference
/// keeps its dot segments (where RFC 3986 removes them), because its sender may have signed it.
/// nullopt for other schemes, for what is no URL, and for more than 64 KiB.
[[nodiscard]] std::optional<std::string> resolve_reference(std::string_view base,
                                                           std::string_view reference);

/// The value of one parameter: %XX, and '+' for a space. A '%' without two hex digits stays.
[[nodiscard]] std::string decode_form(std::string_view text);
/// Everything but letters, digits and "-._~" as %XX.
[[nodiscard]] std::string encode_form(std::string_view text);

/// The decoded values of parameter `name` of a URL, in their order.
[[nodiscard]] std::vector<std::string> parameters_of(std::string_view url, std::string_view name);

/// The extension of an absolute URL's path in lower case, without its dot; empty when it has none.
[[nodiscard]] std::string extension_of(std::string_view url);

}  // namespace sluice::test
