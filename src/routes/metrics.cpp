#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "handlers.hpp"
#include "metrics_text.hpp"
#include "sluice/core/text.hpp"

namespace sluice::routes {
namespace {

/// Origins are a label: only so many are published.
constexpr std::size_t kMaxOrigins = 100;

bool wants_text(const server::Exchange& exchange) {
  if (const auto format = exchange.query().get_nonempty("format")) return *format == "prometheus";
  const auto accepted = split(exchange.request().headers.value("Accept"), ',');
  return std::any_of(accepted.begin(), accepted.end(), [](std::string_view range) {
    const auto type = trim(range.substr(0, range.find(';')));
    return iequals(type, "text/plain") || iequals(type, "application/openmetrics-text");
  });
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"KB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto amount = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; amount >= 1024; ++unit) amount /= 1024;
  return fmt::format("{:.2f} {}", amount, kUnits[unit]);
}

std::uint64_t bytes_sent(const MetricsSnapshot& counted) noexcept {
  return counted[Count::bytes_spliced] + counted[Count::bytes_copied];
}

std::uint64_t active_requests(const MetricsSnapshot& counted) noexcept {
  const auto begun = counted[Count::requests_begun];
  return begun - std::min(begun, counted[Count::requests_ended]);
}

std::string metrics_json(const MetricsSnapshot& counted) {
  const auto requests = [&](RouteFamily family) {
    return counted.families[static_cast<std::size_t>(family)].requests;
  };
  return boost::json::serialize(boost::json::object{
      {"uptime_seconds", counted.uptime.count()},
      {"total_requests", counted[Count::requests_begun]},
      {"active_connections", active_requests(counted)},
      {"bytes_out", bytes_sent(counted)},
      {"bytes_out_human", human_bytes(bytes_sent(counted))},
      {"proxy_stream_requests", requests(RouteFamily::stream)},
      {"hls_requests", requests(RouteFamily::hls)},
      {"mpd_requests", requests(RouteFamily::mpd)},
      {"telegram_requests", requests(RouteFamily::telegram)},
      {"extractor_requests", requests(RouteFamily::extractor)},
  });
}

awaitable<Result<>> serve_metrics(server::Exchange& exchange, Services& services) {
  // A token is for one stream; this shows the origins of all.
  if (exchange.authority().kind == access::Authority::Kind::token) {
    co_return client_error(Errc::unauthorized);
  }
  const auto& program = services.program;
  const bool text = wants_text(exchange);
  auto counted = program.metrics.snapshot();
  http::HeaderList headers;
  headers.add("Content-Type",
              text ? "text/plain; version=0.0.4; charset=utf-8" : "application/json");
  headers.add("Cache-Control", "no-store");
  headers.add("Vary", "Accept");
  const auto body = text ? prometheus_text({std::move(counted),
                                            program.limiter.busiest(kMaxOrigins), process_usage()})
                         : metrics_json(counted);
  co_return co_await exchange.send(200, std::move(headers), body);
}

}  // namespace sluice::routes
