#pragma once

#include <cstdint>

#include "sluice/net/proxy_dialogue.hpp"

namespace sluice::net {

/// CONNECT by SOCKS 4, and by 4A when the target is a name. An IPv6 address cannot be asked for.
/// Of the login only the user goes out; there is no password in this protocol.
class Socks4Dialogue final : public ProxyDialogue {
 public:
  Socks4Dialogue(ProxyTarget target, ProxyLogin login)
      : target_(std::move(target)), login_(std::move(login)) {}

  [[nodiscard]] Result<Step> begin() override;
  [[nodiscard]] Result<Step> got(std::string_view bytes) override;

 private:
  ProxyTarget target_;
  ProxyLogin login_;
};

/// CONNECT by SOCKS 5 (RFC 1928), with user name and password (RFC 1929) when there is a login and
/// the proxy chooses so. Both are at most 255 bytes.
class Socks5Dialogue final : public ProxyDialogue {
 public:
  Socks5Dialogue(ProxyTarget target, ProxyLogin login)
      : target_(std::move(target)), login_(std::move(login)) {}

  [[nodiscard]] Result<Step> begin() override;
  [[nodiscard]] Result<Step> got(std::string_view bytes) override;

 private:
  enum class Awaits : std::uint8_t { method, login, reply, name_length, rest };

  [[nodiscard]] Result<Step> after_method(std::string_view bytes);
  [[nodiscard]] Result<Step> after_login(std::string_view bytes);
  [[nodiscard]] Result<Step> after_reply(std::string_view bytes);
  [[nodiscard]] Step request();

  ProxyTarget target_;
  ProxyLogin login_;
  Awaits awaits_ = Awaits::method;
};

}  // namespace sluice::net
