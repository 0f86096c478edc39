#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/core/metrics.hpp"
#include "sluice/core/process_usage.hpp"
#include "sluice/upstream/host_limiter.hpp"

namespace sluice::routes {

/// Everything that /metrics publishes, as of one time.
struct MetricsReport {
  MetricsSnapshot counted;
  std::vector<upstream::HostLimiter::OriginLoad> origins;
  ProcessUsage process;
};

/// Response bodies sent to clients, in bytes.
[[nodiscard]] std::uint64_t bytes_sent(const MetricsSnapshot& counted) noexcept;
/// Requests read whose response is not complete; on one connection at most one at a time.
[[nodiscard]] std::uint64_t active_requests(const MetricsSnapshot& counted) noexcept;

/// In Prometheus' text format 0.0.4.
[[nodiscard]] std::string prometheus_text(const MetricsReport& report);

/// The JSON object, with the keys its readers know.
[[nodiscard]] std::string metrics_json(const MetricsSnapshot& counted);
/// "0 B", "1.50 MB": in units of 1024, with two decimals from KB on.
[[nodiscard]] std::string human_bytes(std::uint64_t bytes);

}  // namespace sluice::routes
