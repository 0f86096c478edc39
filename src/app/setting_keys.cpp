#include "sluice/app/setting_keys.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <type_traits>
#include <utility>

#include "sluice/access/public_base.hpp"
#include "sluice/access/trusted_proxies.hpp"
#include "sluice/app/listen_address.hpp"
#include "sluice/core/text.hpp"
#include "sluice/core/url.hpp"
#include "sluice/upstream/outgoing_proxy.hpp"

namespace sluice::app {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t operator""_KiB(unsigned long long count) {
  return count << 10;
}
constexpr std::uint64_t operator""_MiB(unsigned long long count) {
  return count << 20;
}
constexpr milliseconds kShortest{1};
constexpr milliseconds kLongest = std::chrono::hours(24);
constexpr std::size_t kMaxUserAgent = 1000;
/// A socket's address has room for 107; a new one gets a longer name first.
constexpr std::size_t kMaxSocketPath = 90;

template <class T, auto group, auto field>
constexpr Member<T> member() {
  return {[](const Settings& settings) -> T { return static_cast<T>(settings.*group.*field); },
          [](Settings& settings, T value) {
            auto& stored = settings.*group.*field;
            stored = static_cast<std::remove_reference_t<decltype(stored)>>(std::move(value));
          }};
}

template <auto group, auto field>
constexpr SettingType boolean() {
  return BoolSetting{member<bool, group, field>()};
}

template <auto group, auto field>
constexpr SettingType count(std::uint64_t min, std::uint64_t max) {
  return CountSetting{member<std::uint64_t, group, field>(), min, max};
}

template <auto group, auto field>
constexpr SettingType size(std::uint64_t min, std::uint64_t max) {
  return SizeSetting{member<std::uint64_t, group, field>(), min, max};
}

template <auto group, auto field>
constexpr SettingType duration(milliseconds min) {
  return DurationSetting{member<milliseconds, group, field>(), min, kLongest};
}

template <auto group, auto field>
constexpr SettingType routes() {
  return RoutesSetting{member<std::vector<upstream::RouteRule>, group, field>()};
}

using Accept = std::optional<std::string> (*)(std::string_view);
template <auto group, auto field>
constexpr SettingType text(std::string_view expected, Accept accept,
                           std::string (*mask)(std::string_view) = nullptr) {
  return TextSetting{member<std::string, group, field>(), expected, accept, mask};
}

template <auto group, auto field>
constexpr SettingType choice(std::string_view (*name_of)(std::uint8_t)) {
  return ChoiceSetting{member<std::uint8_t, group, field>(), name_of};
}

std::optional<std::string> accept_any(std::string_view text) {
  return std::string(text);
}

/// A User-Agent goes into a request head as it stands, so it must not be able to end its line.
std::optional<std::string> accept_user_agent(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable || text.empty() || text.size() > kMaxUserAgent) return std::nullopt;
  if (text.front() == ' ' || text.back() == ' ') return std::nullopt;
  return std::string(text);
}

