#include "support/http_headers.hpp"

#include <algorithm>
#include <utility>

namespace sluice::test {
namespace {

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void Headers::add(std::string name, std::string value) {
  lines_.push_back({std::move(name), std::move(value)});
}

void Headers::set(std::string name, std::string value) {
  std::erase_if(lines_, [&](const Header& line) { return equal_ignoring_case(line.name, name); });
  add(std::move(name), std::move(value));
}

std::optional<std::string> Headers::find(std::string_view name) const {
  for (const Header& line : lines_) {
    if (equal_ignoring_case(line.name, name)) return line.value;
  }
  return std::nullopt;
}

std::string Headers::operator[](std::string_view name) const {
  return find(name).value_or("");
}

std::vector<std::string> Headers::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const Header& line : lines_) {
    if (equal_ignoring_case(line.name, name)) values.push_back(line.value);
  }
  return values;
}

std::size_t Headers::count(std::string_view name) const {
  return all(name).size();
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (const std::string& value : all(name)) {
    std::string_view rest = value;
    while (true) {
      const auto comma = rest.find(',');
      if (equal_ignoring_case(trimmed(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

}  // namespace sluice::test
