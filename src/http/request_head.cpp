#include "sluice/http/request_head.hpp"

#include "head_parser.hpp"
#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

Method to_method(boost::beast::http::verb verb) noexcept {
  using Verb = boost::beast::http::verb;
  switch (verb) {
    case Verb::get:
      return Method::get;
    case Verb::head:
      return Method::head;
    case Verb::options:
      return Method::options;
    case Verb::post:
      return Method::post;
    default:
      return Method::other;
  }
}

/// Origin-form of a target; empty when it has none. RFC 9112, 3.2.
std::string_view origin_form(std::string_view target) noexcept {
  if (target.starts_with('/')) return target;
  if (!istarts_with(target, "http://") && !istarts_with(target, "https://")) return {};
  const auto path = target.find_first_of("/?", target.find("//") + 2);
  return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::options:
      return "OPTIONS";
    case Method::post:
      return "POST";
    case Method::other:
      break;
  }
  return "other";
}

std::string_view RequestHead::path() const noexcept {
  const std::string_view view = target;
  return view.substr(0, view.find('?'));
}

std::string_view RequestHead::query() const noexcept {
  const auto at = target.find('?');
  return at == std::string::npos ? std::string_view() : std::string_view(target).substr(at + 1);
}

Result<RequestHead> parse_request_head(std::string_view head, const HeadLimits& limits) {
  if (auto checked = check_request_head(head, limits); !checked) return checked.error();
  RequestHead request;
  HeadParser<true> parser(request.headers, limits.max_bytes);
  if (!parser.parse(head)) return client_error(Errc::bad_request, "malformed request");

  request.method = to_method(parser.verb);
  const auto target = parser.target == "*" && request.method == Method::options
                          ? parser.target
                          : origin_form(parser.target);
  if (target.empty()) return client_error(Errc::bad_request, "request target is not a path");
  if (target.starts_with('?')) request.target = '/';
  request.target += target;
  request.http11 = parser.version == 11;
  request.keep_alive = request.http11 ? !request.headers.has_token("Connection", "close")
                                      : request.headers.has_token("Connection", "keep-alive");
  if (request.headers.count("Transfer-Encoding")) {
    request.body.kind = BodyFraming::Kind::chunked;
  } else if (const auto length = parse_u64(request.headers.value("Content-Length"))) {
    if (*length > 0) request.body = {BodyFraming::Kind::length, *length};
  }
  if (const auto expect = request.headers.get("Expect"); expect && request.http11) {
    if (!iequals(*expect, "100-continue")) {
      return client_error(Errc::expectation_failed, "unknown Expect");
    }
    request.expects_continue = true;
  }
  return request;
}

}  // namespace sluice::http
