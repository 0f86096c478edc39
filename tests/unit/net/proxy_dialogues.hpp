#pragma once

#include <string>
#include <string_view>

#include "sluice/net/proxy_dialogue.hpp"

namespace sluice::test {

/// What came of a dialogue with a proxy whose whole answer is known.
struct Talk {
  std::string sent;
  Result<> result;
  /// Bytes of the answer that were not read: those of the tunnel.
  std::string left;
  bool wants_more = false;  ///< the answer ended too early
};

/// Has the dialogue as open_tunnel() would.
inline Talk talk(net::ProxyDialogue& dialogue, std::string_view answer) {
  Talk out;
  auto step = dialogue.begin();
  for (;;) {
    if (!step) {
      out.result = step.error();
      break;
    }
    out.sent += step->send;
    if (step->read == 0) break;
    if (step->read > answer.size()) {
      out.wants_more = true;
      break;
    }
    const auto wanted = answer.substr(0, step->read);
    answer.remove_prefix(wanted.size());
    step = dialogue.got(wanted);
  }
  out.left = answer;
  return out;
}

}  // namespace sluice::test
