#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/error.hpp"

namespace pugi {
struct xml_node_struct;
struct xml_attribute_struct;
class xml_document;
}  // namespace pugi

namespace sluice::xml {

/// What Document::parse() accepts. The defaults are more than any manifest needs.
struct Limits {
  std::size_t bytes = 32 * 1024 * 1024;  ///< of the text
  std::size_t depth = 64;                ///< of nested elements
  std::size_t nodes = 2'000'000;         ///< elements and attributes; each costs about 50 bytes
};

/// An attribute's name, split at its first colon. Views live as long as the document.
struct Name {
  std::string_view prefix;  ///< empty: none
  std::string_view local;
};

class Element;

/// One attribute. Views live as long as the document.
class Attribute {
 public:
  explicit operator bool() const noexcept { return attribute_ != nullptr; }
  /// As written, with its prefix.
  [[nodiscard]] std::string_view qualified_name() const noexcept;
  [[nodiscard]] Name name() const noexcept;
  /// With references such as &amp; replaced.
  [[nodiscard]] std::string_view value() const noexcept;
  /// The one behind it, or a false one.
  [[nodiscard]] Attribute next() const noexcept;

 private:
  friend class Element;
  explicit Attribute(pugi::xml_attribute_struct* attribute) noexcept : attribute_(attribute) {}
  pugi::xml_attribute_struct* attribute_;
};

/// A place in a Document, as cheap to copy as a pointer; false when there is none. All functions of
/// a false one give nothing.
class Element {
 public:
  Element() = default;
  explicit operator bool() const noexcept { return node_ != nullptr; }

  /// The name without its namespace prefix: "Period" for both <Period> and <mpd:Period>.
  [[nodiscard]] std::string_view name() const noexcept;
  /// The prefix alone; empty when there is none.
  [[nodiscard]] std::string_view prefix() const noexcept;
  /// Character data and CDATA sections of the element itself, joined, without blanks around them.
  [[nodiscard]] std::string text() const;

  /// The value of the attribute that is called exactly so, prefix included.
  [[nodiscard]] std::optional<std::string_view> attribute(const char* name) const noexcept;
  /// The value of the first attribute that has a prefix, any, and this name behind it
  /// ("href" finds xlink:href, not href).
  [[nodiscard]] std::optional<std::string_view> prefixed_attribute(
      std::string_view local) const noexcept;
  [[nodiscard]] Attribute first_attribute() const noexcept;

  /// Child elements and the ones behind them: `for (auto e = parent.first(); e; e = e.next())`.
  [[nodiscard]] Element first() const noexcept;
  [[nodiscard]] Element next() const noexcept;
  /// The first child element of this local name.
  [[nodiscard]] Element first(std::string_view name) const noexcept;

  /// Where its name stands in the text, in bytes.
  [[nodiscard]] std::size_t offset() const noexcept;

 private:
  friend class Document;
  explicit Element(pugi::xml_node_struct* node) noexcept : node_(node) {}
  pugi::xml_node_struct* node_ = nullptr;
};

/// A parsed XML text. Namespaces are not interpreted: prefixes are told apart from names, no more.
/// Entities other than the five of XML and character references stay as they are written; a
/// document type declaration is refused, so that there are none to expand. Movable.
class Document {
 public:
  /// Reads UTF-8, or Latin-1 where the declaration says so. bad_manifest (origin upstream) with
  /// line and offset when the text is over a limit, is not well-formed, has no element or more than
  /// one at its top, has a document type declaration, or is UTF-16 or UTF-32. `text` need not
  /// outlive the call.
  [[nodiscard]] static Result<Document> parse(std::string_view text, const Limits& limits = {});

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  /// The element that holds all others.
  [[nodiscard]] Element root() const noexcept;

 private:
  explicit Document(std::unique_ptr<pugi::xml_document> document) noexcept;
  std::unique_ptr<pugi::xml_document> document_;
};

/// "line 3, column 7 (byte 88)": where `offset` lies in `text`, counted from 1; the column in
/// bytes.
[[nodiscard]] std::string position(std::string_view text, std::size_t offset);

}  // namespace sluice::xml
