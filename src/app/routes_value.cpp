#include "sluice/app/routes_value.hpp"

#include <fmt/format.h>

#include "json_value.hpp"
#include "sluice/core/text.hpp"
#include "sluice/upstream/transport_routes.hpp"

namespace sluice::app {
namespace {

using upstream::RouteRule;

/// The value is not shown: it may hold a login.
SettingsError mismatch(std::string_view expected, const RawValue& value) {
  return {fmt::format("expected {}, got {}", expected, type_name(value))};
}

Checked<> read_flag(bool& flag, const RawValue& value) {
  const auto* given = std::get_if<bool>(&value);
  if (!given) return mismatch("true or false", value);
  flag = *given;
  return {};
}

Checked<> read_proxy_url(std::string& url, const RawValue& value) {
  if (is_json_null(value)) return {};
  const auto text = as_text(value);
  if (!text) return mismatch("the URL of a proxy in quotes", value);
  if (!text->empty()) {
    if (const auto proxy = upstream::parse_proxy_url(*text); !proxy) {
      return SettingsError{fmt::format(
          R"(expected the URL of a proxy, such as "socks5h://user:password@host:1080", got {})",
          proxy.error().context)};
    }
  }
  url = *text;
  return {};
}

Checked<> read_field(RouteRule& rule, const RawEntry& field) {
  if (field.key == "proxy") return read_flag(rule.proxy, field.value);
  if (field.key == "verify_ssl") return read_flag(rule.verify_ssl, field.value);
  if (field.key == "proxy_url") return read_proxy_url(rule.proxy_url, field.value);
  return SettingsError{"unknown key; a route has proxy, proxy_url and verify_ssl"};
}

/// A key as it would have to be written.
std::string below(std::string_view pattern, std::string_view field = {}) {
  auto out = fmt::format(".{}", toml_quote(upstream::mask_proxy_url(pattern)));
  if (field.empty()) return out;
  const bool bare =
      field.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
  return out + "." + (bare ? std::string(field) : toml_quote(field));
}

Checked<RouteRule> read_rule(const RawEntry& entry) {
  RouteRule rule;
  rule.pattern = entry.key;
  if (const auto pattern = upstream::RoutePattern::parse(entry.key); !pattern) {
    return SettingsError{fmt::format(R"(expected a pattern such as "all://*.example.com", got {})",
                                     pattern.error().context),
                         entry.place, below(entry.key)};
  }
  const auto* fields = std::get_if<RawTable>(&entry.value);
  if (!fields) {
    auto wrong = mismatch("a table with proxy, proxy_url or verify_ssl", entry.value);
    return SettingsError{std::move(wrong.text), entry.place, below(entry.key)};
  }
  for (const auto& field : fields->entries) {
    if (auto read = read_field(rule, field); !read) {
      return SettingsError{read.error().text, field.place, below(entry.key, field.key)};
    }
  }
  return rule;
}

}  // namespace

Checked<std::vector<RouteRule>> read_routes(const RawValue& value) {
  if (const auto text = as_text(value)) {
    if (trim(*text).empty()) return std::vector<RouteRule>();
    auto parsed = parse_json(*text, kRoutesExpected);
    if (!parsed) return std::move(parsed).error();
    if (as_text(*parsed)) return mismatch(kRoutesExpected, *parsed);  // JSON inside JSON
    return read_routes(*parsed);
  }
  const auto* table = std::get_if<RawTable>(&value);
  if (!table) return mismatch(kRoutesExpected, value);
  std::vector<RouteRule> routes;
  for (const auto& entry : table->entries) {
    auto rule = read_rule(entry);
    if (!rule) return std::move(rule).error();
    routes.push_back(*std::move(rule));
  }
  return routes;
}

std::string print_routes(const std::vector<RouteRule>& routes, ShowLogins show) {
  if (routes.empty()) return "{}";
  std::string out;
  for (const auto& route : routes) {
    const auto url =
        show == ShowLogins::yes ? route.proxy_url : upstream::mask_proxy_url(route.proxy_url);
    out += fmt::format("{} {} = {{ proxy = {}, proxy_url = {}, verify_ssl = {} }}",
                       out.empty() ? "{" : ",", toml_quote(route.pattern), route.proxy,
                       toml_quote(url), route.verify_ssl);
  }
  return out + " }";
}

}  // namespace sluice::app
