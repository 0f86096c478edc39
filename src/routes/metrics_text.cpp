#include "metrics_text.hpp"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <utility>

namespace sluice::routes {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Families = std::vector<MetricFamily>;

/// A counter under its published name. Rows of one name stand together and differ in their label.
struct Row {
  Count count;
  const char* name;
  const char* help;
  const char* label = nullptr;
  const char* value = nullptr;
};

constexpr const char* kSent = "sluice_sent_bytes_total";
constexpr const char* kSentHelp =
    "Bytes of response bodies sent to clients, by splice(2) or through memory.";
constexpr const char* kDns = "sluice_dns_lookups_total";
constexpr const char* kDnsHelp = "Look-ups of origins' names: from the cache, found, or failed.";
constexpr const char* kRetries = "sluice_retries_total";
constexpr const char* kRetriesHelp =
    "Requests sent to origins again: at once since a reused connection was dead (stale), after a "
    "failed attempt (failed), after 502, 503 or 504 (status).";
constexpr const char* kResumes = "sluice_resumes_total";
constexpr const char* kResumesHelp =
    "Attempts to continue a body that broke off; refused: nothing proves that it is the rest.";
constexpr const char* kRefusals = "sluice_limiter_refusals_total";
constexpr const char* kRefusalsHelp = "Requests refused by the limit of connections to an origin.";
constexpr const char* kAuth = "sluice_auth_total";
constexpr const char* kAuthHelp = "Access checks, by result.";

constexpr Row kRows[] = {
    {Count::connections_accepted, "sluice_client_connections_accepted_total",
     "Connections of clients accepted."},
    {Count::connections_refused, "sluice_client_connections_refused_total",
     "Connections of clients refused, since server.max_connections are open."},
    {Count::bytes_spliced, kSent, kSentHelp, "way", "splice"},
    {Count::bytes_copied, kSent, kSentHelp, "way", "copy"},
    {Count::bytes_received, "sluice_received_bytes_total",
     "Bytes of response bodies received from origins."},
    {Count::origin_connections_opened, "sluice_origin_connections_opened_total",
     "Connections to origins opened."},
    {Count::origin_connections_reused, "sluice_origin_connections_reused_total",
     "Requests sent on a connection that was kept."},
    {Count::dns_cached, kDns, kDnsHelp, "result", "cached"},
    {Count::dns_found, kDns, kDnsHelp, "result", "found"},
    {Count::dns_failed, kDns, kDnsHelp, "result", "failed"},
    {Count::redirects, "sluice_redirects_total", "Redirects of origins followed."},
    {Count::retries_stale, kRetries, kRetriesHelp, "reason", "stale"},
    {Count::retries_failed, kRetries, kRetriesHelp, "reason", "failed"},
    {Count::retries_status, kRetries, kRetriesHelp, "reason", "status"},
    {Count::resumes_succeeded, kResumes, kResumesHelp, "result", "succeeded"},
    {Count::resumes_refused, kResumes, kResumesHelp, "result", "refused"},
    {Count::resumes_failed, kResumes, kResumesHelp, "result", "failed"},
    {Count::limiter_queue_full, kRefusals, kRefusalsHelp, "reason", "queue_full"},
    {Count::limiter_too_long, kRefusals, kRefusalsHelp, "reason", "too_long"},
    {Count::playlists_recalled, "sluice_playlists_recalled_total",
     "Live playlists answered with their last state, since the origin failed."},
    {Count::auth_ok, kAuth, kAuthHelp, "result", "ok"},
    {Count::auth_no_credentials, kAuth, kAuthHelp, "result", "no_credentials"},
    {Count::auth_wrong_password, kAuth, kAuthHelp, "result", "wrong_password"},
    {Count::auth_invalid_token, kAuth, kAuthHelp, "result", "invalid_token"},
    {Count::auth_too_many_failures, kAuth, kAuthHelp, "result", "too_many_failures"},
};

MetricFamily& add_family(Families& families, std::string name, std::string help, MetricType type) {
  return families.emplace_back(MetricFamily{std::move(name), std::move(help), type, {}});
}

void add_counter(MetricFamily& family, Labels labels, double value) {
  auto& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.counter.value = value;
}

void add_gauge(MetricFamily& family, Labels labels, double value) {
  auto& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  metric.gauge.value = value;
}

void add_gauge(Families& families, std::string name, std::string help, double value) {
  add_gauge(add_family(families, std::move(name), std::move(help), MetricType::Gauge), {}, value);
}

double seconds(std::chrono::nanoseconds length) {
  return std::chrono::duration<double>(length).count();
}

void add_histogram(MetricFamily& family, Labels labels, const DurationCounts& counts) {
  auto& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  auto& histogram = metric.histogram;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.buckets.size(); ++i) {
    below += counts.buckets[i];
    const auto bound = i < kDurationBounds.size() ? seconds(kDurationBounds[i])
                                                  : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({below, bound});
  }
  histogram.sample_count = below;
  histogram.sample_sum = seconds(counts.sum);
}

