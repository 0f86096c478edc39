#include "sluice/dash/clock.hpp"

#include <algorithm>

#include "sluice/core/text.hpp"
#include "sluice/dash/iso8601.hpp"

namespace sluice::dash {
namespace {

constexpr std::string_view kScheme = "urn:mpeg:dash:utc:";

/// "urn:mpeg:dash:utc:http-head:2014": the method alone; empty for another scheme.
std::string_view method_name(std::string_view scheme) noexcept {
  if (!istarts_with(scheme, kScheme)) return {};
  scheme.remove_prefix(kScheme.size());
  return scheme.substr(0, scheme.find(':'));
}

/// The URLs of a list that blanks separate; others are left out.
std::vector<Url> urls_of(std::string_view list, const Url& base) {
  std::vector<Url> urls;
  for (const auto word : split(list, ' ')) {
    if (trim(word).empty()) continue;
    if (auto url = base.resolve(trim(word))) urls.push_back(*std::move(url));
  }
  return urls;
}

/// Some servers quote the time, as JSON does.
std::string_view unquoted(std::string_view text) noexcept {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::vector<ClockSource> clock_sources(const Mpd& mpd, const Url& url) {
  std::vector<ClockSource> sources;
  for (const Descriptor& timing : mpd.utc_timings) {
    const auto method = method_name(timing.scheme_id_uri);
    if (iequals(method, "direct")) {
      sources.push_back({ClockSource::Method::direct, timing.value, {}});
      continue;
    }
    const bool head = iequals(method, "http-head");
    if (!head && !iequals(method, "http-iso") && !iequals(method, "http-xsdate")) continue;
    auto urls = urls_of(timing.value, url);
    if (urls.empty()) continue;
    sources.push_back({head ? ClockSource::Method::head : ClockSource::Method::get, timing.value,
                       std::move(urls)});
  }
  return sources;
}

Result<Duration> clock_offset(const ClockSource& source, std::string_view answer, Time local) {
  const auto time = source.method == ClockSource::Method::head ? parse_http_date(answer)
                                                               : parse_date_time(unquoted(answer));
  if (!time) return upstream_error(Errc::bad_manifest, "UTCTiming: the answer is no time");
  const int128 offset =
      static_cast<int128>(time->time_since_epoch().count()) - local.time_since_epoch().count();
  constexpr int128 most = Duration::max().count();
  constexpr int128 least = Duration::min().count();
  return Duration(static_cast<std::int64_t>(std::clamp(offset, least, most)));
}

}  // namespace sluice::dash
