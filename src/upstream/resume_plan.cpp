#include "sluice/upstream/resume_plan.hpp"

#include <fmt/format.h>

#include <ctime>

#include "sluice/core/text.hpp"
#include "sluice/http/range.hpp"

namespace sluice::upstream {
namespace {

Error refused(std::string why) {
  return upstream_error(Errc::resume_refused, std::move(why));
}

/// An entity tag that promises equal bytes.
bool is_strong(std::string_view etag) {
  return etag.size() >= 2 && etag.front() == '"' && etag.back() == '"';
}

/// IMF-fixdate, the only form to be sent. RFC 9110, 5.6.7.
std::optional<std::time_t> parse_date(std::string_view text) {
  std::tm parts{};
  const std::string whole(text);
  const char* end = ::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

/// A date identifies bytes only when the resource was not changed in the second it was sent. RFC
/// 9110, 8.8.2.2.
bool is_strong_date(const http::HeaderList& headers) {
  const auto modified = parse_date(headers.value("Last-Modified"));
  const auto sent = parse_date(headers.value("Date"));
  return modified && sent && *modified < *sent;
}

}  // namespace

std::optional<ResumePlan> ResumePlan::make(Request request, const http::ResponseHead& answer) {
  if (request.method != http::Method::get) return std::nullopt;
  if (answer.body.kind != http::BodyFraming::Kind::length) return std::nullopt;
  const auto& headers = answer.headers;
  ResumePlan plan(std::move(request));
  if (answer.status == 200) {
    plan.last_ = answer.body.length - 1;
    plan.total_ = answer.body.length;
  } else if (answer.status == 206) {
    const auto range = http::parse_content_range(headers.value("Content-Range"));
    if (!range || range->last - range->first != answer.body.length - 1) return std::nullopt;
    plan.first_ = range->first;
    plan.last_ = range->last;
    plan.total_ = range->total;
  } else {
    return std::nullopt;
  }
  const auto etag = headers.value("ETag");
  plan.is_etag_ = is_strong(etag);
  if (plan.is_etag_) {
    plan.validator_ = etag;
  } else if (is_strong_date(headers)) {
    plan.validator_ = headers.value("Last-Modified");
  } else {
    return std::nullopt;
  }
  plan.coding_ = headers.value("Content-Encoding");
  return plan;
}

Request ResumePlan::request_after(std::uint64_t received) const {
  auto request = request_;
  request.headers.set("Range", fmt::format("bytes={}-{}", first_ + received, last_));
  request.headers.set("If-Range", validator_);
  return request;
}

Result<> ResumePlan::check(const http::ResponseHead& answer, std::uint64_t received) const {
  if (answer.status != 206) return refused(fmt::format("status {}", answer.status));
  const auto& headers = answer.headers;
  const auto range = http::parse_content_range(headers.value("Content-Range"));
  if (!range) return refused("no single Content-Range");
  if (range->first != first_ + received || range->last > last_) return refused("another range");
  if (total_ && range->total && *total_ != *range->total) return refused("another total length");
  if (answer.body.kind == http::BodyFraming::Kind::length &&
      answer.body.length != range->last - range->first + 1) {
    return refused("length and range disagree");
  }
  // A 206 repeats the entity tag; the date may be left out. RFC 9110, 15.3.7.
  const auto current = headers.get(is_etag_ ? "ETag" : "Last-Modified");
  if (current ? *current != validator_ : is_etag_) return refused("the resource has changed");
  if (!iequals(headers.value("Content-Encoding"), coding_)) return refused("another coding");
  return {};
}

}  // namespace sluice::upstream
