#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/http_client.hpp"
#include "support/proxy.hpp"
#include "support/scripted_origin.hpp"

namespace sluice::test {

/// A GET of /proxy/stream for this URL, as bytes.
inline std::string stream_request(const Proxy& proxy, std::string_view url,
                                  std::string_view more = {}, const Headers& headers = {}) {
  return request_bytes(proxy.port(), "GET", Proxy::target("/proxy/stream", url, more), headers);
}

/// Where two texts part; npos when they are equal.
inline std::size_t first_difference(std::string_view a, std::string_view b) {
  const auto size = std::min(a.size(), b.size());
  const auto [in_a, in_b] =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin());
  if (in_a != a.begin() + static_cast<std::ptrdiff_t>(size)) {
    return static_cast<std::size_t>(in_a - a.begin());
  }
  return a.size() == b.size() ? std::string_view::npos : size;
}

/// Checks that a response arrived whole with exactly this body; says where it differs instead of
/// printing it.
inline void check_whole(const Response& response, std::string_view body, int status = 200) {
  INFO("problem: " << response.problem);
  CHECK(response.status == status);
  CHECK(response.complete);
  CHECK(response.body.size() == body.size());
  CHECK(first_difference(response.body, body) == std::string_view::npos);
}

/// Checks that a response was broken off by the server, never ended, and that what came of it is a
/// beginning of `body`, at most `most` bytes of it.
inline void check_cut(const Response& response, std::string_view body,
                      std::size_t most = std::string_view::npos) {
  INFO("problem: " << response.problem);
  CHECK_FALSE(response.complete);
  CHECK_FALSE(response.timed_out);
  CHECK(response.body.size() <= std::min(most, body.size()));
  CHECK(first_difference(response.body, body.substr(0, response.body.size())) ==
        std::string_view::npos);
}

/// Waits until the origin gets rid of no more bytes on its first connection, because everything on
/// the way is full. How many it had sent by then; 0 when that does not happen.
inline std::uint64_t settled_bytes(const ScriptedOrigin& origin) {
  std::uint64_t last = 0;
  const bool settled = eventually([&] {
    const auto before = std::exchange(last, origin.connections().at(0).bytes_sent);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return last != 0 && last == before && origin.connections().at(0).bytes_sent == last;
  });
  return settled ? last : 0;
}

/// Calls `work` with 0 to count-1, each on a thread of its own, and waits for them. The calls must
/// not use Catch's macros, which are for one thread.
inline void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  for (auto& thread : threads) thread.join();
}

}  // namespace sluice::test
