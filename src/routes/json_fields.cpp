#include "json_fields.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sluice/core/text.hpp"

namespace sluice::routes {
namespace {

namespace json = boost::json;

std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}

/// nullopt for objects, lists and null.
std::optional<std::string> scalar(const json::value& value) {
  if (const auto* text = value.if_string()) return std::string(view(*text));
  if (value.is_object() || value.is_array() || value.is_null()) return std::nullopt;
  return json::serialize(value);
}

}  // namespace

Result<json::object> parse_json_object(std::string_view body) {
  boost::system::error_code error;
  auto value = json::parse(json::string_view(body.data(), body.size()), error);
  if (error) {
    return client_error(Errc::bad_request,
                        fmt::format("the request body is not valid JSON: {}", error.message()));
  }
  if (!value.is_object()) {
    return client_error(Errc::bad_request, "the request body has to be a JSON object");
  }
  return std::move(value.get_object());
}

awaitable<Result<>> send_json(server::Exchange& exchange, const json::object& answer) {
  http::HeaderList headers;
  headers.add("Content-Type", "application/json");
  headers.add("Cache-Control", "no-store");
  const auto text = json::serialize(answer);
  co_return co_await exchange.send(200, std::move(headers), text);
}

const json::value* JsonFields::find(std::string_view name) const {
  const auto* value = object_.if_contains(json::string_view(name.data(), name.size()));
  return value && !value->is_null() ? value : nullptr;
}

void JsonFields::fail(std::string_view name, std::string_view expected) {
  if (error_) return;
  error_ = client_error(Errc::bad_request,
                        fmt::format("field {}{}: expected {}", where_, name, expected));
}

Result<> JsonFields::result() const {
  if (error_) return *error_;
  return {};
}

std::optional<std::string> JsonFields::text(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  auto found = scalar(*value);
  if (!found) fail(name, "text");
  return found;
}

std::string JsonFields::required_text(std::string_view name) {
  auto found = text(name);
  if (!found || found->empty()) fail(name, "text, and it is required");
  return found.value_or(std::string());
}

bool JsonFields::flag(std::string_view name) {
  const auto* value = find(name);
  if (!value) return false;
  if (const auto* known = value->if_bool()) return *known;
  const auto spelled = scalar(*value).value_or(std::string());
  for (const std::string_view yes : {"true", "1", "yes", "on"}) {
    if (iequals(spelled, yes)) return true;
  }
  for (const std::string_view no : {"false", "0", "no", "off", ""}) {
    if (iequals(spelled, no)) return false;
  }
  fail(name, "true or false");
  return false;
}

std::optional<std::int64_t> JsonFields::integer(std::string_view name) {
  const auto* value = find(name);
  if (!value) return std::nullopt;
  if (const auto* number = value->if_int64()) return *number;
  if (const auto* text = value->if_string()) {
    const auto number = parse_u64(view(*text));
    if (number && *number <= INT64_MAX) return static_cast<std::int64_t>(*number);
  }
  fail(name, "a whole number");
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> JsonFields::texts_by_name(std::string_view name) {
  std::vector<std::pair<std::string, std::string>> found;
  const auto* value = find(name);
  if (!value) return found;
  const auto* members = value->if_object();
  if (!members) {
    fail(name, "an object");
    return found;
  }
  for (const auto& member : *members) {
    if (member.value().is_null()) continue;
    auto text = scalar(member.value());
    if (!text) {
      fail(fmt::format("{}.{}", name, view(member.key())), "text, a number, true or false");
      return found;
    }
    found.emplace_back(view(member.key()), *std::move(text));
  }
  return found;
}

std::vector<std::string> JsonFields::texts(std::string_view name) {
  std::vector<std::string> found;
  const auto* value = find(name);
  if (!value) return found;
  if (const auto* text = value->if_string()) {
    for (const auto part : split(view(*text), ',')) found.emplace_back(trim(part));
    return found;
  }
  const auto* items = value->if_array();
  if (!items) {
    fail(name, "a list of texts");
    return found;
  }
  for (const auto& item : *items) {
    if (const auto* text = item.if_string()) {
      found.emplace_back(view(*text));
    } else {
      fail(name, "a list of texts");
    }
  }
  return found;
}

std::vector<const json::object*> JsonFields::objects(std::string_view name) {
  std::vector<const json::object*> found;
  const auto* value = find(name);
  const auto* items = value ? value->if_array() : nullptr;
  if (!items) {
    fail(name, "a list of objects");
    return found;
  }
  for (const auto& item : *items) {
    if (const auto* object = item.if_object()) {
      found.push_back(object);
    } else {
      fail(name, "a list of objects");
    }
  }
  return found;
}

}  // namespace sluice::routes
