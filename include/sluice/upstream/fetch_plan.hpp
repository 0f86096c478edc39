#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "sluice/core/url.hpp"

namespace sluice::upstream {

/// Decides, without I/O, what to do after each attempt of one fetch: follow a redirect, send again
/// on a fresh connection, deliver, or fail. The client only obeys it.
class FetchPlan {
 public:
  /// Send the request to `url`.
  struct Send {
    Url url;
    bool fresh_connection = false;  ///< not on a pooled one
    /// Authorization and Cookie stay away: the host changed, or https was left.
    bool drop_credentials = false;
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

  FetchPlan(Url url, unsigned max_redirects)
      : next_{std::move(url)}, redirects_left_(max_redirects) {}

  [[nodiscard]] Send first() const { return next_; }
  /// A response head arrived. too_many_redirects or bad_redirect (origin upstream) may follow.
  [[nodiscard]] Step answered(unsigned status, std::optional<std::string_view> location);
  /// The attempt broke before a response head was complete.
  [[nodiscard]] Step failed(Error error);

 private:
  Send next_;
  unsigned redirects_left_;
};

}  // namespace sluice::upstream
