#pragma once

#include <string>

namespace sluice::access {

/// Who may use the proxy. Table [auth] of the settings file.
struct Settings {
  /// Clients send it as query parameter or header `api_password`, or as `Authorization: Bearer`.
  /// Empty: no password is asked for.
  std::string api_password;
  /// Allow listening on other addresses than loopback without a password.
  bool open = false;
  /// Addresses in playlists are tokens instead of destinations and password in clear.
  bool hide_destinations = false;
  /// Wrong passwords and tokens one client address may present in a minute; 0 = no limit.
  unsigned max_failures_per_minute = 60;
};

}  // namespace sluice::access
