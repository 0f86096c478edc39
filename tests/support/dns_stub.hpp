#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sluice::test {

/// Addresses of a name, IPv4 and IPv6 as text.
using DnsAnswer = std::vector<std::string>;

/// A name server on a UDP port of 127.0.0.1 that answers A and AAAA queries by script, with a TTL
/// of 0. RFC 1035, 4.
///
/// Listens from construction to destruction, on one thread. All functions may be called from any
/// thread. Construction throws std::system_error.
class DnsStub {
 public:
  DnsStub();
  ~DnsStub();
  DnsStub(const DnsStub&) = delete;
  DnsStub& operator=(const DnsStub&) = delete;

  /// The first query for `name` gets the first answer, and so on; the last one repeats. Queries for
  /// A and AAAA are counted apart, so that a look-up of both gets both kinds from one answer. "*"
  /// is every name without answers of its own; without "*" they do not exist (NXDOMAIN).
  void answer(const std::string& name, std::vector<DnsAnswer> in_turn);

  [[nodiscard]] std::uint16_t port() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::test
