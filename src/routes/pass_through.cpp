#include "pass_through.hpp"

#include <fmt/format.h>

#include "sluice/core/text.hpp"
#include "sluice/delivery/deliver.hpp"
#include "sluice/http/header_policy.hpp"
#include "sluice/server/error_reply.hpp"
#include "sluice/upstream/probe.hpp"

namespace sluice::routes {
namespace {

/// An error's body is read up to here to keep the connection.
constexpr std::uint64_t kMaxErrorBody = 64 * 1024;
constexpr auto kErrorBodyPatience = std::chrono::milliseconds(200);

http::HeaderList client_headers(const http::ResponseHead& head) {
  http::HeaderList headers;
  headers.reserve(512, 16);
  for (std::size_t i = 0; i < head.headers.size(); ++i) {
    const auto [name, value] = head.headers[i];
    // Each name once: readers disagree on which of several counts.
    if (http::passes_to_client(name) && !iequals(name, "Content-Length") && !headers.get(name)) {
      headers.add(name, value);
    }
  }
  return headers;
}

}  // namespace

std::optional<std::uint64_t> length_of(const http::ResponseHead& head, bool is_head) {
  if (is_head) return parse_u64(head.headers.value("Content-Length"));
  if (head.body.kind == http::BodyFraming::Kind::length) return head.body.length;
  if (head.body.kind == http::BodyFraming::Kind::none) return 0;
  return std::nullopt;
}

awaitable<Result<std::unique_ptr<upstream::Response>>> fetch(server::Exchange& exchange,
                                                             Services& services,
                                                             upstream::Request&& request) {
  auto* cancel = &exchange.cancel();
  auto asking = exchange.is_head() ? upstream::probe(services.upstream, std::move(request), cancel)
                                   : services.upstream.open(std::move(request), cancel);
  auto response = co_await std::move(asking);
  if (response) exchange.timings = {(*response)->dial, (*response)->first_byte};
  co_return response;
}

awaitable<void> drain_error(upstream::Response& response) {
  co_await response.body.drain(kMaxErrorBody, kErrorBodyPatience);
}

awaitable<Result<>> pass_error(server::Exchange& exchange, upstream::Response& response,
                               std::string_view what) {
  const auto status = response.head.status;
  http::HeaderList headers;
  for (const std::string_view name : {"Retry-After", "Content-Range"}) {
    if (const auto value = response.head.headers.get(name)) headers.add(name, *value);
  }
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  const auto reason = http::reason_phrase(status);
  const auto body = server::error_body(
      fmt::format("The origin answered {}{}{}{}", status, reason.empty() ? "" : " ", reason, what));
  auto sent = co_await exchange.send(status, std::move(headers), body);
  co_await drain_error(response);
  co_return sent;
}

awaitable<Result<>> pass_through(server::Exchange& exchange, Services& services,
                                 upstream::Response& response, const ResponseEdits& edits,
                                 PassThrough changes) {
  auto status = response.head.status;
  if (status >= 400) co_return co_await pass_error(exchange, response);

  auto headers = client_headers(response.head);
  if (!changes.content_type.empty()) headers.set("Content-Type", changes.content_type);
  if (!changes.content_disposition.empty()) {
    headers.set("Content-Disposition", changes.content_disposition);
  }
  if (changes.whole) {
    status = 200;
    headers.remove("Content-Range");
    headers.remove("Accept-Ranges");
  } else if (status == 206) {
    if (!headers.get("Accept-Ranges")) headers.add("Accept-Ranges", "bytes");
    if (edits.drops("Content-Range")) status = 200;
  }
  edits.apply_to(headers, false);
  auto length = changes.body ? changes.length : length_of(response.head, exchange.is_head());
  if (edits.drops("Content-Length")) length = std::nullopt;

  auto& writer = exchange.begin(status, std::move(headers), length);
  if (!writer.wants_body()) co_return co_await writer.finish();
  if (auto sent = co_await writer.write(changes.read_ahead); !sent) co_return sent;
  if (changes.body) co_return co_await delivery::deliver(*changes.body, writer);
  co_return co_await delivery::deliver(exchange.worker(), services.upstream, response, writer,
                                       &exchange.cancel());
}

}  // namespace sluice::routes
