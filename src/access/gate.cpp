#include "sluice/access/gate.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/text.hpp"

namespace sluice::access {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kTokenStart = "/_token_";

/// What only a token may say once there is one; the last would show what the token hides.
constexpr std::array kOnlyInToken = {
    "d"sv,    "url"sv,          "init_url"sv, "segment_url"sv, "exp"sv,
    "ip"sv,   "token"sv,        "scope"sv,    "byterange"sv,   "has_encrypted"sv,
    "hold"sv, "api_password"sv, "no_proxy"sv};
/// Likewise what begins with these: keys, where keys are fetched from (with the token's headers),
/// and variables, of which addresses are made.
constexpr std::array kOnlyInTokenStarts = {"key"sv, "decrypt_"sv, "v_"sv};

bool is_header_parameter(std::string_view name) noexcept {
  return istarts_with(name, "h_") || istarts_with(name, "r_") || istarts_with(name, "rp_");
}

/// Equal for parameters that set the same thing: header names are of any case, a misspelt Referer
/// is one, and rp_ sets what r_ sets.
std::string canonical_name(std::string_view name) {
  if (!is_header_parameter(name)) return std::string(name);
  auto lower = ascii_lower(name);
  if (lower.starts_with("rp_")) lower.erase(1, 1);
  return lower == "h_referrer" ? "h_referer" : lower;
}

/// Whether a parameter outside the token counts beside it.
bool left_open(const Query& token, std::string_view name) {
  if (std::find(kOnlyInToken.begin(), kOnlyInToken.end(), name) != kOnlyInToken.end()) return false;
  if (std::any_of(kOnlyInTokenStarts.begin(), kOnlyInTokenStarts.end(),
                  [&](std::string_view start) { return name.starts_with(start); })) {
    return false;
  }
  const auto& inside = token.parameters();
  const auto canonical = canonical_name(name);
  return std::none_of(inside.begin(), inside.end(), [&](const auto& parameter) {
    return canonical_name(parameter.first) == canonical;
  });
}

Query merge(Query token, const Query& outside) {
  auto merged = token;
  for (const auto& [name, value] : outside.parameters()) {
    if (left_open(token, name)) merged.append(name, value);
  }
  return merged;
}

/// All that a client shows to be let in, which is remembered when none of it is right: of several
/// guesses in one request none must hide behind another.
std::string shown_passwords(const Gate::Request& request) {
  std::string shown;
  for (const auto value :
       {request.query.get_nonempty("api_password").value_or(std::string_view()),
        request.headers.value("api_password"), request.headers.value("Authorization")}) {
    if (value.empty()) continue;
    shown.append(value).append(1, '\0');
  }
  return shown;
}

}  // namespace

TokenPath split_token_path(std::string_view path) noexcept {
  if (!path.starts_with(kTokenStart)) return {std::nullopt, path};
  const auto token_and_rest = path.substr(kTokenStart.size());
  const auto slash = token_and_rest.find('/');
  if (slash == std::string_view::npos) return {token_and_rest, "/"};
  return {token_and_rest.substr(0, slash), token_and_rest.substr(slash)};
}

Gate::Gate(const Settings& settings)
    : password_(settings.api_password),
      hide_destinations_(settings.hide_destinations),
      failures_(settings.max_failures_per_minute) {
  if (password_.required()) codec_.emplace(settings.api_password);
}

Result<Gate::Grant> Gate::admit_token(std::string_view text, const Request& request,
                                      std::int64_t unix_now) const {
  auto token = codec_->decode(text);
  // Checked in any case, so that the way to the refusal is always the same.
  const auto sound = check_claims(token ? *token : Token(), unix_now, request.client, request.path);
  if (!token || !sound) return client_error(Errc::invalid_token);
  auto& claims = token->claims;
  return Grant{{Authority::Kind::token, token->version, claims.expires, claims.client},
               merge(std::move(claims.parameters), request.query)};
}

Result<Gate::Grant> Gate::admit(const Request& request, TimePoint now, std::int64_t unix_now) {
  const auto token = request.path_token ? request.path_token : request.query.get_nonempty("token");
  if (!password_.required()) {
    if (token) return client_error(Errc::tokens_unreadable);
    return Grant{};
  }
  const auto shown = token ? std::string(*token) : shown_passwords(request);
  if (!token && shown.empty()) return client_error(Errc::no_credentials);
  if (failures_.wait_for(request.client, now) > Clock::duration::zero()) {
    return client_error(Errc::too_many_failures);
  }
  Result<Grant> grant = client_error(Errc::unauthorized);
  if (token) {
    grant = admit_token(*token, request, unix_now);
  } else if (password_.allows(request.query, request.headers)) {
    grant = Grant{{Authority::Kind::password}};
  }
  if (grant) {
    failures_.succeeded(request.client, now);
  } else {
    failures_.failed(request.client, shown, now);
  }
  return grant;
}

Result<> Gate::check_password(std::string_view candidate, const boost::asio::ip::address& client,
                              TimePoint now) {
  if (!password_.required()) return client_error(Errc::unauthorized);
  if (failures_.wait_for(client, now) > Clock::duration::zero()) {
    return client_error(Errc::too_many_failures);
  }
  if (password_.matches(candidate)) {
    failures_.succeeded(client, now);
    return {};
  }
  failures_.failed(client, candidate, now);
  return client_error(Errc::unauthorized);
}

bool Gate::hides(const Authority& authority) const noexcept {
  if (authority.kind == Authority::Kind::token) return true;
  return authority.kind == Authority::Kind::password && hide_destinations_;
}

std::string Gate::derived_token(const Authority& authority, Query parameters,
                                std::string scope) const {
  // The token itself lets its bearer in; the password would only be one more place to lose it.
  parameters.remove("api_password");
  const bool from_token = authority.kind == Authority::Kind::token;
  const auto version = from_token ? authority.version : TokenVersion::v2;
  if (version == TokenVersion::legacy) scope.clear();
  return codec_->encode(
      {std::move(parameters), authority.expires, authority.client, std::move(scope)}, version);
}

std::string Gate::seal(const TokenClaims& claims) const {
  return codec_->encode(claims, TokenVersion::v2);
}

}  // namespace sluice::access
