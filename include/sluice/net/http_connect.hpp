#pragma once

#include <string>
#include <string_view>

#include "sluice/net/proxy_dialogue.hpp"

namespace sluice::net {

/// "Basic ..." for a Proxy-Authorization header. RFC 7617.
[[nodiscard]] std::string basic_authorization(const ProxyLogin& login);

/// How many bytes of a head certainly follow after `head`; 0 when it is complete. Lines may end in
/// LF alone (RFC 9112, 2.2).
[[nodiscard]] std::size_t certain_head_bytes(std::string_view head) noexcept;

/// A tunnel by HTTP's CONNECT (RFC 9110, 9.3.6), with Basic credentials when there is a login.
class ConnectDialogue final : public ProxyDialogue {
 public:
  /// A longer answer is no answer.
  static constexpr std::size_t kMaxHead = 16 * 1024;
  /// 1xx heads before the real one.
  static constexpr int kMaxInterim = 8;

  ConnectDialogue(ProxyTarget target, ProxyLogin login)
      : target_(std::move(target)), login_(std::move(login)) {}

  [[nodiscard]] Result<Step> begin() override;
  [[nodiscard]] Result<Step> got(std::string_view bytes) override;

 private:
  ProxyTarget target_;
  ProxyLogin login_;
  std::string head_;
  int interim_ = 0;
};

}  // namespace sluice::net
