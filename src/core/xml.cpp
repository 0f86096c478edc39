#include "sluice/core/xml.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pugixml.hpp>

#include "sluice/core/text.hpp"
#include "xml_scan.hpp"

namespace sluice::xml {
namespace {

Name split_name(std::string_view qualified) noexcept {
  const auto colon = qualified.find(':');
  if (colon == std::string_view::npos) return {{}, qualified};
  return {qualified.substr(0, colon), qualified.substr(colon + 1)};
}

Error refused(std::string_view text, std::string_view why, std::size_t offset) {
  return upstream_error(Errc::bad_manifest,
                        fmt::format("XML: {}, {}", why, position(text, offset)));
}

pugi::xml_node first_element_from(pugi::xml_node node) noexcept {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

bool is_blank(std::string_view text) noexcept {
  return trim(text).empty();
}

}  // namespace

std::string position(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto line_start = before.rfind('\n');
  const auto column = before.size() - (line_start == before.npos ? 0 : line_start + 1) + 1;
  return fmt::format("line {}, column {} (byte {})", line, column, before.size());
}

std::string_view Attribute::qualified_name() const noexcept {
  return pugi::xml_attribute(attribute_).name();
}

Name Attribute::name() const noexcept {
  return split_name(qualified_name());
}

std::string_view Attribute::value() const noexcept {
  return pugi::xml_attribute(attribute_).value();
}

Attribute Attribute::next() const noexcept {
  return Attribute(pugi::xml_attribute(attribute_).next_attribute().internal_object());
}

std::string_view Element::name() const noexcept {
  return split_name(pugi::xml_node(node_).name()).local;
}

std::string_view Element::prefix() const noexcept {
  return split_name(pugi::xml_node(node_).name()).prefix;
}

std::string Element::text() const {
  std::string text;
  for (auto node = pugi::xml_node(node_).first_child(); node; node = node.next_sibling()) {
    const auto type = node.type();
    if (type == pugi::node_pcdata || type == pugi::node_cdata) text += node.value();
  }
  return std::string(trim(text));
}

std::optional<std::string_view> Element::attribute(const char* name) const noexcept {
  const auto attribute = pugi::xml_node(node_).attribute(name);
  if (!attribute) return std::nullopt;
  return attribute.value();
}

std::optional<std::string_view> Element::prefixed_attribute(std::string_view local) const noexcept {
  for (auto attribute = first_attribute(); attribute; attribute = attribute.next()) {
    const Name name = attribute.name();
    if (!name.prefix.empty() && name.local == local) return attribute.value();
  }
  return std::nullopt;
}

Attribute Element::first_attribute() const noexcept {
  return Attribute(pugi::xml_node(node_).first_attribute().internal_object());
}

Element Element::first() const noexcept {
  return Element(first_element_from(pugi::xml_node(node_).first_child()).internal_object());
}

Element Element::next() const noexcept {
  return Element(first_element_from(pugi::xml_node(node_).next_sibling()).internal_object());
}

Element Element::first(std::string_view name) const noexcept {
  Element element = first();
  while (element && element.name() != name) element = element.next();
  return element;
}

std::size_t Element::offset() const noexcept {
  const auto offset = pugi::xml_node(node_).offset_debug();
  return offset > 0 ? static_cast<std::size_t>(offset) : 0;
}

Document::Document(std::unique_ptr<pugi::xml_document> document) noexcept
    : document_(std::move(document)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, const Limits& limits) {
  if (const auto refusal = scan(text, limits)) return refused(text, refusal->why, refusal->offset);
  auto document = std::make_unique<pugi::xml_document>();
  // Fragments are allowed only so that text beside the root is seen and can be refused.
  constexpr auto kOptions = pugi::parse_default | pugi::parse_fragment;
  const auto parsed = document->load_buffer(text.data(), text.size(), kOptions);
  if (!parsed) {
    return refused(text, parsed.description(), static_cast<std::size_t>(parsed.offset));
  }
  const auto root = first_element_from(document->first_child());
  if (!root) return refused(text, "no element", 0);
  for (const auto node : document->children()) {
    if (node == root) continue;
    const bool stray = node.type() == pugi::node_element || !is_blank(node.value());
    if (stray && node.type() != pugi::node_comment) {
      const auto at = node.type() == pugi::node_element ? node.offset_debug() : 0;
      return refused(text, "more than one element at the top", static_cast<std::size_t>(at));
    }
  }
  return Document(std::move(document));
}

Element Document::root() const noexcept {
  return Element(first_element_from(document_->first_child()).internal_object());
}

}  // namespace sluice::xml
