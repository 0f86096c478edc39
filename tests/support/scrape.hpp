#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"

namespace sluice::test {

/// The samples of /metrics at one time, by name and labels: `name{label="value"}`. None when the
/// server refuses.
class Scrape {
 public:
  explicit Scrape(const Proxy& proxy) {
    const auto response = get(proxy.port(), "/metrics?format=prometheus");
    if (response.status != 200) return;
    const auto& text = response.body;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const auto line = text.substr(at, end - at);
      at = end + 1;
      if (line.empty() || line[0] == '#') continue;
      const auto space = line.rfind(' ');
      samples_[line.substr(0, space)] = std::stod(line.substr(space + 1));
    }
  }

  /// 0 for a sample that is not there.
  [[nodiscard]] double operator[](const std::string& sample) const {
    const auto found = samples_.find(sample);
    return found == samples_.end() ? 0 : found->second;
  }
  [[nodiscard]] bool has(const std::string& sample) const { return samples_.contains(sample); }

 private:
  std::map<std::string, double> samples_;
};

/// Waits until the sample is `value`, since a client may have its last byte a moment before the
/// server has counted it. The last value seen.
inline double sample_when(const Proxy& proxy, const std::string& sample, double value) {
  double seen = -1;
  static_cast<void>(eventually([&] {
    seen = Scrape(proxy)[sample];
    return seen == value;
  }));
  return seen;
}

}  // namespace sluice::test
