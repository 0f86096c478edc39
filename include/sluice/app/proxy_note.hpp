#pragma once

#include <string>

#include "sluice/app/settings.hpp"

namespace sluice::app {

/// What goes through an outgoing proxy, in words and without logins, because its settings are
/// easily taken for something else: proxy.proxy_url for the server's own address, for instance.
/// Empty when nothing is set.
[[nodiscard]] std::string proxy_note(const upstream::ProxySettings& settings);

}  // namespace sluice::app
