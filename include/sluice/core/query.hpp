#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice {

/// The decoded parameters of a query string, in their order. Names are case-sensitive.
///
/// Decoding is application/x-www-form-urlencoded (%XX and '+'); a part without '=' is dropped.
class Query {
 public:
  using Parameter = std::pair<std::string, std::string>;

  Query() = default;
  [[nodiscard]] static Query parse(std::string_view text);

  /// The last value given for `name`; nullopt when absent. The view lives as long as this object
  /// is unchanged.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// As get(), but an empty value counts as absent.
  [[nodiscard]] std::optional<std::string_view> get_nonempty(std::string_view name) const noexcept;
  /// `true 1 yes y on t` in any case are true; everything else, or absent, is false.
  [[nodiscard]] bool flag(std::string_view name) const noexcept;

  [[nodiscard]] const std::vector<Parameter>& parameters() const noexcept { return parameters_; }

  void append(std::string name, std::string value);
  /// Replaces the first occurrence in place and drops later ones; appends when absent.
  void set(std::string_view name, std::string value);
  void remove(std::string_view name);

  /// "a=1&b=2", form-encoded, in order; empty without parameters.
  [[nodiscard]] std::string encode() const;

 private:
  std::vector<Parameter> parameters_;
};

}  // namespace sluice
