#pragma once

#include <optional>
#include <string_view>

namespace sluice::hls {

/// One NAME=value pair. The views point into the list, so that a caller can replace the value's
/// bytes and leave every other byte of the line alone.
struct Attribute {
  std::string_view name;   ///< without blanks around it
  std::string_view value;  ///< without quotes; without blanks around it when it was not quoted
  bool quoted = false;
};

/// Reads an attribute list from left to right. RFC 8216, 4.2.
///
/// Takes what occurs in practice too: blanks around names and values, unquoted values where quotes
/// belong, empty entries, entries without '=' (passed over), text after a closing quote (passed
/// over). A quote that is never closed gives a value up to the end of the list. Names are not
/// checked and may repeat.
class AttributeReader {
 public:
  /// `list` is the part of a tag after its ':'; it has to outlive every Attribute given.
  explicit AttributeReader(std::string_view list) noexcept : rest_(list) {}
  /// nullopt after the last attribute.
  [[nodiscard]] std::optional<Attribute> next() noexcept;

 private:
  [[nodiscard]] Attribute quoted_value(std::string_view name) noexcept;
  [[nodiscard]] Attribute plain_value(std::string_view name) noexcept;
  /// Takes everything up to the next comma, and the comma, off `rest_`.
  [[nodiscard]] std::string_view take_entry() noexcept;

  std::string_view rest_;
};

/// The first attribute called `name` (case-sensitive); nullopt when absent.
[[nodiscard]] std::optional<Attribute> find_attribute(std::string_view list,
                                                      std::string_view name) noexcept;
/// Its value; empty when absent.
[[nodiscard]] std::string_view attribute_value(std::string_view list,
                                               std::string_view name) noexcept;

}  // namespace sluice::hls
