#include "sluice/upstream/probe.hpp"

#include <fmt/format.h>

#include "sluice/http/range.hpp"

namespace sluice::upstream {
namespace {

constexpr std::uint64_t kMaxUnwantedBody = 16 * 1024;
constexpr auto kUnwantedBodyPatience = std::chrono::milliseconds(200);

bool refuses_head(const Result<std::unique_ptr<Response>>& response) {
  if (!response) return response.error().code == Errc::connection_lost;
  const auto status = (*response)->head.status;
  return status == 403 || status == 405 || status >= 500;
}

/// Turns the answer to "bytes=0-0" into what a plain GET would have said.
void forget_range(http::ResponseHead& head) {
  const auto content_range = head.headers.value("Content-Range");
  std::uint64_t total = 0;
  bool known = false;
  if (head.status == 206) {
    if (const auto range = http::parse_content_range(content_range); range && range->total) {
      total = *range->total;
      known = true;
    }
  } else if (head.status == 416 && content_range == "bytes */0") {
    known = true;  // no first byte: the resource is empty
  } else {
    return;
  }
  head.status = 200;
  head.headers.remove("Content-Range");
  head.headers.remove("Content-Length");
  if (known) head.headers.add("Content-Length", fmt::to_string(total));
}

}  // namespace

awaitable<Result<std::unique_ptr<Response>>> probe(Client& client, Request&& request,
                                                   net::CancelSignal* cancel) {
  request.method = http::Method::head;
  auto second = request;
  auto response = co_await client.open(std::move(request), cancel);
  if (!refuses_head(response)) co_return response;

  second.method = http::Method::get;
  const bool own_range = !second.headers.get("Range");
  if (own_range) second.headers.set("Range", "bytes=0-0");
  response = co_await client.open(std::move(second), cancel);
  if (!response) co_return response;
  if (own_range) forget_range((*response)->head);
  co_await (*response)->body.drain(kMaxUnwantedBody, kUnwantedBodyPatience);
  co_return response;
}

}  // namespace sluice::upstream
