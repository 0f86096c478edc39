#include "sluice/upstream/fetch_plan.hpp"

#include "sluice/core/text.hpp"

namespace sluice::upstream {
namespace {

bool is_redirect(unsigned status) noexcept {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// Another host or port, or from https to http; the step up from http to https on the usual ports
/// stays with the same party.
bool is_other_party(const Url& from, const Url& to) noexcept {
  if (from.host() != to.host() || (from.is_https() && !to.is_https())) return true;
  const bool upgrade = from.port() == 80 && to.port() == 443 && to.is_https();
  return from.port() != to.port() && !upgrade;
}

}  // namespace

FetchPlan::Step FetchPlan::answered(unsigned status, std::optional<std::string_view> location) {
  if (!is_redirect(status)) return Deliver{};
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
  next_ = {*std::move(target), false, next_.drop_credentials || other_party};
  return next_;
}

FetchPlan::Step FetchPlan::failed(Error error) {
  if (error.retry != Retry::on_fresh_connection || next_.fresh_connection) {
    return Fail{std::move(error)};
  }
  auto again = next_;
  again.fresh_connection = true;
  next_.fresh_connection = true;
  return again;
}

}  // namespace sluice::upstream
