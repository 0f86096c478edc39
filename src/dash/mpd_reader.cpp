#include "mpd_reader.hpp"

#include <fmt/format.h>

#include <charconv>

#include "sluice/core/text.hpp"
#include "sluice/dash/iso8601.hpp"

namespace sluice::dash {
namespace {

constexpr std::size_t kQuotedLength = 40;

/// What a parser makes of an attribute; absent when there is none.
template <class Parse>
auto parsed(const xml::Element& element, const char* name, Parse parse, bool& malformed)
    -> decltype(parse(std::string_view())) {
  const auto value = element.attribute(name);
  if (!value) return std::nullopt;
  const auto result = parse(trim(*value));
  malformed = !result;
  return result;
}

std::optional<std::int64_t> parse_i64(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Duration> not_negative(std::optional<Duration> duration) noexcept {
  return duration && *duration < Duration(0) ? std::nullopt : duration;
}

}  // namespace

std::optional<ByteRange> parse_range(std::string_view text) noexcept {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto first = parse_u64(trim(text.substr(0, dash)));
  const auto rest = trim(text.substr(dash + 1));
  const auto last = parse_u64(rest);
  if (!first || (!rest.empty() && !last) || (last && *last < *first)) return std::nullopt;
  return ByteRange{*first, last};
}

void MpdReader::fail(const xml::Element& at, std::string_view what) {
  if (error_) return;
  error_ = upstream_error(Errc::bad_manifest, fmt::format("MPD: {}: {}, {}", at.name(), what,
                                                          xml::position(text_, at.offset())));
}

void MpdReader::malformed(const xml::Element& element, const char* name, std::string_view value) {
  fail(element, fmt::format("{}=\"{}\" is malformed", name, value.substr(0, kQuotedLength)));
}

std::optional<std::uint64_t> MpdReader::number(const xml::Element& element, const char* name) {
  bool wrong = false;
  const auto value = parsed(element, name, parse_u64, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<std::int64_t> MpdReader::signed_number(const xml::Element& element,
                                                     const char* name) {
  bool wrong = false;
  const auto value = parsed(element, name, parse_i64, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<Duration> MpdReader::duration(const xml::Element& element, const char* name) {
  bool wrong = false;
  const auto parse = [](std::string_view text) { return not_negative(parse_duration(text)); };
  const auto value = parsed(element, name, parse, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<Time> MpdReader::time(const xml::Element& element, const char* name) {
  bool wrong = false;
  const auto value = parsed(element, name, parse_date_time, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<Duration> MpdReader::seconds(const xml::Element& element, const char* name) {
  bool wrong = false;
  const auto value = parsed(element, name, parse_decimal_seconds, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<ByteRange> MpdReader::range(const xml::Element& element, const char* name) {
  bool wrong = false;
  const auto value = parsed(element, name, parse_range, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

std::optional<bool> MpdReader::boolean(const xml::Element& element, const char* name) {
  const auto parse = [](std::string_view text) -> std::optional<bool> {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::nullopt;
  };
  bool wrong = false;
  const auto value = parsed(element, name, parse, wrong);
  if (wrong) malformed(element, name, *element.attribute(name));
  return value;
}

void MpdReader::count_period(const xml::Element& at) {
  if (++periods_ > kMaxPeriods) fail(at, fmt::format("more than {} Periods", kMaxPeriods));
}

void MpdReader::count_representation(const xml::Element& at) {
  if (++representations_ > kMaxRepresentations) {
    fail(at, fmt::format("more than {} Representations", kMaxRepresentations));
  }
}

void MpdReader::count_timeline_entry(const xml::Element& at) {
  if (++timeline_entries_ > kMaxTimelineEntries) {
    fail(at, fmt::format("more than {} entries in timelines", kMaxTimelineEntries));
  }
}

void MpdReader::count_inherited(const xml::Element& at, std::size_t bytes) {
  inherited_bytes_ += bytes;
  if (inherited_bytes_ > kMaxInheritedBytes) fail(at, "too many long URLs are inherited");
}

std::string text_of(const xml::Element& element, const char* name) {
  return std::string(element.attribute(name).value_or(""));
}

std::optional<std::uint32_t> lenient_number(const xml::Element& element,
                                            const char* name) noexcept {
  const auto text = element.attribute(name);
  const auto value = text ? parse_u64(trim(*text)) : std::nullopt;
  if (!value || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

XlinkReading read_xlink(const xml::Element& element) {
  const auto href = element.prefixed_attribute("href");
  if (!href) return {};
  if (trim(*href) == "urn:mpeg:dash:resolve-to-zero:2013") return {std::nullopt, true};
  const auto actuate = element.prefixed_attribute("actuate");
  return {Xlink{std::string(trim(*href)), actuate && *actuate == "onLoad"}, false};
}

}  // namespace sluice::dash
