#pragma once

#include <string_view>

namespace sluice::http {

/// Media type of a segment by its extension (without dot, lower case): ts, m4s, mp4, m4v, m4a, aac,
/// and others of the field; empty when unknown.
[[nodiscard]] std::string_view segment_type(std::string_view extension) noexcept;

/// True for a Content-Type that says nothing about a media segment, or disguises it: missing,
/// application/octet-stream, image/*, text/* except WebVTT, scripts.
[[nodiscard]] bool is_uninformative(std::string_view content_type) noexcept;

/// True for types a browser would run or render with the proxy's own origin: HTML, SVG, XML,
/// scripts. They are sent with a sandboxing policy.
[[nodiscard]] bool is_active_content(std::string_view content_type) noexcept;

}  // namespace sluice::http
