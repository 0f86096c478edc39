#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::hls {

/// The variables of a playlist. RFC 8216bis, 4.3 and 4.4.2.3.
class Variables {
 public:
  /// More are not taken, nor are longer values: a playlist must not grow without end by them.
  static constexpr std::size_t kMaxCount = 256;
  static constexpr std::size_t kMaxValue = 4096;

  /// The first definition of a name counts; names of other characters than letters, digits, '-'
  /// and '_' are ignored.
  void define(std::string_view name, std::string value);
  /// The view lives as long as this.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] auto begin() const noexcept { return values_.begin(); }
  [[nodiscard]] auto end() const noexcept { return values_.end(); }

  /// `text` with every reference "{$name}" replaced, once: a value that looks like a reference
  /// stays as it is. nullopt when a name is not defined.
  [[nodiscard]] std::optional<std::string> substitute(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// True when `text` holds a variable reference.
[[nodiscard]] bool has_variable(std::string_view text) noexcept;

/// Where the values of EXT-X-DEFINE come from that are not in the tag.
struct DefineSources {
  const Variables& imported;   ///< for IMPORT: those of the master playlist
  std::string_view url_query;  ///< for QUERYPARAM: the query of the playlist's own URL
};

/// Adds to `into` what an EXT-X-DEFINE with these attributes defines.
void read_define(std::string_view attributes, const DefineSources& sources, Variables& into);

/// What a player has to see in place of `line`, an EXT-X-DEFINE with `attributes` (views into it),
/// when its playlist comes from another URL: QUERYPARAM becomes NAME and VALUE, and the rest stays.
/// nullopt: the line as it is, also where the value cannot stand in a quoted string (RFC 8216bis,
/// 4.2).
[[nodiscard]] std::optional<std::string> portable_define(std::string_view line,
                                                         std::string_view attributes,
                                                         const Variables& variables);

}  // namespace sluice::hls
