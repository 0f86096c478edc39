#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::access {

/// One member of a JSON object, as tokens use them.
struct JsonMember {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    integer,  ///< written without fraction and exponent, and within 64 bits
    number,
    string,
    object,
  };

  std::string name;
  Kind kind = Kind::null;
  /// The string; or `true`, `false`, or the number in its shortest decimal form.
  std::string text;
  std::int64_t integer = 0;
  std::vector<JsonMember> members;  ///< of an object
};

using JsonObject = std::vector<JsonMember>;

/// The members of the JSON object `text`, in their order. nullopt for what is no JSON or no object,
/// for an array anywhere, objects in objects in objects, a name given twice, bytes that are no
/// UTF-8, or a number beyond the range of a double. RFC 8259.
[[nodiscard]] std::optional<JsonObject> read_json_object(std::string_view text);

/// Appends `text` as a JSON string in ASCII: others as \uXXXX (also U+007F), characters beyond
/// U+FFFF as surrogates, bytes that are no UTF-8 as U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sluice::access
