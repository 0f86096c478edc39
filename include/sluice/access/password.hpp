#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "sluice/core/query.hpp"
#include "sluice/http/header_list.hpp"

namespace sluice::access {

/// The server's password, kept as a digest; comparing takes the same time wherever two differ.
class Password {
 public:
  /// Empty: no password is asked for, and every client is allowed.
  explicit Password(std::string_view password);

  [[nodiscard]] bool required() const noexcept { return digest_.has_value(); }
  /// True when `candidate` is the password, or none is required.
  [[nodiscard]] bool matches(std::string_view candidate) const;
  /// True when any of query parameter `api_password`, header `api_password`, or `Authorization:
  /// Bearer` matches, or none is required.
  [[nodiscard]] bool allows(const Query& query, const http::HeaderList& headers) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  std::optional<Digest> digest_;
};

}  // namespace sluice::access
