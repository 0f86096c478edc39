#include "sluice/hls/uri_table.hpp"

#include <algorithm>

#include "sluice/hls/attribute_list.hpp"

namespace sluice::hls {

bool has_uri_attribute(std::string_view tag) noexcept {
  return std::any_of(kUriAttributes.begin(), kUriAttributes.end(),
                     [&](const UriAttribute& row) { return row.tag == tag; });
}

bool is_uri_tag(std::string_view tag) noexcept {
  return std::find(kUriTags.begin(), kUriTags.end(), tag) != kUriTags.end();
}

bool may_be_uri(std::string_view tag, std::string_view attribute) noexcept {
  return std::any_of(kUriAttributes.begin(), kUriAttributes.end(), [&](const UriAttribute& row) {
    return row.tag == tag && row.attribute == attribute;
  });
}

const UriAttribute* find_uri_attribute(const Tag& tag, std::string_view attribute) noexcept {
  const auto type_fits = [&](std::string_view wanted) {
    if (wanted.empty()) return true;
    const auto type = find_attribute(tag.value, "TYPE");
    return type && type->value == wanted;
  };
  for (const UriAttribute& row : kUriAttributes) {
    if (row.tag == tag.name && row.attribute == attribute && type_fits(row.if_type)) return &row;
  }
  return nullptr;
}

const UriLineTag* find_uri_line_tag(std::string_view tag) noexcept {
  for (const UriLineTag& row : kUriLineTags) {
    if (row.tag == tag) return &row;
  }
  return nullptr;
}

bool is_plain_key(std::string_view attributes) noexcept {
  bool plain = true;
  AttributeReader reader(attributes);
  while (const auto attribute = reader.next()) {
    if (attribute->name == "METHOD" && attribute->value == "NONE") plain = false;
    if (attribute->name == "KEYFORMAT") {
      plain = plain && (attribute->value.empty() || attribute->value == "identity");
    }
  }
  return plain;
}

}  // namespace sluice::hls
