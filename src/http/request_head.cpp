#include "sluice/http/request_head.hpp"

#include "head_parser.hpp"
#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

Method to_method(boost::beast::http::verb verb) noexcept {
  using Verb = boost::beast::http::verb;
  switch (verb) {
    case Verb::get: return Method::get;
    case Verb::head: return Method::head;
    case Verb::options: return Method::options;
    case Verb::post: return Method::post;
    default: return Method::other;
  }
}

/// Stores the origin-form of a target; the authority of an absolute-form one takes the place of the
/// Host header. RFC 9112, 3.2.
Result<> take_target(std::string_view target, RequestHead& request) {
  if (target.starts_with('/') || (target == "*" && request.method == Method::options)) {
    request.target = target;
    return {};
  }
  if (!istarts_with(target, "http://") && !istarts_with(target, "https://")) {
    return client_error(Errc::bad_request, "request target is not a path");
  }
  target.remove_prefix(target.find("//") + 2);
  const auto authority = target.substr(0, target.find_first_of("/?"));
  if (authority.empty() || !is_host_value(authority)) {
    return client_error(Errc::bad_request, "malformed host in the request target");
  }
  target.remove_prefix(authority.size());
  if (!target.starts_with('/')) request.target = '/';
  request.target += target;
  request.headers.set("Host", authority);
  return {};
}

}  // namespace

std::string_view to_string(Method method) noexcept {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::options: return "OPTIONS";
    case Method::post: return "POST";
    case Method::other: break;
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
  if (auto taken = take_target(parser.target, request); !taken) return taken.error();
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
