#include "token_claims.hpp"

#include "sluice/access/trusted_proxies.hpp"
#include "token_json.hpp"

namespace sluice::access {
namespace {

namespace ip = boost::asio::ip;
using Kind = JsonMember::Kind;

/// What members called `exp` and `ip` mean in either version.
bool is_reserved(std::string_view name) {
  return name == "exp" || name == "ip";
}

std::optional<ip::address> parse_address(const std::string& text) {
  // make_address() stops at NUL, and looks zones up among this machine's interfaces.
  constexpr std::string_view kAllowed = "0123456789abcdefABCDEF.:";
  if (text.find_first_not_of(kAllowed) != std::string::npos) return std::nullopt;
  boost::system::error_code ec;
  const auto address = ip::make_address(text, ec);
  if (ec.failed()) return std::nullopt;
  return plain_address(address);
}

/// Reads the reserved `member` into `claims`; false when it is not of its type.
bool read_reserved(const JsonMember& member, TokenClaims& claims) {
  if (member.kind == Kind::null) return true;
  if (member.name == "exp") {
    claims.expires = member.integer;
    return member.kind == Kind::integer;
  }
  claims.client = parse_address(member.text);
  return member.kind == Kind::string && claims.client.has_value();
}

std::optional<TokenClaims> read_flat(JsonObject object) {
  TokenClaims claims;
  for (auto& member : object) {
    if (is_reserved(member.name)) {
      if (!read_reserved(member, claims)) return std::nullopt;
    } else if (member.kind == Kind::object) {
      return std::nullopt;
    } else if (member.kind != Kind::null) {
      claims.parameters.append(std::move(member.name), std::move(member.text));
    }
  }
  return claims;
}

/// Adds the members of `part` under `prefix`; the first of equal names stands. False when it is no
/// object of plain values.
bool add_part(const JsonMember& part, std::string_view prefix, Query& parameters) {
  if (part.kind == Kind::null) return true;
  if (part.kind != Kind::object) return false;
  for (const auto& member : part.members) {
    std::string name = std::string(prefix) + member.name;
    const bool skip = member.kind == Kind::null || is_reserved(name) || name == "destination";
    if (!skip && !parameters.get(name)) parameters.append(std::move(name), member.text);
  }
  return true;
}

std::optional<TokenClaims> read_structured(const JsonObject& object) {
  TokenClaims claims;
  // First, so that no other `d` takes its place.
  for (const auto& member : object) {
    if (member.name != "destination") continue;
    if (member.kind != Kind::string) return std::nullopt;
    claims.parameters.append("d", member.text);
  }
  for (const auto& member : object) {
    bool good = true;
    if (member.name == "query_params") {
      good = add_part(member, "", claims.parameters);
    } else if (member.name == "request_headers") {
      good = add_part(member, "h_", claims.parameters);
    } else if (member.name == "response_headers") {
      good = add_part(member, "r_", claims.parameters);
    } else if (is_reserved(member.name)) {
      good = read_reserved(member, claims);
    }
    if (!good) return std::nullopt;
  }
  return claims;
}

/// Appends `name` in quotes and the separators around it.
void begin_member(std::string& out, std::string_view name, std::string_view comma,
                  std::string_view colon) {
  if (out.back() != '{') out += comma;
  append_json_string(out, name);
  out += colon;
}

void append_limits(std::string& out, const TokenClaims& claims, std::string_view comma,
                   std::string_view colon) {
  if (claims.expires) {
    begin_member(out, "exp", comma, colon);
    out += std::to_string(*claims.expires);
  }
  if (claims.client) {
    begin_member(out, "ip", comma, colon);
    append_json_string(out, plain_address(*claims.client).to_string());
  }
}

}  // namespace

std::optional<TokenClaims> read_legacy_payload(std::string_view json) {
  auto object = read_json_object(json);
  if (!object) return std::nullopt;
  for (const auto& member : *object) {
    if (member.name == "destination") return read_structured(*object);
  }
  return read_flat(*std::move(object));
}

std::string write_legacy_payload(const TokenClaims& claims) {
  Query once;
  for (const auto& [name, value] : claims.parameters.parameters()) {
    if (!is_reserved(name) && name != "destination") once.set(name, value);
  }
  std::string out = "{";
  for (const auto& [name, value] : once.parameters()) {
    begin_member(out, name, ", ", ": ");
    append_json_string(out, value);
  }
  append_limits(out, claims, ", ", ": ");
  return out += '}';
}

std::optional<TokenClaims> read_v2_payload(std::string_view json) {
  const auto object = read_json_object(json);
  if (!object) return std::nullopt;
  TokenClaims claims;
  for (const auto& member : *object) {
    bool good = false;
    if (is_reserved(member.name)) {
      good = member.kind != Kind::null && read_reserved(member, claims);
    } else if (member.name == "q") {
      good = member.kind == Kind::string;
      claims.parameters = Query::parse(member.text);
    } else if (member.name == "scope") {
      good = member.kind == Kind::string;
      claims.scope = member.text;
    }
    if (!good) return std::nullopt;
  }
  return claims;
}

std::string write_v2_payload(const TokenClaims& claims) {
  std::string out = "{";
  if (!claims.parameters.parameters().empty()) {
    begin_member(out, "q", ",", ":");
    append_json_string(out, claims.parameters.encode());
  }
  append_limits(out, claims, ",", ":");
  if (!claims.scope.empty()) {
    begin_member(out, "scope", ",", ":");
    append_json_string(out, claims.scope);
  }
  return out += '}';
}

}  // namespace sluice::access
