#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"

namespace sluice::cenc {

using Kid = std::array<char, 16>;
using Key = std::array<char, 16>;

/// Lower-case hexadecimal digits, for messages.
[[nodiscard]] std::string to_string(const Kid& kid);

/// Keys by their ids.
class KeySet {
 public:
  /// From what a request says in its parameters `key_id` and `key`, either of which may be empty.
  /// Each is a list with commas, of equal length, of 16 bytes in one of the forms: 32 hexadecimal
  /// digits, with 0x or as a UUID; base64 or base64url, padded or not. White space does not count.
  /// Either may instead hold pairs `id:key`, a JWK set, or an object of ids and keys in JSON. One
  /// key without an id is that of every track; several are an error.
  /// bad_request (origin client) naming the parameter and what is wrong with it, never a value.
  [[nodiscard]] static Result<KeySet> parse(std::string_view key_ids, std::string_view keys);
  /// One key for every track.
  [[nodiscard]] static KeySet for_everything(const Key& key);

  /// The key of that id; else that of the id in the byte order of a GUID; else the only one there
  /// is. Valid while this is.
  [[nodiscard]] const Key* find(const Kid& kid) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

 private:
  struct Entry {
    std::optional<Kid> kid;
    Key key{};
  };
  [[nodiscard]] const Key* find_exactly(const Kid& kid) const noexcept;

  std::vector<Entry> entries_;
};

/// 16 bytes in any of the forms above; nullopt for anything else.
[[nodiscard]] std::optional<std::array<char, 16>> parse_key_bytes(std::string_view text);

}  // namespace sluice::cenc
