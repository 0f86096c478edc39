#include "sluice/net/http_connect.hpp"

#include <fmt/format.h>

#include "sluice/core/encoding.hpp"
#include "sluice/core/text.hpp"

namespace sluice::net {
namespace {

/// authority-form: the port always written, an IPv6 address in brackets. RFC 9112, 3.2.3.
std::string authority(const ProxyTarget& target) {
  if (const auto* name = std::get_if<std::string>(&target.host)) {
    return fmt::format("{}:{}", *name, target.port);
  }
  const auto& address = std::get<asio::ip::address>(target.host);
  const auto text = address.to_string();
  return address.is_v6() ? fmt::format("[{}]:{}", text, target.port)
                         : fmt::format("{}:{}", text, target.port);
}

/// The status of a complete head; 0 when it does not begin as HTTP/1 does.
unsigned status_of(std::string_view head) noexcept {
  const auto line = head.substr(0, head.find_first_of("\r\n"));
  if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return 0;
  if (line.size() > 12 && line[12] != ' ') return 0;
  const auto digit = line[7];
  const auto status = parse_u64(line.substr(9, 3));
  if (digit < '0' || digit > '9' || !status || *status < 100) return 0;
  return static_cast<unsigned>(*status);
}

}  // namespace

std::string basic_authorization(const ProxyLogin& login) {
  return "Basic " + base64_encode(fmt::format("{}:{}", login.user, login.password));
}

std::size_t certain_head_bytes(std::string_view head) noexcept {
  if (head.ends_with("\n\n") || head.ends_with("\n\r\n")) return 0;
  return head.ends_with('\n') || head.ends_with("\n\r") ? 1 : 2;
}

Result<ProxyDialogue::Step> ConnectDialogue::begin() {
  const auto to = authority(target_);
  Step step{fmt::format("CONNECT {} HTTP/1.1\r\nHost: {}\r\n", to, to), certain_head_bytes({})};
  if (!login_.empty()) {
    step.send += fmt::format("Proxy-Authorization: {}\r\n", basic_authorization(login_));
  }
  step.send += "\r\n";
  return step;
}

Result<ProxyDialogue::Step> ConnectDialogue::got(std::string_view bytes) {
  head_ += bytes;
  // Before the end: what speaks another protocol may never send one.
  if (head_.size() >= 8 && !head_.starts_with("HTTP/1.")) {
    return upstream_error(Errc::proxy_failed, "it does not answer as an HTTP proxy");
  }
  if (const auto more = certain_head_bytes(head_); more > 0) {
    if (head_.size() + more > kMaxHead) {
      return upstream_error(Errc::proxy_failed, "its answer to CONNECT is too long");
    }
    return Step{{}, more};
  }
  const auto status = status_of(head_);
  head_.clear();
  if (status >= 200 && status < 300) return Step{};  // whatever it says of a body: there is none
  // tinyproxy says 401 to a wrong login, and no origin can have answered yet.
  if (status == 407 || status == 401) {
    return upstream_error(Errc::proxy_auth,
                          login_.empty() ? "it wants them, and none are set" : "it refuses them");
  }
  if (status >= 100 && status < 200 && status != 101 && ++interim_ <= kMaxInterim) {
    return Step{{}, certain_head_bytes({})};
  }
  if (status < 200) {
    return upstream_error(Errc::proxy_failed, "it does not answer as an HTTP proxy");
  }
  return upstream_error(Errc::proxy_refused_target, fmt::format("status {}", status));
}

}  // namespace sluice::net