void add_rows(Families& families, const MetricsSnapshot& counted) {
  for (const auto& row : kRows) {
    if (families.empty() || families.back().name != row.name) {
      add_family(families, row.name, row.help, MetricType::Counter);
    }
    Labels labels;
    if (row.label) labels.push_back({row.label, row.value});
    add_counter(families.back(), std::move(labels), static_cast<double>(counted[row.count]));
  }
}

void add_errors(MetricFamily& family,
                const std::array<std::uint64_t, MetricsSnapshot::kErrors>& errors) {
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (errors[i] == 0) continue;
    add_counter(family, {{"code", std::string(to_string(static_cast<Errc>(i)))}},
                static_cast<double>(errors[i]));
  }
}

void add_requests(Families& families, const MetricsSnapshot& counted) {
  auto& requests = add_family(families, "sluice_requests_total",
                              "Requests ended, by route and status.", MetricType::Counter);
  for (const auto& [key, count] : counted.requests) {
    const auto& [route, status] = key;
    add_counter(requests,
                {{"route", route}, {"status", status == 0 ? "other" : fmt::to_string(status)}},
                static_cast<double>(count));
  }
  const auto begun = counted[Count::connections_accepted];
  add_gauge(families, "sluice_client_connections", "Connections of clients that are open.",
            static_cast<double>(begun - std::min(begun, counted[Count::connections_ended])));
  add_gauge(families, "sluice_active_requests",
            "Requests being answered, up to the last byte of their response.",
            static_cast<double>(active_requests(counted)));
  add_errors(add_family(families, "sluice_errors_total", "Requests that failed, by error.",
                        MetricType::Counter),
             counted.errors);
  add_errors(
      add_family(families, "sluice_origin_connections_failed_total",
                 "Connections to origins that could not be made, by error.", MetricType::Counter),
      counted.failed_connects);
}

void add_durations(Families& families, const MetricsSnapshot& counted) {
  auto& durations = add_family(families, "sluice_request_duration_seconds",
                               "Time that the steps of requests took, by family of routes.",
                               MetricType::Histogram);
  for (std::size_t family = 0; family < kRouteFamilies; ++family) {
    for (std::size_t step = 0; step < kSteps; ++step) {
      const auto& counts = counted.families[family].steps[step];
      if (counts.count() == 0) continue;
      add_histogram(durations,
                    {{"family", std::string(to_string(static_cast<RouteFamily>(family)))},
                     {"step", std::string(to_string(static_cast<Step>(step)))}},
                    counts);
    }
  }
  add_histogram(
      add_family(families, "sluice_limiter_wait_seconds",
                 "Time that requests waited for their turn at an origin.", MetricType::Histogram),
      {}, counted.limiter_wait);
}

void add_origins(Families& families,
                 const std::vector<upstream::HostLimiter::OriginLoad>& origins) {
  MetricFamily in_flight{"sluice_origin_connections_in_flight",
                         "Connections to the busiest origins that carry a request.",
                         MetricType::Gauge,
                         {}};
  MetricFamily kept{"sluice_origin_connections_kept",
                    "Connections to the busiest origins that are kept for the next request.",
                    MetricType::Gauge,
                    {}};
  MetricFamily waiting{"sluice_origin_requests_waiting",
                       "Requests that wait for their turn at the busiest origins.",
                       MetricType::Gauge,
                       {}};
  for (const auto& [origin, load] : origins) {
    add_gauge(in_flight, {{"origin", origin}}, load.connections - load.kept);
    add_gauge(kept, {{"origin", origin}}, load.kept);
    add_gauge(waiting, {{"origin", origin}}, static_cast<double>(load.waiting));
  }
  for (auto* family : {&in_flight, &kept, &waiting}) families.push_back(std::move(*family));
}

void add_process(Families& families, const MetricsReport& report) {
  const auto& process = report.process;
  add_gauge(families, "process_resident_memory_bytes", "Resident memory.",
            static_cast<double>(process.resident_bytes));
  add_gauge(families, "process_virtual_memory_bytes", "Virtual memory.",
            static_cast<double>(process.virtual_bytes));
  add_gauge(families, "process_open_fds", "Open file descriptors.",
            static_cast<double>(process.open_files));
  add_gauge(families, "process_max_fds", "Limit of open file descriptors.",
            static_cast<double>(process.max_open_files));
  add_gauge(families, "process_start_time_seconds", "Start of the program, in seconds since 1970.",
            seconds(report.counted.started.time_since_epoch()));
  add_counter(add_family(families, "process_cpu_seconds_total", "User and system time.",
                         MetricType::Counter),
              {}, seconds(process.cpu));
  add_gauge(add_family(families, "sluice_build_info", "1, labelled with what is running.",
                       MetricType::Gauge),
            {{"version", SLUICE_VERSION}}, 1);
}

}  // namespace

std::string prometheus_text(const MetricsReport& report) {
  Families families;
  add_requests(families, report.counted);
  add_durations(families, report.counted);
  add_rows(families, report.counted);
  add_origins(families, report.origins);
  add_process(families, report);
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace sluice::routes
