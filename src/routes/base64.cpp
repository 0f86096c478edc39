
#include "handlers.hpp"
#include "json_fields.hpp"
#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice::routes {
namespace {

namespace json = boost::json;

/// A parameter of the query, or else of a JSON body; bad_request when there is neither.
Result<std::string> parameter(const server::Exchange& exchange, std::string_view name) {
  if (const auto value = exchange.query().get_nonempty(name)) return std::string(*value);
  if (!exchange.body().empty()) {
    const auto body = parse_json_object(exchange.body());
    if (!body) return body.error();
    JsonFields fields(*body);
    auto value = fields.text(name);
    if (auto sound = fields.result(); !sound) return sound.error();
    if (value && !value->empty()) return *std::move(value);
  }
  return client_error(Errc::bad_request, "parameter " + std::string(name) + " is missing");
}

/// What the API takes for base64 at all: shorter texts, and URLs, are never.
bool may_be_base64(std::string_view text) {
  constexpr std::size_t kShortest = 10;
  return text.size() >= kShortest && text.find(':') == std::string_view::npos;
}

/// The URL that `text` is the base64 of, if it is that of one.
std::optional<std::string> url_in(std::string_view text) {
  auto decoded = base64_decode(text);
  if (!decoded || !is_utf8(*decoded) || !Url::parse(*decoded)) return std::nullopt;
  return decoded;
}

}  // namespace

awaitable<Result<>> serve_base64_encode(server::Exchange& exchange) {
  const auto url = parameter(exchange, "url");
  if (!url) co_return url.error();
  const json::object answer{{"encoded_url", base64url_encode(*url)}, {"original_url", *url}};
  co_return co_await send_json(exchange, answer);
}

awaitable<Result<>> serve_base64_decode(server::Exchange& exchange) {
  const auto encoded = parameter(exchange, "encoded_url");
  if (!encoded) co_return encoded.error();
  const auto url = url_in(*encoded);
  if (!url) co_return client_error(Errc::bad_request, "Invalid base64 encoded URL");
  const json::object answer{{"decoded_url", *url}, {"encoded_url", *encoded}};
  co_return co_await send_json(exchange, answer);
}

awaitable<Result<>> serve_base64_check(server::Exchange& exchange) {
  const auto text = parameter(exchange, "url");
  if (!text) co_return text.error();
  const auto url = may_be_base64(*text) ? url_in(*text) : std::nullopt;
  json::object answer{{"url", *text}, {"is_base64", url.has_value()}};
  if (url) answer["decoded_url"] = *url;
  co_return co_await send_json(exchange, answer);
}

}  // namespace sluice::routes
