#include "diagnosis.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "sluice/http/response_head.hpp"
#include "sluice/server/error_reply.hpp"

namespace sluice::routes {
namespace {

namespace json = boost::json;

/// The steps of one fetch, in their order.
enum class Stage : std::uint8_t { turn, dns, reach, connect, tls, answer };

struct StageName {
  Stage stage;
  std::string_view name;
  std::string_view went_well;
};
constexpr std::array kStages = {
    StageName{Stage::turn, "turn", "There was a free connection to this host"},
    StageName{Stage::dns, "DNS", "The host name was found"},
    StageName{Stage::reach, "reach", "The address may be fetched from (setting upstream.reach)"},
    StageName{Stage::connect, "connect", "The host accepts connections"},
    StageName{Stage::tls, "TLS", "The TLS handshake succeeded and the certificate is trusted"},
    StageName{Stage::answer, "answer", "The origin answered"},
};

/// Where an error of Client::open() belongs.
Stage stage_of(Errc code) noexcept {
  switch (code) {
    case Errc::host_busy: return Stage::turn;
    case Errc::host_not_found:
    case Errc::resolver_busy: return Stage::dns;
    case Errc::address_refused: return Stage::reach;
    case Errc::connect_failed:
    case Errc::connect_timeout:
    case Errc::proxy_failed:
    case Errc::proxy_timeout:
    case Errc::proxy_auth:
    case Errc::proxy_refused_target: return Stage::connect;
    case Errc::tls_failed:
    case Errc::tls_timeout:
    case Errc::certificate_refused: return Stage::tls;
    default: return Stage::answer;
  }
}

double milliseconds(Clock::duration length) {
  return std::chrono::duration<double, std::milli>(length).count();
}

std::string refusal_text(const Error& refusal, const server::Exchange& exchange) {
  switch (refusal.code) {
    case Errc::invalid_token:
      return fmt::format(
          "The token was made with another password or is damaged, has expired, or is bound to "
          "another path or client address (yours is {}). Which of these is not told, so that "
          "nobody "
          "can learn to forge one",
          exchange.client_address().address.to_string());
    case Errc::unauthorized: return "The password is wrong";
    case Errc::no_credentials:
      return "There is neither a password nor a token: add parameter api_password, header "
             "api_password, or Authorization: Bearer";
    default: return server::message_of(refusal);
  }
}

std::string grant_text(const access::Authority& authority) {
  using Kind = access::Authority::Kind;
  if (authority.kind == Kind::open) return "This server has no password; nothing is asked for";
  if (authority.kind == Kind::password) return "The password is right";
  std::string text = "The token is valid";
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  if (authority.expires && *authority.expires <= kYear9999) {
    text += fmt::format(", until {:%Y-%m-%dT%H:%M:%SZ}",
                        fmt::gmtime(static_cast<std::time_t>(*authority.expires)));
  }
  return text + (authority.client ? ", for your address only" : "");
}

}  // namespace

void Diagnosis::add(std::string step, bool ok, std::string text) {
  steps_.push_back({std::move(step), ok, std::move(text)});
}

bool Diagnosis::ok() const noexcept {
  return std::all_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.ok; });
}

std::string Diagnosis::summary() const {
  const auto failed =
      std::find_if(steps_.begin(), steps_.end(), [](const Step& step) { return !step.ok; });
  if (failed == steps_.end()) return "Everything that was tried works";
  return fmt::format("Step \"{}\" fails: {}", failed->name, failed->text);
}

json::object Diagnosis::json() const {
  json::array steps;
  for (const auto& step : steps_) {
    steps.push_back(json::object{{"step", step.name}, {"ok", step.ok}, {"text", step.text}});
  }
  return {{"ok", ok()}, {"summary", summary()}, {"steps", std::move(steps)}};
}

std::string Diagnosis::text() const {
  auto text = summary() + ".\n\n";
  for (const auto& step : steps_) {
    text += fmt::format("{:<6} {}: {}.\n", step.ok ? "ok" : "FAILED", step.name, step.text);
  }
  return text;
}

void report_access(Diagnosis& diagnosis, const server::Exchange& exchange) {
  const auto& refusal = exchange.refusal();
  diagnosis.add("access", !refusal,
                refusal ? refusal_text(*refusal, exchange) : grant_text(exchange.authority()));
  const auto& client = exchange.client_address();
  auto text = fmt::format("You are known as {}", client.address.to_string());
  if (client.claim_ignored) {
    text +=
        "; that you ask for somebody else (X-Forwarded-For) is not believed, because this address "
        "is not in setting server.trusted_proxies";
  }
  diagnosis.add("client address", true, std::move(text));
}

void report_failure(Diagnosis& diagnosis, std::string_view what, const Error& error, bool https) {
  const auto failed = stage_of(error.code);
  for (const auto& [stage, name, went_well] : kStages) {
    if (stage == Stage::tls && !https && failed != Stage::tls) continue;
    if (stage == Stage::turn && failed != Stage::turn) continue;
    const bool ok = stage != failed;
    diagnosis.add(fmt::format("{}: {}", what, name), ok,
                  ok ? std::string(went_well) : server::message_of(error));
    if (!ok) return;
  }
}

void report_way(Diagnosis& diagnosis, std::string_view what, const upstream::Response& response) {
  const auto& head = response.head;
  diagnosis.add(fmt::format("{}: connect", what), true,
                fmt::format("DNS, reach, connection{} took {:.1f} ms, the answer {:.1f} ms{}",
                            response.final_url().is_https() ? " and TLS" : "",
                            milliseconds(response.dial), milliseconds(response.first_byte),
                            response.moved_to ? "; it was redirected" : ""));
  const auto reason = http::reason_phrase(head.status);
  diagnosis.add(
      fmt::format("{}: status", what), head.status < 300,
      fmt::format("The origin answered {}{}{}", head.status, reason.empty() ? "" : " ", reason));
  if (head.status >= 300) return;
  const auto type = head.headers.value("Content-Type");
  diagnosis.add(fmt::format("{}: content type", what), true,
                type.empty() ? "none" : std::string(type.substr(0, type.find(';'))));
}

}  // namespace sluice::routes
