#include "sluice/upstream/fetch_plan.hpp"

#include <algorithm>

#include "sluice/core/text.hpp"

namespace sluice::upstream {
namespace {

bool is_redirect(unsigned status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// A gateway in front of the origin may have recovered a moment later.
bool is_passing_trouble(unsigned status) noexcept {
  return status == 502 || status == 503 || status == 504;
}

/// A player does not wait longer; it is told to come back itself.
constexpr std::uint64_t kMaxPauseSeconds = 1;

/// Another host or port, or from https to http; the step up from http to https on the usual ports
/// stays with the same party.
bool is_other_party(const Url& from, const Url& to) noexcept {
  if (from.host() != to.host() || (from.is_https() && !to.is_https())) return true;
  const bool upgrade = from.port() == 80 && to.port() == 443 && to.is_https();
  return from.port() != to.port() && !upgrade;
}

}  // namespace

FetchPlan::Step FetchPlan::answered(unsigned status, std::optional<std::string_view> location,
                                    std::optional<std::string_view> retry_after) {
  if (is_redirect(status)) return redirected(location);
  if (is_passing_trouble(status) && may_retry(retry_after)) return next_;
  return Deliver{};
}

FetchPlan::Step FetchPlan::redirected(std::optional<std::string_view> location) {
  if (redirects_left_ == 0) {
    return Fail{upstream_error(Errc::too_many_redirects, "the origin redirects in a circle")};
  }
  --redirects_left_;
  if (!location || trim(*location).empty()) {
    return Fail{upstream_error(Errc::bad_redirect, "redirect without Location")};
  }
  auto target = next_.url.resolve(trim(*location));
  if (!target) return Fail{upstream_error(Errc::bad_redirect, "redirect to an unusable URL")};
  const bool other_party = is_other_party(next_.url, *target);
  next_ = {*std::move(target), false, next_.drop_credentials || other_party, {}};
  return next_;
}

/// Makes the next attempt a repetition after the pause, if there may be one.
bool FetchPlan::may_retry(std::optional<std::string_view> retry_after) {
  if (retries_left_ == 0) return false;
  auto pause = limits_.retry_delay;
  if (retry_after) {
    const auto seconds = parse_u64(trim(*retry_after));
    if (!seconds || *seconds > kMaxPauseSeconds) return false;
    pause = std::max<Clock::duration>(pause, std::chrono::seconds(*seconds));
  }
  --retries_left_;
  next_.pause = pause;
  return true;
}

FetchPlan::Step FetchPlan::failed(Error error) {
  if (error.retry == Retry::on_fresh_connection && !next_.fresh_connection) {
    next_.fresh_connection = true;
    next_.pause = {};
    return next_;
  }
  if (error.retry == Retry::never || !may_retry(std::nullopt)) return Fail{std::move(error)};
  next_.fresh_connection = true;
  return next_;
}

}  // namespace sluice::upstream
