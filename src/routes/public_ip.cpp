#include <boost/asio/ip/address.hpp>
#include <boost/json/parse.hpp>

#include "handlers.hpp"
#include "json_fields.hpp"
#include "sluice/core/log.hpp"
#include "sluice/core/text.hpp"
#include "sluice/net/time_limit.hpp"
#include "sluice/routes/public_ip_cache.hpp"

namespace sluice::routes {

PublicIpCache::Known PublicIpCache::look(TimePoint now, Clock::duration max_age) {
  const std::lock_guard lock(mutex_);
  const bool young = !address_.empty() && now - since_ < max_age;
  if (young || (asking_ && !address_.empty())) return {address_, true};
  asking_ = true;
  return {address_, false};
}

void PublicIpCache::found(std::string address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  address_ = std::move(address);
  since_ = now;
  asking_ = false;
}

void PublicIpCache::failed() {
  const std::lock_guard lock(mutex_);
  asking_ = false;
}

namespace {

namespace json = boost::json;

/// Three services fit into the five seconds that clients of this API wait.
constexpr auto kPatience = std::chrono::milliseconds(1500);
constexpr std::size_t kMaxAnswer = 64 * 1024;

/// The address in an answer: member `ip` or `origin` (possibly a list) of a JSON object, or the
/// text itself. Empty when there is none.
std::string address_in(std::string_view answer) {
  std::string text(trim(answer));
  boost::system::error_code error;
  const auto value = json::parse(json::string_view(text.data(), text.size()), error);
  if (const auto* object = error ? nullptr : value.if_object()) {
    JsonFields fields(*object);
    text = fields.text("ip").value_or(fields.text("origin").value_or(std::string()));
  }
  text = std::string(trim(std::string_view(text).substr(0, text.find(','))));
  const auto address = boost::asio::ip::make_address(text, error);
  return error ? std::string() : address.to_string();
}

awaitable<Result<std::string>> ask(server::Exchange& exchange, Services& services, Url service) {
  net::TimeLimit limit(exchange.worker(), kPatience, &exchange.cancel());
  upstream::Request request{http::Method::get, std::move(service), {}};
  auto response = co_await services.upstream.open(std::move(request), &limit.signal());
  if (!response) co_return response.error();
  std::string body;
  while (body.size() < kMaxAnswer) {
    const auto piece = co_await (*response)->body.next();
    if (!piece) co_return piece.error();
    if (piece->empty()) break;
    body.append(piece->data(), piece->size());
  }
  if ((*response)->head.status != 200) co_return upstream_error(Errc::bad_response);
  co_return address_in(body);
}

/// Lets others ask again, however the asking ends.
class Asking {
 public:
  explicit Asking(PublicIpCache& cache) : cache_(cache) {}
  ~Asking() { cache_.failed(); }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  PublicIpCache& cache_;
};

awaitable<std::string> find_address(server::Exchange& exchange, Services& services) {
  for (const auto part : split(services.public_ip.services, ',')) {
    auto service = Url::parse(trim(part));
    if (!service) continue;
    const auto host = service->host();
    auto found = co_await ask(exchange, services, *std::move(service));
    if (found && !found->empty()) co_return *std::move(found);
    log::warning("{} did not tell this server's public address: {}", host,
                 found ? "its answer holds none" : to_string(found.error().code));
  }
  co_return std::string();
}

}  // namespace

awaitable<Result<>> serve_public_ip(server::Exchange& exchange, Services& services) {
  auto address = services.public_ip.address;
  if (address.empty()) {
    auto& cache = services.public_ip_cache;
    auto known = cache.look(Clock::now(), services.public_ip.cache_ttl);
    if (!known.fresh) {
      const Asking asking(cache);
      auto found = co_await find_address(exchange, services);
      if (!found.empty()) {
        known.address = found;
        cache.found(std::move(found), Clock::now());
      }
    }
    address = std::move(known.address);  // an old one is better than none
  }
  if (address.empty()) co_return upstream_error(Errc::public_ip_unknown);
  const json::object answer{{"ip", address}};
  co_return co_await send_json(exchange, answer);
}

}  // namespace sluice::routes
