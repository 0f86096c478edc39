#include "sluice/hls/variables.hpp"

#include <algorithm>

#include "sluice/core/query.hpp"
#include "sluice/hls/attribute_list.hpp"
#include "sluice/hls/lines.hpp"
#include "sluice/hls/tag.hpp"

namespace sluice::hls {
namespace {

constexpr std::string_view kDefine = "EXT-X-DEFINE";

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

Variables read_variables(std::string_view playlist, const DefineSources& sources) {
  Variables variables;
  if (playlist.find(kDefine) == playlist.npos) return variables;
  LineReader reader(skip_byte_order_mark(playlist));
  while (const auto line = reader.next()) {
    const auto tag = parse_tag(line->text);
    if (tag && tag->name == kDefine) read_define(tag->value, sources, variables);
  }
  return variables;
}

std::optional<std::string> portable_define(std::string_view attributes,
                                           const Variables& variables) {
  const auto parameter = find_attribute(attributes, "QUERYPARAM");
  if (!parameter) return std::nullopt;
  const auto value = variables.find(parameter->value);
  if (!value || value->find_first_of("\"\r\n") != value->npos) return std::nullopt;
  std::string define = "#EXT-X-DEFINE:NAME=\"";
  return define.append(parameter->value).append("\",VALUE=\"").append(*value).append("\"");
}

}  // namespace sluice::hls
