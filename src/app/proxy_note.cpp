#include "sluice/app/proxy_note.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sluice/upstream/outgoing_proxy.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kUnused =
    "proxy.proxy_url (PROXY_URL) is set but nothing uses it: set ALL_PROXY=true or a route";

}  // namespace

std::string proxy_note(const upstream::ProxySettings& settings) {
  const auto& routes = settings.transport_routes;
  const auto some = [&](auto&& condition) {
    return std::any_of(routes.begin(), routes.end(), condition);
  };
  const bool has_url = !settings.proxy_url.empty();
  const bool shared = has_url && some([](const upstream::RouteRule& route) {
                        return route.proxy && route.proxy_url.empty();
                      });
  const bool routed = shared || some([](const upstream::RouteRule& route) {
                        return route.proxy && !route.proxy_url.empty();
                      });
  if (settings.all_proxy && has_url) {
    return fmt::format("outgoing proxy: all requests{} go through {}",
                       routes.empty() ? "" : " without a route of their own",
                       upstream::mask_proxy_url(settings.proxy_url));
  }
  std::string note;
  if (routed) note = "outgoing proxy: only for the routes of proxy.transport_routes";
  const auto add = [&](std::string_view text) {
    note += fmt::format("{}{}", note.empty() ? "outgoing proxy: " : "; ", text);
  };
  if (has_url && !shared) add(kUnused);
  if (settings.all_proxy) add("proxy.all_proxy (ALL_PROXY) is set, but no proxy.proxy_url");
  return note;
}

}  // namespace sluice::app
