#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"
#include "sluice/core/url.hpp"
#include "sluice/dash/mpd.hpp"

namespace sluice::dash {

/// One way to learn what time it is, as UTCTiming names them. ISO/IEC 23009-1, 5.8.4.11.
struct ClockSource {
  enum class Method : std::uint8_t {
    direct,  ///< `value` is the time
    get,     ///< a GET of one of `urls` gives it as text (http-xsdate, http-iso)
    head     ///< a HEAD of one of `urls` gives it in its Date header
  };
  Method method = Method::direct;
  std::string value;
  std::vector<Url> urls;  ///< alternatives; not empty except for `direct`
};

/// What the MPD from `url` offers, in its order of preference. NTP, SNTP and unknown schemes are
/// left out, and so are sources without a URL that is http(s).
[[nodiscard]] std::vector<ClockSource> clock_sources(const Mpd& mpd, const Url& url);

/// What has to be added to the own clock, which said `local` when `answer` came: the text of the
/// source itself (direct), of the body (get), or of the Date header (head). bad_manifest (origin
/// upstream) when it is no time.
[[nodiscard]] Result<Duration> clock_offset(const ClockSource& source, std::string_view answer,
                                            Time local);

}  // namespace sluice::dash
