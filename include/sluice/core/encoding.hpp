#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// base64 of either alphabet (`+/` or `-_`, also mixed), padded or not; a space counts as `+`,
/// because a raw `+` in a query string arrives as one. nullopt on any other character, a wrong
/// length, or padding elsewhere than at the end. RFC 4648, 4 and 5.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

/// Standard base64 with padding. RFC 4648, 4.
[[nodiscard]] std::string base64_encode(std::string_view bytes);

/// URL-safe base64 without padding. RFC 4648, 5.
[[nodiscard]] std::string base64url_encode(std::string_view bytes);

/// Replaces each valid %XX; a '%' not followed by two hex digits stays. '+' stays.
[[nodiscard]] std::string percent_decode(std::string_view text);

/// application/x-www-form-urlencoded: percent_decode, and '+' is a space.
[[nodiscard]] std::string form_decode(std::string_view text);

/// application/x-www-form-urlencoded, as Python's quote_plus: ALPHA DIGIT - . _ ~ stay, space is
/// '+', everything else %XX in upper case.
void form_encode_to(std::string& out, std::string_view text);
[[nodiscard]] std::string form_encode(std::string_view text);

/// Percent-encodes only what may not stand in a request target (space, controls, non-ASCII and
/// `"<>\^`{|}`); an existing %XX, and a lone '%', stay as they are. For upstream URLs, which are
/// never decoded and encoded again.
[[nodiscard]] std::string encode_illegal(std::string_view text);
/// True when encode_illegal() would change `text`.
[[nodiscard]] bool has_illegal(std::string_view text) noexcept;

/// Length of the sequence of well-formed UTF-8 that `bytes`, which is not empty, begins with; 0
/// when it begins with none. RFC 3629.
[[nodiscard]] std::size_t utf8_sequence(std::string_view bytes) noexcept;
/// True for well-formed UTF-8 without surrogates or overlong forms. RFC 3629.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace sluice
