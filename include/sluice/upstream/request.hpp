#pragma once

#include "sluice/core/url.hpp"
#include "sluice/http/header_list.hpp"
#include "sluice/http/request_head.hpp"

namespace sluice::upstream {

/// What to ask an origin for. GET and HEAD only: nothing is lost when it is sent twice.
struct Request {
  http::Method method = http::Method::get;
  Url url;
  /// Sent as they are; the client adds Host, User-Agent, Accept and Accept-Encoding where missing.
  http::HeaderList headers;
  /// The origin may hold its answer back until there is news. It takes no place among those that
  /// the origin is asked at once, or the ones waiting would keep all others out.
  bool may_be_held = false;
};

}  // namespace sluice::upstream
