#pragma once

#include <string_view>

#include "sluice/app/setting_value.hpp"
#include "sluice/app/settings_error.hpp"

namespace sluice::app {

/// The value that `json` is, objects in the order written. Fails with "expected `expected`, got
/// text that is not JSON: why", which shows nothing of `json`.
[[nodiscard]] Checked<RawValue> parse_json(std::string_view json, std::string_view expected);

[[nodiscard]] bool is_json_null(const RawValue& value) noexcept;

}  // namespace sluice::app
