#include "sluice/http/response_head.hpp"

#include <boost/beast/http/status.hpp>

#include "head_parser.hpp"
#include "sluice/core/text.hpp"

namespace sluice::http {
namespace {

/// Size of "HTTP/1.1 200".
constexpr std::size_t kStatusLine = 12;

Result<BodyFraming> framing_of(const ResponseHead& response, Method method) {
  using Kind = BodyFraming::Kind;
  const auto& headers = response.headers;
  if (method == Method::head || response.status < 200 || response.status == 204 ||
      response.status == 304) {
    return BodyFraming{};
  }
  const auto lengths = headers.count("Content-Length");
  if (headers.count("Transfer-Encoding")) {
    if (lengths || !iequals(headers.value("Transfer-Encoding"), "chunked")) {
      return upstream_error(Errc::bad_response, "ambiguous body length");
    }
    return BodyFraming{Kind::chunked, 0};
  }
  if (lengths == 0) return BodyFraming{Kind::until_close, 0};
  const auto first = headers.value("Content-Length");
  for (std::size_t i = 0; lengths > 1 && i < headers.size(); ++i) {
    if (iequals(headers[i].name, "Content-Length") && headers[i].value != first) {
      return upstream_error(Errc::bad_response, "several different Content-Length headers");
    }
  }
  const auto length = parse_u64(first);
  if (!length) return upstream_error(Errc::bad_response, "malformed Content-Length");
  return *length == 0 ? BodyFraming{} : BodyFraming{Kind::length, *length};
}

}  // namespace

Result<ResponseHead> parse_response_head(std::string_view head, Method method) {
  ResponseHead response;
  // "HTTP/1.1 200" without the blank before an absent reason, which Beast insists on.
  std::string mended;
  if (head.size() > kStatusLine && head[kStatusLine] == '\r') {
    head = mended.append(head.substr(0, kStatusLine)).append(" ").append(head.substr(kStatusLine));
  }
  HeadParser<false> parser(response.headers, head.size());
  if (!parser.parse(head)) {
    return upstream_error(Errc::bad_response, "the origin's answer is not valid HTTP/1.1");
  }
  response.status = parser.status;
  auto framing = framing_of(response, method);
  if (!framing) return framing.error();
  response.body = *framing;
  const bool wants = parser.version == 11 ? !response.headers.has_token("Connection", "close")
                                          : response.headers.has_token("Connection", "keep-alive");
  response.keep_alive = wants && response.body.kind != BodyFraming::Kind::until_close;
  return response;
}

std::string_view reason_phrase(unsigned status) noexcept {
  const auto known = boost::beast::http::int_to_status(status);
  if (known == boost::beast::http::status::unknown) return {};
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

}  // namespace sluice::http
