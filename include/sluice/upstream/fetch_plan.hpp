#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "sluice/core/clock.hpp"
#include "sluice/core/error.hpp"
#include "sluice/core/url.hpp"

namespace sluice::upstream {

/// Decides, without I/O, what to do after each attempt of one fetch: follow a redirect, send again
/// at once on a fresh connection or after a pause, deliver, or fail. The client only obeys it.
class FetchPlan {
 public:
  struct Limits {
    unsigned max_redirects = 10;
    unsigned retries = 2;  ///< over all hops
    Clock::duration retry_delay = std::chrono::milliseconds(500);
  };

  /// Send the request to `url`.
  struct Send {
    Url url;
    bool fresh_connection = false;  ///< not on a pooled one
    /// Authorization and Cookie stay away: the host changed, or https was left.
    bool drop_credentials = false;
    Clock::duration pause{};  ///< before it
    friend bool operator==(const Send&, const Send&) = default;
  };
  /// This response is the answer.
  struct Deliver {
    friend bool operator==(const Deliver&, const Deliver&) = default;
  };
  struct Fail {
    Error error;
    friend bool operator==(const Fail&, const Fail&) = default;
  };
  using Step = std::variant<Send, Deliver, Fail>;

  FetchPlan(Url url, Limits limits)
      : next_{std::move(url), false, false, {}},
        limits_(limits),
        redirects_left_(limits.max_redirects),
        retries_left_(limits.retries) {}

  /// What to send now: first, and after each step that is a Send.
  [[nodiscard]] const Send& next() const noexcept { return next_; }

  /// A response head arrived, with these headers. 502, 503 and 504 are asked again after a pause,
  /// unless the origin wants a longer one. too_many_redirects or bad_redirect (origin upstream).
  [[nodiscard]] Step answered(unsigned status, std::optional<std::string_view> location,
                              std::optional<std::string_view> retry_after = {});
  /// The attempt broke before a response head was complete.
  [[nodiscard]] Step failed(Error error);

 private:
  [[nodiscard]] Step redirected(std::optional<std::string_view> location);
  [[nodiscard]] bool may_retry(std::optional<std::string_view> retry_after);

  Send next_;
  Limits limits_;
  unsigned redirects_left_;
  unsigned retries_left_;
};

}  // namespace sluice::upstream
