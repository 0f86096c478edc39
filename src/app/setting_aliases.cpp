#include "sluice/app/setting_aliases.hpp"

#include <algorithm>
#include <array>

#include "alias_meaning.hpp"
#include "sluice/core/text.hpp"

namespace sluice::app {
namespace {

constexpr std::string_view kPrefix = "APP__";
constexpr std::string_view kSeparator = "__";

/// In the order of their precedence; docs/settings.md explains them.
constexpr SettingAlias kAliases[] = {
    {"API_PASSWORD", "auth.api_password"},
    {"PORT", "server.port"},
    {"GUNICORN_BIND", "server.host", read_bind},
    {"GUNICORN_WORKERS", "server.workers"},
    {"WEB_CONCURRENCY", "server.workers"},
    {"FORWARDED_ALLOW_IPS", "server.trusted_proxies"},
    {"LOG_LEVEL", "log.level", read_level},
    {"TRANSPORT_CONFIG", "proxy.transport_routes", read_transport_config},
    {"ALL_PROXY", "proxy.all_proxy", read_all_proxy},
    {"PROXY_URL", "proxy.proxy_url"},
    {"PROXY_ROUTES", "proxy.transport_routes"},
    {"TRANSPORT_ROUTES", "proxy.transport_routes"},
    {"DISABLE_SSL_VERIFICATION_GLOBALLY", "upstream.verify_tls", read_inverted},
    {"TIMEOUT", "upstream.idle_timeout"},
    {"USER_AGENT", "upstream.user_agent"},
    {"UPSTREAM_RETRY_ON_DISCONNECT", "upstream.resume"},
    {"UPSTREAM_RETRY_ATTEMPTS", "upstream.retry_attempts"},
    {"UPSTREAM_RETRY_DELAY", "upstream.retry_delay"},
    {"GRACEFUL_STREAM_END", "hls.graceful_stream_end"},
    {"M3U8_CONTENT_ROUTING", "hls.content_routing"},
    {"STREMIO_PROXY_URL", "hls.stremio_proxy_url"},
    {"LIVESTREAM_START_OFFSET", "hls.live_start_delay", read_start_offset},

    {"APP__LOG_LEVEL", "log.level", read_level},
    {"APP__PROXY__ALL_PROXY", "proxy.all_proxy", read_all_proxy},
    {"APP__PROXY__CONNECT_TIMEOUT", "upstream.dial_timeout"},
    {"APP__PROXY__FOLLOW_REDIRECTS", "upstream.max_redirects", read_follow_redirects},
    {"APP__PROXY__MAX_CONCURRENT_PER_HOST", "upstream.max_concurrent_per_host"},
    {"APP__PROXY__POOL_IDLE_TIMEOUT", "upstream.pool_idle_timeout"},
    {"APP__PROXY__POOL_MAX_IDLE_PER_HOST", "upstream.pool_max_idle_per_host"},
    {"RUST_LOG", "log.level", read_rust_log, true},
};

/// A star at the end stands for any rest. An entry moves to the table above when its feature comes.
constexpr std::string_view kNoEffect[] = {
    "GUNICORN_*",
    "ENABLE_STREAMING_PROGRESS",
    "DISABLE_HOME_PAGE",
    "DISABLE_DOCS",
    "DISABLE_SPEEDTEST",
    "CLEAR_CACHE_ON_STARTUP",
    "ENABLE_HLS_PREBUFFER",
    "HLS_PREBUFFER_SEGMENTS",
    "HLS_PREBUFFER_CACHE_SIZE",
    "HLS_PREBUFFER_MAX_MEMORY_PERCENT",
    "HLS_PREBUFFER_EMERGENCY_THRESHOLD",
    "HLS_PREBUFFER_INACTIVITY_TIMEOUT",
    "HLS_SEGMENT_CACHE_TTL",
    "ENABLE_DASH_PREBUFFER",
    "DASH_PREBUFFER_SEGMENTS",
    "DASH_PREBUFFER_CACHE_SIZE",
    "DASH_PREBUFFER_MAX_MEMORY_PERCENT",
    "DASH_PREBUFFER_EMERGENCY_THRESHOLD",
    "DASH_PREBUFFER_INACTIVITY_TIMEOUT",
    "DASH_SEGMENT_CACHE_TTL",
    "DASH_PLAYER_LOCK_TIMEOUT",
    "DASH_PREBUFFER_LOCK_TIMEOUT",
    "DASH_PREFETCH_MAX_CONCURRENT",
    "DASH_LIVE_INITIAL_MEDIA_PREBUFFER",
    "MPD_LIVE_INIT_CACHE_TTL",
    "MPD_LIVE_PLAYLIST_DEPTH",
    "REMUX_TO_TS",
    "PROCESSED_SEGMENT_CACHE_TTL",
    "REDIS_URL",
    "CACHE_NAMESPACE",
    "ENABLE_ACESTREAM",
    "ACESTREAM_HOST",
    "ACESTREAM_PORT",
    "ACESTREAM_BUFFER_SIZE",
    "ACESTREAM_EMPTY_TIMEOUT",
    "ACESTREAM_SESSION_TIMEOUT",
    "ACESTREAM_KEEPALIVE_INTERVAL",
    "ENABLE_TELEGRAM",
    "TELEGRAM_API_ID",
    "TELEGRAM_API_HASH",
    "TELEGRAM_SESSION_STRING",
    "TELEGRAM_MAX_CONNECTIONS",
    "TELEGRAM_REQUEST_TIMEOUT",
    "TELEGRAM_DOCUMENT_SCAN_LIMIT",
    "TELEGRAM_DOCUMENT_CACHE_TTL",
    "ENABLE_TRANSCODE",
    "TRANSCODE_PREFER_GPU",
    "TRANSCODE_VIDEO_BITRATE",
    "TRANSCODE_AUDIO_BITRATE",
    "TRANSCODE_VIDEO_PRESET",
    "BYPARR_URL",
    "BYPARR_TIMEOUT",
    "EPG_CACHE_TTL",
    "APP__PROXY__REQUEST_TIMEOUT_FACTOR",
    "APP__PROXY__BODY_READ_TIMEOUT",
    "APP__PROXY__BUFFER_SIZE",
    "APP__HLS__PREBUFFER_SEGMENTS",
    "APP__HLS__PREBUFFER_CACHE_SIZE",
    "APP__HLS__INACTIVITY_TIMEOUT",
    "APP__HLS__SEGMENT_CACHE_TTL",
    "APP__MPD__*",
    "APP__DRM__*",
    "APP__REDIS__*",
    "APP__ACESTREAM__*",
    "APP__TELEGRAM__*",
    "APP__TRANSCODE__*",
    "APP__EPG__*",
};

bool matches(std::string_view pattern, std::string_view name) noexcept {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

std::span<const SettingAlias> setting_aliases() noexcept {
  return kAliases;
}

const SettingAlias* find_alias(std::string_view name) noexcept {
  const auto* found = std::find_if(std::begin(kAliases), std::end(kAliases),
                                   [&](const SettingAlias& alias) { return alias.name == name; });
  return found == std::end(kAliases) ? nullptr : found;
}

bool has_no_effect(std::string_view name) noexcept {
  return find_alias(name) == nullptr &&
         std::any_of(std::begin(kNoEffect), std::end(kNoEffect),
                     [&](std::string_view pattern) { return matches(pattern, name); });
}

std::string structured_name(std::string_view setting) {
  std::string out(kPrefix);
  for (const char c : setting) {
    if (c == '.')
      out += kSeparator;
    else
      out += ascii_upper(c);
  }
  return out;
}

std::string dotted_name(std::string_view structured) {
  if (!istarts_with(structured, kPrefix)) return {};
  structured.remove_prefix(kPrefix.size());
  const auto at = structured.find(kSeparator);
  std::string out = ascii_lower(structured.substr(0, at));
  if (at == std::string_view::npos) return out;
  out += '.';
  return out += ascii_lower(structured.substr(at + kSeparator.size()));
}

}  // namespace sluice::app
