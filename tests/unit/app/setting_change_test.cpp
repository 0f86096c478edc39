#include "sluice/app/setting_change.hpp"

#include "sluice/app/setting_keys.hpp"
#include "support/catch.hpp"

using namespace sluice::app;

TEST_CASE("change_settings takes over all but what needs a restart", "[app][unit]") {
  const Settings current;
  Settings wanted;
  wanted.server.port = 1234;
  wanted.server.send_timeout = std::chrono::seconds(7);
  wanted.auth.api_password = "new";
  wanted.upstream.dns_threads = 9;
  const auto change = change_settings(current, wanted);
  CHECK(change.applied ==
        std::vector<std::string_view>{"server.send_timeout", "auth.api_password"});
  CHECK(change.needs_restart ==
        std::vector<std::string_view>{"server.port", "upstream.dns_threads"});
  CHECK(change.settings.server.port == current.server.port);
  CHECK(change.settings.upstream.dns_threads == current.upstream.dns_threads);
  CHECK(change.settings.server.send_timeout == wanted.server.send_timeout);
  CHECK(change.settings.auth.api_password == "new");
}

TEST_CASE("change_settings finds nothing where nothing is different", "[app][unit]") {
  const auto change = change_settings(Settings(), Settings());
  CHECK(change.applied.empty());
  CHECK(change.needs_restart.empty());
}
