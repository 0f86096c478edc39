#include "sluice/hls/variables.hpp"

#include <algorithm>

#include "sluice/core/query.hpp"
#include "sluice/hls/attribute_list.hpp"

namespace sluice::hls {
namespace {

bool is_name_char(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// A reference "{$name}" in a text: its place, and its name.
struct Reference {
  std::size_t begin;
  std::size_t end;
  std::string_view name;
};

std::optional<Reference> next_reference(std::string_view text, std::size_t from) noexcept {
  for (auto at = text.find("{$", from); at != text.npos; at = text.find("{$", at + 2)) {
    auto end = at + 2;
    while (end < text.size() && is_name_char(text[end])) ++end;
    if (end > at + 2 && end < text.size() && text[end] == '}') {
      return Reference{at, end + 1, text.substr(at + 2, end - at - 2)};
    }
  }
  return std::nullopt;
}

}  // namespace

void Variables::define(std::string_view name, std::string value) {
  const bool named = !name.empty() && std::all_of(name.begin(), name.end(), is_name_char);
  if (!named || value.size() > kMaxValue || values_.size() >= kMaxCount) return;
  values_.emplace(std::string(name), std::move(value));
}

std::optional<std::string_view> Variables::find(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Variables::substitute(std::string_view text) const {
  std::string out;
  std::size_t copied = 0;
  while (const auto reference = next_reference(text, copied)) {
    const auto value = find(reference->name);
    if (!value) return std::nullopt;
    out.append(text, copied, reference->begin - copied).append(*value);
    copied = reference->end;
  }
  out.append(text, copied);
  return out;
}

bool has_variable(std::string_view text) noexcept {
  return next_reference(text, 0).has_value();
}

void read_define(std::string_view attributes, const DefineSources& sources, Variables& into) {
  if (const auto name = find_attribute(attributes, "NAME")) {
    const auto value = find_attribute(attributes, "VALUE");
    if (!value) return;
    auto text = into.substitute(value->value);
    if (text) into.define(name->value, *std::move(text));
  } else if (const auto import = find_attribute(attributes, "IMPORT")) {
    if (const auto value = sources.imported.find(import->value)) {
      into.define(import->value, std::string(*value));
    }
  } else if (const auto parameter = find_attribute(attributes, "QUERYPARAM")) {
    const auto query = Query::parse(sources.url_query);
    if (const auto value = query.get(parameter->value)) {
      into.define(parameter->value, std::string(*value));
    }
  }
}

std::optional<std::string> portable_define(std::string_view line, std::string_view attributes,
                                           const Variables& variables) {
  const auto parameter = find_attribute(attributes, "QUERYPARAM");
  const bool is_other = find_attribute(attributes, "NAME") || find_attribute(attributes, "IMPORT");
  if (!parameter || is_other) return std::nullopt;
  const auto value = variables.find(parameter->value);
  if (!value || value->find_first_of("\"\r\n") != value->npos) return std::nullopt;
  const auto begin = static_cast<std::size_t>(parameter->name.data() - line.data());
  auto end =
      static_cast<std::size_t>(parameter->value.data() - line.data()) + parameter->value.size();
  if (parameter->quoted && end < line.size() && line[end] == '"') ++end;
  std::string define(line.substr(0, begin));
  define.append("NAME=\"").append(parameter->value).append("\",VALUE=\"").append(*value);
  return define.append("\"").append(line.substr(end));
}

}  // namespace sluice::hls
