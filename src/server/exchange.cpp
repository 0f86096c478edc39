#include "sluice/server/exchange.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <iterator>

#include "sluice/core/text.hpp"
#include "sluice/http/content_type.hpp"
#include "sluice/http/response_head.hpp"
#include "sluice/net/worker.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::server {
namespace {

/// Players run in web pages of any origin; access is decided by the URL, never by cookies.
constexpr std::string_view kFixedHeaders =
    "Access-Control-Allow-Origin: *\r\n"
    "Access-Control-Expose-Headers: Content-Length, Content-Range, Accept-Ranges, Content-Type, "
    "ETag\r\n"
    "X-Content-Type-Options: nosniff\r\n";

constexpr std::string_view kSandbox =
    "Content-Security-Policy: sandbox; default-src 'none'\r\n"
    "Referrer-Policy: no-referrer\r\n";

/// IMF-fixdate, made once a second. RFC 9110, 5.6.7.
const std::string& date_now() {
  thread_local std::time_t second = 0;
  thread_local std::string text;
  const auto now = std::time(nullptr);
  if (now != second) {
    second = now;
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
  }
  return text;
}

bool has_no_body(unsigned status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace

Exchange::Exchange(http::RequestHead request, std::string body, Link link)
    : request_(std::move(request)),
      body_(std::move(body)),
      link_(std::move(link)),
      query_(Query::parse(request_.query())),
      id_(link_.client.worker().request_ids().next()),
      writer_(link_.client, link_.send_timeout),
      keep_alive_(request_.keep_alive) {}

void Exchange::set_route(std::string_view route, std::string tail) {
  route_ = route;
  path_tail_ = std::move(tail);
  times_.routed = Clock::now();
  worker().metrics().add_request(family_of(route));
}

/// What is known as the head is made; steps that did not happen are left out.
void Exchange::append_server_timing(std::string& head) const {
  const auto to = std::back_inserter(head);
  const auto append = [&](std::string_view step, Clock::duration length) {
    fmt::format_to(to, "{};dur={:.2f}, ", step,
                   std::chrono::duration<double, std::milli>(length).count());
  };
  head += "Server-Timing: ";
  if (times_.admitted) append("auth", *times_.admitted - *times_.routed);
  if (asked_origin()) {
    append("dial", timings.dial);
    append("first_byte", timings.first_byte);
  }
  append("total", *times_.begun - times_.started);
  head.resize(head.size() - 2);
  head += "\r\nTiming-Allow-Origin: *\r\n";
}

http::BodyWriter& Exchange::begin(unsigned status, http::HeaderList headers,
                                  std::optional<std::uint64_t> length) {
  using Kind = http::BodyFraming::Kind;
  status_ = status;
  times_.begun = Clock::now();
  if (link_.closing) keep_alive_ = false;
  http::BodyFraming framing;
  if (has_no_body(status)) {
    framing.kind = Kind::none;
  } else if (length) {
    framing = {Kind::length, *length};
  } else if (request_.http11) {
    framing.kind = Kind::chunked;
  } else {
    framing.kind = Kind::until_close;
    keep_alive_ = false;
  }
  // Somebody else's page must not run with this server's origin, nor tell its address to others.
  const bool active = http::is_active_content(headers.value("Content-Type"));
  if (active && !istarts_with(headers.value("Content-Disposition"), "attachment")) {
    headers.set("Content-Disposition", "attachment");
  }
  std::string head;
  head.reserve(768);
  const fmt::format_int status_text(status);
  head.append("HTTP/1.1 ").append(status_text.data(), status_text.size()).append(" ");
  head.append(http::reason_phrase(status)).append("\r\n");
  headers.write_to(head);
  if (framing.kind == Kind::length) {
    const fmt::format_int length_text(framing.length);
    head.append("Content-Length: ").append(length_text.data(), length_text.size()).append("\r\n");
  } else if (framing.kind == Kind::chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  if (active) head += kSandbox;
  head += kFixedHeaders;
  head.append("X-Request-Id: ").append(id()).append("\r\n");
  // Not of a refusal, whose time might tell what was wrong.
  if (times_.admitted && query_.flag("server_timing")) append_server_timing(head);
  head.append("Date: ").append(date_now()).append("\r\n");
  if (!keep_alive_) {
    head += "Connection: close\r\n";
  } else if (!request_.http11) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  writer_.start(std::move(head), framing, !is_head());
  return writer_;
}

awaitable<Result<>> Exchange::send(unsigned status, http::HeaderList headers,
                                   std::string_view body) {
  auto& writer = begin(status, std::move(headers), body.size());
  if (auto written = co_await writer.write(body); !written) co_return written;
  co_return co_await writer.finish();
}

awaitable<Result<>> Exchange::send_error(const Error& error, http::HeaderList headers) {
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  if (const auto seconds = retry_after_of(error); !seconds.empty()) {
    headers.add("Retry-After", seconds);
  }
  const auto body = error_body(message_of(error));
  co_return co_await send(status_of(error), std::move(headers), body);
}

}  // namespace sluice::server
