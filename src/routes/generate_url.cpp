#include <boost/json/array.hpp>
#include <ctime>

#include "handlers.hpp"
#include "json_fields.hpp"
#include "sluice/access/proxy_url.hpp"
#include "sluice/access/trusted_proxies.hpp"
#include "sluice/core/text.hpp"

namespace sluice::routes {
namespace {

namespace json = boost::json;

/// What the URLs of one call have in common.
struct Common {
  access::ProxyBase base;
  std::string password;  ///< empty: plain URLs
  std::optional<std::int64_t> expires;
  std::optional<boost::asio::ip::address> client;
  access::TokenVersion version = access::TokenVersion::legacy;
};

/// What one call may ask for: its common fields go into every URL.
constexpr std::size_t kMaxUrls = 5000;
constexpr std::size_t kMaxCommonText = 2048;
constexpr std::size_t kMaxAnswer = 8 * 1024 * 1024;

/// Seconds from now; more would not fit a date.
constexpr std::int64_t kLongestExpiration = 100LL * 365 * 24 * 3600;

void read_expiration(JsonFields& fields, Common& common) {
  const auto seconds = fields.integer("expiration");
  if (!seconds || *seconds == 0) return;
  if (*seconds < 0 || *seconds > kLongestExpiration) {
    return fields.fail("expiration", "a number of seconds, 0 for never");
  }
  common.expires = std::time(nullptr) + *seconds;
}

void read_client(JsonFields& fields, Common& common) {
  const auto text = fields.text("ip");
  if (!text || trim(*text).empty()) return;
  // An address ends at a NUL for the system, and a zone means nothing elsewhere.
  if (text->find_first_of(std::string_view("\0%", 2)) != std::string::npos) {
    return fields.fail("ip", "an IP address");
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(trim(*text)), error);
  if (error) return fields.fail("ip", "an IP address");
  common.client = access::plain_address(address);
}

void read_version(JsonFields& fields, Common& common) {
  const auto version = fields.text("token");
  if (!version || version->empty() || iequals(*version, "legacy")) return;
  if (!iequals(*version, "v2")) return fields.fail("token", "legacy or v2");
  common.version = access::TokenVersion::v2;
}

Result<Common> read_common(JsonFields& fields, const server::Exchange& exchange,
                           Services& services) {
  Common common;
  const auto base = fields.required_text("mediaflow_proxy_url");
  common.password = fields.text("api_password").value_or(std::string());
  if (base.size() > kMaxCommonText) fields.fail("mediaflow_proxy_url", "at most 2048 bytes");
  if (common.password.size() > kMaxCommonText) fields.fail("api_password", "at most 2048 bytes");
  read_expiration(fields, common);
  read_client(fields, common);
  read_version(fields, common);
  if (auto sound = fields.result(); !sound) return sound.error();

  auto parsed = access::parse_proxy_base(base);
  if (!parsed) {
    return client_error(Errc::bad_request,
                        "field mediaflow_proxy_url: expected an http or https URL");
  }
  common.base = *std::move(parsed);
  if (common.version == access::TokenVersion::v2) {
    // Only this server can make them, and only for those who could ask it for anything.
    auto known = services.gate.check_password(common.password, exchange.client_address().address,
                                              Clock::now());
    if (!known) return known.error();
  }
  return common;
}

Result<access::ProxyUrlParts> read_parts(JsonFields& fields) {
  access::ProxyUrlParts parts;
  parts.endpoint = fields.text("endpoint").value_or(std::string());
  parts.destination_url = fields.text("destination_url");
  for (auto& [name, value] : fields.texts_by_name("query_params")) {
    parts.query_params.append(std::move(name), std::move(value));
  }
  parts.request_headers = fields.texts_by_name("request_headers");
  parts.response_headers = fields.texts_by_name("response_headers");
  parts.propagate_response_headers = fields.texts_by_name("propagate_response_headers");
  parts.remove_response_headers = fields.texts("remove_response_headers");
  parts.stream_transformer = fields.text("stream_transformer").value_or(std::string());
  parts.filename = fields.text("filename").value_or(std::string());
  parts.base64_encode_destination = fields.flag("base64_encode_destination");
  if (auto sound = fields.result(); !sound) return sound.error();
  return parts;
}

std::string make_url(const Common& common, const access::ProxyUrlParts& parts, Services& services) {
  if (common.password.empty()) return access::plain_proxy_url(common.base, parts);
  const bool v2 = common.version == access::TokenVersion::v2;
  access::TokenClaims claims{access::proxy_url_parameters(parts, v2 ? "" : common.password),
                             common.expires, common.client,
                             v2 ? access::endpoint_path(parts) : std::string()};
  const auto token =
      v2 ? services.gate.seal(claims) : access::encode_legacy_token(common.password, claims);
  return access::token_proxy_url(common.base, parts, token, services.public_address.path);
}

awaitable<Result<>> serve_one(server::Exchange& exchange, Services& services, bool old_key) {
  const auto body = parse_json_object(exchange.body());
  if (!body) co_return body.error();
  JsonFields fields(*body);
  const auto common = read_common(fields, exchange, services);
  if (!common) co_return common.error();
  const auto parts = read_parts(fields);
  if (!parts) co_return parts.error();
  const auto url = make_url(*common, *parts, services);
  json::object answer{{"url", url}};
  if (old_key) answer["encoded_url"] = url;
  co_return co_await send_json(exchange, answer);
}

}  // namespace

awaitable<Result<>> serve_generate_url(server::Exchange& exchange, Services& services) {
  return serve_one(exchange, services, false);
}

awaitable<Result<>> serve_generate_encoded_url(server::Exchange& exchange, Services& services) {
  return serve_one(exchange, services, true);
}

awaitable<Result<>> serve_generate_urls(server::Exchange& exchange, Services& services) {
  const auto body = parse_json_object(exchange.body());
  if (!body) co_return body.error();
  JsonFields fields(*body);
  const auto items = fields.objects("urls");
  if (items.size() > kMaxUrls) fields.fail("urls", "at most 5000 items");
  const auto common = read_common(fields, exchange, services);
  if (!common) co_return common.error();
  json::array urls;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    JsonFields item(*items[i], "urls[" + std::to_string(i) + "].");
    const auto parts = read_parts(item);
    if (!parts) co_return parts.error();
    const auto url = make_url(*common, *parts, services);
    bytes += url.size();
    if (bytes > kMaxAnswer) co_return client_error(Errc::payload_too_large);
    urls.emplace_back(url);
  }
  const json::object answer{{"urls", std::move(urls)}};
  co_return co_await send_json(exchange, answer);
}

}  // namespace sluice::routes
