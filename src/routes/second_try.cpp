#include "second_try.hpp"

#include "pass_through.hpp"
#include "sluice/net/event.hpp"

namespace sluice::routes {

bool allows_second_try(const Services& services, const http::ResponseHead& head) {
  return services.upstream.settings().retry_attempts > 0 && !head.headers.get("Retry-After");
}

awaitable<Result<>> prepare_second_try(server::Exchange& exchange, Services& services,
                                       std::unique_ptr<upstream::Response> refused) {
  if (refused) {
    co_await drain_error(*refused);
    refused.reset();  // its permit is needed
  }
  net::Event never(exchange.worker());
  const auto pause = Deadline::in(services.upstream.settings().retry_delay);
  if (const auto why = co_await never.wait(pause, &exchange.cancel()); net::is_cancel(why)) {
    co_return net::cancel_error(why);
  }
  co_return Result<>();
}

}  // namespace sluice::routes
