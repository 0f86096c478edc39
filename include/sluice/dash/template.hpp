#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/core/error.hpp"

namespace sluice::dash {

/// What stands for the identifiers of a template; those without a value stay as they are written.
struct TemplateValues {
  std::string_view representation_id;
  std::optional<std::uint64_t> bandwidth;
  std::optional<std::uint64_t> number;
  std::optional<std::uint64_t> time;
  std::optional<std::uint64_t> sub_number;
};

/// A URL template, taken apart once. ISO/IEC 23009-1, 5.3.9.4.4.
class UrlTemplate {
 public:
  /// $RepresentationID$, $Number$, $Time$, $Bandwidth$ and $SubNumber$, all but the first with an
  /// optional width as in %05d; $$ is a dollar sign. What stands between two dollar signs and is
  /// none of these is kept, dollar signs included. bad_manifest when a dollar sign has no partner.
  [[nodiscard]] static Result<UrlTemplate> parse(std::string_view text);

  /// The widest field; wider ones count as unknown.
  static constexpr unsigned kMaxWidth = 99;

  [[nodiscard]] std::string expand(const TemplateValues& values) const;

 private:
  enum class Kind : std::uint8_t { text, representation_id, number, time, bandwidth, sub_number };
  struct Part {
    Kind kind;
    unsigned width;    ///< least number of digits
    std::string text;  ///< as written
  };
  [[nodiscard]] static std::optional<Part> parse_identifier(std::string_view name);
  [[nodiscard]] static std::optional<std::uint64_t> value_of(Kind kind,
                                                             const TemplateValues& values) noexcept;
  void add_text(std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace sluice::dash
