#pragma once

#include <string>

namespace sluice::test {

/// This program's getaddrinfo: it answers names under ".fake" by script and passes everything else
/// on to the system's, so that look-ups can be counted, held up and failed without a network.
///
/// One at a time; names are forgotten, and held look-ups let go, when it is destroyed.
class FakeResolver {
 public:
  FakeResolver();
  ~FakeResolver();
  FakeResolver(const FakeResolver&) = delete;
  FakeResolver& operator=(const FakeResolver&) = delete;

  /// `name` ("a.fake") has this IPv4 address from now on; other names under ".fake" have none.
  void answer(const std::string& name, const std::string& address);
  /// Look-ups under ".fake" wait until release().
  void hold();
  void release();
  /// Look-ups of `name` so far, held ones included.
  [[nodiscard]] int look_ups(const std::string& name) const;
};

}  // namespace sluice::test
