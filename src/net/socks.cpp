#include "sluice/net/socks.hpp"

#include <fmt/format.h>

namespace sluice::net {
namespace {

using Step = ProxyDialogue::Step;

constexpr std::size_t kMaxField = 255;

std::uint8_t byte_at(std::string_view bytes, std::size_t index) noexcept {
  return static_cast<std::uint8_t>(bytes[index]);
}

void append_byte(std::string& out, std::size_t value) {
  out += static_cast<char>(static_cast<unsigned char>(value));
}

void append_port(std::string& out, std::uint16_t port) {
  append_byte(out, port >> 8);
  append_byte(out, port & 0xff);
}

template <class Bytes>
void append_bytes(std::string& out, const Bytes& bytes) {
  for (const auto byte : bytes) append_byte(out, byte);
}

/// One byte of length, then the text.
void append_field(std::string& out, std::string_view text) {
  append_byte(out, text.size());
  out += text;
}

bool can_be_named(const ProxyTarget& target) noexcept {
  const auto* name = std::get_if<std::string>(&target.host);
  return !name || (!name->empty() && name->size() <= kMaxField);
}

Error not_socks(int version) {
  return upstream_error(Errc::proxy_failed,
                        fmt::format("it does not answer as a SOCKS {} proxy", version));
}

Error refused(std::string_view why) {
  return upstream_error(Errc::proxy_refused_target, std::string(why));
}

// RFC 1928, section 6.
std::string_view socks5_reason(std::uint8_t reply) noexcept {
  switch (reply) {
    case 1: return "general failure";
    case 2: return "its rules do not allow it";
    case 3: return "network unreachable";
    case 4: return "host unreachable";
    case 5: return "connection refused";
    case 6: return "TTL expired";
    case 7: return "it does not support CONNECT";
    case 8: return "it does not support this type of address";
    default: return "unknown reason";
  }
}

}  // namespace

Result<Step> Socks4Dialogue::begin() {
  if (!can_be_named(target_)) return refused("the host name is too long");
  Step step{std::string("\x04\x01", 2), 8};
  append_port(step.send, target_.port);
  const auto* address = std::get_if<asio::ip::address>(&target_.host);
  if (address && !address->is_v4()) return refused("SOCKS 4 cannot ask for an IPv6 address");
  if (address) {
    append_bytes(step.send, address->to_v4().to_bytes());
  } else {
    step.send.append("\0\0\0\x01", 4);  // 0.0.0.x: a name follows
  }
  step.send.append(login_.user).push_back('\0');
  if (address) return step;
  step.send.append(std::get<std::string>(target_.host)).push_back('\0');
  return step;
}

Result<Step> Socks4Dialogue::got(std::string_view bytes) {
  if (bytes.size() != 8 || byte_at(bytes, 0) != 0) return not_socks(4);
  switch (byte_at(bytes, 1)) {
    case 90: return Step{};
    case 91: return refused("rejected or failed");
    case 92: return upstream_error(Errc::proxy_auth, "it cannot ask this machine's identd");
    case 93: return upstream_error(Errc::proxy_auth, "this machine's identd names another user");
    default: return not_socks(4);
  }
}

Result<Step> Socks5Dialogue::begin() {
  if (!can_be_named(target_)) return refused("the host name is too long");
  if (login_.empty()) return Step{std::string("\x05\x01\x00", 3), 2};
  return Step{std::string("\x05\x02\x00\x02", 4), 2};
}

Result<Step> Socks5Dialogue::got(std::string_view bytes) {
  switch (awaits_) {
    case Awaits::method: return after_method(bytes);
    case Awaits::login: return after_login(bytes);
    case Awaits::reply: return after_reply(bytes);
    case Awaits::name_length:
      if (bytes.size() != 1) return not_socks(5);
      awaits_ = Awaits::rest;
      return Step{{}, byte_at(bytes, 0) + std::size_t{2}};
    case Awaits::rest: break;
  }
  return Step{};  // the address it connected from is of no use to us
}

Result<Step> Socks5Dialogue::after_method(std::string_view bytes) {
  if (bytes.size() != 2 || byte_at(bytes, 0) != 5) return not_socks(5);
  switch (byte_at(bytes, 1)) {
    case 0x00: return request();
    case 0x02:
      if (login_.empty()) return not_socks(5);  // it was not offered
      break;
    case 0xff:
      return upstream_error(Errc::proxy_auth,
                            login_.empty() ? "it wants them, and none are set" : "it takes none");
    default: return not_socks(5);
  }
  if (login_.user.size() > kMaxField || login_.password.size() > kMaxField) {
    return upstream_error(Errc::proxy_auth, "they are too long");
  }
  Step step{"\x01", 2};
  append_field(step.send, login_.user);
  append_field(step.send, login_.password);
  awaits_ = Awaits::login;
  return step;
}

Result<Step> Socks5Dialogue::after_login(std::string_view bytes) {
  if (bytes.size() != 2 || byte_at(bytes, 0) != 1) return not_socks(5);
  if (byte_at(bytes, 1) != 0) return upstream_error(Errc::proxy_auth, "it refuses them");
  return request();
}

Step Socks5Dialogue::request() {
  Step step{std::string("\x05\x01\x00", 3), 4};
  if (const auto* address = std::get_if<asio::ip::address>(&target_.host)) {
    step.send += address->is_v4() ? '\x01' : '\x04';
    if (address->is_v4()) append_bytes(step.send, address->to_v4().to_bytes());
    if (address->is_v6()) append_bytes(step.send, address->to_v6().to_bytes());
  } else {
    step.send += '\x03';
    append_field(step.send, std::get<std::string>(target_.host));
  }
  append_port(step.send, target_.port);
  awaits_ = Awaits::reply;
  return step;
}

Result<Step> Socks5Dialogue::after_reply(std::string_view bytes) {
  if (bytes.size() != 4 || byte_at(bytes, 0) != 5) return not_socks(5);
  // A refusal's address is not waited for: some proxies leave it out.
  if (const auto reply = byte_at(bytes, 1); reply != 0) return refused(socks5_reason(reply));
  awaits_ = Awaits::rest;
  switch (byte_at(bytes, 3)) {
    case 1: return Step{{}, 4 + 2};
    case 4: return Step{{}, 16 + 2};
    case 3: awaits_ = Awaits::name_length; return Step{{}, 1};
    default: return not_socks(5);
  }
}

}  // namespace sluice::net
