#include "handlers.hpp"

namespace sluice::routes {
namespace {

http::HeaderList fresh_json() {
  http::HeaderList headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  return headers;
}

}  // namespace

awaitable<Result<>> serve_health(server::Exchange& exchange) {
  co_return co_await exchange.send(200, fresh_json(), R"({"status":"healthy"})");
}

awaitable<Result<>> serve_readiness(server::Exchange& exchange, Services& services) {
  if (services.program.leaving) {
    co_return co_await exchange.send(503, fresh_json(), R"({"status":"draining"})");
  }
  co_return co_await exchange.send(200, fresh_json(), R"({"status":"ready"})");
}

}  // namespace sluice::routes
