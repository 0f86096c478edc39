#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sluice/core/url.hpp"

namespace sluice {

/// Resolves many references against one base, as Url::resolve() does, without an allocation for
/// those that playlists are full of: plain relative ones, and absolute ones of the origin seen
/// last.
class ReferenceResolver {
 public:
  /// `base` outlives this.
  explicit ReferenceResolver(const Url& base);

  /// The text of the absolute URL, valid until the next call and while `reference` lives; nullopt
  /// where Url::resolve() fails.
  [[nodiscard]] std::optional<std::string_view> resolve(std::string_view reference);

 private:
  [[nodiscard]] bool is_known_absolute(std::string_view reference) const noexcept;

  const Url& base_;
  std::string authority_;        ///< of an absolute reference that was found sound, with its '/'
  std::string resolved_;         ///< starts with the base up to its last '/'
  std::size_t folder_size_ = 0;  ///< how much of it
  std::string other_;            ///< the result of the long way
};

}  // namespace sluice
