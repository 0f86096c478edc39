#include <algorithm>

#include "mpd_reader.hpp"
#include "sluice/core/text.hpp"

namespace sluice::dash {
namespace {

constexpr std::string_view kName = "BaseURL";

Duration saturated_sum(Duration a, Duration b) noexcept {
  const int128 sum = static_cast<int128>(a.count()) + b.count();
  if (sum > Duration::max().count()) return Duration::max();
  if (sum < Duration::min().count()) return Duration::min();
  return Duration(static_cast<std::int64_t>(sum));
}

/// What one BaseURL element says, before it is resolved.
struct Alternative {
  std::string text;
  std::string service_location;
  std::optional<Duration> availability_time_offset;
  std::optional<bool> availability_time_complete;
  std::optional<ByteRange> byte_range;
};

Alternative read_alternative(MpdReader& reader, const xml::Element& element) {
  Alternative alternative;
  alternative.text = element.text();
  alternative.service_location = text_of(element, "serviceLocation");
  alternative.availability_time_offset = reader.seconds(element, "availabilityTimeOffset");
  alternative.availability_time_complete = reader.boolean(element, "availabilityTimeComplete");
  alternative.byte_range = parse_range(element.attribute("byteRange").value_or(""));
  return alternative;
}

bool is_listed(const std::vector<BaseUrl>& urls, const BaseUrl& wanted) {
  return std::any_of(urls.begin(), urls.end(), [&](const BaseUrl& known) {
    return known.url == wanted.url && known.byte_range == wanted.byte_range;
  });
}

}  // namespace

BaseUrls read_base_urls(MpdReader& reader, const xml::Element& element, const BaseUrls& parent) {
  std::vector<Alternative> own;
  auto child = element.first(kName);
  if (!child) return parent;
  const auto first = child;
  for (; child && own.size() < kMaxBaseUrls; child = child.next()) {
    if (child.name() == kName) own.push_back(read_alternative(reader, child));
  }
  std::vector<BaseUrl> urls;
  for (const BaseUrl& base : *parent) {
    for (const Alternative& alternative : own) {
      if (urls.size() == kMaxBaseUrls) break;
      auto url = base.url.resolve(alternative.text);
      if (!url) continue;
      reader.count_inherited(first, url->text().size());
      BaseUrl resolved{*std::move(url), alternative.service_location, base.availability_time_offset,
                       alternative.availability_time_complete, alternative.byte_range};
      if (resolved.service_location.empty()) resolved.service_location = base.service_location;
      if (alternative.availability_time_offset) {
        resolved.availability_time_offset =
            saturated_sum(base.availability_time_offset, *alternative.availability_time_offset);
      }
      if (!resolved.availability_time_complete) {
        resolved.availability_time_complete = base.availability_time_complete;
      }
      if (!is_listed(urls, resolved)) urls.push_back(std::move(resolved));
    }
  }
  if (!urls.empty()) return std::make_shared<const std::vector<BaseUrl>>(std::move(urls));
  reader.fail(first, "no http or https URL");
  return parent;
}

}  // namespace sluice::dash
