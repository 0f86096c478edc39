#pragma once

#include <string>
#include <vector>

#include "support/dns_stub.hpp"

namespace sluice::test {

/// This program's getaddrinfo while it exists: names are asked of a DnsStub, by real packets, so
/// that look-ups can be scripted, counted and held up, and none leaves the machine. Numbers and
/// "localhost" are the system's, as is everything when there is no FakeResolver.
///
/// One at a time; names are forgotten, and held look-ups let go, when it is destroyed.
class FakeResolver {
 public:
  FakeResolver();
  ~FakeResolver();
  FakeResolver(const FakeResolver&) = delete;
  FakeResolver& operator=(const FakeResolver&) = delete;

  /// `name` has this address from now on; names without answers have none. "*" as in DnsStub.
  void answer(const std::string& name, const std::string& address);
  /// The first look-up of `name` gets the first answer, and so on; the last one repeats.
  void answer(const std::string& name, std::vector<DnsAnswer> in_turn);
  /// Look-ups of names wait until release().
  void hold();
  void release();
  /// Look-ups of `name` so far, held ones included.
  [[nodiscard]] int look_ups(const std::string& name) const;

 private:
  DnsStub stub_;
};

}  // namespace sluice::test
