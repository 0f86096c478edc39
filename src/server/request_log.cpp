#include "request_log.hpp"

#include <fmt/format.h>

#include <array>

#include "sluice/core/log.hpp"
#include "sluice/net/worker.hpp"

namespace sluice::server {
namespace {

double milliseconds(Clock::duration length) {
  return std::chrono::duration<double, std::milli>(length).count();
}

void count(const Exchange& exchange, const std::optional<Error>& error, TimePoint now) {
  auto& metrics = exchange.worker().metrics();
  metrics.add(Count::requests_ended);
  metrics.add_answer(exchange.route(), exchange.status());
  if (error) metrics.add_error(error->code);
  const auto family = family_of(exchange.route());
  const auto& times = exchange.times();
  if (times.routed) metrics.observe(family, Step::route, *times.routed - times.started);
  if (times.admitted) metrics.observe(family, Step::auth, *times.admitted - *times.routed);
  if (exchange.asked_origin()) {
    metrics.observe(family, Step::dial, exchange.timings.dial);
    metrics.observe(family, Step::first_byte, exchange.timings.first_byte);
  }
  if (times.begun) metrics.observe(family, Step::send, now - *times.begun);
  metrics.observe(family, Step::total, now - times.started);
}

/// The method of a request that could not be read is not known.
std::string_view method_of(const Exchange& exchange) {
  return exchange.request().target.empty() ? "-" : to_string(exchange.request().method);
}

std::string text_line(const Exchange& exchange, std::string_view client, const Error* error,
                      Clock::duration took) {
  const auto& request = exchange.request();
  return fmt::format("{} {} {} {} {} {} B {:.1f} ms (dial {:.1f}, first byte {:.1f}){}{}{}{}",
                     exchange.id(), client, to_string(request.method), exchange.route(),
                     exchange.status(), exchange.writer().body_bytes(), milliseconds(took),
                     milliseconds(exchange.timings.dial), milliseconds(exchange.timings.first_byte),
                     error ? " " : "", error ? to_string(error->code) : "",
                     error && !error->context.empty() ? ": " : "", error ? error->context : "");
}

void write_json(log::Level level, const Exchange& exchange, std::string_view client,
                const Error* error, Clock::duration took) {
  std::array<log::Field, 11> fields{{{"id", exchange.id()},
                                     {"client", client},
                                     {"method", method_of(exchange)},
                                     {"route", exchange.route()},
                                     {"status", std::uint64_t{exchange.status()}},
                                     {"bytes", exchange.writer().body_bytes()},
                                     {"duration_ms", milliseconds(took)}}};
  std::size_t known = 7;
  if (exchange.asked_origin()) {
    fields[known++] = {"dial_ms", milliseconds(exchange.timings.dial)};
    fields[known++] = {"first_byte_ms", milliseconds(exchange.timings.first_byte)};
  }
  if (error) fields[known++] = {"error", to_string(error->code)};
  if (error && !error->context.empty())
    fields[known++] = {"reason", std::string_view(error->context)};
  log::write(level, "request", std::span(fields).first(known));
}

}  // namespace

void conclude_request(const Exchange& exchange, const std::optional<Error>& error) {
  const auto now = Clock::now();
  count(exchange, error, now);
  const bool fault = error && error->origin != Origin::client;
  if (!fault && !log::requests_enabled()) return;
  const auto level = fault ? log::Level::warning : log::Level::info;
  const auto took = now - exchange.times().started;
  const auto* why = error ? &*error : nullptr;
  const auto client = exchange.client_address().address.to_string();
  if (log::format() == log::Format::json) {
    write_json(level, exchange, client, why, took);
  } else {
    log::write(level, text_line(exchange, client, why, took));
  }
}

}  // namespace sluice::server
