#pragma once

#include <string>
#include <string_view>

#include "support/proxy.hpp"
#include "support/scripted_proxy.hpp"

namespace sluice::test {

/// Sluice with one worker whose every request goes through this outgoing proxy.
inline Proxy through(const std::string& proxy_url,
                     const std::function<void(app::Settings&)>& change = {}) {
  return Proxy([&](app::Settings& settings) {
    settings.server.workers = 1;
    settings.proxy.proxy_url = proxy_url;
    settings.proxy.all_proxy = true;
    if (change) change(settings);
  });
}

using namespace std::string_literals;

/// Answers of a SOCKS 5 proxy that takes no login and connects.
inline const auto kSocks5Method = "\x05\x00"s;
inline const auto kSocks5Open = "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"s;

/// Reads what comes before the answer to a SOCKS 5 request for an IPv4 address.
inline void take_socks5_request(ProxyConnection& peer) {
  (void)peer.read(3);
  peer.send(kSocks5Method);
  (void)peer.read(10);
}

}  // namespace sluice::test
