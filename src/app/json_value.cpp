#include "json_value.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace sluice::app {
namespace {

constexpr std::string_view kNull = "null";

RawValue to_raw(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return OtherType{kNull};
    case boost::json::kind::bool_: return value.get_bool();
    case boost::json::kind::int64: return std::int64_t{value.get_int64()};
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return value.to_number<double>();
    case boost::json::kind::string: return std::string(value.get_string());
    case boost::json::kind::array: return OtherType{"a list"};
    case boost::json::kind::object: break;
  }
  RawTable table;
  for (const auto& [key, member] : value.get_object()) {
    table.entries.push_back({std::string(key), {}, to_raw(member)});
  }
  return table;
}

}  // namespace

Checked<RawValue> parse_json(std::string_view json, std::string_view expected) {
  boost::system::error_code wrong;
  const auto parsed = boost::json::parse({json.data(), json.size()}, wrong);
  if (wrong) {
    return SettingsError{
        fmt::format("expected {}, got text that is not JSON: {}", expected, wrong.message())};
  }
  return to_raw(parsed);
}

bool is_json_null(const RawValue& value) noexcept {
  const auto* other = std::get_if<OtherType>(&value);
  return other != nullptr && other->name == kNull;
}

}  // namespace sluice::app
