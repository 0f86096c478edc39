#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "sluice/access/token.hpp"

namespace sluice::access {

/// Reads and makes the tokens of one password. Its const members are safe on several threads.
///
/// Equal claims give equal tokens, in both versions and in every instance with the same password: a
/// player that compares the addresses of a live playlist over its refreshes sees them unchanged.
class TokenCodec {
 public:
  /// Longer tokens are invalid; in bytes.
  static constexpr std::size_t kMaxLength = 64 * 1024;

  /// Derives the keys, which takes some 40 ms and 16 MiB. `password` is not empty
  /// (std::invalid_argument).
  explicit TokenCodec(std::string_view password);
  ~TokenCodec();
  TokenCodec(TokenCodec&&) noexcept;
  TokenCodec& operator=(TokenCodec&&) noexcept;

  /// What the token `text` says; check_claims() tells whether it holds now. Every failure is the
  /// same invalid_token (origin client) without context, whatever it was that failed.
  ///
  /// Legacy tokens are not authenticated, so theirs must make sense: an object without repeated
  /// names, whose `d`, `init_url` and `segment_url` are destinations as parse_destination() reads
  /// them, or which has none of the three and names this password as `api_password`.
  [[nodiscard]] Result<Token> decode(std::string_view text) const;

  /// The token for `claims`. In a legacy token of repeated parameters the last one stands, bytes
  /// that are no UTF-8 become U+FFFD, scope is lost, and so are parameters called `destination`,
  /// which has another meaning there.
  [[nodiscard]] std::string encode(const TokenClaims& claims, TokenVersion version) const;

 private:
  struct Keys;
  std::unique_ptr<const Keys> keys_;
};

/// TokenCodec::encode() with TokenVersion::legacy under any password, without the cost of a codec.
[[nodiscard]] std::string encode_legacy_token(std::string_view password, const TokenClaims& claims);

/// Whether `token` is good at `now_unix` (Unix time in seconds) for the address `client` (nullopt:
/// unknown, and good only for tokens that name none) and the decoded path `path`. Fails as decode()
/// does.
[[nodiscard]] Result<> check_claims(const Token& token, std::int64_t now_unix,
                                    const std::optional<boost::asio::ip::address>& client,
                                    std::string_view path);

}  // namespace sluice::access
