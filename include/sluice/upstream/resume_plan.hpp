#pragma once

#include <optional>
#include <string>

#include "sluice/http/response_head.hpp"
#include "sluice/upstream/request.hpp"

namespace sluice::upstream {

/// Decides, without I/O, how a body that broke off is continued: a request for the rest, and
/// whether its answer is that rest. Only where the length is known and a validator proves that it
/// is still the same resource: a guess would be silent garbage. RFC 9110, 13.1.5 and 14.
class ResumePlan {
 public:
  /// `answer` is the head whose body broke off, of `request`, whose URL is the final one. nullopt
  /// when it cannot be continued: no 200 or single-range 206 of known length, no strong validator.
  [[nodiscard]] static std::optional<ResumePlan> make(Request request,
                                                      const http::ResponseHead& answer);

  /// The request for what is left behind the first `received` bytes of the body.
  [[nodiscard]] Request request_after(std::uint64_t received) const;

  /// Whether `answer` continues the body there: a 206 whose range starts and ends right, of the
  /// same total, validator and coding. The context says what is wrong with it. resume_refused.
  [[nodiscard]] Result<> check(const http::ResponseHead& answer, std::uint64_t received) const;

 private:
  explicit ResumePlan(Request request) : request_(std::move(request)) {}

  Request request_;
  std::uint64_t first_ = 0;  ///< offset of the body's first byte in the resource
  std::uint64_t last_ = 0;
  std::optional<std::uint64_t> total_;
  std::string validator_;  ///< as sent in If-Range
  bool is_etag_ = false;
  std::string coding_;
};

}  // namespace sluice::upstream
