#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sluice/app/setting_value.hpp"
#include "sluice/app/settings_error.hpp"
#include "sluice/upstream/settings.hpp"

namespace sluice::app {

/// What read_routes() takes, in words.
inline constexpr std::string_view kRoutesExpected =
    R"(a table of "scheme://host" = { proxy, proxy_url, verify_ssl }, or that as JSON)";

/// The routes of a table, or of text that is JSON (empty text: none), with every pattern and URL
/// checked. An error says where inside the value and shows nothing that may be a login.
[[nodiscard]] Checked<std::vector<upstream::RouteRule>> read_routes(const RawValue& value);

enum class ShowLogins : bool { no, yes };

/// As a TOML inline table, which read_routes() reads as the same routes.
[[nodiscard]] std::string print_routes(const std::vector<upstream::RouteRule>& routes,
                                       ShowLogins show);

}  // namespace sluice::app
