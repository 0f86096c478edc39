#include "sluice/hls/attribute_list.hpp"

#include <algorithm>

#include "sluice/core/text.hpp"

namespace sluice::hls {

std::optional<Attribute> AttributeReader::next() noexcept {
  while (!rest_.empty()) {
    const auto name_end = rest_.find_first_of("=,");
    if (name_end == rest_.npos || rest_[name_end] == ',') {
      static_cast<void>(take_entry());
      continue;
    }
    const std::string_view name = trim(rest_.substr(0, name_end));
    rest_.remove_prefix(name_end + 1);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    return !rest_.empty() && rest_[0] == '"' ? quoted_value(name) : plain_value(name);
  }
  return std::nullopt;
}

Attribute AttributeReader::quoted_value(std::string_view name) noexcept {
  rest_.remove_prefix(1);
  const auto end = rest_.find('"');
  if (end == rest_.npos) {
    const std::string_view value = trim(rest_);
    rest_ = {};
    return {name, value, true};
  }
  const std::string_view value = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  static_cast<void>(take_entry());
  return {name, value, true};
}

Attribute AttributeReader::plain_value(std::string_view name) noexcept {
  return {name, trim(take_entry()), false};
}

std::string_view AttributeReader::take_entry() noexcept {
  const std::string_view entry = rest_.substr(0, rest_.find(','));
  rest_.remove_prefix(std::min(entry.size() + 1, rest_.size()));
  return entry;
}

std::optional<Attribute> find_attribute(std::string_view list, std::string_view name) noexcept {
  AttributeReader reader(list);
  while (const auto attribute = reader.next()) {
    if (attribute->name == name) return attribute;
  }
  return std::nullopt;
}

std::string_view attribute_value(std::string_view list, std::string_view name) noexcept {
  const auto found = find_attribute(list, name);
  return found ? found->value : std::string_view();
}

}  // namespace sluice::hls
