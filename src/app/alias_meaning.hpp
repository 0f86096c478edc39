#pragma once

#include <string_view>

#include "sluice/app/setting_aliases.hpp"

namespace sluice::app {

/// What the values of compatible servers mean, as SettingAlias::read.

/// A boolean that means the opposite of `setting`.
[[nodiscard]] Checked<AliasMeaning> read_inverted(std::string_view setting, const RawValue& value);

/// A log level of Python or Rust, in any case.
[[nodiscard]] Checked<AliasMeaning> read_level(std::string_view setting, const RawValue& value);

/// "info,some_module=warn": the level that names no module. Without one it means nothing.
[[nodiscard]] Checked<AliasMeaning> read_rust_log(std::string_view setting, const RawValue& value);

/// HOST:PORT or HOST; of several with commas, the first.
[[nodiscard]] Checked<AliasMeaning> read_bind(std::string_view setting, const RawValue& value);

/// A boolean, or the URL of the proxy that everything goes through.
[[nodiscard]] Checked<AliasMeaning> read_all_proxy(std::string_view setting, const RawValue& value);

/// false: no redirects. true: as many as otherwise.
[[nodiscard]] Checked<AliasMeaning> read_follow_redirects(std::string_view setting,
                                                          const RawValue& value);

/// Seconds from the end of a live stream, negative; 0: not at all.
[[nodiscard]] Checked<AliasMeaning> read_start_offset(std::string_view setting,
                                                      const RawValue& value);

/// A JSON object with proxy_url, all_proxy, transport_routes, disable_ssl_verification_globally.
[[nodiscard]] Checked<AliasMeaning> read_transport_config(std::string_view setting,
                                                          const RawValue& value);

}  // namespace sluice::app