/// A NUL would end the path early for the operating system.
std::optional<std::string> accept_path(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> accept_socket_path(std::string_view text) {
  return text.size() > kMaxSocketPath ? std::nullopt : accept_path(text);
}

/// Without '/' at its end, so that paths can be appended.
std::optional<std::string> accept_public_url(std::string_view text) {
  if (text.empty()) return std::string();
  const auto url = Url::parse(text);
  if (!url || !url->userinfo().empty() || text.find_first_of("?#") != std::string_view::npos) {
    return std::nullopt;
  }
  std::string path(url->path());
  while (path.ends_with('/')) path.pop_back();
  if (!path.empty() && !access::is_path_prefix(path)) return std::nullopt;
  return url->origin() + path;
}

std::optional<std::string> accept_path_prefix(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  if (!text.empty() && !access::is_path_prefix(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> accept_trusted_proxies(std::string_view text) {
  if (!access::TrustedProxies::parse(text)) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> accept_address(std::string_view text) {
  if (text.empty()) return std::string();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address.to_string();
}

std::optional<std::string> accept_urls(std::string_view text) {
  for (const auto part : split(text, ',')) {
    if (!Url::parse(trim(part))) return std::nullopt;
  }
  return std::string(text);
}

/// An empty one is no proxy.
std::optional<std::string> accept_proxy_url(std::string_view text) {
  if (!text.empty() && !upstream::parse_proxy_url(text)) return std::nullopt;
  return std::string(text);
}

std::string_view reach_name(std::uint8_t value) {
  switch (static_cast<upstream::Reach>(value)) {
    case upstream::Reach::public_only: return "public";
    case upstream::Reach::lan: return "lan";
    case upstream::Reach::any: return "any";
  }
  return {};
}

std::string_view routing_name(std::uint8_t value) {
  switch (static_cast<routes::ContentRouting>(value)) {
    case routes::ContentRouting::mediaflow: return "mediaflow";
    case routes::ContentRouting::stremio: return "stremio";
    case routes::ContentRouting::direct: return "direct";
  }
  return {};
}

std::string_view level_name(std::uint8_t value) {
  return sluice::log::to_string(static_cast<sluice::log::Level>(value));
}

std::string_view format_name(std::uint8_t value) {
  return sluice::log::to_string(static_cast<sluice::log::Format>(value));
}

using Server = server::Settings;
using Upstream = upstream::Settings;
using Proxy = upstream::ProxySettings;
using Auth = access::Settings;
using Hls = routes::HlsSettings;
using Log = sluice::log::Settings;
constexpr auto kServer = &Settings::server;
constexpr auto kUpstream = &Settings::upstream;
constexpr auto kProxy = &Settings::proxy;
constexpr auto kAuth = &Settings::auth;
constexpr auto kHls = &Settings::hls;
using PublicIp = routes::PublicIpSettings;
constexpr auto kPublicIp = &Settings::public_ip;
constexpr auto kLog = &Settings::log;

constexpr std::string_view kHostExpected = "an IPv4 or IPv6 address without brackets, or localhost";
constexpr std::string_view kProxyExpected =
    "URL of an http, https, socks4, socks4a, socks5 or socks5h proxy, or nothing";
constexpr std::string_view kAgentExpected =
    "1 to 1000 printable ASCII characters without spaces around them";

constexpr std::string_view kPublicUrlExpected = "an http or https URL without query, or nothing";
constexpr std::string_view kPathExpected = "a path such as /sluice, or nothing";
constexpr std::string_view kTrustedExpected =
    "addresses and networks (10.0.0.0/8), loopback, private, or *, separated by commas";
constexpr bool kRestart = true;

constexpr SettingKey kKeys[] = {
    {"server.host", text<kServer, &Server::host>(kHostExpected, parse_listen_host), false,
     kRestart},
    {"server.port", count<kServer, &Server::port>(0, 65535), false, kRestart},
    {"server.public_url",
     text<kServer, &Server::public_url>(kPublicUrlExpected, accept_public_url)},
    {"server.path", text<kServer, &Server::path>(kPathExpected, accept_path_prefix)},
    {"server.trusted_proxies",
     text<kServer, &Server::trusted_proxies>(kTrustedExpected, accept_trusted_proxies)},
    {"server.workers", count<kServer, &Server::workers>(0, 256), false, kRestart},
    {"server.max_connections", count<kServer, &Server::max_connections>(1, 1'000'000)},
    {"server.max_head_bytes", size<kServer, &Server::max_head_bytes>(1_KiB, 1_MiB)},
    {"server.max_headers", count<kServer, &Server::max_headers>(1, 10'000)},
    {"server.max_body_bytes", size<kServer, &Server::max_body_bytes>(0, 64_MiB)},
    {"server.first_byte_timeout", duration<kServer, &Server::first_byte_timeout>(kShortest)},
    {"server.head_timeout", duration<kServer, &Server::head_timeout>(kShortest)},
    {"server.idle_timeout", duration<kServer, &Server::idle_timeout>(kShortest)},
    {"server.send_timeout", duration<kServer, &Server::send_timeout>(kShortest)},
    {"server.shutdown_delay", duration<kServer, &Server::shutdown_delay>(milliseconds(0))},
    {"server.shutdown_grace", duration<kServer, &Server::shutdown_grace>(milliseconds(0))},
    {"server.handover_socket",
     text<kServer, &Server::handover_socket>("the path of a socket, at most 90 bytes, or nothing",
                                             accept_socket_path),
     false, kRestart},
    {"server.handover_grace", duration<kServer, &Server::handover_grace>(milliseconds(0))},

    {"upstream.reach", choice<kUpstream, &Upstream::reach>(reach_name)},
    {"upstream.dial_timeout", duration<kUpstream, &Upstream::dial_timeout>(kShortest)},
    {"upstream.tls_timeout", duration<kUpstream, &Upstream::tls_timeout>(kShortest)},
    {"upstream.first_byte_timeout", duration<kUpstream, &Upstream::first_byte_timeout>(kShortest)},
    {"upstream.idle_timeout", duration<kUpstream, &Upstream::idle_timeout>(kShortest)},
    {"upstream.pool_idle_timeout", duration<kUpstream, &Upstream::pool_idle_timeout>(kShortest)},
    {"upstream.pool_max_idle_per_host",
     count<kUpstream, &Upstream::pool_max_idle_per_host>(0, 10'000)},
    {"upstream.max_concurrent_per_host",
     count<kUpstream, &Upstream::max_concurrent_per_host>(0, 100'000)},
    {"upstream.limiter_release_after",
     size<kUpstream, &Upstream::limiter_release_after>(0, 1024 * 1024_MiB)},
    {"upstream.limiter_wait", duration<kUpstream, &Upstream::limiter_wait>(milliseconds(0))},
    {"upstream.limiter_max_waiting",
     count<kUpstream, &Upstream::limiter_max_waiting>(0, 1'000'000)},
    {"upstream.retry_attempts", count<kUpstream, &Upstream::retry_attempts>(0, 10)},
    {"upstream.retry_delay", duration<kUpstream, &Upstream::retry_delay>(milliseconds(0))},
    {"upstream.resume", boolean<kUpstream, &Upstream::resume>()},
    {"upstream.max_redirects", count<kUpstream, &Upstream::max_redirects>(0, 50)},
    {"upstream.max_head_bytes", size<kUpstream, &Upstream::max_head_bytes>(1_KiB, 64_KiB)},
    {"upstream.user_agent",
     text<kUpstream, &Upstream::user_agent>(kAgentExpected, accept_user_agent)},
    {"upstream.verify_tls", boolean<kUpstream, &Upstream::verify_tls>()},
    {"upstream.ca_file",
     text<kUpstream, &Upstream::ca_file>("the path of a file, or nothing", accept_path)},
    {"upstream.dns_threads", count<kUpstream, &Upstream::dns_threads>(1, 64), false, kRestart},
    {"upstream.dns_cache_ttl", duration<kUpstream, &Upstream::dns_cache_ttl>(milliseconds(0)),
     false, kRestart},

    {"proxy.proxy_url",
     text<kProxy, &Proxy::proxy_url>(kProxyExpected, accept_proxy_url, upstream::mask_proxy_url),
     true},
    {"proxy.all_proxy", boolean<kProxy, &Proxy::all_proxy>()},
    {"proxy.transport_routes", routes<kProxy, &Proxy::transport_routes>(), true},

    {"auth.api_password", text<kAuth, &Auth::api_password>("UTF-8 text", accept_any), true},
    {"auth.open", boolean<kAuth, &Auth::open>()},
    {"auth.hide_destinations", boolean<kAuth, &Auth::hide_destinations>()},
    {"auth.max_failures_per_minute", count<kAuth, &Auth::max_failures_per_minute>(0, 1'000'000)},

    {"hls.max_playlist_bytes", size<kHls, &Hls::max_playlist_bytes>(1_KiB, 256_MiB)},
    {"hls.graceful_stream_end", boolean<kHls, &Hls::graceful_stream_end>()},
    {"hls.content_routing", choice<kHls, &Hls::content_routing>(routing_name)},
    {"hls.stremio_proxy_url",
     text<kHls, &Hls::stremio_proxy_url>(kPublicUrlExpected, accept_public_url)},
    {"hls.live_start_delay", duration<kHls, &Hls::live_start_delay>(milliseconds(0))},
    {"hls.stale_playlist", duration<kHls, &Hls::stale_playlist>(milliseconds(0))},
    {"hls.stale_playlist_bytes", size<kHls, &Hls::stale_playlist_bytes>(0, 1024_MiB)},

    {"public_ip.address",
     text<kPublicIp, &PublicIp::address>("an IP address, or nothing", accept_address)},
    {"public_ip.services",
     text<kPublicIp, &PublicIp::services>("http or https URLs, separated by commas", accept_urls)},
    {"public_ip.cache_ttl", duration<kPublicIp, &PublicIp::cache_ttl>(milliseconds(0))},

    {"log.level", choice<kLog, &Log::level>(level_name)},
    {"log.requests", boolean<kLog, &Log::requests>()},
    {"log.format", choice<kLog, &Log::format>(format_name)},
};

}  // namespace

std::span<const SettingKey> setting_keys() noexcept {
  return kKeys;
}

const SettingKey* find_setting(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kKeys), std::end(kKeys),
                                   [&](const SettingKey& key) { return key.name == name; });
  return found == std::end(kKeys) ? nullptr : found;
}

bool is_setting_table(std::string_view table) noexcept {
  return std::any_of(std::begin(kKeys), std::end(kKeys),
                     [&](const SettingKey& key) { return key.table() == table; });
}

}  // namespace sluice::app
