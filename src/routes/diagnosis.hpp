#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "sluice/server/exchange.hpp"
#include "sluice/upstream/client.hpp"

namespace sluice::routes {

/// What was tried, in its order, and how it went; for a person. No text may hold a URL, a password,
/// a token or a key.
class Diagnosis {
 public:
  void add(std::string step, bool ok, std::string text);
  [[nodiscard]] bool ok() const noexcept;

  /// {"ok", "summary", "steps": [{"step", "ok", "text"}]}.
  [[nodiscard]] boost::json::object json() const;
  /// The same, a line each.
  [[nodiscard]] std::string text() const;

 private:
  struct Step {
    std::string name;
    bool ok;
    std::string text;
  };
  [[nodiscard]] std::string summary() const;

  std::vector<Step> steps_;
};

/// Whether the client may use the proxy, and as whom it is known.
void report_access(Diagnosis& diagnosis, const server::Exchange& exchange);

/// The steps to a response: those before the one that failed, and that one. `what` is what was
/// asked for, in words.
void report_failure(Diagnosis& diagnosis, std::string_view what, const Error& error, bool https);

/// The steps to a response that came, and what it says.
void report_way(Diagnosis& diagnosis, std::string_view what, const upstream::Response& response);

}  // namespace sluice::routes
