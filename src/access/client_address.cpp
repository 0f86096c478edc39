#include "sluice/access/client_address.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sluice/access/forwarded.hpp"
#include "sluice/core/text.hpp"

namespace sluice::access {
namespace {

namespace ip = boost::asio::ip;

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".
std::optional<ip::address> parse_hop(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (const auto colon = text.find(':');
             colon != std::string_view::npos &&
             text.find(':', colon + 1) == std::string_view::npos) {
    text = text.substr(0, colon);
  }
  boost::system::error_code error;
  const auto address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return plain_address(address);
}

/// What the headers say of the way from the client to the peer; the client's end first.
std::vector<std::string> claimed_hops(const http::HeaderList& headers) {
  std::vector<std::string> hops;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers[i];
    if (!iequals(name, "X-Forwarded-For")) continue;
    for (const auto part : split(value, ',')) {
      if (!trim(part).empty()) hops.emplace_back(trim(part));
    }
  }
  if (!hops.empty()) return hops;
  if (const auto elements = parse_forwarded(headers)) {
    for (const auto& element : *elements) hops.push_back(element.client);
    return hops;
  }
  if (const auto real = trim(headers.value("X-Real-IP")); !real.empty()) hops.emplace_back(real);
  return hops;
}

}  // namespace

ClientAddress client_address(const http::HeaderList& headers, const ip::address& peer,
                             const TrustedProxies& trusted) {
  ClientAddress found{plain_address(peer)};
  const bool believed = trusted.trusts(peer);
  // Most requests carry none of these.
  if (!believed) {
    found.claim_ignored =
        headers.get("X-Forwarded-For") || headers.get("Forwarded") || headers.get("X-Real-IP");
    return found;
  }
  const auto hops = claimed_hops(headers);
  if (trusted.everyone()) {
    if (hops.empty()) return found;
    if (const auto first = parse_hop(hops.front())) found.address = *first;
    return found;
  }
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    const auto address = parse_hop(*hop);
    if (!address) return found;
    found.address = *address;
    if (!trusted.trusts(*address)) return found;
  }
  return found;
}

}  // namespace sluice::access
