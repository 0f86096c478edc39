#include "sluice/core/query.hpp"

#include <algorithm>
#include <array>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice {

Query Query::parse(std::string_view text) {
  Query query;
  for (const std::string_view part : split(text, '&')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    query.append(form_decode(part.substr(0, equals)), form_decode(part.substr(equals + 1)));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const noexcept {
  const auto found = std::find_if(parameters_.rbegin(), parameters_.rend(),
                                  [&](const Parameter& p) { return p.first == name; });
  if (found == parameters_.rend()) return std::nullopt;
  return found->second;
}

std::optional<std::string_view> Query::get_nonempty(std::string_view name) const noexcept {
  const auto value = get(name);
  return value && !value->empty() ? value : std::nullopt;
}

bool Query::flag(std::string_view name) const noexcept {
  constexpr std::array<std::string_view, 6> kTrue = {"true", "1", "yes", "y", "on", "t"};
  const auto value = get(name);
  return value && std::any_of(kTrue.begin(), kTrue.end(),
                              [&](std::string_view word) { return iequals(*value, word); });
}

void Query::append(std::string name, std::string value) {
  parameters_.emplace_back(std::move(name), std::move(value));
}

void Query::set(std::string_view name, std::string value) {
  const auto first = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const Parameter& p) { return p.first == name; });
  if (first == parameters_.end()) {
    append(std::string(name), std::move(value));
    return;
  }
  first->second = std::move(value);
  // Compared with the first one's own name, because `name` may view a name that is being moved.
  parameters_.erase(std::remove_if(first + 1, parameters_.end(),
                                   [&](const Parameter& p) { return p.first == first->first; }),
                    parameters_.end());
}

void Query::remove(std::string_view name) {
  // A copy, because `name` may view one of the names that are about to be moved.
  const std::string wanted(name);
  parameters_.erase(std::remove_if(parameters_.begin(), parameters_.end(),
                                   [&](const Parameter& p) { return p.first == wanted; }),
                    parameters_.end());
}

std::string Query::encode() const {
  std::string out;
  for (const auto& [name, value] : parameters_) {
    if (!out.empty()) out += '&';
    form_encode_to(out, name);
    out += '=';
    form_encode_to(out, value);
  }
  return out;
}

}  // namespace sluice
