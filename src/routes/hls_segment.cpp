#include "handlers.hpp"
#include "pass_through.hpp"
#include "proxy_request.hpp"
#include "sluice/core/text.hpp"
#include "sluice/http/content_type.hpp"

namespace sluice::routes {

awaitable<Result<>> serve_hls_segment(server::Exchange& exchange, Services& services) {
  auto wanted = parse_proxy_request(exchange);
  if (!wanted) co_return wanted.error();

  auto response = co_await fetch(exchange, services, std::move(*wanted).upstream_request());
  if (!response) co_return response.error();

  // Origins disguise segments as images, scripts or text; the playlist told what they are.
  PassThrough changes;
  if (http::is_uninformative((*response)->head.headers.value("Content-Type"))) {
    const auto by_extension = http::segment_type(ascii_lower(exchange.path_tail()));
    changes.content_type = by_extension.empty() ? "application/octet-stream" : by_extension;
  }
  co_return co_await pass_through(exchange, services, **response, wanted->edits,
                                  std::move(changes));
}

}  // namespace sluice::routes
