#include "sluice/core/metrics.hpp"

#include <algorithm>
#include <numeric>

namespace sluice {
namespace {

template <std::size_t n>
void add_all(const std::array<Counter, n>& counters, std::array<std::uint64_t, n>& to) {
  for (std::size_t i = 0; i < n; ++i) to[i] += counters[i].value();
}

}  // namespace

RouteFamily family_of(std::string_view pattern) noexcept {
  if (pattern.starts_with("/proxy/stream")) return RouteFamily::stream;
  if (pattern.starts_with("/proxy/hls")) return RouteFamily::hls;
  if (pattern.starts_with("/proxy/mpd")) return RouteFamily::mpd;
  if (pattern.starts_with("/proxy/telegram")) return RouteFamily::telegram;
  if (pattern.starts_with("/extractor")) return RouteFamily::extractor;
  return RouteFamily::other;
}

std::string_view to_string(RouteFamily family) noexcept {
  switch (family) {
    case RouteFamily::stream: return "stream";
    case RouteFamily::hls: return "hls";
    case RouteFamily::mpd: return "mpd";
    case RouteFamily::telegram: return "telegram";
    case RouteFamily::extractor: return "extractor";
    case RouteFamily::other: break;
  }
  return "other";
}

std::string_view to_string(Step step) noexcept {
  switch (step) {
    case Step::route: return "route";
    case Step::auth: return "auth";
    case Step::dial: return "dial";
    case Step::first_byte: return "first_byte";
    case Step::send: return "send";
    case Step::total: break;
  }
  return "total";
}

std::uint64_t DurationCounts::count() const noexcept {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

void DurationHistogram::observe(Clock::duration length) noexcept {
  length = std::max(length, Clock::duration::zero());
  const auto bound = std::find_if(kDurationBounds.begin(), kDurationBounds.end(),
                                  [&](const auto& most) { return length <= most; });
  buckets_[static_cast<std::size_t>(bound - kDurationBounds.begin())].add();
  nanoseconds_.add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(length).count()));
}

void DurationHistogram::add_to(DurationCounts& counts) const noexcept {
  add_all(buckets_, counts.buckets);
  counts.sum += std::chrono::nanoseconds(nanoseconds_.value());
}

/// A status of 0 is a place that is free. The last place is for those that found none.
class WorkerMetrics::Answers {
 public:
  void add(unsigned status) noexcept {
    for (std::size_t i = 0; status != 0 && i + 1 < places_.size(); ++i) {
      const auto here = places_[i].status.load(std::memory_order_relaxed);
      if (here != status && here != 0) continue;
      places_[i].count.add();
      if (here == 0) places_[i].status.store(status, std::memory_order_release);
      return;
    }
    places_.back().count.add();
  }

  void add_to(MetricsSnapshot& snapshot, const std::string& route) const {
    for (const auto& place : places_) {
      const auto status = place.status.load(std::memory_order_acquire);
      const bool is_last = &place == &places_.back();
      if (status == 0 && !is_last) continue;
      if (const auto count = place.count.value()) snapshot.requests[{route, status}] += count;
    }
  }

 private:
  struct Place {
    std::atomic<unsigned> status{0};
    Counter count;
  };
  std::array<Place, 31> places_;
};

WorkerMetrics::WorkerMetrics() = default;
WorkerMetrics::~WorkerMetrics() = default;

WorkerMetrics::Answers& WorkerMetrics::answers_of(std::string_view route) {
  if (const auto known = routes_.find(route); known != routes_.end()) return *known->second;
  auto answers = std::make_unique<Answers>();
  const std::lock_guard lock(routes_mutex_);
  return *routes_.emplace(route, std::move(answers)).first->second;
}

void WorkerMetrics::add_answer(std::string_view route, unsigned status) {
  answers_of(route).add(status);
}

void WorkerMetrics::add_to(MetricsSnapshot& snapshot) const {
  add_all(counts_, snapshot.counts);
  for (std::size_t i = 0; i < accepting_.counts.size(); ++i) {
    snapshot.counts[i] += accepting_.counts[i].value();
  }
  add_all(errors_, snapshot.errors);
  add_all(failed_connects_, snapshot.failed_connects);
  for (std::size_t i = 0; i < families_.size(); ++i) {
    auto& family = snapshot.families[i];
    family.requests += families_[i].requests.value();
    for (std::size_t step = 0; step < kSteps; ++step) {
      families_[i].steps[step].add_to(family.steps[step]);
    }
  }
  limiter_wait_.add_to(snapshot.limiter_wait);
  const std::lock_guard lock(routes_mutex_);
  for (const auto& [route, answers] : routes_) answers->add_to(snapshot, route);
}

MetricsSnapshot Metrics::snapshot() const {
  MetricsSnapshot all;
  all.uptime = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_);
  all.started = started_at_;
  for (const auto* worker : workers_) worker->add_to(all);
  return all;
}

}  // namespace sluice
