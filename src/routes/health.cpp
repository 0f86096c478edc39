#include "handlers.hpp"

namespace sluice::routes {

awaitable<Result<>> serve_health(server::Exchange& exchange) {
  http::HeaderList headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  co_return co_await exchange.send(200, std::move(headers), R"({"status":"healthy"})");
}

}  // namespace sluice::routes
