#pragma once

#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/http_client.hpp"

namespace sluice::test {

/// The text of an error reply of the proxy; fails the test when the body is not
/// {"detail":"<text>","error":"<the same text>"}.
inline std::string error_text(const Response& response) {
  const std::string_view body = response.body;
  constexpr std::string_view kStart = R"({"detail":")";
  constexpr std::string_view kMiddle = R"(","error":")";
  const auto middle = body.find(kMiddle);
  INFO("body: " << response.body);
  REQUIRE(body.starts_with(kStart));
  REQUIRE(middle != std::string_view::npos);
  const std::string text(body.substr(kStart.size(), middle - kStart.size()));
  CHECK(body == std::string(kStart) + text + std::string(kMiddle) + text + "\"}");
  return text;
}

/// Checks that `response` is a whole error reply of the proxy with this status, whose text holds
/// `part`, that pages of other origins may read, that nobody stores, and that gives no address
/// away.
inline void check_error(const Response& response, int status, std::string_view part) {
  INFO("problem: " << response.problem);
  CHECK(response.complete);
  CHECK(response.status == status);
  CHECK(response.headers["Content-Type"] == "application/json");
  CHECK(response.headers["Cache-Control"] == "no-store");
  CHECK(response.headers["Access-Control-Allow-Origin"] == "*");
  const auto text = error_text(response);
  INFO("error: " << text);
  CHECK(text.find(part) != std::string::npos);
  CHECK(text.find("://") == std::string::npos);
  CHECK(text.find("127.0.0.1") == std::string::npos);
}

}  // namespace sluice::test
